/* Which names and versions an index already has, while it is read.
 *
 * Source: docs/formats.md, "Index" (DuplicateIndexEntry, CanonicalCollision).
 * Shapes: names and versions as written, valid or not.
 * Cost: constant an entry, also for many versions of one name; keyed hashes. */
#ifndef SCHEMA_INDEX_NAMES_H
#define SCHEMA_INDEX_NAMES_H

#include "base/hash.h"
#include "schema/index_parse.h"
#include "schema/index_rows.h"

struct index_name_slot {
    uint32_t hash;
    uint32_t item; /* plus 1; 0 is an empty slot */
};

struct index_name_table {
    struct index_name_slot *slots;
    size_t room; /* a power of two, or 0 */
    size_t count;
};

/* The entries of one canonical name. */
struct index_name_group {
    uint32_t first;
    uint32_t last;
    bool mixed;    /* in several spellings */
    bool tabled;   /* its versions are in `by_version` */
    uint64_t rank; /* while they are not: the last entry's, larger than all before */
    struct name_version
        *listed; /* the first entries, as far as a collision listed them */
    uint32_t listed_count;
    uint32_t listed_room;
    uint32_t listed_next; /* the entry after them */
};

struct index_names {
    struct hash_key key;
    struct index_name_table by_name;    /* of groups */
    struct index_name_table by_version; /* of entries, but not of groups whose versions
                                           came in ascending order */
    struct index_vec groups;
    struct buf canonical;
};

enum index_name_verdict {
    INDEX_NAME_NEW,
    INDEX_NAME_DUPLICATE, /* same spelling and version string as an earlier entry */
    INDEX_NAME_COLLISION, /* same canonical form, other spelling */
    INDEX_NAME_NO_MEMORY
};

void index_names_begin(struct index_names *names, const struct index *index);
void index_names_release(struct index_names *names);

/* Enters the row `index->entries[entry]`, all rows before it being entered; sets its
 * group, and `next` of the row before it in the group. */
enum index_name_verdict index_names_enter(struct index_names *names,
                                          const struct index *index, uint32_t entry);

/* All entries before `entry` of its canonical name, in order; lists of one name share
 * storage in the arena. False: memory is out. */
bool index_names_existing(struct index_names *names, const struct index *index,
                          uint32_t entry, struct arena *arena, struct detail *existing);

#endif
