/* The earlier indexes of a registry: entries of its journal, or the copies that are
 * kept before each replacement.
 *
 * Source: docs/publishing.md, "Rollback".
 * Ownership: results live in the arena.
 * Errors: registry::no_history where the host cannot list; store::*. */
#ifndef REGISTRY_HISTORY_H
#define REGISTRY_HISTORY_H

#include "registry/registry.h"

struct history {
    const struct store_object **objects; /* in order of names */
    size_t count;
    uint64_t highest; /* number; 0: there is none */
};

enum registry_status history_list(struct arena *arena, struct store *store,
                                  struct history *history, struct diag **failure);

/* `bytes` is to be released in every case. */
enum store_status history_get(struct store *store, struct store_call *call,
                              uint64_t serial, struct buf *bytes);

/* The number of the index in force, as it was got; 0: no entry of the journal. */
uint64_t history_current(struct store *store, struct arena *arena,
                         const struct history *history,
                         const struct store_object *object, struct str text);

#endif
