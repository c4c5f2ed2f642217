/* Texts that must never show, and taking them out of what will.
 *
 * Ownership: a list holds copies, wiped when it is released. A zeroed list is an empty
 *   one. Errors: false when memory is out. Threads: one at a time.
 * Cost: of redact_text, the text's length times the number of secrets. */
#ifndef NET_REDACT_H
#define NET_REDACT_H

#include "base/str.h"

struct redact {
    char **secrets; /* the longest first */
    size_t *lengths;
    size_t count;
};

/* Empty ones and those that are there already are passed over. */
bool redact_add(struct redact *redact, struct str secret);

/* Each secret in the text becomes `***`, or fewer stars where it is shorter. */
void redact_text(const struct redact *redact, char *text);

/* Does the text hold one of them? */
bool redact_finds(const struct redact *redact, struct str text);

void redact_release(struct redact *redact);

/* Overwrites memory so that no compiler leaves it out. */
void redact_wipe(void *memory, size_t size);

#endif
