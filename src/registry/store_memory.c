#include "registry/store_memory.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct memory_store {
    struct store store;
    struct memory_options options;
    pthread_mutex_t lock;
    struct memory_state state;
    struct arena arena;
    uint64_t last_identity;
    atomic_uint_fast64_t calls[MEMORY_VERB_COUNT];
};

static struct memory_store *memory_of(struct store *store) {
    return (struct memory_store *)store;
}

static void lock(struct memory_store *memory) {
    (void)pthread_mutex_lock(&memory->lock);
}

static void unlock(struct memory_store *memory) {
    (void)pthread_mutex_unlock(&memory->lock);
}

static enum memory_trouble begin(struct memory_store *memory, enum memory_verb verb,
                                 struct str name) {
    struct memory_event event = {.verb = verb,
                                 .name = name,
                                 .number =
                                     atomic_fetch_add(&memory->store.requests, 1) + 1};
    atomic_fetch_add(&memory->calls[verb], 1);
    return memory->options.script == NULL
               ? MEMORY_NO_TROUBLE
               : memory->options.script(memory->options.context, &memory->store,
                                        &event);
}

static enum store_status fail(struct store_call *call, struct str name) {
    failure_set(&call->failure, ERROR_STORE_SERVER_ERROR, name,
                "the server failed, as its script says");
    return STORE_FAILED;
}

/* What a request with trouble answers. */
static enum store_status answer(struct store_call *call, struct str name,
                                enum memory_trouble trouble, enum store_status status) {
    switch (trouble) {
    case MEMORY_FAIL_BEFORE:
    case MEMORY_FAIL_AFTER:
    case MEMORY_HALF:
        return fail(call, name);
    case MEMORY_UNCERTAIN_BEFORE:
    case MEMORY_UNCERTAIN_AFTER:
        (void)fail(call, name);
        return STORE_UNCERTAIN;
    default:
        return status;
    }
}

static bool is_done(enum memory_trouble trouble) {
    return trouble != MEMORY_FAIL_BEFORE && trouble != MEMORY_UNCERTAIN_BEFORE;
}

/* Under the lock. */
static bool show(const struct memory_store *memory, struct arena *arena,
                 const struct memory_object *object, struct store_object *shown) {
    *shown = (struct store_object){
        .name = arena_copy(arena, object->name),
        .revision = arena_printf(arena, "r%" PRIu64, object->identity),
        .size_bytes = object->bytes.len,
        .serial = memory->options.has_serials ? object->serial : 0,
        .modified_s = 1700000000 + (int64_t)object->identity,
        .is_incomplete = object->is_incomplete};
    if (memory->options.has_digests) {
        sha256_of(object->bytes, shown->digest);
    }
    return shown->name.ptr != NULL && shown->revision.ptr != NULL;
}

static uint64_t identity_of(const struct store_object *seen) {
    uint64_t identity = 0;
    for (size_t i = 1; i < seen->revision.len; i++) {
        identity = identity * 10 + (uint64_t)(seen->revision.ptr[i] - '0');
    }
    return identity;
}

/* Under the lock. */
static bool make_room(struct memory_store *memory) {
    struct memory_state *state = &memory->state;
    if (state->count < state->room) {
        return true;
    }
    size_t room = state->room == 0 ? 16 : state->room * 2;
    struct memory_object *objects =
        realloc(state->objects, room * sizeof *state->objects);
    if (objects == NULL) {
        return false;
    }
    state->objects = objects;
    state->room = room;
    return true;
}

/* Under the lock: the store's own copy of what is put. */
static bool adopt(struct memory_store *memory, const struct store_put *put,
                  struct memory_object *object) {
    *object = (struct memory_object){.name = arena_copy(&memory->arena, put->name),
                                     .bytes = arena_copy(&memory->arena, put->bytes),
                                     .identity = ++memory->last_identity,
                                     .serial = put->serial};
    return object->name.ptr != NULL && object->bytes.ptr != NULL && make_room(memory);
}

static enum store_status memory_get(struct store *store, struct store_call *call,
                                    struct str name, uint64_t max_bytes,
                                    struct buf *bytes, struct store_object *object) {
    struct memory_store *memory = memory_of(store);
    buf_init(bytes, max_bytes);
    enum memory_trouble trouble = begin(memory, MEMORY_GET, name);
    if (trouble != MEMORY_NO_TROUBLE && trouble != MEMORY_REPEAT) {
        return fail(call, name);
    }
    enum store_status status = STORE_OK;
    struct store_object shown;
    lock(memory);
    const struct memory_object *there = memory_find(&memory->state, name);
    if (there == NULL || there->is_incomplete) {
        status = STORE_ABSENT;
    } else if (there->bytes.len > max_bytes) {
        failure_set(&call->failure, ERROR_STORE_TOO_LARGE, name, "it is too large");
        status = STORE_FAILED;
    } else if (!show(memory, call->arena, there, object == NULL ? &shown : object) ||
               !buf_append(bytes, there->bytes)) {
        status = store_out_of_memory(call);
    }
    unlock(memory);
    return status;
}

/* A host that looks at the condition and only then writes. */
static void stumble(struct memory_store *memory) {
    if (memory->options.loses_races) {
        unlock(memory);
        (void)nanosleep(&(struct timespec){0, 3000000}, NULL);
        lock(memory);
    }
}

static enum store_status put_once(struct memory_store *memory,
                                  const struct memory_object *object) {
    bool is_there = memory_find(&memory->state, object->name) != NULL;
    bool overwrites = memory->options.ignores_names ||
                      memory->options.mode == STORE_OVERWRITE ||
                      (memory->options.loses_races && !is_there);
    stumble(memory);
    return overwrites ? memory_replace(&memory->state, object, 0)
                      : memory_put_new(&memory->state, object);
}

static enum store_status memory_store_put_new(struct store *store,
                                              struct store_call *call,
                                              const struct store_put *put,
                                              struct store_object *created) {
    struct memory_store *memory = memory_of(store);
    enum memory_trouble trouble = begin(memory, MEMORY_PUT_NEW, put->name);
    enum store_status status = STORE_OK;
    struct memory_object object;
    struct store_object shown;
    lock(memory);
    if (is_done(trouble)) {
        if (!adopt(memory, put, &object)) {
            status = store_out_of_memory(call);
        } else {
            object.is_incomplete = trouble == MEMORY_HALF;
            status = put_once(memory, &object);
        }
        if (status == STORE_OK && trouble == MEMORY_REPEAT) {
            status = STORE_EXISTS;
        }
        if (status == STORE_OK &&
            !show(memory, call->arena, &object, created == NULL ? &shown : created)) {
            status = store_out_of_memory(call);
        }
    }
    unlock(memory);
    return answer(call, put->name, trouble, status);
}

static enum store_status memory_store_replace(struct store *store,
                                              struct store_call *call,
                                              const struct store_put *put,
                                              const struct store_object *seen,
                                              struct store_object *now) {
    struct memory_store *memory = memory_of(store);
    enum memory_trouble trouble = begin(memory, MEMORY_REPLACE, put->name);
    enum store_status status = STORE_OK;
    struct memory_object object;
    struct store_object shown;
    bool is_conditional =
        memory->options.mode == STORE_CAS && !memory->options.ignores_revisions;
    lock(memory);
    if (is_done(trouble)) {
        uint64_t identity = is_conditional && seen != NULL ? identity_of(seen) : 0;
        const struct memory_object *there = memory_find(&memory->state, put->name);
        if (memory->options.loses_races && identity != 0 && there != NULL &&
            there->identity == identity) {
            identity = 0;
        }
        stumble(memory);
        status = adopt(memory, put, &object)
                     ? memory_replace(&memory->state, &object, identity)
                     : store_out_of_memory(call);
        if (status == STORE_OK && trouble == MEMORY_REPEAT && is_conditional) {
            status = STORE_CONFLICT;
        }
        if (status == STORE_OK &&
            !show(memory, call->arena, &object, now == NULL ? &shown : now)) {
            status = store_out_of_memory(call);
        }
    }
    unlock(memory);
    return answer(call, put->name, trouble, status);
}

static enum store_status memory_store_list(struct store *store, struct store_call *call,
                                           struct str prefix, struct store_list *list) {
    struct memory_store *memory = memory_of(store);
    enum memory_trouble trouble = begin(memory, MEMORY_LIST, prefix);
    enum store_status status = STORE_OK;
    *list = (struct store_list){0};
    if (trouble != MEMORY_NO_TROUBLE && trouble != MEMORY_REPEAT) {
        return fail(call, prefix);
    }
    lock(memory);
    list->objects =
        arena_array(call->arena, memory->state.count, sizeof *list->objects);
    for (size_t i = 0; list->objects != NULL && i < memory->state.count; i++) {
        const struct memory_object *object = &memory->state.objects[i];
        if (str_starts_with(object->name, prefix) &&
            !show(memory, call->arena, object, &list->objects[list->count++])) {
            list->objects = NULL;
        }
    }
    unlock(memory);
    if (list->objects == NULL) {
        status = store_out_of_memory(call);
    }
    return status;
}

static enum store_status memory_store_rename(struct store *store,
                                             struct store_call *call,
                                             const struct store_object *seen,
                                             struct str to) {
    struct memory_store *memory = memory_of(store);
    enum memory_trouble trouble = begin(memory, MEMORY_RENAME, seen->name);
    enum store_status status = STORE_OK;
    lock(memory);
    if (is_done(trouble)) {
        struct str name = arena_copy(&memory->arena, to);
        status = name.ptr == NULL
                     ? store_out_of_memory(call)
                     : memory_rename(&memory->state, identity_of(seen), name);
        if (status == STORE_OK && trouble == MEMORY_REPEAT) {
            status = STORE_EXISTS;
        }
    }
    unlock(memory);
    return answer(call, seen->name, trouble, status);
}

/* By identity where the mode promises it, else by name. */
static enum store_status memory_store_remove(struct store *store,
                                             struct store_call *call,
                                             const struct store_object *seen) {
    struct memory_store *memory = memory_of(store);
    enum memory_trouble trouble = begin(memory, MEMORY_REMOVE, seen->name);
    enum store_status status = STORE_OK;
    lock(memory);
    if (is_done(trouble)) {
        uint64_t identity = identity_of(seen);
        bool by_name = memory->options.mode == STORE_JOURNAL_LOCKED ||
                       memory->options.mode == STORE_OVERWRITE || identity == 0;
        const struct memory_object *there =
            by_name ? memory_find(&memory->state, seen->name) : NULL;
        identity = there == NULL ? (by_name ? 0 : identity) : there->identity;
        status = memory_remove(&memory->state, identity);
        if (memory->options.ignores_identity) {
            status = STORE_OK;
        } else if (status == STORE_OK && trouble == MEMORY_REPEAT) {
            status = STORE_ABSENT;
        }
    }
    unlock(memory);
    return answer(call, seen->name, trouble, status);
}

static void memory_store_close(struct store *store) {
    struct memory_store *memory = memory_of(store);
    (void)pthread_mutex_destroy(&memory->lock);
    arena_release(&memory->arena);
    free(memory->state.objects);
    free(memory);
}

static const struct store_ops with_list = {
    .get = memory_get,
    .put_new = memory_store_put_new,
    .replace = memory_store_replace,
    .list = memory_store_list,
    .rename = memory_store_rename,
    .remove = memory_store_remove,
    .close = memory_store_close,
};
static const struct store_ops without_list = {
    .get = memory_get,
    .put_new = memory_store_put_new,
    .replace = memory_store_replace,
    .remove = memory_store_remove,
    .close = memory_store_close,
};

struct store *memory_store_new(const struct memory_options *options) {
    struct memory_store *memory = calloc(1, sizeof *memory);
    if (memory == NULL || pthread_mutex_init(&memory->lock, NULL) != 0) {
        free(memory);
        return NULL;
    }
    memory->options = *options;
    memory->store.ops = options->cannot_list ? &without_list : &with_list;
    memory->store.mode = options->mode;
    memory->store.needs_exclusive = options->needs_exclusive;
    memory->store.waits_for_index = options->waits_for_index;
    memory->store.location = STR("memory:");
    memory->store.artifacts_url = STR("https://example.com/plugins");
    return &memory->store;
}

struct str memory_store_peek(struct store *store, struct str name) {
    struct memory_store *memory = memory_of(store);
    lock(memory);
    const struct memory_object *there = memory_find(&memory->state, name);
    struct str bytes = there == NULL ? STR_NONE : there->bytes;
    unlock(memory);
    return bytes;
}

bool memory_store_poke(struct store *store, struct str name, struct str bytes) {
    struct memory_store *memory = memory_of(store);
    struct memory_object object;
    struct store_put put = {.name = name, .bytes = bytes};
    lock(memory);
    bool good = adopt(memory, &put, &object) &&
                memory_replace(&memory->state, &object, 0) == STORE_OK;
    unlock(memory);
    return good;
}

bool memory_store_erase(struct store *store, struct str name) {
    struct memory_store *memory = memory_of(store);
    lock(memory);
    const struct memory_object *there = memory_find(&memory->state, name);
    bool is_there =
        there != NULL && memory_remove(&memory->state, there->identity) == STORE_OK;
    unlock(memory);
    return is_there;
}

size_t memory_store_count(struct store *store) {
    struct memory_store *memory = memory_of(store);
    lock(memory);
    size_t count = memory->state.count;
    unlock(memory);
    return count;
}

struct str memory_store_name(struct store *store, size_t at) {
    struct memory_store *memory = memory_of(store);
    lock(memory);
    struct str name =
        at < memory->state.count ? memory->state.objects[at].name : STR_NONE;
    unlock(memory);
    return name;
}

uint64_t memory_store_calls(struct store *store, enum memory_verb verb) {
    return atomic_load(&memory_of(store)->calls[verb]);
}
