#include <stdlib.h>

#include "schema/index_rows.h"

void *index_vec_add(struct index_vec *vec, size_t item_size) {
    if (vec->count == vec->room) {
        size_t room = vec->room == 0 ? 8 : vec->room * 2;
        void *grown =
            room > SIZE_MAX / item_size ? NULL : realloc(vec->items, room * item_size);
        if (grown == NULL) {
            return NULL;
        }
        vec->items = grown;
        vec->room = room;
    }
    return (char *)vec->items + item_size * vec->count++;
}

void index_parse_begin(struct index_parse *parse, struct str source,
                       struct arena *arena) {
    *parse = (struct index_parse){.arena = arena};
    json_begin(&parse->scan, source);
}

void index_parse_release(struct index_parse *parse) {
    free(parse->triggers.items);
    free(parse->python.items);
    free(parse->plugins.items);
    free(parse->unknown.items);
}

static bool fail(struct index_parse *parse, const char *rule, struct str key,
                 const char *wrong) {
    if (parse->scan.rule == NULL) {
        parse->key = key;
    }
    return json_fail(&parse->scan, rule, wrong);
}

static bool fail_memory(struct index_parse *parse) {
    parse->scan.no_memory = true;
    return fail(parse, "out of memory", STR_NONE, parse->scan.at);
}

static bool decode(struct index_parse *parse, struct str raw, struct str *text) {
    switch (json_decode(parse->arena, raw, text)) {
    case JSON_DECODED:
        return true;
    case JSON_LONE_SURROGATE:
        return fail(parse, "a surrogate escape stands alone", STR_NONE, raw.ptr);
    default:
        return fail_memory(parse);
    }
}

bool index_parse_string(struct index_parse *parse, struct str what,
                        struct field_text *value) {
    struct json_scan *scan = &parse->scan;
    struct json_string string;
    if (*scan->at != '"') {
        return fail(parse, "must be a string", what, scan->at);
    }
    value->offset = (size_t)(scan->at - scan->start);
    if (!json_string(scan, &string)) {
        return false;
    }
    value->text = string.raw;
    parse->last_ascii = string.ascii;
    parse->last_escaped = string.escaped;
    if (!string.escaped) {
        return true;
    }
    parse->escaped = true;
    parse->canonical = false;
    return decode(parse, string.raw, &value->text);
}

/* Does the value that was remembered stand here again? A string or an array cannot go
 * on where an equal one ended. */
static bool is_repeated(const struct index_parse *parse,
                        const struct index_memo *memo) {
    const struct json_scan *scan = &parse->scan;
    return memo->text.ptr != NULL && (size_t)(scan->end - scan->at) > memo->text.len &&
           memcmp(scan->at, memo->text.ptr, memo->text.len) == 0;
}

bool index_parse_repeated(struct index_parse *parse, struct str what,
                          enum index_memo_field field, struct field_text *value) {
    struct json_scan *scan = &parse->scan;
    struct index_memo *memo = &parse->memos[field];
    const char *at = scan->at;
    if (is_repeated(parse, memo)) {
        value->offset = (size_t)(at - scan->start);
        value->text = (struct str){at + 1, memo->text.len - 2};
        scan->at += memo->text.len;
        return true;
    }
    if (!index_parse_string(parse, what, value)) {
        return false;
    }
    *memo = (struct index_memo){0};
    if (!parse->last_escaped) {
        memo->text = (struct str){at, (size_t)(scan->at - at)};
    }
    return true;
}

/* The items of the array that stood at the memo's place, moved to where it stands now.
 */
static void repeat_strings(struct index_parse *parse, struct index_memo *memo,
                           struct index_vec *items) {
    struct json_scan *scan = &parse->scan;
    size_t moved = (size_t)(scan->at - memo->text.ptr);
    struct field_text *item = items->items;
    for (size_t i = 0; i < memo->count; i++) {
        item[i].text.ptr += moved;
        item[i].offset += moved;
    }
    items->count = memo->count;
    memo->text.ptr = scan->at;
    scan->at += memo->text.len;
    parse->canonical &= memo->canonical;
}

bool index_parse_strings(struct index_parse *parse, struct str what,
                         enum index_memo_field field, unsigned indent,
                         struct index_vec *items) {
    struct json_scan *scan = &parse->scan;
    struct index_memo *memo = &parse->memos[field];
    struct index_array array = {0};
    if (is_repeated(parse, memo)) {
        repeat_strings(parse, memo, items);
        return true;
    }
    *memo = (struct index_memo){0};
    const char *begin = scan->at;
    bool canonical = parse->canonical;
    bool escaped = false;
    parse->canonical = true;
    if (!index_array_open(parse, &array, what, indent)) {
        return false;
    }
    while (index_array_next(parse, &array)) {
        struct field_text *item = index_vec_add(items, sizeof *item);
        if (item == NULL) {
            return fail_memory(parse);
        }
        if (!index_parse_string(parse, what, item)) {
            return false;
        }
        escaped = escaped || parse->last_escaped;
    }
    if (!escaped) {
        *memo = (struct index_memo){.text = {begin, (size_t)(scan->at - begin)},
                                    .canonical = parse->canonical,
                                    .count = items->count};
    }
    parse->canonical &= canonical;
    return array.end;
}

bool index_object_open(struct index_parse *parse, struct index_object *object,
                       const struct index_keys *keys, struct str what) {
    if (*parse->scan.at != '{') {
        return fail(parse, "must be an object", what, parse->scan.at);
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
        return fail_memory(parse);
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
            fail(parse, "is missing", keys->list[i].name, object->begin);
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
        return fail(parse, "expected a key in quotes", STR_NONE, scan->at);
    }
    if (!json_string(scan, &key)) {
        return false;
    }
    *name = key.raw;
    if (key.escaped) {
        parse->canonical = false;
        if (!decode(parse, key.raw, name)) {
            return false;
        }
    }
    bool tight = json_space(scan) == JSON_SPACE_NONE;
    if (*scan->at != ':') {
        return fail(parse, "expected `:` after the key", STR_NONE, scan->at);
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
    if (scan->at[1 - comma] != '\n') {
        return OBJECT_END;
    }
    size_t left = (size_t)(scan->end - scan->at);
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
                fail(parse, "expected `,` or `}`", STR_NONE, scan->at);
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
                fail(parse, "is given twice", object->keys->list[key].name, at);
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
        return fail(parse, "must be an array", what, parse->scan.at);
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
            return fail(parse, "expected `,` or `]`", STR_NONE, scan->at);
        }
        parse->canonical &= space == JSON_SPACE_NONE;
        scan->at++;
        space = json_space(scan);
    }
    array->any = true;
    parse->canonical &= space == JSON_SPACE_LINE + array->indent;
    return true;
}
