/* Where the last block of a deflate stream begins, and where the stream ends.
 *
 * Only symbol lengths are decoded; nothing is put out. For streams that this process
 * has just made: those that libdeflate does not write are refused, not judged.
 * Source: RFC 1951.
 * Shapes: positions count bits, the first of a byte being its lowest.
 * Cost: linear, some tenth of what compressing took. */
#ifndef PLUGIN_DEFLATE_WALK_H
#define PLUGIN_DEFLATE_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes past the end of the stream that must be readable. */
enum { DEFLATE_WALK_SLACK = 8 };

struct deflate_tables;

/* NULL: memory is out. */
struct deflate_tables *deflate_tables_new(void);
void deflate_tables_free(struct deflate_tables *tables);

/* False: not a deflate stream. */
bool deflate_walk(struct deflate_tables *tables, const uint8_t *bytes, size_t len,
                  size_t *last_block_bit, size_t *end_bit);

#endif
