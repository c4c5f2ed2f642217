/* index.json: from bytes to a checked index.
 *
 * Source: docs/formats.md, "Index"; RFC 8259.
 * Shapes: at most LIMIT_INDEX_BYTES of UTF-8.
 * Ownership: takes the source over in every case; defects live in `diag_arena` and view
 *   the index's text and arena, so the index is released after them.
 * Errors: whatever the status, the index is to be released. INDEX_INVALID comes with
 *   the defects in the list (one JsonParse for structure, or all field defects in
 *   order), located in `file`.
 * Cost: one pass over the text. Beside it some 72 bytes an entry. No recursion: values
 *   under unknown keys may nest without limit, at a bit a level. Claim and program:
 *   bench/make_index.py makes indexes of any size. */
#ifndef SCHEMA_INDEX_READ_H
#define SCHEMA_INDEX_READ_H

#include "schema/index.h"

enum index_status { INDEX_OK, INDEX_INVALID, INDEX_NO_MEMORY };

/* `source` is empty afterwards; the list is empty before. */
enum index_status index_read(struct index *index, struct buf *source, struct str file,
                             struct arena *diag_arena, struct diag_list *defects);

#endif
