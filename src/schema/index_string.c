#include <stdlib.h>

#include "schema/index_parse.h"

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

bool index_parse_fail(struct index_parse *parse, const char *rule, struct str key,
                      const char *wrong) {
    if (parse->scan.rule == NULL) {
        parse->key = key;
    }
    return json_fail(&parse->scan, rule, wrong);
}

bool index_parse_no_memory(struct index_parse *parse) {
    parse->scan.no_memory = true;
    return index_parse_fail(parse, "out of memory", STR_NONE, parse->scan.at);
}

bool index_parse_text(struct index_parse *parse, const struct json_string *string,
                      struct str *text) {
    *text = string->raw;
    if (!string->escaped) {
        return true;
    }
    parse->canonical = false;
    switch (json_decode(parse->arena, string->raw, text)) {
    case JSON_DECODED:
        return true;
    case JSON_LONE_SURROGATE:
        return index_parse_fail(parse, "a surrogate escape stands alone", STR_NONE,
                                string->raw.ptr);
    default:
        return index_parse_no_memory(parse);
    }
}

bool index_parse_string(struct index_parse *parse, struct str what,
                        struct field_text *value) {
    struct json_scan *scan = &parse->scan;
    struct json_string string;
    if (*scan->at != '"') {
        return index_parse_fail(parse, "must be a string", what, scan->at);
    }
    value->offset = (size_t)(scan->at - scan->start);
    if (!json_string(scan, &string)) {
        return false;
    }
    parse->last_ascii = string.ascii;
    parse->last_escaped = string.escaped;
    parse->escaped = parse->escaped || string.escaped;
    return index_parse_text(parse, &string, &value->text);
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
        if (*scan->at != '"') {
            return index_parse_fail(parse, "must hold strings", what, scan->at);
        }
        struct field_text *item = index_vec_add(items, sizeof *item);
        if (item == NULL) {
            return index_parse_no_memory(parse);
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
