/* The index in memory: a compact row an entry over the text it was read from.
 *
 * Source: docs/formats.md, "Index".
 * Shapes: entries are kept in input order until index_write sorts. Rows hold what
 * sorting, searching and conflict checks need; everything else is decoded on demand
 *   (index_entry_decode), so that an index of a million entries costs less than half
 * its size on top of its text. Ownership: the index owns its text (`source`) and its
 * arena; views from it live until index_release. A zeroed index is valid and empty. */
#ifndef SCHEMA_INDEX_H
#define SCHEMA_INDEX_H

#include "base/buf.h"
#include "schema/fields.h"

enum { INDEX_SCHEMA_MAJOR = 2, INDEX_SCHEMA_MINOR = 1 };

struct index_entry; /* private to schema: index_rows.h */

struct index {
    struct arena arena;
    struct buf source;
    struct str artifacts_url;         /* serialized */
    struct str artifacts_url_written; /* as in the source: what index_write writes is
                                         the serialized one */
    uint32_t schema_minor;
    struct index_entry *entries;
    size_t count;
    size_t room;
    struct str
        unknown_members; /* of the root: the raw `"key":value` texts (private form) */
};

/* One entry, whole. */
struct index_record {
    struct fields fields;
    struct str published_at;
    struct str hash;
    bool yanked;
};

void index_release(struct index *index);

/* Views, always valid and cheap. */
struct str index_entry_name(const struct index *index, size_t entry);
struct str index_entry_version(const struct index *index, size_t entry);
bool index_entry_yanked(const struct index *index, size_t entry);
void index_entry_set_yanked(struct index *index, size_t entry, bool yanked);

/* All of an entry, normalized, in the arena. False: memory is out. */
bool index_entry_decode(const struct index *index, size_t entry, struct arena *arena,
                        struct index_record *record);

/* Appends an entry of checked fields; copies nothing: the record must outlive the index
 * (put it into `index->arena`). False: memory is out. */
bool index_append(struct index *index, const struct index_record *record);

/* Do two entries, or an entry and a name, have one canonical name? Calls back for each
 * entry of that canonical name in index order; used by edit and validate. */
struct index_match {
    size_t first_same_name; /* an entry of the canonical name and this spelling, or
                               SIZE_MAX */
    size_t exact;           /* same spelling and version string, or SIZE_MAX */
    size_t same_version;    /* same canonical name and version string, or SIZE_MAX */
    size_t other_spelling;  /* first entry of another spelling, or SIZE_MAX */
};
struct index_match index_find(const struct index *index, struct str name,
                              struct str version);

#endif
