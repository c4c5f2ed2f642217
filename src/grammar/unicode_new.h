/* What Unicode 16 and 17 have added to normalization: combining classes and canonical
 * compositions that an older utf8proc (Debian 12 has Unicode 15) does not know.
 *
 * Source: UnicodeData.txt 17.0.
 * Shapes: 0 where nothing was added. */
#ifndef GRAMMAR_UNICODE_NEW_H
#define GRAMMAR_UNICODE_NEW_H

#include <stddef.h>
#include <stdint.h>

enum { UNICODE_NEW_PARTS_MAX = 3 };

unsigned unicode_new_class(uint32_t code_point);

/* The full decomposition; how many parts. */
size_t unicode_new_decompose(uint32_t code_point,
                             uint32_t parts[UNICODE_NEW_PARTS_MAX]);

uint32_t unicode_new_compose(uint32_t first, uint32_t second);

#endif
