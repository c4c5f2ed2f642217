/* Changing the index of a registry, whoever else does at the same time.
 *
 * Source: docs/publishing.md, "Changing the index". The protocol itself is a machine
 *   without input or output (change_machine.h), so that all its interleavings can be
 * walked; this drives one over a store. Ownership: the index given to `edit` lives
 * until it returns; results live in the arena. Errors: REGISTRY_FAILED with one error
 * in `*failure`; registry::busy after too many conflicts. */
#ifndef REGISTRY_CHANGE_H
#define REGISTRY_CHANGE_H

#include "registry/registry.h"

enum change_verdict {
    CHANGE_NOTHING, /* it is as wanted already */
    CHANGE_WRITE,   /* `index` was changed and is to be written */
    CHANGE_FAILED,  /* `*failure` is set */
    CHANGE_NO_MEMORY
};

/* The index as it stands, of number `serial` (0: unknown); called again after each
 * conflict, with what is there then. `arena` is the caller's; a failure may view the
 * index. */
typedef enum change_verdict (*change_edit)(void *context, struct arena *arena,
                                           struct index *index, uint64_t serial,
                                           struct diag **failure);

/* With STORE_OVERWRITE (or needs_exclusive) and without the operator's word:
 * registry::not_exclusive, unless nothing is to be written. */
enum registry_status change_run(struct arena *arena, struct store *store,
                                const struct registry_write *write, change_edit edit,
                                void *context, struct registry_written *written,
                                struct diag **failure);

/* Makes index.json of these bytes where there is none: else registry::exists. */
enum registry_status change_seed(struct arena *arena, struct store *store,
                                 const struct registry_write *write, struct str bytes,
                                 struct registry_written *written,
                                 struct diag **failure);

/* The bytes of an index, in the arena. `*failure` for a description that NFC made too
 * long. */
enum registry_status change_serialize(const struct index *index, struct arena *arena,
                                      struct str *bytes, struct diag **failure);

/* `index-000042.json`, and back: 0 for any other name. */
struct str change_history_name(struct arena *arena, uint64_t serial);
uint64_t change_history_serial(struct str name);

#endif
