#include "net/json_fields.h"

#include "base/json.h"
#include "base/utf8.h"

bool json_fields_begin(struct json_fields *fields, struct arena *arena,
                       struct str text) {
    *fields = (struct json_fields){.arena = arena, .root = STR_NONE};
    if (!utf8_is_valid(text)) {
        return false;
    }
    struct str copy = arena_copy(arena, text); /* with the NUL that scans need */
    if (copy.ptr == NULL) {
        fields->no_memory = true;
        return false;
    }
    struct json_scan scan;
    json_begin(&scan, copy);
    (void)json_space(&scan);
    const char *start = scan.at;
    bool good = json_skip(&scan);
    const char *end = scan.at;
    if (good) {
        (void)json_space(&scan);
        good = scan.at == scan.end;
    }
    fields->no_memory = scan.no_memory;
    if (good) {
        fields->root = (struct str){start, (size_t)(end - start)};
    }
    return good;
}

bool json_fields_is_object(struct str value) {
    return value.len > 0 && value.ptr[0] == '{';
}

bool json_fields_is_array(struct str value) {
    return value.len > 0 && value.ptr[0] == '[';
}

/* The value at the scan, which was found to be valid before. */
static bool take_value(struct json_fields *fields, struct json_scan *scan,
                       struct str *value) {
    (void)json_space(scan);
    const char *start = scan->at;
    if (!json_skip(scan)) {
        fields->no_memory |= scan->no_memory;
        return false;
    }
    *value = (struct str){start, (size_t)(scan->at - start)};
    return true;
}

struct str json_fields_get(struct json_fields *fields, struct str object,
                           const char *name) {
    if (!json_fields_is_object(object)) {
        return STR_NONE;
    }
    struct json_scan scan;
    json_begin(&scan, object);
    do {
        scan.at++; /* over `{` or `,` */
        (void)json_space(&scan);
        struct json_string key;
        struct str value;
        if (*scan.at != '"' || !json_string(&scan, &key)) {
            return STR_NONE;
        }
        (void)json_space(&scan);
        scan.at++; /* over `:` */
        if (!take_value(fields, &scan, &value)) {
            return STR_NONE;
        }
        if (!key.escaped && str_equal(key.raw, str_of(name))) {
            return str_equal(value, STR("null")) ? STR_NONE : value;
        }
        (void)json_space(&scan);
    } while (*scan.at == ',');
    return STR_NONE;
}

struct str json_fields_string(struct json_fields *fields, struct str value) {
    if (value.len < 2 || value.ptr[0] != '"') {
        return STR_NONE;
    }
    struct str text = STR_NONE;
    struct str raw = {value.ptr + 1, value.len - 2};
    if (json_decode(fields->arena, raw, &text) == JSON_DECODE_NO_MEMORY) {
        fields->no_memory = true;
        return STR_NONE;
    }
    return text;
}

struct str json_fields_text(struct json_fields *fields, struct str object,
                            const char *name) {
    return json_fields_string(fields, json_fields_get(fields, object, name));
}

bool json_fields_u64(struct json_fields *fields, struct str object, const char *name,
                     uint64_t *number) {
    struct str digits = json_fields_get(fields, object, name);
    if (digits.len >= 2 && digits.ptr[0] == '"') {
        digits = (struct str){digits.ptr + 1, digits.len - 2};
    }
    if (digits.len == 0) {
        return false;
    }
    uint64_t sum = 0;
    for (size_t i = 0; i < digits.len; i++) {
        unsigned digit = (unsigned)((unsigned char)digits.ptr[i] - '0');
        if (digit > 9 || sum > (UINT64_MAX - digit) / 10) {
            return false;
        }
        sum = sum * 10 + digit;
    }
    *number = sum;
    return true;
}

bool json_fields_is_true(struct json_fields *fields, struct str object,
                         const char *name) {
    return str_equal(json_fields_get(fields, object, name), STR("true"));
}

bool json_fields_next(struct json_fields *fields, struct str array, size_t *at,
                      struct str *item) {
    if (!json_fields_is_array(array) || *at >= array.len) {
        return false;
    }
    struct json_scan scan;
    json_begin(&scan, array);
    scan.at += *at;
    (void)json_space(&scan);
    if (*scan.at == ']') {
        return false;
    }
    scan.at++; /* over `[` or `,` */
    (void)json_space(&scan);
    if (*scan.at == ']' || !take_value(fields, &scan, item)) {
        return false;
    }
    *at = (size_t)(scan.at - scan.start);
    return true;
}
