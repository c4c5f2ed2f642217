/* The word that a misspelt one may have meant.
 *
 * Shapes: bytes; distance counts insertions, deletions, replacements and swaps of
 *   neighbours. A word is near if at most 2 of these, and at most a third of its
 *   length, lie between. Cost: quadratic in a word's length, which is capped. */
#ifndef BASE_NEAREST_H
#define BASE_NEAREST_H

#include "base/str.h"

/* The nearest of the candidates (C strings), the first of several. False: none is
 * near. */
bool nearest_word(struct str word, const char *const *candidates, size_t count,
                  struct str *best);

#endif
