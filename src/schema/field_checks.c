#include "schema/field_checks.h"

#include "base/utf8.h"
#include "grammar/name.h"
#include "grammar/pep508.h"
#include "grammar/semver.h"
#include "grammar/url.h"
#include "grammar/version_req.h"

const char *const trigger_types[] = {"process_writes", "process_scheduled_call",
                                     "process_request", NULL};

/* Adds a defect to the list; false when memory is out. */
bool field_defect(struct arena *arena, struct diag_list *defects,
                  enum variant_id variant, struct str path, size_t offset,
                  const struct detail *details, size_t count) {
    if (path.ptr == NULL) {
        return false;
    }
    struct diag *diag = diag_new_variant(arena, variant, path, details, count);
    if (diag == NULL) {
        return false;
    }
    diag->place.offset = offset;
    diag_append(defects, diag);
    return true;
}

static bool defect(const struct spot *spot, enum variant_id variant, size_t offset,
                   const struct detail *details, size_t count) {
    return field_defect(spot->scope->arena, spot->scope->defects, variant,
                        spot_path(spot), offset, details, count);
}

/* The broken rule and where in the text. */
static struct str explain(struct arena *arena, struct str text,
                          const struct syntax_error *error) {
    if (error->offset >= text.len) {
        return text.len == 0 ? arena_printf(arena, "%s, the text is empty", error->rule)
                             : arena_printf(arena, "%s, at the end", error->rule);
    }
    size_t at = error->offset;
    size_t next = at;
    uint32_t code_point = utf8_next(text, &next);
    size_t character = utf8_count(str_first(text, at)) + 1;
    if (code_point < 0x20 || (code_point >= 0x7F && code_point < 0xA0)) {
        return arena_printf(arena, "%s, at character %zu (U+%04X)", error->rule,
                            character, (unsigned)code_point);
    }
    return arena_printf(arena, "%s, at character %zu (`%.*s`)", error->rule, character,
                        (int)(next - at), text.ptr + at);
}

/* A defect whose details are the text and its `parse_error`. */
static bool syntax_defect(const struct spot *spot, enum variant_id variant,
                          const struct field_text *value,
                          const struct syntax_error *error) {
    struct str reason = explain(spot->scope->arena, value->text, error);
    return reason.ptr != NULL &&
           defect(spot, variant, value->offset,
                  (struct detail[]){DETAIL_TEXT(value->text), DETAIL_TEXT(reason)}, 2);
}

bool check_name(const struct spot *spot, const struct field_text *value,
                struct str *checked) {
    *checked = value->text;
    enum name_verdict verdict = name_check(value->text);
    if (verdict == NAME_VALID) {
        return true;
    }
    return defect(spot,
                  verdict == NAME_RESERVED ? VARIANT_RESERVED_PLUGIN_NAME
                                           : VARIANT_INVALID_PLUGIN_NAME,
                  value->offset, (struct detail[]){DETAIL_TEXT(value->text)}, 1);
}

bool check_version(const struct spot *spot, const struct field_text *value,
                   struct str *checked) {
    *checked = value->text;
    struct semver version;
    struct syntax_error error;
    return semver_parse(value->text, &version, &error) == GRAMMAR_OK ||
           syntax_defect(spot, VARIANT_INVALID_VERSION, value, &error);
}

bool check_description(const struct spot *spot, const struct field_text *value,
                       struct str *checked) {
    struct str text = value->text;
    *checked = text;
    if (text.len == 0) {
        return defect(spot, VARIANT_DESCRIPTION_EMPTY, value->offset, NULL, 0);
    }
    bool is_one_line =
        str_find(text, '\n') == text.len && str_find(text, '\r') == text.len;
    if (is_one_line && text.len <= DESCRIPTION_MAX_CHARACTERS) {
        return true;
    }
    size_t len = utf8_count(text);
    if (is_one_line && len <= DESCRIPTION_MAX_CHARACTERS) {
        return true;
    }
    return defect(spot,
                  is_one_line ? VARIANT_DESCRIPTION_TOO_LONG
                              : VARIANT_DESCRIPTION_MULTILINE,
                  value->offset, (struct detail[]){DETAIL_NUMBER(len)}, 1);
}

bool trigger_type_is_known(struct str text) {
    for (size_t i = 0; trigger_types[i] != NULL; i++) {
        if (str_equal(text, str_of(trigger_types[i]))) {
            return true;
        }
    }
    return false;
}

bool check_trigger(const struct spot *spot, const struct field_text *value,
                   struct str *checked) {
    *checked = value->text;
    return trigger_type_is_known(value->text) ||
           defect(spot, VARIANT_UNKNOWN_TRIGGER_TYPE, value->offset,
                  (struct detail[]){DETAIL_TEXT(value->text)}, 1);
}

/* A URL of one of the schemes; another scheme is a defect of the variant
 * `wrong_scheme`. */
static bool check_url(struct arena *arena, struct diag_list *defects,
                      const struct spot *spot, const struct field_text *value,
                      unsigned schemes, enum variant_id wrong_scheme,
                      struct str *checked) {
    struct url url;
    struct syntax_error error;
    enum grammar_status status = url_parse(arena, value->text, &url, &error);
    if (status == GRAMMAR_NO_MEMORY) {
        return false;
    }
    if (status == GRAMMAR_OK && ((unsigned)url.kind & schemes) != 0) {
        *checked = url.href;
        return true;
    }
    *checked = value->text;
    struct str path = spot == NULL ? STR("artifacts_url") : spot_path(spot);
    struct str second = status == GRAMMAR_OK ? arena_copy(arena, url.scheme)
                                             : explain(arena, value->text, &error);
    return second.ptr != NULL &&
           field_defect(
               arena, defects,
               status == GRAMMAR_OK ? wrong_scheme : VARIANT_INVALID_URL, path,
               value->offset,
               (struct detail[]){DETAIL_TEXT(value->text), DETAIL_TEXT(second)}, 2);
}

bool check_web_url(const struct spot *spot, const struct field_text *value,
                   struct str *checked) {
    return check_url(spot->scope->arena, spot->scope->defects, spot, value,
                     URL_SCHEME_HTTP | URL_SCHEME_HTTPS, VARIANT_INVALID_URL_SCHEME,
                     checked);
}

bool check_index_url(const struct spot *spot, const struct field_text *value,
                     struct str *checked) {
    return check_url(spot->scope->arena, spot->scope->defects, spot, value,
                     URL_SCHEME_HTTP | URL_SCHEME_HTTPS | URL_SCHEME_FILE,
                     VARIANT_UNSUPPORTED_INDEX_URL_SCHEME, checked);
}

bool artifacts_url_check(struct arena *arena, struct diag_list *defects,
                         const struct field_text *value, struct str *href) {
    return check_url(arena, defects, NULL, value,
                     URL_SCHEME_HTTP | URL_SCHEME_HTTPS | URL_SCHEME_FILE,
                     VARIANT_UNSUPPORTED_ARTIFACT_SCHEME, href);
}

/* The display form; the text itself where it is already that. */
static bool display_form(struct arena *arena, const struct version_req *req,
                         struct str text, struct str *shown) {
    char small[256];
    struct buf buf = {.ptr = small, .room = sizeof small, .max = sizeof small - 1};
    version_req_format(req, &buf);
    bool is_small = !buf.failed;
    if (!is_small) {
        /* A comparator grows by its operator, by `, ` and by a space at most. */
        buf_init(&buf, text.len + 4 * VERSION_REQ_MAX_COMPARATORS);
        version_req_format(req, &buf);
    }
    bool done = !buf.failed;
    if (done) {
        *shown =
            str_equal(buf_str(&buf), text) ? text : arena_copy(arena, buf_str(&buf));
    }
    if (!is_small) {
        buf_release(&buf);
    }
    return done && shown->ptr != NULL;
}

static bool check_requirement(const struct spot *spot, const struct field_text *value,
                              enum variant_id variant, struct str *checked) {
    struct version_req req;
    struct syntax_error error;
    *checked = value->text;
    if (version_req_parse(value->text, &req, &error) != GRAMMAR_OK) {
        return syntax_defect(spot, variant, value, &error);
    }
    return display_form(spot->scope->arena, &req, value->text, checked);
}

bool check_database_version(const struct spot *spot, const struct field_text *value,
                            struct str *checked) {
    return check_requirement(spot, value, VARIANT_INVALID_DATABASE_VERSION, checked);
}

bool check_dependency_version(const struct spot *spot, const struct field_text *value,
                              struct str *checked) {
    return check_requirement(spot, value, VARIANT_INVALID_PLUGIN_DEPENDENCY_VERSION,
                             checked);
}

bool check_python(const struct spot *spot, const struct field_text *value,
                  struct str *checked) {
    *checked = value->text;
    struct pep508 requirement;
    struct syntax_error error;
    switch (pep508_parse(spot->scope->arena, value->text, &requirement, &error)) {
    case GRAMMAR_OK:
        return true;
    case GRAMMAR_INVALID:
        return syntax_defect(spot, VARIANT_INVALID_PYTHON_REQUIREMENT, value, &error);
    default:
        return false;
    }
}
