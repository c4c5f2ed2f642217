/* The canonical bytes of an index.
 *
 * Source: docs/formats.md, "Canonical serialization", and docs/deviations.md (unknown
 *   fields are kept after the known ones in input order, a newer minor schema version
 *   stays).
 * Shapes: sorted by name (bytes), then version precedence, stable. Values of unknown
 *   members get the same layout: numbers stay as they were written, strings are escaped
 *   like all others but keep an unpaired surrogate's escape, members of one key keep
 *   their order. Containers nested deeper than INDEX_SPREAD_DEPTH are written without
 *   white space, for indentation grows with the square of the depth.
 * Cost: linear, and little more than copying where the source is canonical already. */
#ifndef SCHEMA_INDEX_WRITE_H
#define SCHEMA_INDEX_WRITE_H

#include "schema/index.h"

/* The root is at depth 0, an entry at 2. */
enum { INDEX_SPREAD_DEPTH = 32 };

enum index_write_status {
    INDEX_WRITE_OK,
    INDEX_WRITE_DESCRIPTION_TOO_LONG, /* `*defect` is a DescriptionTooLong variant, of
                                         the first such entry in written order */
    INDEX_WRITE_NO_MEMORY
};

/* Where the bytes go, some hundred kilobytes at a time; false stops the writing. */
typedef bool (*index_sink)(void *context, struct str bytes);

/* INDEX_WRITE_OK also when the sink stopped: the sink knows. The description check of
 * all entries comes before the first byte. */
enum index_write_status index_write(const struct index *index, index_sink sink,
                                    void *context, struct arena *diag_arena,
                                    struct diag **defect);

#endif
