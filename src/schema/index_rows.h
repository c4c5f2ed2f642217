/* Private to the index of this room: a row an entry.
 *
 * Source: docs/formats.md, "Index".
 * Shapes: a row points into the source by 32-bit offsets (LIMIT_INDEX_BYTES). */
#ifndef SCHEMA_INDEX_ROWS_H
#define SCHEMA_INDEX_ROWS_H

#include "grammar/semver.h"
#include "schema/index.h"

enum {
    ROW_YANKED = 1,
    ROW_WRITTEN_FORM = 2, /* every value stands as it would be written, the description
                             apart from NFC: decoding needs no check */
    ROW_CANONICAL = 4,    /* and so do all bytes of the entry, its `{` to its `}` */
    ROW_WIDE = 8          /* the description may have more than ASCII */
};

#define ROW_LAST UINT32_MAX

struct index_entry {
    const char *name;
    const char *version;
    const struct index_record *added; /* of appended entries; NULL for those read */
    uint32_t name_len;
    uint32_t version_len;
    uint32_t group; /* entries of one canonical name share it */
    uint32_t next;  /* the next entry of the group, ROW_LAST after the last */
    uint32_t begin; /* of the object in the source, and its end */
    uint32_t end;
    uint32_t description; /* of the value's opening quote */
    uint32_t requirement; /* of `database_version`, likewise */
    uint64_t rank; /* orders versions like semver_compare; 0 if it takes the text */
    uint8_t flags;
    uint8_t triggers;         /* bit i: trigger_types[i] */
    uint16_t description_len; /* if it has no escapes; else ROW_ESCAPED */
};
#define ROW_ESCAPED UINT16_MAX

/* The rank of a version: of one without pre-release and build whose numbers are small.
 */
uint64_t index_version_rank(const struct semver *version);

/* A new row at the end, or NULL when memory is out; and the bit of a trigger. */
struct index_entry *index_add_row(struct index *index);
uint8_t index_trigger_bit(struct str trigger);

#endif
