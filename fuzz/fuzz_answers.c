/* The readers of what hosts answer and of what credentials come from. The first byte
 * says which. */
#include <stdlib.h>

#include "fuzz.h"

#include "net/crypto.h"
#include "net/ini.h"
#include "net/instant.h"
#include "net/json_fields.h"
#include "net/netrc.h"
#include "net/process.h"
#include "net/redact.h"
#include "net/retry.h"
#include "net/xml_fields.h"

enum { MOST_BYTES = 1 << 18 };

static void inside(struct str outer, struct str inner) {
    FUZZ_CHECK(inner.ptr >= outer.ptr &&
               inner.ptr + inner.len <= outer.ptr + outer.len);
}

static void walk_json(struct json_fields *fields, struct str value, unsigned depth) {
    struct str item;
    uint64_t number;
    size_t at = 0;
    inside(fields->root, value);
    (void)json_fields_text(fields, value, "name");
    (void)json_fields_u64(fields, value, "size", &number);
    while (depth < 4 && json_fields_next(fields, value, &at, &item)) {
        walk_json(fields, item, depth + 1);
    }
    item = json_fields_get(fields, value, "a");
    if (depth < 4 && item.ptr != NULL) {
        walk_json(fields, item, depth + 1);
    }
}

static void read_json(struct arena *arena, struct str text) {
    struct json_fields fields;
    if (json_fields_begin(&fields, arena, text)) {
        walk_json(&fields, fields.root, 0);
    }
}

static void walk_xml(struct arena *arena, struct str content, unsigned depth) {
    size_t at = 0;
    struct str name, inner;
    while (xml_fields_next(content, &at, &name, &inner)) {
        inside(content, name);
        inside(content, inner);
        FUZZ_CHECK(xml_fields_text(arena, inner, NULL).len <= inner.len);
        if (depth < 4) {
            walk_xml(arena, inner, depth + 1);
        }
    }
}

static void read_xml(struct arena *arena, struct str text) {
    struct str name, inner;
    if (xml_fields_root(text, &name, &inner)) {
        inside(text, inner);
        walk_xml(arena, inner, 0);
    }
}

static void read_files(struct arena *arena, struct str text) {
    struct str user, password;
    bool unclosed;
    struct str value = ini_get(text, STR("profile a"), "region");
    if (value.ptr != NULL) {
        inside(text, value);
    }
    (void)ini_has(text, STR("default"));
    (void)netrc_look(arena, text, STR("host"), &user, &password);
    (void)process_words(arena, text, &unclosed);
}

static void read_small(struct str text) {
    int64_t time_s;
    struct buf out, again;
    buf_init(&out, 1 << 20);
    buf_init(&again, 1 << 20);
    FUZZ_CHECK(retry_after_ms(text, 1700000000) >= -1);
    (void)retry_http_date(text, 1700000000, &time_s);
    (void)instant_parse(text, &time_s);
    (void)crypto_decode_base64(&out, text);
    buf_clear(&out);
    FUZZ_CHECK(crypto_append_base64(&out, text, CRYPTO_BASE64) &&
               crypto_decode_base64(&again, buf_str(&out)) &&
               str_equal(buf_str(&again), text));
    buf_release(&out);
    buf_release(&again);
}

/* What is before the first line feed is secret in what follows. */
static void hide(struct arena *arena, struct str text) {
    struct redact redact = {0};
    size_t end = str_find(text, '\n');
    struct str secret = str_first(text, end);
    if (end < text.len && memchr(text.ptr, '\0', text.len) == NULL) {
        const char *rest = arena_c_string(arena, str_skip(text, end + 1));
        FUZZ_CHECK(rest != NULL && redact_add(&redact, secret));
        redact_text(&redact, (char *)rest);
        bool is_stars = true;
        for (size_t i = 0; i < secret.len; i++) {
            is_stars = is_stars && secret.ptr[i] == '*';
        }
        FUZZ_CHECK(is_stars || memchr(secret.ptr, '*', secret.len) != NULL ||
                   !redact_finds(&redact, str_of(rest)));
    }
    redact_release(&redact);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena arena = {0};
    if (size > 0 && size <= MOST_BYTES) {
        struct str text = {(const char *)data + 1, size - 1};
        switch (data[0] % 5) {
        case 0:
            read_json(&arena, text);
            break;
        case 1:
            read_xml(&arena, text);
            break;
        case 2:
            read_files(&arena, text);
            break;
        case 3:
            read_small(text);
            break;
        default:
            hide(&arena, text);
            break;
        }
    }
    arena_release(&arena);
    return 0;
}
