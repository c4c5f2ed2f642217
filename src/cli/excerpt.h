/* A line of a file with a caret under one of its columns.
 *
 * Shapes: tabs become spaces to the next multiple of 4; wide and combining characters
 *   take the columns they take on a terminal; a line that is too wide is cut around the
 *   caret, with `…` where it was.
 * Errors: the result shows in the buffers' `failed`. */
#ifndef CLI_EXCERPT_H
#define CLI_EXCERPT_H

#include <stdint.h>

#include "base/buf.h"

enum { EXCERPT_WIDTH = 72 };

/* Appends the line as shown to `shown`; `*caret` is how many columns stand before the
 * caret. `column` counts scalar values from 1, and may be one past the end. */
void excerpt_append(struct buf *shown, struct str line, uint32_t column, size_t *caret);

#endif
