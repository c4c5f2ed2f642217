/* Writing one entry, or members that this format does not know, in canonical layout. */
#ifndef SCHEMA_INDEX_WRITE_ENTRY_H
#define SCHEMA_INDEX_WRITE_ENTRY_H

#include "schema/index_parse.h"
#include "schema/index_rows.h"
#include "schema/index_write.h"

struct index_output {
    struct buf buf;
    index_sink sink;
    void *context;
    bool stopped;   /* by the sink */
    bool no_memory; /* apart from `buf.failed` */
};

/* Hands the buffer's content on once there is enough of it; `all`: in any case. False:
 * stopped or out of memory. */
bool index_output_flush(struct index_output *output, bool all);

/* A record with the unknown members of `parse` (NULL: none): `{` to `}`. */
bool index_output_record(struct index_output *output, const struct index_record *record,
                         const struct index_parse *parse, struct arena *scratch);

/* `,`, line feed, indentation, key and `: ` */
void index_output_key(struct index_output *output, unsigned indent, bool *first,
                      struct str key);

/* A member of an object as it stands in the source, in canonical layout. */
bool index_output_member(struct index_output *output, struct str source,
                         const struct index_member *member, unsigned indent,
                         bool *first);

#endif
