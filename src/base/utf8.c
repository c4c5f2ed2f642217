#include "base/utf8.h"

/* Length of the well-formed sequence at `at`, or 0; then `*bad` is the length of the
 * maximal subpart to replace. */
static size_t sequence(struct str s, size_t at, size_t *bad) {
    const unsigned char *p = (const unsigned char *)s.ptr + at;
    size_t left = s.len - at;
    *bad = 1;
    if (p[0] < 0x80) {
        return 1;
    }
    size_t need;
    unsigned char low = 0x80;
    unsigned char high = 0xBF;
    if (p[0] >= 0xC2 && p[0] <= 0xDF) {
        need = 2;
    } else if ((p[0] & 0xF0) == 0xE0) {
        need = 3;
        low = p[0] == 0xE0 ? 0xA0 : 0x80;
        high = p[0] == 0xED ? 0x9F : 0xBF;
    } else if (p[0] >= 0xF0 && p[0] <= 0xF4) {
        need = 4;
        low = p[0] == 0xF0 ? 0x90 : 0x80;
        high = p[0] == 0xF4 ? 0x8F : 0xBF;
    } else {
        return 0;
    }
    for (size_t i = 1; i < need; i++) {
        if (i >= left || p[i] < low || p[i] > high) {
            *bad = i;
            return 0;
        }
        low = 0x80;
        high = 0xBF;
    }
    return need;
}

/* How many bytes of ASCII there are at the least before the first other one. */
static size_t ascii_run(const char *bytes, size_t len) {
    uint64_t word[4];
    size_t at = 0;
    for (; len - at >= sizeof word; at += sizeof word) {
        memcpy(word, bytes + at, sizeof word);
        if (((word[0] | word[1] | word[2] | word[3]) & UINT64_C(0x8080808080808080)) !=
            0) {
            break;
        }
    }
    for (; len - at >= sizeof word[0]; at += sizeof word[0]) {
        memcpy(word, bytes + at, sizeof word[0]);
        if ((word[0] & UINT64_C(0x8080808080808080)) != 0) {
            break;
        }
    }
    return at;
}

size_t utf8_first_invalid(struct str s) {
    size_t at = 0;
    while (at < s.len) {
        at += ascii_run(s.ptr + at, s.len - at);
        if (at == s.len) {
            break;
        }
        size_t bad;
        size_t len = sequence(s, at, &bad);
        if (len == 0) {
            return at;
        }
        at += len;
    }
    return s.len;
}

uint32_t utf8_next(struct str s, size_t *at) {
    const unsigned char *p = (const unsigned char *)s.ptr + *at;
    size_t bad;
    size_t len = sequence(s, *at, &bad);
    if (len == 0) {
        *at += bad;
        return UTF8_REPLACEMENT;
    }
    *at += len;
    switch (len) {
    case 1:
        return p[0];
    case 2:
        return (uint32_t)(p[0] & 0x1F) << 6 | (p[1] & 0x3F);
    case 3:
        return (uint32_t)(p[0] & 0x0F) << 12 | (uint32_t)(p[1] & 0x3F) << 6 |
               (p[2] & 0x3F);
    default:
        return (uint32_t)(p[0] & 0x07) << 18 | (uint32_t)(p[1] & 0x3F) << 12 |
               (uint32_t)(p[2] & 0x3F) << 6 | (p[3] & 0x3F);
    }
}

size_t utf8_encode(uint32_t codepoint, char out[4]) {
    if (codepoint > 0x10FFFF || (codepoint >= 0xD800 && codepoint <= 0xDFFF)) {
        codepoint = UTF8_REPLACEMENT;
    }
    if (codepoint < 0x80) {
        out[0] = (char)codepoint;
        return 1;
    }
    if (codepoint < 0x800) {
        out[0] = (char)(0xC0 | codepoint >> 6);
        out[1] = (char)(0x80 | (codepoint & 0x3F));
        return 2;
    }
    if (codepoint < 0x10000) {
        out[0] = (char)(0xE0 | codepoint >> 12);
        out[1] = (char)(0x80 | (codepoint >> 6 & 0x3F));
        out[2] = (char)(0x80 | (codepoint & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | codepoint >> 18);
    out[1] = (char)(0x80 | (codepoint >> 12 & 0x3F));
    out[2] = (char)(0x80 | (codepoint >> 6 & 0x3F));
    out[3] = (char)(0x80 | (codepoint & 0x3F));
    return 4;
}

size_t utf8_count(struct str s) {
    size_t count = 0;
    for (size_t i = 0; i < s.len; i++) {
        count += ((unsigned char)s.ptr[i] & 0xC0) != 0x80;
    }
    return count;
}

struct str utf8_lossy(struct arena *arena, struct str s) {
    if (utf8_is_valid(s)) {
        return s;
    }
    if (s.len > SIZE_MAX / 3) {
        return STR_NONE;
    }
    char *out = arena_bytes(arena, s.len * 3);
    if (out == NULL) {
        return STR_NONE;
    }
    size_t len = 0;
    for (size_t at = 0; at < s.len;) {
        len += utf8_encode(utf8_next(s, &at), out + len);
    }
    return (struct str){out, len};
}
