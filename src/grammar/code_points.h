/* Text as an array of code points, and its Unicode normalization form C.
 *
 * Source: UAX #15.
 * Ownership: the arrays of results lie in the arena.
 * Errors: false when memory is out. */
#ifndef GRAMMAR_CODE_POINTS_H
#define GRAMMAR_CODE_POINTS_H

#include <stdint.h>

#include "base/arena.h"

struct code_points {
    uint32_t *ptr;
    size_t len;
};

/* `text` may be given as `normal`. Cost: linear, also over long runs of marks. */
bool code_points_nfc(struct arena *arena, struct code_points text,
                     struct code_points *normal);

bool code_points_equal(struct code_points a, struct code_points b);
bool code_points_are_ascii(struct code_points text);

#endif
