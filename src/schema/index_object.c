#include "schema/index_parse.h"

bool index_object_open(struct index_parse *parse, struct index_object *object,
                       const struct index_keys *keys, const char *rule,
                       struct str what) {
    if (*parse->scan.at != '{') {
        return index_parse_fail(parse, rule, what, parse->scan.at);
    }
    object->keys = keys;
    object->seen = 0;
    object->next = 0;
    object->any = false;
    object->begin = parse->scan.at++;
    return true;
}

/* Which known key is this? The count of keys if none. The one after the last comes
 * first: files are mostly in canonical order. */
static unsigned find_key(const struct index_object *object, struct str name) {
    const struct index_keys *keys = object->keys;
    for (unsigned i = object->next; i < keys->count; i++) {
        if (str_equal(keys->list[i].name, name)) {
            return i;
        }
    }
    for (unsigned i = 0; i < object->next; i++) {
        if (str_equal(keys->list[i].name, name)) {
            return i;
        }
    }
    return keys->count;
}

static bool take_unknown(struct index_parse *parse, const struct index_object *object,
                         const char *key) {
    struct json_scan *scan = &parse->scan;
    struct index_member *member = index_vec_add(&parse->unknown, sizeof *member);
    if (member == NULL) {
        return index_parse_no_memory(parse);
    }
    *member = (struct index_member){.owner = object->owner,
                                    .key = (uint32_t)(key - scan->start),
                                    .value = (uint32_t)(scan->at - scan->start)};
    parse->canonical = false;
    return json_skip(scan);
}

static int close_object(struct index_parse *parse, const struct index_object *object) {
    const struct index_keys *keys = object->keys;
    uint32_t missing = keys->required & ~object->seen;
    for (unsigned i = 0; missing != 0 && i < keys->count; i++) {
        if ((missing >> i & 1) != 0) {
            index_parse_fail(parse, "is missing", keys->list[i].name, object->begin);
            return OBJECT_FAILED;
        }
    }
    parse->scan.at++;
    return OBJECT_END;
}

/* A key, the colon, and white space around it. */
static bool take_key(struct index_parse *parse, struct str *name) {
    struct json_scan *scan = &parse->scan;
    struct json_string key;
    if (*scan->at != '"') {
        return index_parse_fail(parse, "expected a key in quotes", STR_NONE, scan->at);
    }
    if (!json_string(scan, &key)) {
        return false;
    }
    if (!index_parse_text(parse, &key, name)) {
        return false;
    }
    bool tight = json_space(scan) == JSON_SPACE_NONE;
    if (*scan->at != ':') {
        return index_parse_fail(parse, "expected `:` after the key", STR_NONE,
                                scan->at);
    }
    scan->at++;
    parse->canonical &= tight & (json_space(scan) == JSON_SPACE_ONE);
    return true;
}

static int take_known(struct index_object *object, unsigned key) {
    object->any = true;
    object->seen |= UINT32_C(1) << key;
    object->next = key + 1;
    return (int)key;
}

/* Do the bytes begin with the lead? Mostly four words decide it. */
static bool is_lead(const char *at, struct str lead) {
    if (lead.len < 16 || lead.len > 32) {
        return memcmp(at, lead.ptr, lead.len) == 0;
    }
    size_t last = lead.len - 16;
    return ((bits_load(at) ^ bits_load(lead.ptr)) |
            (bits_load(at + 8) ^ bits_load(lead.ptr + 8)) |
            (bits_load(at + last) ^ bits_load(lead.ptr + last)) |
            (bits_load(at + last + 8) ^ bits_load(lead.ptr + last + 8))) == 0;
}

/* The next member if it stands in canonical layout and order, or OBJECT_END: the common
 * case, by one comparison. */
static int take_expected(struct index_parse *parse, struct index_object *object) {
    struct json_scan *scan = &parse->scan;
    const struct index_keys *keys = object->keys;
    size_t comma = object->any ? 0 : 1;
    size_t left = (size_t)(scan->end - scan->at);
    if (left < 2 || scan->at[1 - comma] != '\n') {
        return OBJECT_END;
    }
    for (unsigned key = object->next; key < keys->count; key++) {
        struct str lead = str_skip(keys->list[key].lead, comma);
        if (left > lead.len && is_lead(scan->at, lead) &&
            (unsigned char)scan->at[lead.len] > ' ') {
            scan->at += lead.len;
            return take_known(object, key);
        }
    }
    return OBJECT_END;
}

int index_object_next(struct index_parse *parse, struct index_object *object) {
    struct json_scan *scan = &parse->scan;
    int expected = take_expected(parse, object);
    if (expected != OBJECT_END) {
        return expected;
    }
    for (;;) {
        unsigned space = json_space(scan);
        if (*scan->at == '}') {
            parse->canonical &= space == JSON_SPACE_LINE + object->keys->indent - 2;
            return close_object(parse, object);
        }
        if (object->any) {
            if (*scan->at != ',') {
                index_parse_fail(parse, "expected `,` or `}`", STR_NONE, scan->at);
                return OBJECT_FAILED;
            }
            parse->canonical &= space == JSON_SPACE_NONE;
            scan->at++;
            space = json_space(scan);
        }
        object->any = true;
        parse->canonical &= space == JSON_SPACE_LINE + object->keys->indent;
        const char *at = scan->at;
        struct str name;
        if (!take_key(parse, &name)) {
            return OBJECT_FAILED;
        }
        unsigned key = find_key(object, name);
        if (key < object->keys->count) {
            if ((object->seen >> key & 1) != 0) {
                index_parse_fail(parse, "is given twice", object->keys->list[key].name,
                                 at);
                return OBJECT_FAILED;
            }
            parse->canonical &= key >= object->next;
            return take_known(object, key);
        }
        if (!take_unknown(parse, object, at)) {
            return OBJECT_FAILED;
        }
    }
}

bool index_array_open(struct index_parse *parse, struct index_array *array,
                      struct str what, unsigned indent) {
    if (*parse->scan.at != '[') {
        return index_parse_fail(parse, "must be an array", what, parse->scan.at);
    }
    parse->scan.at++;
    *array = (struct index_array){.indent = indent};
    return true;
}

bool index_array_next(struct index_parse *parse, struct index_array *array) {
    struct json_scan *scan = &parse->scan;
    unsigned space = json_space(scan);
    if (*scan->at == ']') {
        parse->canonical &= space == (array->any ? JSON_SPACE_LINE + array->indent - 2
                                                 : JSON_SPACE_NONE);
        scan->at++;
        array->end = true;
        return false;
    }
    if (array->any) {
        if (*scan->at != ',') {
            return index_parse_fail(parse, "expected `,` or `]`", STR_NONE, scan->at);
        }
        parse->canonical &= space == JSON_SPACE_NONE;
        scan->at++;
        space = json_space(scan);
    }
    array->any = true;
    parse->canonical &= space == JSON_SPACE_LINE + array->indent;
    return true;
}
