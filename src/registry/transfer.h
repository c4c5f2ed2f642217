/* Many objects to or from a store at once.
 *
 * Ownership: what an item allocates in its call's arena goes when the item ends.
 * Errors: REGISTRY_FAILED with the failure of the first item that failed, as an error
 *   with its store's location. Threads: items run in several. */
#ifndef REGISTRY_TRANSFER_H
#define REGISTRY_TRANSFER_H

#include "base/parallel.h"
#include "registry/index_file.h"
#include "registry/store.h"

/* One item's. */
struct transfer {
    struct store_call call;
    struct store *store; /* whose the failure is: another may be put there */
};

enum transfer_verdict {
    TRANSFER_OK,
    TRANSFER_FAILED, /* `transfer->call.failure` is set */
    TRANSFER_NO_MEMORY
};

typedef enum transfer_verdict (*transfer_item)(void *context, size_t item,
                                               struct transfer *transfer);

/* In `jobs` threads, 0: as many as the machine has processors, at least 8; in no more
 * than the store takes well. */
enum registry_status transfer_run(struct arena *arena, struct store *store,
                                  size_t count, unsigned jobs, transfer_item run,
                                  void *context, struct diag **failure);

/* The whole of an object, in memory, at most `most` bytes: STORE_FAILED otherwise.
 * `bytes` is to be released in every case; a failure of an earlier operation is
 * forgotten. */
enum store_status transfer_get(struct store *store, struct store_call *call,
                               struct str name, uint64_t most, struct buf *bytes,
                               struct store_object *object);

/* Did the call fail because the object is larger? */
bool transfer_was_too_large(const struct store_call *call);

/* `NAME-VERSION.tar.gz`, and back: false for what cannot be an artifact's name. */
struct str artifact_name(struct arena *arena, struct str name, struct str version);
bool artifact_name_split(struct str object, struct str *name, struct str *version);

#endif
