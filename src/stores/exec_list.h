/* What the command of an `exec:` location answers to `list` and `capabilities`.
 *
 * Source: docs/locations/exec.md.
 * Shapes: lines; of `list`: NAME, then after tabs, as far as known, size in bytes,
 *   seconds since 1970, revision. Of `capabilities`: a word, a space, its value; words
 *   that are not known are passed over.
 * Ownership: the list views the text given, which is the arena's.
 * Errors: false with the failure set: store::bad_response. */
#ifndef STORES_EXEC_LIST_H
#define STORES_EXEC_LIST_H

#include "registry/store.h"

bool exec_list_parse(struct arena *arena, struct str text, struct str prefix,
                     struct store_list *list, struct failure *failure);

struct exec_capabilities {
    enum store_mode mode;
    bool lists;
    unsigned max_parallel;
    struct str artifacts_url; /* absent: not told */
};

bool exec_capabilities_parse(struct arena *arena, struct str text,
                             struct exec_capabilities *capabilities,
                             struct failure *failure);

/* Sorts by name. */
void store_list_sort(struct store_list *list);

#endif
