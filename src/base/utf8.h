/* UTF-8: checking, stepping, counting, replacing.
 *
 * Source: Unicode 15, chapter 3.9 (well-formed byte sequences; no surrogates, at most
 *   U+10FFFF; the replacement of maximal subparts). */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

enum { UTF8_REPLACEMENT = 0xFFFD };

/* Offset of the first byte that is not well-formed, or `s.len`. Fast over ASCII. */
size_t utf8_first_invalid(struct str s);

static inline bool utf8_is_valid(struct str s) {
    return utf8_first_invalid(s) == s.len;
}

/* Decodes the scalar value at `*at` (below `s.len`) and steps over it. Ill-formed bytes
 * give UTF8_REPLACEMENT for each maximal subpart. */
uint32_t utf8_next(struct str s, size_t *at);

/* Writes 1 to 4 bytes, returns how many; not a scalar value: U+FFFD. */
size_t utf8_encode(uint32_t codepoint, char out[4]);

/* Number of scalar values in a well-formed string. */
size_t utf8_count(struct str s);

/* The string itself if well-formed, else a copy with U+FFFD for each maximal subpart
 * that is not. NULL `ptr` when memory is out. */
struct str utf8_lossy(struct arena *arena, struct str s);

#endif
