/* Whitespace as Unicode has it (the property White_Space), over UTF-8.
 *
 * Shapes: any bytes; what is not well-formed is no whitespace. */
#ifndef GRAMMAR_SPACE_H
#define GRAMMAR_SPACE_H

#include "base/str.h"

/* Bytes of the whitespace character at `at`; 0 if there is none, or the end. */
size_t space_at(struct str text, size_t at);

/* The first offset from `at` on that is no whitespace. */
size_t space_skip(struct str text, size_t at);

/* Without the whitespace at its end. */
struct str space_trim_end(struct str text);

#endif
