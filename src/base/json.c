#include "base/json.h"

#include <stdlib.h>

#include "base/utf8.h"

void json_begin(struct json_scan *scan, struct str text) {
    const char *start = text.len == 0 ? "" : text.ptr;
    *scan = (struct json_scan){.start = start, .at = start, .end = start + text.len};
}

bool json_fail(struct json_scan *scan, const char *rule, const char *wrong) {
    if (scan->rule == NULL) {
        scan->rule = rule;
        scan->wrong = wrong;
    }
    return false;
}

/* The first byte from `at` on that is not a space. */
static const char *after_spaces(const char *at, const char *end) {
    while (end - at >= 8) {
        uint64_t other = bits_load(at) ^ BITS_EACH(0x20);
        if (other != 0) {
            uint64_t same = bits_zero_bytes(other);
            return at + bits_first_byte(same ^ BITS_EACH(0x80));
        }
        at += 8;
    }
    while (*at == ' ') {
        at++;
    }
    return at;
}

unsigned json_space_slow(struct json_scan *scan) {
    const char *at = scan->at;
    if (*at == '\n') {
        const char *after = after_spaces(at + 1, scan->end);
        if ((unsigned char)*after > ' ') {
            scan->at = after;
            return JSON_SPACE_LINE + (unsigned)(after - at - 1);
        }
    }
    while (*at == ' ' || *at == '\n' || *at == '\t' || *at == '\r') {
        at++;
    }
    scan->at = at;
    return JSON_SPACE_OTHER;
}

static unsigned hex_digit(char c) {
    if (c >= '0' && c <= '9') {
        return (unsigned)(c - '0');
    }
    char lower = ascii_lower(c);
    return lower >= 'a' && lower <= 'f' ? (unsigned)(lower - 'a') + 10 : 16;
}

/* The four digits after `\u`; over 0xFFFF if they are not that. Stops at a NUL. */
static uint32_t hex_four(const char *at) {
    uint32_t unit = 0;
    for (size_t i = 0; i < 4; i++) {
        unsigned digit = hex_digit(at[i]);
        if (digit > 15) {
            return 0x10000;
        }
        unit = unit << 4 | digit;
    }
    return unit;
}

/* Steps over the escape at `*at`, a backslash. */
static bool check_escape(struct json_scan *scan, const char **at) {
    const char *escape = *at;
    switch (escape[1]) {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't':
        *at += 2;
        return true;
    case 'u':
        if (hex_four(escape + 2) > 0xFFFF) {
            return json_fail(scan, "`\\u` needs four hexadecimal digits", escape);
        }
        *at += 6;
        return true;
    default:
        return json_fail(scan, "unknown escape in a string", escape);
    }
}

bool json_string(struct json_scan *scan, struct json_string *string) {
    if (*scan->at != '"') {
        return json_fail(scan, "expected a string", scan->at);
    }
    const char *begin = scan->at + 1;
    const char *at = begin;
    uint64_t seen = 0;
    bool escaped = false;
    for (;;) {
        while (scan->end - at >= 8) {
            uint64_t word = bits_load(at);
            uint64_t special = bits_zero_bytes(word ^ BITS_EACH(0x22)) |
                               bits_zero_bytes(word ^ BITS_EACH(0x5C)) |
                               bits_zero_bytes(word & BITS_EACH(0xE0));
            seen |= word;
            if (special != 0) {
                at += bits_first_byte(special);
                break;
            }
            at += 8;
        }
        unsigned char c = (unsigned char)*at;
        if (c == '"') {
            break;
        }
        if (c == '\\') {
            escaped = true;
            if (!check_escape(scan, &at)) {
                return false;
            }
        } else if (c >= 0x20) {
            seen |= c;
            at++;
        } else if (at == scan->end) {
            return json_fail(scan, "the string has no end", scan->at);
        } else {
            return json_fail(scan, "a control character in a string must be escaped",
                             at);
        }
    }
    string->raw = (struct str){begin, (size_t)(at - begin)};
    string->escaped = escaped;
    string->ascii = (seen & BITS_EACH(0x80)) == 0;
    scan->at = at + 1;
    return true;
}

enum { LONE = 1 << 30 };

/* Steps over a checked escape: the scalar value, or with LONE the surrogate. */
static uint32_t take_escape(struct str raw, size_t *at) {
    char kind = raw.ptr[*at + 1];
    *at += 2;
    switch (kind) {
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    case 'u':
        break;
    default:
        return (unsigned char)kind;
    }
    uint32_t unit = hex_four(raw.ptr + *at);
    *at += 4;
    if (unit < 0xD800 || unit > 0xDFFF) {
        return unit;
    }
    if (unit < 0xDC00 && raw.len - *at >= 6 && raw.ptr[*at] == '\\' &&
        raw.ptr[*at + 1] == 'u') {
        uint32_t low = hex_four(raw.ptr + *at + 2);
        if (low >= 0xDC00 && low <= 0xDFFF) {
            *at += 6;
            return 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
        }
    }
    return LONE | unit;
}

enum json_decode_status json_decode(struct arena *arena, struct str raw,
                                    struct str *text) {
    char *out = arena_bytes(arena, raw.len);
    if (out == NULL) {
        return JSON_DECODE_NO_MEMORY;
    }
    size_t len = 0;
    for (size_t at = 0; at < raw.len;) {
        size_t plain = str_find(str_skip(raw, at), '\\');
        memcpy(out + len, raw.ptr + at, plain);
        len += plain;
        at += plain;
        if (at < raw.len) {
            uint32_t c = take_escape(raw, &at);
            if (c >= LONE) {
                return JSON_LONE_SURROGATE;
            }
            len += utf8_encode(c, out + len);
        }
    }
    *text = (struct str){out, len};
    return JSON_DECODED;
}

static void append_escaped(struct buf *out, uint32_t c) {
    static const char names[] = "\bb\tt\nn\ff\rr\"\"\\\\";
    for (size_t i = 0; i + 1 < sizeof names; i += 2) {
        if (c == (unsigned char)names[i]) {
            buf_append(out, (struct str){(char[]){'\\', names[i + 1]}, 2});
            return;
        }
    }
    if (c < 0x20) {
        buf_printf(out, "\\u%04x", (unsigned)c);
    } else {
        buf_append_codepoint(out, c);
    }
}

void json_append_rewritten(struct buf *out, struct str raw) {
    buf_append_byte(out, '"');
    for (size_t at = 0; at < raw.len;) {
        size_t plain = str_find(str_skip(raw, at), '\\');
        buf_append(out, str_first(str_skip(raw, at), plain));
        at += plain;
        if (at < raw.len) {
            size_t escape = at;
            uint32_t c = take_escape(raw, &at);
            if (c >= LONE) {
                buf_append(out, (struct str){raw.ptr + escape, at - escape});
            } else {
                append_escaped(out, c);
            }
        }
    }
    buf_append_byte(out, '"');
}

static const char *digits(const char *at) {
    while (ascii_is_digit(*at)) {
        at++;
    }
    return at;
}

static bool scan_number(struct json_scan *scan) {
    const char *at = scan->at;
    at += *at == '-';
    const char *whole = at;
    at = digits(at);
    if (at == whole || (*whole == '0' && at - whole > 1)) {
        return json_fail(scan, "malformed number", scan->at);
    }
    if (*at == '.') {
        const char *fraction = at + 1;
        at = digits(fraction);
        if (at == fraction) {
            return json_fail(scan, "malformed number", scan->at);
        }
    }
    if (*at == 'e' || *at == 'E') {
        at++;
        at += *at == '+' || *at == '-';
        const char *exponent = at;
        at = digits(exponent);
        if (at == exponent) {
            return json_fail(scan, "malformed number", scan->at);
        }
    }
    scan->at = at;
    return true;
}

bool json_scalar(struct json_scan *scan, struct str *raw) {
    static const struct str literals[] = {{"true", 4}, {"false", 5}, {"null", 4}};
    const char *begin = scan->at;
    size_t left = (size_t)(scan->end - begin);
    if (*begin == '-' || ascii_is_digit(*begin)) {
        if (!scan_number(scan)) {
            return false;
        }
        *raw = (struct str){begin, (size_t)(scan->at - begin)};
        return true;
    }
    for (size_t i = 0; i < sizeof literals / sizeof literals[0]; i++) {
        if (str_starts_with((struct str){begin, left}, literals[i])) {
            scan->at += literals[i].len;
            *raw = (struct str){begin, literals[i].len};
            return true;
        }
    }
    return json_fail(scan, left == 0 ? "the text ends too early" : "expected a value",
                     begin);
}
