#include "base/sha256.h"
#include "grammar/timestamp.h"
#include "schema/index_parse.h"
#include "schema/index_rows.h"

enum entry_key {
    NAME,
    VERSION,
    PUBLISHED_AT,
    DESCRIPTION,
    TRIGGERS,
    HOMEPAGE,
    REPOSITORY,
    DOCUMENTATION,
    DEPENDENCIES,
    HASH,
    YANKED
};

#define KEY(name) INDEX_KEY("      ", name)
static const struct index_key entry_list[] = {
    KEY("name"),         KEY("version"),  KEY("published_at"), KEY("description"),
    KEY("triggers"),     KEY("homepage"), KEY("repository"),   KEY("documentation"),
    KEY("dependencies"), KEY("hash"),     KEY("yanked"),
};
#undef KEY

static const struct index_keys entry_keys = {entry_list, 11,
                                             1 << NAME | 1 << VERSION |
                                                 1 << DESCRIPTION | 1 << TRIGGERS |
                                                 1 << DEPENDENCIES | 1 << HASH,
                                             6};

enum dependencies_key { DATABASE_VERSION, PYTHON, PLUGINS };

#define KEY(name) INDEX_KEY("        ", name)
static const struct index_key dependencies_list[] = {KEY("database_version"),
                                                     KEY("python"), KEY("plugins")};
#undef KEY

static const struct index_keys dependencies_keys = {dependencies_list, 3,
                                                    1 << DATABASE_VERSION, 8};

enum plugin_key { INDEX_URL, PLUGIN_NAME, PLUGIN_VERSION };

#define KEY(name) INDEX_KEY("            ", name)
static const struct index_key plugin_list[] = {KEY("index_url"), KEY("name"),
                                               KEY("version")};
#undef KEY

static const struct index_keys plugin_keys = {
    plugin_list, 3, 1 << INDEX_URL | 1 << PLUGIN_NAME | 1 << PLUGIN_VERSION, 12};

static bool take_null(struct index_parse *parse) {
    struct json_scan *scan = &parse->scan;
    if (*scan->at != 'n') {
        return false;
    }
    struct str raw;
    parse->canonical = false;
    return json_scalar(scan, &raw);
}

/* A string, or null for none. */
static bool parse_optional(struct index_parse *parse, struct str what,
                           enum index_memo_field field, struct field_text *value) {
    return take_null(parse) || index_parse_repeated(parse, what, field, value);
}

static bool parse_plugin(struct index_parse *parse, uint32_t owner,
                         struct raw_dependency *dependency) {
    struct index_object object = {.owner = owner};
    dependency->offset = (size_t)(parse->scan.at - parse->scan.start);
    if (!index_object_open(parse, &object, &plugin_keys, "must hold objects",
                           dependencies_list[PLUGINS].name)) {
        return false;
    }
    int key;
    while ((key = index_object_next(parse, &object)) >= 0) {
        struct field_text *value = key == INDEX_URL     ? &dependency->index_url
                                   : key == PLUGIN_NAME ? &dependency->name
                                                        : &dependency->version;
        if (!index_parse_string(parse, plugin_list[key].name, value)) {
            return false;
        }
    }
    return key == OBJECT_END;
}

static bool parse_plugins(struct index_parse *parse) {
    struct index_array array = {0};
    if (!index_array_open(parse, &array, dependencies_list[PLUGINS].name, 10)) {
        return false;
    }
    while (index_array_next(parse, &array)) {
        uint32_t owner = MEMBER_PLUGIN + (uint32_t)parse->plugins.count;
        struct raw_dependency *item = index_vec_add(&parse->plugins, sizeof *item);
        if (item == NULL) {
            return index_parse_no_memory(parse);
        }
        if (!parse_plugin(parse, owner, item)) {
            return false;
        }
    }
    parse->canonical &= array.any;
    return array.end;
}

static bool parse_dependencies(struct index_parse *parse) {
    struct index_object object = {.owner = MEMBER_DEPENDENCIES};
    if (!index_object_open(parse, &object, &dependencies_keys, "must be an object",
                           entry_list[DEPENDENCIES].name)) {
        return false;
    }
    int key;
    while ((key = index_object_next(parse, &object)) >= 0) {
        bool good;
        switch ((enum dependencies_key)key) {
        case DATABASE_VERSION:
            good = index_parse_repeated(parse, dependencies_list[key].name,
                                        MEMO_DATABASE_VERSION,
                                        &parse->fields.database_version);
            break;
        case PYTHON:
            parse->python_given = true;
            good = index_parse_strings(parse, dependencies_list[key].name, MEMO_PYTHON,
                                       10, &parse->python);
            break;
        default:
            good = parse_plugins(parse);
        }
        if (!good) {
            return false;
        }
    }
    parse->canonical &= parse->python_given;
    return key == OBJECT_END;
}

/* A string of a length that is known, if it keeps its rule and so has no escapes. */
static bool take_fixed(struct index_parse *parse, size_t len,
                       bool (*is_good)(struct str), struct field_text *value) {
    struct json_scan *scan = &parse->scan;
    const char *at = scan->at;
    if ((size_t)(scan->end - at) < len + 2 || at[0] != '"' || at[len + 1] != '"' ||
        !is_good((struct str){at + 1, len})) {
        return false;
    }
    *value = (struct field_text){{at + 1, len}, (size_t)(at - scan->start)};
    scan->at += len + 2;
    return true;
}

static bool parse_published_at(struct index_parse *parse) {
    struct json_scan *scan = &parse->scan;
    struct field_text *value = &parse->published_at;
    value->offset = (size_t)(scan->at - scan->start);
    parse->published_good =
        take_fixed(parse, TIMESTAMP_BYTES, timestamp_is_valid, value);
    if (parse->published_good) {
        return true;
    }
    if (*scan->at == '"') {
        return index_parse_string(parse, entry_list[PUBLISHED_AT].name, value);
    }
    if (take_null(parse)) {
        return true;
    }
    if (scan->rule != NULL) {
        return false;
    }
    parse->published_odd = true;
    return index_parse_odd_value(parse, &value->text);
}

static bool parse_yanked(struct index_parse *parse) {
    struct str raw = STR_NONE;
    char c = *parse->scan.at;
    if (c != 't' && c != 'f') {
        return index_parse_fail(parse, "must be true or false", entry_list[YANKED].name,
                                parse->scan.at);
    }
    parse->yanked = c == 't';
    parse->canonical &= parse->yanked;
    return json_scalar(&parse->scan, &raw);
}

static bool parse_triggers(struct index_parse *parse) {
    struct index_memo *memo = &parse->memos[MEMO_TRIGGERS];
    parse->fields.triggers_offset = (size_t)(parse->scan.at - parse->scan.start);
    if (!index_parse_strings(parse, entry_list[TRIGGERS].name, MEMO_TRIGGERS, 8,
                             &parse->triggers)) {
        return false;
    }
    if (memo->good) {
        return true; /* the same as before */
    }
    const struct field_text *triggers = parse->triggers.items;
    parse->trigger_bits = 0;
    parse->triggers_known = true;
    for (size_t i = 0; i < parse->triggers.count; i++) {
        uint8_t bit = index_trigger_bit(triggers[i].text);
        parse->trigger_bits |= bit;
        parse->triggers_known = parse->triggers_known && bit != 0;
    }
    memo->good = parse->triggers_known;
    return true;
}

static bool parse_value(struct index_parse *parse, enum entry_key key) {
    struct raw_fields *fields = &parse->fields;
    struct str what = entry_list[key].name;
    switch (key) {
    case NAME:
        return index_parse_repeated(parse, what, MEMO_NAME, &fields->name);
    case VERSION:
        return index_parse_string(parse, what, &fields->version);
    case PUBLISHED_AT:
        return parse_published_at(parse);
    case DESCRIPTION:
        if (!index_parse_string(parse, what, &fields->description)) {
            return false;
        }
        parse->description_escaped = parse->last_escaped;
        parse->description_ascii = parse->last_ascii;
        return true;
    case TRIGGERS:
        return parse_triggers(parse);
    case HOMEPAGE:
        return parse_optional(parse, what, MEMO_HOMEPAGE, &fields->homepage);
    case REPOSITORY:
        return parse_optional(parse, what, MEMO_REPOSITORY, &fields->repository);
    case DOCUMENTATION:
        return parse_optional(parse, what, MEMO_DOCUMENTATION, &fields->documentation);
    case DEPENDENCIES:
        return parse_dependencies(parse);
    case HASH:
        parse->hash_good =
            take_fixed(parse, SHA256_TEXT_BYTES, sha256_is_text, &parse->hash);
        return parse->hash_good || index_parse_string(parse, what, &parse->hash);
    default:
        return parse_yanked(parse);
    }
}

static void start_entry(struct index_parse *parse) {
    parse->fields = (struct raw_fields){0};
    parse->published_at = (struct field_text){0};
    parse->published_odd = false;
    parse->published_good = false;
    parse->hash_good = false;
    parse->yanked = false;
    parse->python_given = false;
    parse->escaped = false;
    parse->canonical = true;
    parse->triggers.count = 0;
    parse->python.count = 0;
    parse->plugins.count = 0;
    parse->unknown.count = 0;
    parse->begin = (size_t)(parse->scan.at - parse->scan.start);
    parse->published_at.offset = parse->begin;
}

bool index_parse_entry(struct index_parse *parse) {
    struct index_object object = {.owner = MEMBER_ENTRY};
    start_entry(parse);
    if (!index_object_open(parse, &object, &entry_keys, "must hold objects",
                           STR("plugins"))) {
        return false;
    }
    int key;
    while ((key = index_object_next(parse, &object)) >= 0) {
        if (!parse_value(parse, (enum entry_key)key)) {
            return false;
        }
    }
    struct raw_fields *fields = &parse->fields;
    fields->triggers = parse->triggers.items;
    fields->trigger_count = parse->triggers.count;
    fields->python = parse->python.items;
    fields->python_count = parse->python.count;
    fields->plugins = parse->plugins.items;
    fields->plugin_count = parse->plugins.count;
    parse->end = (size_t)(parse->scan.at - parse->scan.start);
    return key == OBJECT_END;
}
