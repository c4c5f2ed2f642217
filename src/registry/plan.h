/* What publishing has to do: built plugins against each other and against an index.
 *
 * Source: docs/publishing.md, "Publishing plugins", step 3. Pure: no input or output.
 * Ownership: views of the items, or in the arena. */
#ifndef REGISTRY_PLAN_H
#define REGISTRY_PLAN_H

#include "schema/index.h"

#define PLAN_NONE SIZE_MAX

enum plan_verdict {
    PLAN_NEW,       /* not in the index */
    PLAN_UNCHANGED, /* published with this hash */
    PLAN_DIFFERS,   /* published with another: to be looked at */
    PLAN_COLLISION  /* another spelling of the name is there */
};

struct plan_item {
    struct str name;
    struct str version;
    struct str hash;
    bool is_left_out; /* has no name: takes no part */
    enum plan_verdict verdict;
    size_t entry; /* of the index: the one published, or the first that collides */
    size_t twin;  /* the earlier item that excludes this one, or PLAN_NONE */
};

/* Sets the twins: of items with one canonical name the first decides the spelling, and
 * of one version the first stays. False: memory is out. Cost: that of sorting. */
bool plan_pair(struct plan_item *items, size_t count);

/* Sets the verdicts. The hash of an entry that is decoded goes through the scratch
 * arena. False: memory is out. */
bool plan_sort(struct plan_item *items, size_t count, const struct index *index,
               struct arena *scratch);

/* How two artifacts differ that should hold the same. */
enum plan_difference {
    PLAN_SAME,      /* every file has the same path, bytes and execute bit */
    PLAN_DIFFERENT, /* `files` */
    PLAN_OURS_INVALID,
    PLAN_THEIRS_INVALID, /* no gzip file, no archive, or holds what no artifact holds */
    PLAN_THEIRS_TOO_LARGE,
    PLAN_COMPARE_NO_MEMORY
};

struct plan_files {
    struct str *paths; /* below `{name}-{version}/`, in byte order */
    size_t count;
    size_t added; /* of them: only in ours, only in theirs, in both */
    size_t removed;
    size_t changed;
};

/* Theirs may unpack to at most `limit` bytes, or to as many as ours. */
enum plan_difference plan_compare(struct arena *arena, struct str ours,
                                  struct str theirs, struct str prefix, uint64_t limit,
                                  struct plan_files *files);

#endif
