#include "registry/store_memory.h"

/* Where the name is, or belongs. */
static size_t place_of(const struct memory_state *state, struct str name) {
    size_t low = 0;
    size_t high = state->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (str_compare(state->objects[middle].name, name) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

struct memory_object *memory_find(const struct memory_state *state, struct str name) {
    size_t at = place_of(state, name);
    bool is_there = at < state->count && str_equal(state->objects[at].name, name);
    return is_there ? &state->objects[at] : NULL;
}

struct memory_object *memory_identify(const struct memory_state *state,
                                      uint64_t identity) {
    for (size_t i = 0; i < state->count; i++) {
        if (state->objects[i].identity == identity) {
            return &state->objects[i];
        }
    }
    return NULL;
}

static void insert(struct memory_state *state, struct memory_object object) {
    size_t at = place_of(state, object.name);
    memmove(&state->objects[at + 1], &state->objects[at],
            (state->count - at) * sizeof *state->objects);
    state->objects[at] = object;
    state->count++;
}

static void take_out(struct memory_state *state, struct memory_object *object) {
    size_t at = (size_t)(object - state->objects);
    state->count--;
    memmove(object, object + 1, (state->count - at) * sizeof *state->objects);
}

enum store_status memory_put_new(struct memory_state *state,
                                 const struct memory_object *object) {
    if (memory_find(state, object->name) != NULL) {
        return STORE_EXISTS;
    }
    insert(state, *object);
    return STORE_OK;
}

enum store_status memory_replace(struct memory_state *state,
                                 const struct memory_object *object,
                                 uint64_t identity) {
    struct memory_object *there = memory_find(state, object->name);
    if (identity == 0 && there == NULL) {
        insert(state, *object);
        return STORE_OK;
    }
    if (there == NULL) {
        return STORE_ABSENT;
    }
    if (identity != 0 && there->identity != identity) {
        return STORE_CONFLICT;
    }
    *there = *object;
    return STORE_OK;
}

enum store_status memory_rename(struct memory_state *state, uint64_t identity,
                                struct str to) {
    struct memory_object *there = memory_identify(state, identity);
    if (there == NULL) {
        return STORE_ABSENT;
    }
    if (memory_find(state, to) != NULL) {
        return STORE_EXISTS;
    }
    struct memory_object object = *there;
    take_out(state, there);
    object.name = to;
    insert(state, object);
    return STORE_OK;
}

enum store_status memory_remove(struct memory_state *state, uint64_t identity) {
    struct memory_object *there = memory_identify(state, identity);
    if (there == NULL) {
        return STORE_ABSENT;
    }
    take_out(state, there);
    return STORE_OK;
}
