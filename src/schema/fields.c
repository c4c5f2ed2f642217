#include "schema/fields.h"

#include "base/hash.h"
#include "grammar/name.h"
#include "schema/field_checks.h"

enum {
#define TEXT(table, key, presence, check) ROW_##table##_##key,
#define TEXTS(table, key, count, presence, check) ROW_##table##_##key,
#define TABLES(table, key, count, presence) ROW_##table##_##key,
#include "schema/fields.def"
#undef TEXT
#undef TEXTS
#undef TABLES
    ROW_COUNT
};

/* Which structure holds the values of a table's fields. */
#define RAW_PLUGIN struct raw_fields
#define RAW_DEPENDENCIES struct raw_fields
#define RAW_DEPENDENCY struct raw_dependency

static const struct field_row rows[] = {
#define TEXT(table, key, presence, check)                                              \
    {#key, FIELD_##table, FIELD_TEXT, FIELD_##presence, offsetof(RAW_##table, key), 0},
#define TEXTS(table, key, count, presence, check)                                      \
    {#key,                                                                             \
     FIELD_##table,                                                                    \
     FIELD_TEXTS,                                                                      \
     FIELD_##presence,                                                                 \
     offsetof(RAW_##table, key),                                                       \
     offsetof(RAW_##table, count)},
#define TABLES(table, key, count, presence)                                            \
    {#key,                                                                             \
     FIELD_##table,                                                                    \
     FIELD_TABLES,                                                                     \
     FIELD_##presence,                                                                 \
     offsetof(RAW_##table, key),                                                       \
     offsetof(RAW_##table, count)},
#include "schema/fields.def"
#undef TEXT
#undef TEXTS
#undef TABLES
};

/* What each row's check fills. */
#define CHECKED_PLUGIN struct fields
#define CHECKED_DEPENDENCIES struct fields
#define CHECKED_DEPENDENCY struct plugin_dependency
static const struct {
    text_check check; /* NULL: taken as written */
    size_t value;
    size_t count;
} targets[] = {
#define check_none NULL
#define TEXT(table, key, presence, check)                                              \
    {check_##check, offsetof(CHECKED_##table, key), 0},
#define TEXTS(table, key, count, presence, check)                                      \
    {check_##check, offsetof(CHECKED_##table, key), offsetof(CHECKED_##table, count)},
#define TABLES(table, key, count, presence)                                            \
    {NULL, offsetof(CHECKED_##table, key), offsetof(CHECKED_##table, count)},
#include "schema/fields.def"
#undef TEXT
#undef TEXTS
#undef TABLES
};

const struct field_row *field_rows(size_t *count) {
    *count = ROW_COUNT;
    return rows;
}

static struct str scoped_path(const struct field_scope *scope, enum field_table table,
                              struct str rest) {
    struct str entry = STR("");
    if (scope->in_index) {
        entry = arena_printf(scope->arena, "plugins[%zu].", scope->entry);
    } else if (table == FIELD_PLUGIN) {
        entry = STR("plugin.");
    }
    struct str between = table == FIELD_PLUGIN ? STR("") : STR("dependencies.");
    if (entry.ptr == NULL || rest.ptr == NULL) {
        return STR_NONE;
    }
    return arena_concat(scope->arena, (struct str[]){entry, between, rest}, 3);
}

struct str field_path(const struct field_scope *scope, const char *key) {
    return scoped_path(scope, FIELD_PLUGIN, str_of(key));
}

struct str spot_path(const struct spot *spot) {
    struct arena *arena = spot->scope->arena;
    struct str rest = str_of(spot->row->key);
    if (spot->member != NULL) {
        rest = arena_printf(arena, "%s[%zu].%s", spot->row->key, spot->item,
                            spot->member->key);
    } else if (spot->item != SPOT_NO_ITEM) {
        rest = arena_printf(arena, "%s[%zu]", spot->row->key, spot->item);
    }
    return scoped_path(spot->scope, spot->row->table, rest);
}

/* Members of the structures, by the offsets in the rows. */
static const void *raw_at(const void *raw, size_t offset) {
    return (const char *)raw + offset;
}

static void *checked_at(void *checked, size_t offset) {
    return (char *)checked + offset;
}

static bool check_text(const struct field_scope *scope, size_t row,
                       const struct raw_fields *raw, struct fields *checked) {
    const struct field_text *value = raw_at(raw, rows[row].raw_value);
    struct str *out = checked_at(checked, targets[row].value);
    if (value->text.ptr == NULL) {
        *out = STR_NONE;
        return true;
    }
    struct spot spot = {scope, &rows[row], SPOT_NO_ITEM, NULL};
    return targets[row].check(&spot, value, out);
}

static bool check_texts(const struct field_scope *scope, size_t row,
                        const struct raw_fields *raw, struct fields *checked) {
    const struct field_text *const *values = raw_at(raw, rows[row].raw_value);
    const size_t *count = raw_at(raw, rows[row].raw_count);
    struct spot spot = {scope, &rows[row], SPOT_NO_ITEM, NULL};
    if (*count == 0 && row == ROW_PLUGIN_triggers &&
        !field_defect(scope->arena, scope->defects, VARIANT_EMPTY_TRIGGERS,
                      spot_path(&spot), raw->triggers_offset, NULL, 0)) {
        return false;
    }
    struct str *items = arena_array(scope->arena, *count, sizeof *items);
    if (items == NULL) {
        return false;
    }
    for (spot.item = 0; spot.item < *count; spot.item++) {
        const struct field_text *value = &(*values)[spot.item];
        if (targets[row].check == NULL) {
            items[spot.item] = value->text;
        } else if (!targets[row].check(&spot, value, &items[spot.item])) {
            return false;
        }
    }
    const struct str **out = checked_at(checked, targets[row].value);
    size_t *out_count = checked_at(checked, targets[row].count);
    *out = items;
    *out_count = *count;
    return true;
}

/* The URL and canonical name of the dependencies so far: an open hash table of
 * positions, one more than the index; 0 is a free place. */
struct seen {
    const struct plugin_dependency *items;
    uint32_t *places;
    size_t mask;
    struct hash_key key;
};

static uint64_t hash_of(const struct seen *seen, const struct plugin_dependency *item) {
    char canonical[NAME_MAX_BYTES]; /* the name is valid */
    name_canonicalize(item->name, canonical);
    return hash_str(&seen->key, item->index_url) * 31 +
           hash_str(&seen->key, (struct str){canonical, item->name.len});
}

/* Is an equal one there already? If not, it is from now on. */
static bool was_seen(struct seen *seen, size_t item) {
    const struct plugin_dependency *new = &seen->items[item];
    size_t place = (size_t)hash_of(seen, new) & seen->mask;
    while (seen->places[place] != 0) {
        const struct plugin_dependency *old = &seen->items[seen->places[place] - 1];
        if (str_equal(old->index_url, new->index_url) &&
            name_canonical_equal(old->name, new->name)) {
            return true;
        }
        place = (place + 1) & seen->mask;
    }
    seen->places[place] = (uint32_t)item + 1;
    return false;
}

static bool seen_init(struct seen *seen, struct arena *arena,
                      const struct plugin_dependency *items, size_t count) {
    if (count > UINT32_MAX / 4) {
        return false;
    }
    size_t size = 4;
    while (size < count * 2) {
        size *= 2;
    }
    uint32_t *places = arena_array(arena, size, sizeof *places);
    *seen = (struct seen){items, places, size - 1, {{0}}};
    /* Addresses differ from run to run: no document can choose names that collide. */
    seen->key.half[0] = (uint64_t)(uintptr_t)places;
    seen->key.half[1] = (uint64_t)(uintptr_t)seen * UINT64_C(0xD6E8FEB86659FD93);
    return places != NULL;
}

static bool check_dependency(const struct spot *spot, const struct raw_dependency *raw,
                             struct plugin_dependency *checked, struct seen *seen) {
    const struct field_scope *scope = spot->scope;
    bool is_known = true; /* URL and name are valid */
    for (size_t row = 0; row < ROW_COUNT; row++) {
        if (rows[row].table != FIELD_DEPENDENCY) {
            continue;
        }
        struct spot member = *spot;
        member.member = &rows[row];
        size_t before = scope->defects->count;
        if (!targets[row].check(&member, raw_at(raw, rows[row].raw_value),
                                checked_at(checked, targets[row].value))) {
            return false;
        }
        is_known = is_known &&
                   (row == ROW_DEPENDENCY_version || scope->defects->count == before);
    }
    if (!is_known || !was_seen(seen, spot->item)) {
        return true;
    }
    return field_defect(
        scope->arena, scope->defects, VARIANT_DUPLICATE_PLUGIN_DEPENDENCY,
        spot_path(spot), raw->offset,
        (struct detail[]){DETAIL_TEXT(checked->index_url), DETAIL_TEXT(checked->name)},
        2);
}

static bool check_tables(const struct field_scope *scope, size_t row,
                         const struct raw_fields *raw, struct fields *checked) {
    size_t count = raw->plugin_count;
    checked->plugins = NULL;
    checked->plugin_count = count;
    if (count == 0) {
        return true;
    }
    struct plugin_dependency *items = arena_array(scope->arena, count, sizeof *items);
    struct seen seen;
    if (items == NULL || !seen_init(&seen, scope->arena, items, count)) {
        return false;
    }
    struct spot spot = {scope, &rows[row], 0, NULL};
    for (; spot.item < count; spot.item++) {
        if (!check_dependency(&spot, &raw->plugins[spot.item], &items[spot.item],
                              &seen)) {
            return false;
        }
    }
    checked->plugins = items;
    return true;
}

static bool check_rows(const struct field_scope *scope, size_t first, size_t end,
                       const struct raw_fields *raw, struct fields *checked) {
    static bool (*const by_type[])(const struct field_scope *, size_t,
                                   const struct raw_fields *, struct fields *) = {
        [FIELD_TEXT] = check_text,
        [FIELD_TEXTS] = check_texts,
        [FIELD_TABLES] = check_tables,
    };
    for (size_t row = first; row < end; row++) {
        if (rows[row].table != FIELD_DEPENDENCY &&
            !by_type[rows[row].type](scope, row, raw, checked)) {
            return false;
        }
    }
    return true;
}

bool fields_check_identity(const struct field_scope *scope,
                           const struct raw_fields *raw, struct fields *checked) {
    return check_rows(scope, ROW_PLUGIN_name, ROW_PLUGIN_version + 1, raw, checked);
}

bool fields_check_rest(const struct field_scope *scope, const struct raw_fields *raw,
                       struct fields *checked) {
    return check_rows(scope, ROW_PLUGIN_version + 1, ROW_COUNT, raw, checked);
}

/* Digits that fit 32 bits. */
static bool parse_u32(struct str text, uint32_t *number) {
    uint64_t value = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (!ascii_is_digit(text.ptr[i])) {
            return false;
        }
        value = value * 10 + (uint64_t)(text.ptr[i] - '0');
        if (value > UINT32_MAX) {
            return false;
        }
    }
    *number = (uint32_t)value;
    return text.len > 0;
}

bool schema_version_check(struct arena *arena, struct diag_list *defects, bool in_index,
                          const struct field_text *value, uint32_t *minor) {
    const uint32_t supported = in_index ? 2 : 1;
    struct str path =
        in_index ? STR("index_schema_version") : STR("manifest_schema_version");
    size_t dot = str_find(value->text, '.');
    uint32_t major = 0;
    uint32_t minor_found = 0;
    if (dot == value->text.len || !parse_u32(str_first(value->text, dot), &major) ||
        !parse_u32(str_skip(value->text, dot + 1), &minor_found)) {
        return field_defect(arena, defects, VARIANT_MALFORMED_SCHEMA_VERSION, path,
                            value->offset, (struct detail[]){DETAIL_TEXT(value->text)},
                            1);
    }
    if (major != supported) {
        return field_defect(
            arena, defects,
            in_index ? VARIANT_UNSUPPORTED_INDEX_MAJOR
                     : VARIANT_UNSUPPORTED_MANIFEST_MAJOR,
            path, value->offset,
            (struct detail[]){DETAIL_TEXT(value->text), DETAIL_NUMBER(supported)}, 2);
    }
    *minor = minor_found;
    return true;
}
