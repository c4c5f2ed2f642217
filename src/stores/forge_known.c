#include "stores/forge_known.h"

struct forge_known_object {
    struct store_object object;
    struct str url;
};

bool forge_known_init(struct forge_known *known) {
    *known = (struct forge_known){0};
    return pthread_mutex_init(&known->mutex, NULL) == 0;
}

void forge_known_release(struct forge_known *known) {
    (void)pthread_mutex_destroy(&known->mutex);
    arena_release(&known->arena);
}

static bool append(struct forge_known *known, const struct store_object *object,
                   struct str url) {
    if (known->count == known->room) {
        size_t room = known->room == 0 ? 64 : known->room * 2;
        struct forge_known_object *objects =
            arena_array(&known->arena, room, sizeof *objects);
        if (objects == NULL) {
            return false;
        }
        if (known->count > 0) {
            memcpy(objects, known->objects, known->count * sizeof *objects);
        }
        known->objects = objects;
        known->room = room;
    }
    struct forge_known_object one = {.object = *object, .url = STR_NONE};
    one.object.name = arena_copy(&known->arena, object->name);
    one.object.revision = arena_copy(&known->arena, object->revision);
    if (url.ptr != NULL) {
        one.url = arena_copy(&known->arena, url);
    }
    if (one.object.name.ptr == NULL || one.object.revision.ptr == NULL ||
        (url.ptr != NULL && one.url.ptr == NULL)) {
        return false;
    }
    known->objects[known->count++] = one;
    return true;
}

void forge_known_set(struct forge_known *known, const struct objects_found *found,
                     const struct str *urls) {
    (void)pthread_mutex_lock(&known->mutex);
    arena_release(&known->arena);
    known->objects = NULL;
    known->count = 0;
    known->room = 0;
    for (size_t i = 0; i < found->count; i++) {
        if (!found->objects[i].is_incomplete &&
            !append(known, &found->objects[i], urls == NULL ? STR_NONE : urls[i])) {
            break;
        }
    }
    known->is_seen = true;
    (void)pthread_mutex_unlock(&known->mutex);
}

void forge_known_add(struct forge_known *known, const struct store_object *object,
                     struct str url) {
    (void)pthread_mutex_lock(&known->mutex);
    (void)append(known, object, url);
    (void)pthread_mutex_unlock(&known->mutex);
}

void forge_known_forget(struct forge_known *known, struct str revision) {
    (void)pthread_mutex_lock(&known->mutex);
    for (size_t i = 0; i < known->count;) {
        if (str_equal(known->objects[i].object.revision, revision)) {
            known->objects[i] = known->objects[--known->count];
        } else {
            i++;
        }
    }
    (void)pthread_mutex_unlock(&known->mutex);
}

static const struct forge_known_object *find(const struct forge_known *known,
                                             struct str name) {
    for (size_t i = 0; i < known->count; i++) {
        if (str_equal(known->objects[i].object.name, name)) {
            return &known->objects[i];
        }
    }
    return NULL;
}

bool forge_known_find(struct forge_known *known, struct arena *arena, struct str name,
                      struct store_object *object, struct str *url) {
    bool is_known = false;
    (void)pthread_mutex_lock(&known->mutex);
    const struct forge_known_object *one = find(known, name);
    if (one != NULL) {
        *object = one->object;
        object->name = arena_copy(arena, one->object.name);
        object->revision = arena_copy(arena, one->object.revision);
        is_known = object->name.ptr != NULL && object->revision.ptr != NULL;
        if (url != NULL) {
            *url = one->url.ptr == NULL ? STR_NONE : arena_copy(arena, one->url);
            is_known = is_known && url->ptr != NULL;
        }
    }
    (void)pthread_mutex_unlock(&known->mutex);
    return is_known;
}

size_t forge_known_count_with(struct forge_known *known, const struct str *names,
                              size_t count) {
    (void)pthread_mutex_lock(&known->mutex);
    size_t total = known->count;
    for (size_t i = 0; known->is_seen && i < count; i++) {
        total += find(known, names[i]) == NULL;
    }
    (void)pthread_mutex_unlock(&known->mutex);
    return total;
}
