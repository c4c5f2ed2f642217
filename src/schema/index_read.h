/* index.json: from bytes to a checked index.
 *
 * Source: docs/formats.md, "Index"; RFC 8259.
 * Errors: INDEX_INVALID with the defects in the list (one JsonParse for structure, or
 * all field defects in order), located in `file`; the index is then to be released.
 * Cost: one pass over the text, some hundred MB/s; memory beside the text at most a
 *   third of it. No recursion: values under unknown keys may nest without limit. */
#ifndef SCHEMA_INDEX_READ_H
#define SCHEMA_INDEX_READ_H

#include "schema/index.h"

enum index_status { INDEX_OK, INDEX_INVALID, INDEX_NO_MEMORY };

/* Takes over `source` (which must be UTF-8) in every case; the defects live in
 * `diag_arena` but view the text. */
enum index_status index_read(struct index *index, struct buf *source, struct str file,
                             struct arena *diag_arena, struct diag_list *defects);

#endif
