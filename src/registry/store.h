/* A registry host behind a few operations, each one request or as few as the host
 * allows.
 *
 * Source: docs/publishing.md. The objects of a registry lie flat below one prefix:
 * names hold no `/`. Shapes: a store is a value of function pointers over a private
 * struct. `mode` says what its conditions are worth; everything that changes an index
 * goes through change.h, which needs nothing but these operations. Ownership: results
 * (texts, lists) live in the call's arena; `struct buf` results belong to the caller.
 * The store owns itself until store_close. Errors: STORE_FAILED with the call's failure
 * set. STORE_UNCERTAIN: a write of which it is not known whether it took effect (the
 * connection broke after it was sent, and it may not be repeated); also with the
 * failure set, for who gives up then. Threads: all operations of one store may run in
 * several threads at once, each with a call of its own. */
#ifndef REGISTRY_STORE_H
#define REGISTRY_STORE_H

#include <stdatomic.h>

#include "base/failure.h"
#include "base/sha256.h"

enum store_status {
    STORE_OK,
    STORE_ABSENT,    /* get, replace, rename, remove: nothing there (any more) */
    STORE_EXISTS,    /* put_new, rename: the name is taken; nothing was written */
    STORE_CONFLICT,  /* replace, rename, remove: not what was seen; nothing was written
                      */
    STORE_UNCERTAIN, /* see above */
    STORE_FAILED
};

enum store_mode {
    STORE_CAS,     /* put_new and replace hold in any race */
    STORE_JOURNAL, /* put_new and rename do; objects have identities, no replace */
    STORE_JOURNAL_LOCKED, /* put_new does; replace is unconditional */
    STORE_OVERWRITE       /* nothing does */
};

/* An object as it was seen: enough to name exactly it again. */
struct store_object {
    struct str name;
    struct str revision; /* ETag, generation, asset id, …: opaque; absent: unknown */
    uint64_t size_bytes; /* UINT64_MAX: unknown */
    uint64_t
        serial; /* number of this index.json, kept beside it by the host; 0: unknown */
    char digest[SHA256_TEXT_BYTES +
                1];     /* "sha256:…" as the host tells it; "": unknown */
    int64_t modified_s; /* seconds since 1970; 0: unknown */
    bool is_incomplete; /* an upload that failed half-way left it; only list shows such
                         */
};

struct store_list {
    struct store_object *objects;
    size_t count;
};

/* One caller's, one thread's. */
struct store_call {
    struct arena *arena;
    struct failure failure;
    struct str warning; /* absent: none */
};

/* Always STORE_FAILED. */
static inline enum store_status store_out_of_memory(struct store_call *call) {
    failure_memory(&call->failure);
    return STORE_FAILED;
}

struct store_put {
    struct str name;
    struct str bytes;
    uint64_t serial; /* for index.json, where the host can keep it; 0: none */
};

struct store;

struct store_ops {
    /* All of an object: at most `max_bytes`, its length and, where the host tells one,
     * its digest compared. `bytes` is initialized by the operation, `object` may be
     * NULL. */
    enum store_status (*get)(struct store *store, struct store_call *call,
                             struct str name, uint64_t max_bytes, struct buf *bytes,
                             struct store_object *object);
    /* STORE_OK, STORE_EXISTS, STORE_UNCERTAIN. `created` may be NULL. A repeated try of
     * its own that finds the name taken is STORE_EXISTS too: the caller compares. */
    enum store_status (*put_new)(struct store *store, struct store_call *call,
                                 const struct store_put *put,
                                 struct store_object *created);
    /* Over the object seen; with STORE_JOURNAL_LOCKED and STORE_OVERWRITE over whatever
     * is there, `seen` may be NULL then. NULL with STORE_JOURNAL. */
    enum store_status (*replace)(struct store *store, struct store_call *call,
                                 const struct store_put *put,
                                 const struct store_object *seen,
                                 struct store_object *now);
    /* All objects whose name begins with `prefix`, in byte order of names, over as many
     * pages as it takes. NULL: the host cannot list. */
    enum store_status (*list)(struct store *store, struct store_call *call,
                              struct str prefix, struct store_list *list);
    /* The object seen, by its identity, gets the name `to`: STORE_OK, STORE_ABSENT,
     * STORE_EXISTS. Only with STORE_JOURNAL. */
    enum store_status (*rename)(struct store *store, struct store_call *call,
                                const struct store_object *seen, struct str to);
    /* The object seen. With STORE_JOURNAL one call alone may answer STORE_OK for one
     * identity: where a repeated try of its own finds it gone, that is STORE_ABSENT or
     * STORE_UNCERTAIN. To who only wants it gone they are the same. */
    enum store_status (*remove)(struct store *store, struct store_call *call,
                                const struct store_object *seen);
    /* May objects of these names be added? Refuses, before anything is sent, names that
     * the host would rewrite and more objects than it holds; warns when that is near.
     * NULL: any may. */
    enum store_status (*admit)(struct store *store, struct store_call *call,
                               const struct str *names, size_t count);
    /* Before the first object: creates the release or directory, or checks that bucket,
     * container or project are there and can be written. NULL: nothing to do. */
    enum store_status (*prepare)(struct store *store, struct store_call *call);
    void (*close)(struct store *store);
};

struct store {
    const struct store_ops *ops;
    enum store_mode mode;
    bool
        needs_exclusive; /* a write needs the operator's word that nobody else writes */
    bool waits_for_index; /* readers may find index.json missing for some seconds */
    struct str location;  /* as it may be shown: without credentials */
    struct str
        artifacts_url;     /* where readers find objects; absent: cannot be derived */
    unsigned max_parallel; /* operations at once that the host takes well; 0: any */
    atomic_uint_fast64_t
        requests; /* made so far: HTTP requests, or commands to a child */
};

static inline void store_close(struct store *store) {
    if (store != NULL) {
        store->ops->close(store);
    }
}

#define STORE_INDEX_NAME STR("index.json")

#endif
