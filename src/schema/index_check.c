#include "schema/index_check.h"

#include "base/sha256.h"
#include "grammar/name.h"
#include "grammar/semver.h"
#include "grammar/timestamp.h"
#include "grammar/url.h"

static struct index_check_slot *slot_of(struct index_check *check, struct str text) {
    uint64_t mix = text.len;
    if (text.len >= 8) {
        mix += bits_load(text.ptr + text.len - 8) +
               (bits_load(text.ptr + text.len / 2 - 4) << 1);
    } else {
        for (size_t i = 0; i < text.len; i++) {
            mix = mix << 8 | (unsigned char)text.ptr[i];
        }
    }
    mix *= UINT64_C(0x9E3779B97F4A7C15);
    return &check->slots[mix >> 32 & (INDEX_CHECK_SLOTS - 1)];
}

static bool is_known(struct index_check *check, enum index_check_kind kind,
                     struct str text) {
    const struct index_check_slot *slot = slot_of(check, text);
    return slot->ptr != NULL && slot->kind == kind &&
           str_equal((struct str){slot->ptr, slot->len}, text);
}

static void remember(struct index_check *check, enum index_check_kind kind,
                     struct str text) {
    *slot_of(check, text) =
        (struct index_check_slot){text.ptr, (uint32_t)text.len, (uint32_t)kind};
}

/* Is it an http or https URL in its serialized form? A plugin's first version brings
 * URLs that were never seen, which is no reason to go the long way. */
static bool is_plain_link(struct index_check *check, struct str text) {
    struct url url;
    struct syntax_error error;
    struct arena_mark mark = arena_mark(check->arena);
    bool good = url_parse(check->arena, text, &url, &error) == GRAMMAR_OK &&
                (url.kind & (URL_SCHEME_HTTP | URL_SCHEME_HTTPS)) != 0 &&
                str_equal(url.href, text);
    arena_rewind(check->arena, mark);
    return good;
}

static bool link_is_good(struct index_check *check, struct index_memo *memo,
                         const struct field_text *link) {
    if (link->text.ptr == NULL || memo->good) {
        return true;
    }
    memo->good = is_known(check, INDEX_CHECK_LINK, link->text);
    if (!memo->good && is_plain_link(check, link->text)) {
        remember(check, INDEX_CHECK_LINK, link->text);
        memo->good = true;
    }
    return memo->good;
}

static bool dependencies_are_known(struct index_check *check,
                                   struct index_parse *parse) {
    const struct raw_fields *raw = &parse->fields;
    struct index_memo *memo = &parse->memos[MEMO_DATABASE_VERSION];
    memo->good = memo->good ||
                 is_known(check, INDEX_CHECK_REQUIREMENT, raw->database_version.text);
    if (!memo->good) {
        return false;
    }
    memo = &parse->memos[MEMO_PYTHON];
    for (size_t i = 0; !memo->good && i < raw->python_count; i++) {
        if (!is_known(check, INDEX_CHECK_PYTHON, raw->python[i].text)) {
            return false;
        }
    }
    /* Without the key the memo is of an older array. */
    memo->good = memo->good || parse->python_given;
    /* Two may be one dependency twice. */
    if (raw->plugin_count == 0) {
        return true;
    }
    const struct raw_dependency *plugin = raw->plugins;
    return raw->plugin_count == 1 &&
           is_known(check, INDEX_CHECK_INDEX_URL, plugin->index_url.text) &&
           is_known(check, INDEX_CHECK_REQUIREMENT, plugin->version.text) &&
           name_check(plugin->name.text) == NAME_VALID;
}

/* True only if fields.h would find nothing wrong and change nothing. */
static bool is_plainly_good(struct index_check *check, struct index_parse *parse) {
    const struct raw_fields *raw = &parse->fields;
    struct index_memo *memos = parse->memos;
    /* Without escapes there is no line break in a description. */
    if (parse->escaped || raw->description.text.len == 0 ||
        raw->description.text.len > DESCRIPTION_MAX_CHARACTERS ||
        raw->trigger_count == 0 || !parse->triggers_known) {
        return false;
    }
    memos[MEMO_NAME].good =
        memos[MEMO_NAME].good || name_check(raw->name.text) == NAME_VALID;
    return memos[MEMO_NAME].good &&
           link_is_good(check, &memos[MEMO_HOMEPAGE], &raw->homepage) &&
           link_is_good(check, &memos[MEMO_REPOSITORY], &raw->repository) &&
           link_is_good(check, &memos[MEMO_DOCUMENTATION], &raw->documentation) &&
           dependencies_are_known(check, parse);
}

static bool learn(struct index_check *check, enum index_check_kind kind,
                  const struct field_text *written, struct str checked) {
    if (written->text.ptr == NULL) {
        return true;
    }
    if (!str_equal(written->text, checked)) {
        return false;
    }
    remember(check, kind, written->text);
    return true;
}

/* Remembers what stands in its written form; is that so of all? */
static bool learn_all(struct index_check *check, const struct index_parse *parse,
                      const struct fields *fields) {
    const struct raw_fields *raw = &parse->fields;
    /* What had escapes lies in memory that is given back. */
    if (parse->escaped) {
        return false;
    }
    bool same = learn(check, INDEX_CHECK_LINK, &raw->homepage, fields->homepage);
    same &= learn(check, INDEX_CHECK_LINK, &raw->repository, fields->repository);
    same &= learn(check, INDEX_CHECK_LINK, &raw->documentation, fields->documentation);
    same &= learn(check, INDEX_CHECK_REQUIREMENT, &raw->database_version,
                  fields->database_version);
    for (size_t i = 0; i < raw->python_count; i++) {
        same &= learn(check, INDEX_CHECK_PYTHON, &raw->python[i], fields->python[i]);
    }
    for (size_t i = 0; i < raw->plugin_count; i++) {
        same &= learn(check, INDEX_CHECK_INDEX_URL, &raw->plugins[i].index_url,
                      fields->plugins[i].index_url);
        same &= learn(check, INDEX_CHECK_REQUIREMENT, &raw->plugins[i].version,
                      fields->plugins[i].version);
    }
    return same;
}

static bool add_defect(const struct field_scope *scope, enum variant_id variant,
                       const char *key, struct str value, size_t offset) {
    struct str field = field_path(scope, key);
    struct diag *diag =
        field.ptr == NULL ? NULL
                          : diag_new_variant(scope->arena, variant, field,
                                             (struct detail[]){DETAIL_TEXT(value)}, 1);
    if (diag == NULL) {
        return false;
    }
    diag->place.offset = offset;
    diag_append(scope->defects, diag);
    return true;
}

static bool check_published_at(const struct field_scope *scope,
                               const struct index_parse *parse) {
    struct str shown = parse->published_at.text;
    return parse->published_good ||
           (!parse->published_odd && shown.ptr != NULL && timestamp_is_valid(shown)) ||
           add_defect(scope, VARIANT_INVALID_PUBLISHED_AT, "published_at",
                      shown.ptr == NULL ? STR("<missing>") : shown,
                      parse->published_at.offset);
}

static bool check_fully(struct index_check *check, const struct index_parse *parse,
                        size_t entry, bool *written_form) {
    struct field_scope scope = {.in_index = true,
                                .entry = entry,
                                .arena = check->arena,
                                .defects = check->defects};
    struct fields fields = {0};
    size_t before = check->defects->count;
    if (!fields_check_identity(&scope, &parse->fields, &fields) ||
        !check_published_at(&scope, parse) ||
        !fields_check_rest(&scope, &parse->fields, &fields)) {
        return false;
    }
    if (!sha256_is_text(parse->hash.text) &&
        !add_defect(&scope, VARIANT_INVALID_HASH, "hash", parse->hash.text,
                    parse->hash.offset)) {
        return false;
    }
    *written_form = check->defects->count == before && learn_all(check, parse, &fields);
    return true;
}

bool index_check_entry(struct index_check *check, struct index_parse *parse,
                       size_t entry, struct index_check_result *result) {
    struct semver version;
    struct syntax_error error;
    bool versioned =
        semver_parse(parse->fields.version.text, &version, &error) == GRAMMAR_OK;
    result->rank = versioned ? index_version_rank(&version) : 0;
    result->written_form = versioned && is_plainly_good(check, parse) &&
                           parse->published_good && parse->hash_good;
    return result->written_form ||
           check_fully(check, parse, entry, &result->written_form);
}
