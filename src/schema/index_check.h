/* The rules of one entry's values, by the shortest way.
 *
 * Source: docs/formats.md, "Index", phase 2.
 * The rules are fields.h's. Values that it has passed before are remembered, and the
 * plainest forms are recognized here: most entries never get there.
 * Cost: nothing is allocated for an entry without defects. */
#ifndef SCHEMA_INDEX_CHECK_H
#define SCHEMA_INDEX_CHECK_H

#include "schema/index_names.h"

enum { INDEX_CHECK_SLOTS = 1024 };

enum index_check_kind {
    INDEX_CHECK_LINK, /* URLs of http and https */
    INDEX_CHECK_INDEX_URL,
    INDEX_CHECK_REQUIREMENT,
    INDEX_CHECK_PYTHON
};

/* A value that passed, and stands in the form in which it is written. */
struct index_check_slot {
    const char *ptr; /* in the source */
    uint32_t len;
    uint32_t kind;
};

struct index_check {
    struct arena *arena; /* of the defects */
    struct diag_list *defects;
    struct index_check_slot slots[INDEX_CHECK_SLOTS];
};

/* What a check found out. */
struct index_check_result {
    bool
        written_form; /* all values stand as they are written, and there is no defect */
    uint64_t rank;    /* of the version, or 0 */
};

/* Checks the entry that `parse` holds, number `entry`: defects join the list. False:
 * memory is out. */
bool index_check_entry(struct index_check *check, struct index_parse *parse,
                       size_t entry, struct index_check_result *result);

#endif
