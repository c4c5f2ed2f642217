#include "helper/artifact_check.h"

#include "base/clock.h"
#include "base/fs.h"
#include "base/limits.h"
#include "grammar/name.h"
#include "grammar/timestamp.h"
#include "helper/scratch.h"
#include "helper/unpack.h"
#include "plugin/validate.h"
#include "schema/index_read.h"
#include "schema/index_write.h"

#define SUFFIX ".tar.gz"

/* An artifact being looked at; `name` and `version` as its file's name has them. */
struct look {
    struct arena *arena;
    struct str name;
    struct str version;
    struct str prefix; /* `{name}-{version}` */
    struct diag **defect;
};

/* False: memory is out. */
static bool complain(struct look *look, struct str note,
                     const struct diag_list *nested) {
    struct str field =
        arena_concat(look->arena, (struct str[]){look->prefix, STR(SUFFIX)}, 2);
    struct detail details[] = {DETAIL_TEXT(look->name), DETAIL_TEXT(look->version)};
    *look->defect =
        diag_new(look->arena, ERROR_REGISTRY_ARTIFACT_INVALID, field, details, 2);
    if (*look->defect == NULL || field.ptr == NULL || note.ptr == NULL) {
        return false;
    }
    (*look->defect)->note = note;
    if (nested != NULL) {
        diag_nest(*look->defect, nested);
    }
    return true;
}

static bool validate(struct look *look, struct str directory, struct plugin *plugin) {
    struct str parts[] = {directory, STR("/"), look->prefix};
    struct str root = arena_concat(look->arena, parts, 3);
    struct str shown =
        arena_concat(look->arena, (struct str[]){look->prefix, STR(SUFFIX)}, 2);
    if (root.ptr == NULL || shown.ptr == NULL) {
        return false;
    }
    struct diag_list failed = {0};
    switch (plugin_validate(look->arena, root, shown, &plugin_codes_validate, false,
                            plugin)) {
    case PLUGIN_OK:
        return true;
    case PLUGIN_INVALID:
        return complain(look,
                        arena_printf(look->arena, "the plugin in it has %zu defect(s)",
                                     plugin->defects.count),
                        &plugin->defects);
    case PLUGIN_FAILED:
        diag_append(&failed, plugin->failure);
        return complain(look, STR("the plugin in it cannot be read"), &failed);
    case PLUGIN_NO_MEMORY:
        break;
    }
    return false;
}

static bool unpack_into(struct look *look, struct str artifact, struct str directory,
                        struct plugin *plugin) {
    struct str why = STR("");
    switch (unpack(look->arena, artifact, look->prefix, directory, &why)) {
    case UNPACK_OK:
        return validate(look, directory, plugin);
    case UNPACK_REFUSED:
        return complain(look, why, NULL);
    case UNPACK_FAILED:
        return complain(
            look,
            arena_printf(look->arena, "it cannot be unpacked here: %.*s", STR_ARG(why)),
            NULL);
    case UNPACK_NO_MEMORY:
        break;
    }
    return false;
}

/* Unpacks and validates; then the manifest's name and version are the file's. */
static bool look_into(struct look *look, struct str artifact, struct plugin *plugin) {
    struct str directory;
    look->prefix = arena_concat(look->arena,
                                (struct str[]){look->name, STR("-"), look->version}, 3);
    if (look->prefix.ptr == NULL) {
        return false;
    }
    int error = scratch_make(look->arena, &directory);
    if (error != 0) {
        return complain(look,
                        arena_printf(look->arena, "it cannot be unpacked here: %s",
                                     fs_error_text(error)),
                        NULL);
    }
    bool has_memory = unpack_into(look, artifact, directory, plugin);
    scratch_remove(directory);
    const struct fields *fields = &plugin->manifest.fields;
    if (has_memory && *look->defect == NULL &&
        (!str_equal(fields->name, look->name) ||
         !str_equal(fields->version, look->version))) {
        has_memory =
            complain(look,
                     arena_printf(look->arena, "its manifest is of %.*s@%.*s",
                                  STR_ARG(fields->name), STR_ARG(fields->version)),
                     NULL);
    }
    return has_memory;
}

/* ---- the manifest and the entry ---- */

static bool append(void *context, struct str bytes) {
    return buf_append(context, bytes);
}

/* A manifest's fields in the form that an index gives them: by way of one. `*is_entry`
 * false: no index can hold them. */
static bool through_index(struct arena *arena, const struct index_record *record,
                          struct index *index, struct index_record *normal,
                          bool *is_entry) {
    struct index written = {.artifacts_url = STR("https://index.invalid/"),
                            .schema_minor = INDEX_SCHEMA_MINOR};
    struct buf text;
    struct diag *defect = NULL;
    struct diag_list defects = {0};
    buf_init(&text, LIMIT_INDEX_BYTES);
    enum index_status status = INDEX_NO_MEMORY;
    enum index_write_status writing =
        index_append(&written, record)
            ? index_write(&written, append, &text, arena, &defect)
            : INDEX_WRITE_NO_MEMORY;
    if (writing == INDEX_WRITE_DESCRIPTION_TOO_LONG) {
        status = INDEX_INVALID;
    } else if (writing == INDEX_WRITE_OK && !text.failed) {
        status = index_read(index, &text, STR("index.json"), arena, &defects);
    }
    index_release(&written);
    buf_release(&text);
    *is_entry = status == INDEX_OK;
    return status == INDEX_INVALID ||
           (*is_entry && index_entry_decode(index, 0, arena, normal));
}

static bool same_texts(const struct str *a, size_t a_count, const struct str *b,
                       size_t b_count) {
    if (a_count != b_count) {
        return false;
    }
    for (size_t i = 0; i < a_count; i++) {
        if (!str_equal(a[i], b[i])) {
            return false;
        }
    }
    return true;
}

static bool same_text(struct str a, struct str b) {
    return (a.ptr == NULL) == (b.ptr == NULL) && str_equal(a, b);
}

static bool same_dependencies(const struct fields *a, const struct fields *b) {
    if (a->plugin_count != b->plugin_count) {
        return false;
    }
    for (size_t i = 0; i < a->plugin_count; i++) {
        if (!str_equal(a->plugins[i].index_url, b->plugins[i].index_url) ||
            !str_equal(a->plugins[i].name, b->plugins[i].name) ||
            !str_equal(a->plugins[i].version, b->plugins[i].version)) {
            return false;
        }
    }
    return true;
}

/* The first field that is another; NULL: none. */
static const char *difference(const struct fields *a, const struct fields *b) {
    return !same_text(a->description, b->description) ? "description"
           : !same_texts(a->triggers, a->trigger_count, b->triggers, b->trigger_count)
               ? "triggers"
           : !same_text(a->homepage, b->homepage)           ? "homepage"
           : !same_text(a->repository, b->repository)       ? "repository"
           : !same_text(a->documentation, b->documentation) ? "documentation"
           : !same_text(a->database_version, b->database_version)
               ? "dependencies.database_version"
           : !same_texts(a->python, a->python_count, b->python, b->python_count)
               ? "dependencies.python"
           : !same_dependencies(a, b) ? "dependencies.plugins"
                                      : NULL;
}

static bool compare(struct look *look, const struct fields *fields,
                    const struct index_record *record) {
    struct index index = {0};
    struct index_record own = *record;
    struct index_record normal;
    own.fields = *fields;
    bool is_entry = false;
    bool has_memory = through_index(look->arena, &own, &index, &normal, &is_entry);
    const char *other = !has_memory ? NULL
                        : is_entry  ? difference(&normal.fields, &record->fields)
                                    : "description";
    if (other != NULL) {
        has_memory =
            complain(look,
                     arena_printf(look->arena,
                                  "its manifest and the entry differ in `%s`", other),
                     NULL);
    }
    index_release(&index);
    return has_memory;
}

bool artifact_check_entry(void *context, struct arena *arena, struct str artifact,
                          const struct index_record *record,
                          struct diag_list *defects) {
    (void)context;
    struct diag *defect = NULL;
    struct look look = {.arena = arena,
                        .name = record->fields.name,
                        .version = record->fields.version,
                        .defect = &defect};
    struct plugin plugin = {0};
    if (!look_into(&look, artifact, &plugin) ||
        (defect == NULL && !compare(&look, &plugin.manifest.fields, record))) {
        return false;
    }
    if (defect != NULL) {
        diag_append(defects, defect);
    }
    return true;
}

/* ---- orphans ---- */

/* `{name}-{version}.tar.gz` taken apart: both may have `-` in them. */
static bool split_name(struct str file, struct look *look) {
    if (!str_ends_with(file, STR(SUFFIX))) {
        return false;
    }
    struct str stem = str_first(file, file.len - strlen(SUFFIX));
    for (size_t at = 1; at + 1 < stem.len; at++) {
        struct semver version;
        struct syntax_error error;
        if (stem.ptr[at] == '-' && name_check(str_first(stem, at)) == NAME_VALID &&
            semver_parse(str_skip(stem, at + 1), &version, &error) == GRAMMAR_OK) {
            look->name = str_first(stem, at);
            look->version = str_skip(stem, at + 1);
            return true;
        }
    }
    return false;
}

bool artifact_check_orphan(void *context, struct arena *arena, struct str name,
                           struct str artifact, struct index_record *record,
                           struct diag **defect) {
    (void)context;
    struct look look = {
        .arena = arena, .name = name, .version = STR(""), .defect = defect};
    struct plugin plugin = {0};
    *defect = NULL;
    if (!split_name(name, &look)) {
        look.prefix = name;
        return complain(&look, STR("its name is not that of an artifact"), NULL);
    }
    if (!look_into(&look, artifact, &plugin) || *defect != NULL) {
        return *defect != NULL;
    }
    char time[TIMESTAMP_BYTES + 1];
    char hash[SHA256_TEXT_BYTES + 1];
    timestamp_format(clock_now(), time);
    sha256_of(artifact, hash);
    *record = (struct index_record){.fields = plugin.manifest.fields,
                                    .published_at = arena_copy(arena, str_of(time)),
                                    .hash = arena_copy(arena, str_of(hash))};
    return record->published_at.ptr != NULL && record->hash.ptr != NULL;
}
