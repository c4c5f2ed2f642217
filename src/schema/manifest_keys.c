#include "schema/manifest_keys.h"

#include "base/nearest.h"

static const char *const root_keys[] = {"manifest_schema_version", "plugin",
                                        "dependencies"};

enum { ROOT_KEYS = sizeof root_keys / sizeof root_keys[0] };

/* The names of a table's keys, and how their paths begin. */
struct known {
    const char *keys[16];
    size_t count;
    const char *prefix;
};

static struct known known_of(enum field_table table) {
    static const char *const prefixes[] = {
        [FIELD_PLUGIN] = "plugin.", [FIELD_DEPENDENCIES] = "dependencies."};
    struct known known = {.prefix = table == FIELD_DEPENDENCY ? "" : prefixes[table]};
    size_t count;
    const struct field_row *rows = field_rows(&count);
    for (size_t i = 0; i < count; i++) {
        if (rows[i].table == table) {
            known.keys[known.count++] = rows[i].key;
        }
    }
    return known;
}

static bool contains(const char *const *keys, size_t count, struct str key) {
    for (size_t i = 0; i < count; i++) {
        if (str_equal(key, str_of(keys[i]))) {
            return true;
        }
    }
    return false;
}

/* Does any table know the key? Then it is no misspelling, but may be in the wrong
 * place; `*path` says where it belongs. */
static bool belongs_elsewhere(struct arena *arena, struct str key, struct str *path) {
    for (int table = FIELD_PLUGIN; table <= FIELD_DEPENDENCIES; table++) {
        struct known known = known_of((enum field_table)table);
        if (contains(known.keys, known.count, key)) {
            *path = arena_printf(arena, "%s%.*s", known.prefix, STR_ARG(key));
            return true;
        }
    }
    if (contains(root_keys, ROOT_KEYS, key)) {
        *path = key;
        return true;
    }
    return false;
}

const struct toml_node *manifest_similar_key(const struct toml_node *table,
                                             const char *key) {
    for (const struct toml_node *node = table->first; node != NULL; node = node->next) {
        struct str best;
        if (nearest_word(node->key, &key, 1, &best) &&
            !contains(root_keys, ROOT_KEYS, node->key)) {
            return node;
        }
    }
    return NULL;
}

/* Adds the table's unknown keys to the array, which has room. */
static bool add_unknown(struct arena *arena, const struct toml_node *table,
                        struct str prefix, const char *const *keys, size_t count,
                        struct manifest *manifest, struct unknown_key *all) {
    for (const struct toml_node *node = table->first; node != NULL; node = node->next) {
        if (contains(keys, count, node->key)) {
            continue;
        }
        struct unknown_key *unknown = &all[manifest->unknown_key_count++];
        struct str near = STR_NONE;
        unknown->offset = node->key_offset;
        unknown->path = arena_concat(arena, (struct str[]){prefix, node->key}, 2);
        unknown->nearest = STR_NONE;
        if (nearest_word(node->key, keys, count, &near)) {
            unknown->nearest = arena_concat(arena, (struct str[]){prefix, near}, 2);
            near = unknown->nearest;
        } else if (belongs_elsewhere(arena, node->key, &near)) {
            unknown->nearest = near;
        } else {
            near = STR("");
        }
        if (unknown->path.ptr == NULL || near.ptr == NULL) {
            return false;
        }
    }
    return true;
}

static size_t room_needed(const struct toml_node *root,
                          const struct toml_node *const sections[2],
                          const struct toml_node *dependencies) {
    size_t room = root->count + sections[0]->count + sections[1]->count;
    if (dependencies != NULL) {
        for (const struct toml_node *node = dependencies->first; node != NULL;
             node = node->next) {
            room += node->count;
        }
    }
    return room;
}

bool manifest_unknown_keys(struct arena *arena, const struct toml_node *root,
                           struct manifest *manifest) {
    const struct toml_node *sections[2] = {toml_find(root, "plugin"),
                                           toml_find(root, "dependencies")};
    const struct toml_node *plugins = toml_find(sections[1], "plugins");
    struct unknown_key *all =
        arena_array(arena, room_needed(root, sections, plugins), sizeof *all);
    manifest->unknown_keys = all;
    if (all == NULL ||
        !add_unknown(arena, root, STR(""), root_keys, ROOT_KEYS, manifest, all)) {
        return false;
    }
    for (int i = 0; i < 2; i++) {
        struct known known = known_of(i == 0 ? FIELD_PLUGIN : FIELD_DEPENDENCIES);
        if (!add_unknown(arena, sections[i], str_of(known.prefix), known.keys,
                         known.count, manifest, all)) {
            return false;
        }
    }
    struct known known = known_of(FIELD_DEPENDENCY);
    size_t item = 0;
    const struct toml_node *node = plugins == NULL ? NULL : plugins->first;
    for (; node != NULL; node = node->next, item++) {
        struct str prefix = arena_printf(arena, "dependencies.plugins[%zu].", item);
        if (prefix.ptr == NULL ||
            !add_unknown(arena, node, prefix, known.keys, known.count, manifest, all)) {
            return false;
        }
    }
    return true;
}
