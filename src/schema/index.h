/* The index in memory: a compact row an entry over the text it was read from.
 *
 * Source: docs/formats.md, "Index".
 * Shapes: entries are kept in input order; index_write sorts. Rows hold what sorting,
 *   searching and conflict checks need; everything else is decoded on demand
 *   (index_entry_decode), so that a million entries cost little more than their text.
 * Ownership: the index owns its text (`source`) and its arena; views from it live until
 *   index_release. A zeroed index is valid and empty.
 * Threads: one that does not change may be read by several threads at once. */
#ifndef SCHEMA_INDEX_H
#define SCHEMA_INDEX_H

#include "base/buf.h"
#include "grammar/semver.h"
#include "schema/fields.h"

enum { INDEX_SCHEMA_MAJOR = 2, INDEX_SCHEMA_MINOR = 1 };

struct index_entry;  /* private to schema: index_rows.h */
struct index_member; /* likewise */

struct index {
    struct arena arena;
    struct buf source;
    struct str artifacts_url; /* serialized */
    uint32_t schema_minor;
    uint32_t group_count; /* canonical names */
    struct index_entry *entries;
    size_t count;
    size_t room;
    const struct index_member *unknown; /* members of the root that the format does not
                                           know */
    size_t unknown_count;
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

/* Entries of one canonical name are a group, numbered from 0 up to `group_count`. */
uint32_t index_entry_group(const struct index *index, size_t entry);

/* The first entry of the name's canonical form, in index order, and the one after
 * another in its group; INDEX_NONE if there is none. */
#define INDEX_NONE SIZE_MAX
size_t index_first_of_name(const struct index *index, struct str name);
size_t index_next_of_name(const struct index *index, size_t entry);

/* Orders two entries by semver_compare or semver_precedence of their versions; mostly
 * without parsing them again. */
int index_compare_versions(const struct index *index, size_t a, size_t b,
                           int (*compare)(const struct semver *,
                                          const struct semver *));

/* What a search looks at, without decoding the rest. A description with escapes is
 * decoded into the arena (`ptr` NULL: memory is out). */
bool index_entry_has_trigger(const struct index *index, size_t entry,
                             struct str trigger);
struct str index_entry_description(const struct index *index, size_t entry,
                                   struct arena *arena);

/* A hint that the description will be looked at soon; also past the last entry. */
void index_entry_expect(const struct index *index, size_t entry);

/* `database_version`, in any form that parses. */
struct str index_entry_requirement(const struct index *index, size_t entry,
                                   struct arena *arena);

/* Where an index has a name and a version: entries, or INDEX_NONE. */
struct index_match {
    size_t first_same_name; /* of the canonical name and this spelling */
    size_t exact;           /* same spelling and version string */
    size_t same_version;    /* same canonical name and version string */
    size_t other_spelling;  /* first entry of another spelling */
};
struct index_match index_find(const struct index *index, struct str name,
                              struct str version);

#endif
