#include "grammar/code_points.h"

#include <utf8proc.h>

#include "grammar/unicode_new.h"

/* No canonical decomposition is longer (Unicode has at most four). */
enum { DECOMPOSED_MAX = 8 };

bool code_points_equal(struct code_points a, struct code_points b) {
    return a.len == b.len &&
           (a.len == 0 || memcmp(a.ptr, b.ptr, a.len * sizeof *a.ptr) == 0);
}

bool code_points_are_ascii(struct code_points text) {
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] >= 0x80) {
            return false;
        }
    }
    return true;
}

/* The full canonical decomposition of one code point. */
static size_t decompose(uint32_t code_point, uint32_t out[DECOMPOSED_MAX]) {
    int boundclass = 0;
    if (code_point < 0x80) {
        out[0] = code_point;
        return 1;
    }
    size_t added = unicode_new_decompose(code_point, out);
    if (added > 0) {
        return added;
    }
    utf8proc_int32_t parts[DECOMPOSED_MAX];
    utf8proc_ssize_t count =
        utf8proc_decompose_char((utf8proc_int32_t)code_point, parts, DECOMPOSED_MAX,
                                UTF8PROC_DECOMPOSE, &boundclass);
    if (count <= 0 || count > DECOMPOSED_MAX) {
        out[0] = code_point;
        return 1;
    }
    for (utf8proc_ssize_t i = 0; i < count; i++) {
        out[i] = (uint32_t)parts[i];
    }
    return (size_t)count;
}

static unsigned combining_class(uint32_t code_point) {
    if (code_point < 0x300) {
        return 0;
    }
    unsigned known =
        (unsigned)utf8proc_get_property((utf8proc_int32_t)code_point)->combining_class;
    return known != 0 ? known : unicode_new_class(code_point);
}

/* Hangul syllables, by the arithmetic of the Unicode Standard, 3.12. */
enum {
    SYLLABLE = 0xAC00,
    LEADING = 0x1100,
    VOWEL = 0x1161,
    TRAILING = 0x11A7, /* itself no trailing consonant */
    LEADINGS = 19,
    VOWELS = 21,
    TRAILINGS = 28
};

static uint32_t compose_hangul(uint32_t first, uint32_t second) {
    if (first >= LEADING && first < LEADING + LEADINGS && second >= VOWEL &&
        second < VOWEL + VOWELS) {
        return SYLLABLE +
               ((first - LEADING) * VOWELS + (second - VOWEL)) * (uint32_t)TRAILINGS;
    }
    if (first >= SYLLABLE && first < SYLLABLE + LEADINGS * VOWELS * TRAILINGS &&
        (first - SYLLABLE) % TRAILINGS == 0 && second > TRAILING &&
        second < TRAILING + TRAILINGS) {
        return first + (second - TRAILING);
    }
    return 0;
}

/* The primary composite of two code points, or 0. No second part lies below U+0300. */
static uint32_t compose(uint32_t first, uint32_t second) {
    if (second < 0x300) {
        return 0;
    }
    if (first >= LEADING && second >= VOWEL && second < TRAILING + TRAILINGS) {
        return compose_hangul(first, second);
    }
    uint32_t added = unicode_new_compose(first, second);
    if (added != 0) {
        return added;
    }
    utf8proc_int32_t pair[] = {(utf8proc_int32_t)first, (utf8proc_int32_t)second};
    return utf8proc_normalize_utf32(pair, 2, UTF8PROC_STABLE | UTF8PROC_COMPOSE) == 1
               ? (uint32_t)pair[0]
               : 0;
}

/* Sorts a run of marks by combining class and keeps the order of equal ones: by
 * counting, so that a hostile run costs no more than its length. */
static void order_run(uint32_t *run, size_t count, uint32_t *scratch) {
    size_t place[257] = {0};
    for (size_t i = 0; i < count; i++) {
        place[combining_class(run[i]) + 1]++;
    }
    for (size_t class = 1; class < 257; class ++) {
        place[class] += place[class - 1];
    }
    for (size_t i = 0; i < count; i++) {
        scratch[place[combining_class(run[i])]++] = run[i];
    }
    memcpy(run, scratch, count * sizeof *run);
}

static void order_marks(uint32_t *text, size_t len, uint32_t *scratch) {
    size_t at = 0;
    while (at < len) {
        if (combining_class(text[at]) == 0) {
            at++;
            continue;
        }
        size_t end = at + 1;
        bool ordered = true;
        for (; end < len && combining_class(text[end]) != 0; end++) {
            ordered =
                ordered && combining_class(text[end - 1]) <= combining_class(text[end]);
        }
        if (!ordered) {
            order_run(text + at, end - at, scratch);
        }
        at = end;
    }
}

/* Composes decomposed text in order, in place; returns its length. */
static size_t compose_all(uint32_t *text, size_t len) {
    size_t out = 0;
    size_t starter = len; /* where the last one lies in the output; none so far */
    unsigned before = 0;  /* the class of what follows it there, 0 if nothing does */
    for (size_t i = 0; i < len; i++) {
        unsigned class = combining_class(text[i]);
        bool adjacent = starter < len && starter + 1 == out;
        if (starter < len && (adjacent || before < class)) {
            uint32_t whole = compose(text[starter], text[i]);
            if (whole != 0) {
                text[starter] = whole;
                continue;
            }
        }
        if (class == 0) {
            starter = out;
        }
        before = class;
        text[out++] = text[i];
    }
    return out;
}

bool code_points_nfc(struct arena *arena, struct code_points text,
                     struct code_points *normal) {
    uint32_t some[DECOMPOSED_MAX];
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        len += decompose(text.ptr[i], some);
    }
    uint32_t *parts = arena_array(arena, len, sizeof *parts);
    uint32_t *scratch = arena_array(arena, len, sizeof *scratch);
    if (parts == NULL || scratch == NULL) {
        return false;
    }
    size_t at = 0;
    for (size_t i = 0; i < text.len; i++) {
        size_t count = decompose(text.ptr[i], some);
        memcpy(parts + at, some, count * sizeof *some);
        at += count;
    }
    order_marks(parts, len, scratch);
    normal->len = compose_all(parts, len);
    normal->ptr = parts;
    return true;
}
