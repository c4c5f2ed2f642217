#include "registry/text_match.h"

#include "base/bits.h"
#include "base/utf8.h"

static unsigned char fold(char c, bool canonical) {
    return (unsigned char)(canonical && c == '-' ? '_' : ascii_lower(c));
}

bool text_needle_init(struct text_needle *needle, struct arena *arena, struct str text,
                      bool canonical) {
    char *folded = arena_bytes(arena, text.len);
    if (folded == NULL) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        folded[i] = (char)fold(text.ptr[i], canonical);
    }
    *needle = (struct text_needle){{folded, text.len}, canonical};
    return true;
}

/* Where a byte that folds to the needle's first one comes next, or `end`. */
static size_t next_start(struct str text, size_t at, size_t end,
                         const struct text_needle *needle) {
    char first = needle->folded.ptr[0];
    uint64_t letter = ascii_is_alpha(first) ? BITS_EACH(0x20) : 0;
    uint64_t dash = needle->canonical && first == '_' ? BITS_EACH(0x2D)
                                                      : BITS_EACH((unsigned char)first);
    while (end > at && text.len - at >= 8) {
        uint64_t word = bits_load(text.ptr + at);
        uint64_t found =
            bits_zero_bytes((word | letter) ^ BITS_EACH((unsigned char)first)) |
            bits_zero_bytes(word ^ dash);
        if (found != 0) {
            at += bits_first_byte(found);
            return at < end ? at : end;
        }
        at += 8;
    }
    while (at < end && fold(text.ptr[at], needle->canonical) != (unsigned char)first) {
        at++;
    }
    return at < end ? at : end;
}

bool text_contains(struct str text, const struct text_needle *needle) {
    size_t len = needle->folded.len;
    if (len == 0) {
        return true;
    }
    if (len > text.len) {
        return false;
    }
    size_t end = text.len - len + 1;
    for (size_t at = 0; (at = next_start(text, at, end, needle)) < end; at++) {
        size_t same = 1;
        while (same < len && fold(text.ptr[at + same], needle->canonical) ==
                                 (unsigned char)needle->folded.ptr[same]) {
            same++;
        }
        if (same == len) {
            return true;
        }
    }
    return false;
}

/* White_Space of the Unicode Character Database. */
static bool is_white_space(uint32_t c) {
    return (c >= 0x9 && c <= 0xD) || c == 0x20 || c == 0x85 || c == 0xA0 ||
           c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 ||
           c == 0x202F || c == 0x205F || c == 0x3000;
}

struct str text_trim(struct str text) {
    size_t start = 0;
    size_t end = 0;
    bool started = false;
    for (size_t at = 0; at < text.len;) {
        size_t before = at;
        bool white = is_white_space(utf8_next(text, &at));
        if (!white && !started) {
            start = before;
            started = true;
        }
        if (!white) {
            end = at;
        }
    }
    return started ? (struct str){text.ptr + start, end - start} : STR("");
}
