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

/* The bytes that fold to one byte. */
struct folded_byte {
    uint64_t byte;   /* in each byte of the word */
    uint64_t letter; /* the bit that makes letters lowercase, or 0 */
    uint64_t other;  /* `-` where the byte is the `_` of a canonical form */
    bool has_other;
};

static struct folded_byte folded_byte(const struct text_needle *needle, size_t at) {
    char c = needle->folded.ptr[at];
    return (struct folded_byte){.byte = BITS_EACH((unsigned char)c),
                                .letter = ascii_is_alpha(c) ? BITS_EACH(0x20) : 0,
                                .other = BITS_EACH((unsigned char)'-'),
                                .has_other = needle->canonical && c == '_'};
}

/* Marks the bytes of the word that fold to it. */
static uint64_t matches(uint64_t word, const struct folded_byte *folded) {
    uint64_t found = bits_zero_bytes((word | folded->letter) ^ folded->byte);
    return folded->has_other ? found | bits_zero_bytes(word ^ folded->other) : found;
}

static bool stands_at(struct str text, size_t at, const struct text_needle *needle) {
    size_t same = 0;
    while (same < needle->folded.len && fold(text.ptr[at + same], needle->canonical) ==
                                            (unsigned char)needle->folded.ptr[same]) {
        same++;
    }
    return same == needle->folded.len;
}

bool text_contains(struct str text, const struct text_needle *needle) {
    size_t len = needle->folded.len;
    if (len == 0 || len > text.len) {
        return len == 0;
    }
    /* Eight places at once: where both the first and the last byte fit. */
    struct folded_byte first = folded_byte(needle, 0);
    struct folded_byte last = folded_byte(needle, len - 1);
    size_t at = 0;
    for (; text.len - at >= len - 1 + 8; at += 8) {
        uint64_t found = matches(bits_load(text.ptr + at), &first) &
                         matches(bits_load(text.ptr + at + len - 1), &last);
        while (found != 0) {
            unsigned place = bits_first_byte(found);
            if (stands_at(text, at + place, needle)) {
                return true;
            }
            found = bits_without_byte(found, place);
        }
    }
    for (; text.len - at >= len; at++) {
        if (stands_at(text, at, needle)) {
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
