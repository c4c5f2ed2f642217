/* A store around another that counts requests and, as it is told, fails or loses them.
 *
 * Requests are numbered from 1 in the order in which they come. */
#ifndef FAULTY_STORE_H
#define FAULTY_STORE_H

#include <stdlib.h>

#include "registry/store.h"
#include "unit.h"

struct faulty_store {
    struct store store;
    struct store *inner;
    atomic_uint gets;
    atomic_uint writes; /* put_new, replace, rename, remove */
    atomic_uint lists;
    unsigned dies_at;  /* from this request on all fail; 0: none */
    bool dies_after;   /* that one takes effect */
    unsigned loses_at; /* of this one, a write, it is not known; 0: none */
    bool loses_after;  /* it took effect */
    void (*before_replace)(void *context); /* of index.json, once */
    void *context;
};

enum faulty_fate {
    FAULTY_GOOD,
    FAULTY_DEAD,
    FAULTY_DIES_AFTER,
    FAULTY_LOST,
    FAULTY_DONE
};

static inline struct faulty_store *faulty_of(struct store *store) {
    return (struct faulty_store *)store;
}

static inline enum faulty_fate faulty_fate(struct faulty_store *faulty, bool is_write) {
    unsigned number = (unsigned)atomic_fetch_add(&faulty->store.requests, 1) + 1;
    if (faulty->dies_at != 0 && number >= faulty->dies_at) {
        return number == faulty->dies_at && faulty->dies_after ? FAULTY_DIES_AFTER
                                                               : FAULTY_DEAD;
    }
    if (faulty->loses_at == number && is_write) {
        return faulty->loses_after ? FAULTY_DONE : FAULTY_LOST;
    }
    return FAULTY_GOOD;
}

static inline enum store_status
faulty_end(struct store_call *call, enum faulty_fate fate, enum store_status status) {
    if (fate == FAULTY_GOOD) {
        return status;
    }
    call->failure = (struct failure){0};
    failure_set(&call->failure, ERROR_STORE_UNREACHABLE, STR_NONE, "it is gone");
    return fate == FAULTY_LOST || fate == FAULTY_DONE ? STORE_UNCERTAIN : STORE_FAILED;
}

static inline bool faulty_acts(enum faulty_fate fate) {
    return fate == FAULTY_GOOD || fate == FAULTY_DIES_AFTER || fate == FAULTY_DONE;
}

static inline enum store_status faulty_get(struct store *store, struct store_call *call,
                                           struct str name, uint64_t max_bytes,
                                           struct buf *bytes,
                                           struct store_object *object) {
    struct faulty_store *faulty = faulty_of(store);
    enum faulty_fate fate = faulty_fate(faulty, false);
    enum store_status status = STORE_FAILED;
    atomic_fetch_add(&faulty->gets, 1);
    buf_init(bytes, (size_t)max_bytes);
    if (faulty_acts(fate)) {
        status = faulty->inner->ops->get(faulty->inner, call, name, max_bytes, bytes,
                                         object);
    }
    return faulty_end(call, fate, status);
}

static inline enum store_status faulty_put_new(struct store *store,
                                               struct store_call *call,
                                               const struct store_put *put,
                                               struct store_object *created) {
    struct faulty_store *faulty = faulty_of(store);
    enum faulty_fate fate = faulty_fate(faulty, true);
    enum store_status status = STORE_FAILED;
    atomic_fetch_add(&faulty->writes, 1);
    if (faulty_acts(fate)) {
        status = faulty->inner->ops->put_new(faulty->inner, call, put, created);
    }
    return faulty_end(call, fate, status);
}

static inline enum store_status faulty_replace(struct store *store,
                                               struct store_call *call,
                                               const struct store_put *put,
                                               const struct store_object *seen,
                                               struct store_object *now) {
    struct faulty_store *faulty = faulty_of(store);
    enum faulty_fate fate = faulty_fate(faulty, true);
    enum store_status status = STORE_FAILED;
    atomic_fetch_add(&faulty->writes, 1);
    if (faulty->before_replace != NULL && str_equal(put->name, STORE_INDEX_NAME)) {
        void (*before)(void *) = faulty->before_replace;
        faulty->before_replace = NULL;
        before(faulty->context);
    }
    if (faulty_acts(fate)) {
        status = faulty->inner->ops->replace(faulty->inner, call, put, seen, now);
    }
    return faulty_end(call, fate, status);
}

static inline enum store_status faulty_list(struct store *store,
                                            struct store_call *call, struct str prefix,
                                            struct store_list *list) {
    struct faulty_store *faulty = faulty_of(store);
    enum faulty_fate fate = faulty_fate(faulty, false);
    enum store_status status = STORE_FAILED;
    atomic_fetch_add(&faulty->lists, 1);
    if (faulty_acts(fate)) {
        status = faulty->inner->ops->list(faulty->inner, call, prefix, list);
    }
    return faulty_end(call, fate, status);
}

static inline enum store_status faulty_rename(struct store *store,
                                              struct store_call *call,
                                              const struct store_object *seen,
                                              struct str to) {
    struct faulty_store *faulty = faulty_of(store);
    enum faulty_fate fate = faulty_fate(faulty, true);
    enum store_status status = STORE_FAILED;
    atomic_fetch_add(&faulty->writes, 1);
    if (faulty_acts(fate)) {
        status = faulty->inner->ops->rename(faulty->inner, call, seen, to);
    }
    return faulty_end(call, fate, status);
}

static inline enum store_status faulty_remove(struct store *store,
                                              struct store_call *call,
                                              const struct store_object *seen) {
    struct faulty_store *faulty = faulty_of(store);
    enum faulty_fate fate = faulty_fate(faulty, true);
    enum store_status status = STORE_FAILED;
    atomic_fetch_add(&faulty->writes, 1);
    if (faulty_acts(fate)) {
        status = faulty->inner->ops->remove(faulty->inner, call, seen);
    }
    return faulty_end(call, fate, status);
}

static inline enum store_status faulty_admit(struct store *store,
                                             struct store_call *call,
                                             const struct str *names, size_t count) {
    struct faulty_store *faulty = faulty_of(store);
    const struct store_ops *ops = faulty->inner->ops;
    return ops->admit == NULL ? STORE_OK
                              : ops->admit(faulty->inner, call, names, count);
}

static inline enum store_status faulty_prepare(struct store *store,
                                               struct store_call *call) {
    struct faulty_store *faulty = faulty_of(store);
    const struct store_ops *ops = faulty->inner->ops;
    return ops->prepare == NULL ? STORE_OK : ops->prepare(faulty->inner, call);
}

static inline void faulty_close(struct store *store) {
    struct faulty_store *faulty = faulty_of(store);
    store_close(faulty->inner);
    free((void *)faulty->store.ops);
    free(faulty);
}

/* Takes the inner store over. */
static inline struct faulty_store *faulty_open(struct store *inner) {
    struct faulty_store *faulty = calloc(1, sizeof *faulty);
    struct store_ops *ops = calloc(1, sizeof *ops);
    assert_non_null(faulty);
    assert_non_null(ops);
    *ops = (struct store_ops){
        .get = faulty_get,
        .put_new = faulty_put_new,
        .replace = inner->ops->replace == NULL ? NULL : faulty_replace,
        .list = inner->ops->list == NULL ? NULL : faulty_list,
        .rename = inner->ops->rename == NULL ? NULL : faulty_rename,
        .remove = inner->ops->remove == NULL ? NULL : faulty_remove,
        .admit = faulty_admit,
        .prepare = faulty_prepare,
        .close = faulty_close,
    };
    faulty->inner = inner;
    faulty->store.ops = ops;
    faulty->store.mode = inner->mode;
    faulty->store.needs_exclusive = inner->needs_exclusive;
    faulty->store.waits_for_index = inner->waits_for_index;
    faulty->store.location = inner->location;
    faulty->store.artifacts_url = inner->artifacts_url;
    return faulty;
}

/* All is well again, and nothing was counted. */
static inline void faulty_heal(struct faulty_store *faulty) {
    faulty->dies_at = faulty->loses_at = 0;
    faulty->dies_after = faulty->loses_after = false;
    faulty->before_replace = NULL;
    faulty->gets = faulty->writes = faulty->lists = 0;
    faulty->store.requests = 0;
}

#endif
