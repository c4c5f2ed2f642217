#include "schema/manifest.h"

#include "schema/manifest_keys.h"
#include "schema/toml.h"

/* Structure: keys and types. The first defect ends it. */
struct loader {
    struct arena *arena;
    struct diag_list *defects;
    bool is_rejected;
    struct raw_fields raw;
    struct field_text schema_version;
};

static const char *article_of(const char *noun) {
    return strchr("aeiou", noun[0]) == NULL ? "a" : "an";
}

/* Adds the one TomlParse diagnostic. False in any case, so that callers can return it;
 * memory is out if the loader is not rejected then. */
static bool reject(struct loader *loader, struct str message, size_t offset) {
    if (message.ptr == NULL) {
        return false;
    }
    struct diag *diag = diag_new_variant(loader->arena, VARIANT_TOML_PARSE, STR_NONE,
                                         (struct detail[]){DETAIL_TEXT(message)}, 1);
    if (diag != NULL) {
        diag->place.offset = offset;
        diag_append(loader->defects, diag);
        loader->is_rejected = true;
    }
    return false;
}

static bool reject_type(struct loader *loader, struct str path,
                        const struct toml_node *node, const char *expected) {
    struct str message =
        arena_printf(loader->arena, "`%.*s` must be %s, not %s %s", STR_ARG(path),
                     expected, article_of(node->type_name), node->type_name);
    return reject(loader, message, node->offset);
}

/* The key of a table, by its path; a required one that is missing is a defect. `*found`
 * is NULL for an optional one. */
static bool find_key(struct loader *loader, const struct toml_node *table,
                     struct str prefix, const char *key, bool required,
                     const struct toml_node **found) {
    *found = toml_find(table, key);
    if (*found != NULL || !required) {
        return true;
    }
    const struct toml_node *similar = manifest_similar_key(table, key);
    struct str hint = STR("");
    size_t offset = table->offset;
    if (similar != NULL) {
        hint = arena_printf(loader->arena, "; is `%.*s` meant to be it?",
                            STR_ARG(similar->key));
        offset = similar->key_offset;
    }
    struct str message = arena_printf(loader->arena, "missing key `%.*s%s`%.*s",
                                      STR_ARG(prefix), key, STR_ARG(hint));
    return reject(loader, message, offset);
}

static bool load_text(struct loader *loader, const struct toml_node *node,
                      struct str path, struct field_text *text) {
    if (node->type != TOML_STRING) {
        return reject_type(loader, path, node, "a string");
    }
    *text = (struct field_text){node->text, node->offset};
    return true;
}

static struct str item_path(struct loader *loader, struct str path, size_t item) {
    return arena_printf(loader->arena, "%.*s[%zu]", STR_ARG(path), item);
}

static bool load_texts(struct loader *loader, const struct toml_node *array,
                       struct str path, const struct field_text **items,
                       size_t *count) {
    if (array->type != TOML_ARRAY) {
        return reject_type(loader, path, array, "an array of strings");
    }
    struct field_text *texts = arena_array(loader->arena, array->count, sizeof *texts);
    if (texts == NULL) {
        return false;
    }
    *items = texts;
    *count = array->count;
    for (const struct toml_node *node = array->first; node != NULL; node = node->next) {
        if (node->type != TOML_STRING) {
            return reject_type(loader,
                               item_path(loader, path, (size_t)(texts - *items)), node,
                               "a string");
        }
        *texts++ = (struct field_text){node->text, node->offset};
    }
    return true;
}

static bool load_table(struct loader *loader, const struct toml_node *table,
                       struct str prefix, enum field_table which, void *raw);

static bool load_tables(struct loader *loader, const struct toml_node *array,
                        struct str path) {
    const char *expected = "an array of tables";
    if (array->type != TOML_ARRAY) {
        return reject_type(loader, path, array, expected);
    }
    struct raw_dependency *items =
        arena_array(loader->arena, array->count, sizeof *items);
    if (items == NULL) {
        return false;
    }
    loader->raw.plugins = items;
    loader->raw.plugin_count = array->count;
    size_t item = 0;
    for (const struct toml_node *node = array->first; node != NULL; node = node->next) {
        struct str item_name = item_path(loader, path, item);
        if (node->type != TOML_TABLE) {
            return reject_type(loader, item_name, node, "a table");
        }
        struct str prefix = arena_printf(loader->arena, "%.*s.", STR_ARG(item_name));
        items[item].offset = node->offset;
        if (prefix.ptr == NULL ||
            !load_table(loader, node, prefix, FIELD_DEPENDENCY, &items[item])) {
            return false;
        }
        item++;
    }
    return true;
}

static bool load_row(struct loader *loader, const struct toml_node *node,
                     struct str prefix, const struct field_row *row, void *raw) {
    struct str path =
        arena_concat(loader->arena, (struct str[]){prefix, str_of(row->key)}, 2);
    char *value = (char *)raw + row->raw_value;
    char *count = (char *)raw + row->raw_count;
    if (path.ptr == NULL) {
        return false;
    }
    switch (row->type) {
    case FIELD_TEXT:
        return load_text(loader, node, path, (struct field_text *)(void *)value);
    case FIELD_TEXTS:
        return load_texts(loader, node, path, (const struct field_text **)(void *)value,
                          (size_t *)(void *)count);
    default:
        return load_tables(loader, node, path);
    }
}

/* All rows of one table. */
static bool load_table(struct loader *loader, const struct toml_node *table,
                       struct str prefix, enum field_table which, void *raw) {
    size_t count;
    const struct field_row *rows = field_rows(&count);
    for (size_t i = 0; i < count; i++) {
        const struct toml_node *node;
        if (rows[i].table != which) {
            continue;
        }
        if (!find_key(loader, table, prefix, rows[i].key,
                      rows[i].presence == FIELD_REQUIRED, &node) ||
            (node != NULL && !load_row(loader, node, prefix, &rows[i], raw))) {
            return false;
        }
    }
    return true;
}

/* A table of the root that must be there. */
static bool load_section(struct loader *loader, const struct toml_node *root,
                         const char *key, const char *prefix, enum field_table which) {
    const struct toml_node *table;
    if (!find_key(loader, root, STR(""), key, true, &table)) {
        return false;
    }
    if (table->type != TOML_TABLE) {
        return reject_type(loader, str_of(key), table, "a table");
    }
    return load_table(loader, table, str_of(prefix), which, &loader->raw);
}

static bool load_root(struct loader *loader, const struct toml_node *root) {
    const char *key = "manifest_schema_version";
    const struct toml_node *version;
    return find_key(loader, root, STR(""), key, true, &version) &&
           load_text(loader, version, str_of(key), &loader->schema_version) &&
           load_section(loader, root, "plugin", "plugin.", FIELD_PLUGIN) &&
           load_section(loader, root, "dependencies", "dependencies.",
                        FIELD_DEPENDENCIES);
}

/* Both phases. False: memory is out, or the structure is rejected. */
static bool check(struct loader *loader, const struct toml_node *root,
                  struct manifest *manifest) {
    struct field_scope scope = {.arena = loader->arena, .defects = loader->defects};
    uint32_t minor;
    if (!load_root(loader, root)) {
        return false;
    }
    manifest->excludes = loader->raw.exclude;
    manifest->exclude_count = loader->raw.exclude_count;
    manifest->triggers = loader->raw.triggers;
    if (!manifest_unknown_keys(loader->arena, root, manifest) ||
        !schema_version_check(loader->arena, loader->defects, false,
                              &loader->schema_version, &minor)) {
        return false;
    }
    return loader->defects->count > 0 ||
           (fields_check_identity(&scope, &loader->raw, &manifest->fields) &&
            fields_check_rest(&scope, &loader->raw, &manifest->fields));
}

/* Offsets that no string value has. */
static void find_offsets(struct loader *loader, const struct toml_node *root,
                         struct manifest *manifest) {
    const struct toml_node *plugin = toml_find(root, "plugin");
    const struct toml_node *dependencies = toml_find(root, "dependencies");
    const struct toml_node *triggers = NULL;
    const struct toml_node *python = NULL;
    if (plugin != NULL) {
        triggers = toml_find(plugin, "triggers");
    }
    if (dependencies != NULL) {
        python = toml_find(dependencies, "python");
    }
    loader->raw.triggers_offset = triggers == NULL ? DIAG_NOWHERE : triggers->offset;
    manifest->python_offset = python == NULL ? DIAG_NOWHERE : python->offset;
}

enum manifest_status manifest_parse(struct arena *arena, struct str document,
                                    struct str file, struct manifest *manifest,
                                    struct diag_list *defects) {
    struct loader loader = {.arena = arena, .defects = defects};
    struct toml_node *root = NULL;
    struct toml_error error;
    *manifest = (struct manifest){0};
    bool done = false;
    switch (toml_parse(arena, document, &root, &error)) {
    case TOML_OK:
        find_offsets(&loader, root, manifest);
        done = check(&loader, root, manifest);
        break;
    case TOML_INVALID:
        done =
            reject(&loader,
                   arena_printf(arena, "not valid TOML: %.*s", STR_ARG(error.message)),
                   error.offset);
        break;
    case TOML_NO_MEMORY:
        break;
    }
    if (!done && !loader.is_rejected) {
        return MANIFEST_NO_MEMORY;
    }
    diag_locate_all(defects, file, document);
    return defects->count == 0 ? MANIFEST_OK : MANIFEST_INVALID;
}
