#include "base/json_write.h"

#include "base/utf8.h"

static void append_escape(struct buf *out, unsigned char c) {
    static const char hex[] = "0123456789abcdef";
    switch (c) {
    case '"':
        buf_append(out, STR("\\\""));
        return;
    case '\\':
        buf_append(out, STR("\\\\"));
        return;
    case '\b':
        buf_append(out, STR("\\b"));
        return;
    case '\t':
        buf_append(out, STR("\\t"));
        return;
    case '\n':
        buf_append(out, STR("\\n"));
        return;
    case '\f':
        buf_append(out, STR("\\f"));
        return;
    case '\r':
        buf_append(out, STR("\\r"));
        return;
    default:
        buf_append(out, STR("\\u00"));
        buf_append_byte(out, hex[c >> 4]);
        buf_append_byte(out, hex[c & 15]);
    }
}

static void append_valid(struct buf *out, struct str text) {
    size_t start = 0;
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c < 0x20 || c == '"' || c == '\\') {
            buf_append(out, (struct str){text.ptr + start, i - start});
            append_escape(out, c);
            start = i + 1;
        }
    }
    if (start < text.len) {
        buf_append(out, str_skip(text, start));
    }
}

void json_append_string(struct buf *out, struct str text) {
    buf_append_byte(out, '"');
    size_t valid = utf8_first_invalid(text);
    append_valid(out, (struct str){text.ptr, valid});
    for (size_t at = valid; at < text.len;) {
        size_t start = at;
        uint32_t c = utf8_next(text, &at);
        if (c == UTF8_REPLACEMENT) {
            buf_append_codepoint(out, c);
        } else {
            append_valid(out, (struct str){text.ptr + start, at - start});
        }
    }
    buf_append_byte(out, '"');
}

void json_append_key(struct buf *out, struct str key) {
    json_append_string(out, key);
    buf_append_byte(out, ':');
}
