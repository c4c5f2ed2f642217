#include "base/limits.h"
#include "registry/change_drive.h"
#include "registry/history.h"

enum registry_status history_list(struct arena *arena, struct store *store,
                                  struct history *history, struct diag **failure) {
    struct store_call call = {.arena = arena};
    struct store_list list;
    *history = (struct history){0};
    if (store->ops->list == NULL) {
        return change_fail(arena, ERROR_REGISTRY_NO_HISTORY, store->location,
                           STR("this host cannot list what it keeps"), failure);
    }
    if (store->ops->list(store, &call, STR("index-"), &list) != STORE_OK) {
        return change_store_failure(arena, store, &call.failure, failure);
    }
    history->objects = arena_array(arena, list.count, sizeof *history->objects);
    if (history->objects == NULL) {
        return REGISTRY_NO_MEMORY;
    }
    for (size_t i = 0; i < list.count; i++) {
        const struct store_object *object = &list.objects[i];
        uint64_t serial = change_history_serial(object->name);
        if (serial != 0 && !object->is_incomplete) {
            history->objects[history->count++] = object;
            history->highest = serial > history->highest ? serial : history->highest;
        }
    }
    return REGISTRY_OK;
}

enum store_status history_get(struct store *store, struct store_call *call,
                              uint64_t serial, struct buf *bytes) {
    struct store_object object;
    struct str name = change_history_name(call->arena, serial);
    buf_init(bytes, LIMIT_INDEX_BYTES);
    if (name.ptr == NULL) {
        failure_memory(&call->failure);
        return STORE_FAILED;
    }
    return store->ops->get(store, call, name, LIMIT_INDEX_BYTES, bytes, &object);
}

/* Is the index in force the entry of that number? */
static bool is_entry(struct store *store, struct arena *arena, uint64_t serial,
                     struct str text) {
    struct store_call call = {.arena = arena};
    struct buf bytes;
    bool is_same = serial != 0 &&
                   history_get(store, &call, serial, &bytes) == STORE_OK &&
                   str_equal(buf_str(&bytes), text);
    if (serial != 0) {
        buf_release(&bytes);
    }
    return is_same;
}

uint64_t history_current(struct store *store, struct arena *arena,
                         const struct history *history,
                         const struct store_object *object, struct str text) {
    bool has_journal =
        store->mode == STORE_JOURNAL || store->mode == STORE_JOURNAL_LOCKED;
    if (!has_journal && object->serial != 0) {
        return object->serial;
    }
    /* A copy of it may have been made before a replacement that never came. */
    if (is_entry(store, arena, history->highest, text)) {
        return history->highest;
    }
    if (!has_journal) {
        return history->highest + 1;
    }
    for (size_t i = history->count; i-- > 0;) {
        uint64_t serial = change_history_serial(history->objects[i]->name);
        if (serial != history->highest && is_entry(store, arena, serial, text)) {
            return serial;
        }
    }
    return 0;
}

/* Its entries; one that is no index any more is passed over. */
static enum registry_status add_moment(struct arena *arena, struct store *store,
                                       struct str bytes, struct registry_moment *moment,
                                       size_t *count) {
    struct index index;
    struct diag *broken = NULL;
    enum registry_status status =
        change_parse(arena, store->location, STORE_INDEX_NAME, bytes, &index, &broken);
    if (status == REGISTRY_OK) {
        moment->entry_count = index.count;
        moment->size_bytes = bytes.len;
        ++*count;
    }
    index_release(&index);
    return status == REGISTRY_NO_MEMORY ? REGISTRY_NO_MEMORY : REGISTRY_OK;
}

/* Reading an object does not tell its time on every host; the list may. */
static int64_t time_of(const struct history *history, uint64_t serial) {
    for (size_t i = 0; i < history->count; i++) {
        if (change_history_serial(history->objects[i]->name) == serial) {
            return history->objects[i]->modified_s;
        }
    }
    return 0;
}

/* Those before the one in force, or, in a journal that index.json is behind, after it.
 */
static enum registry_status add_history(struct arena *arena, struct store *store,
                                        const struct history *history, uint64_t current,
                                        struct registry_moment *moments, size_t *count,
                                        struct diag **failure) {
    enum registry_status status = REGISTRY_OK;
    for (size_t i = 0; status == REGISTRY_OK && i < history->count; i++) {
        const struct store_object *object = history->objects[i];
        struct store_call call = {.arena = arena};
        struct buf bytes;
        uint64_t serial = change_history_serial(object->name);
        if (serial == current) {
            continue;
        }
        moments[*count] = (struct registry_moment){.serial = serial,
                                                   .modified_s = object->modified_s};
        enum store_status got = history_get(store, &call, serial, &bytes);
        if (got == STORE_OK) {
            status = add_moment(arena, store, buf_str(&bytes), &moments[*count], count);
        } else if (got != STORE_ABSENT) {
            status = change_store_failure(arena, store, &call.failure, failure);
        }
        buf_release(&bytes);
    }
    return status;
}

static void sort_newest_first(struct registry_moment *moments, size_t count) {
    for (size_t i = 1; i < count; i++) {
        struct registry_moment moment = moments[i];
        size_t at = i;
        for (; at > 0 && moments[at - 1].serial < moment.serial; at--) {
            moments[at] = moments[at - 1];
        }
        moments[at] = moment;
    }
}

/* Where an earlier index is kept just before the next one replaces it, a copy is as old
 * as what came after it. */
static void date_by_copies(struct registry_moment *moments, size_t count) {
    for (size_t i = 0; i < count; i++) {
        bool has_earlier =
            i + 1 < count && moments[i + 1].serial + 1 == moments[i].serial;
        if (!moments[i].is_current) {
            moments[i].modified_s = has_earlier ? moments[i + 1].modified_s : 0;
        }
    }
}

enum registry_status registry_history(struct arena *arena, struct store *store,
                                      const struct registry_host *host,
                                      struct registry_moment **moments, size_t *count,
                                      struct diag **failure) {
    struct history history;
    struct buf bytes;
    struct store_object object;
    bool has_journal =
        store->mode == STORE_JOURNAL || store->mode == STORE_JOURNAL_LOCKED;
    *count = 0;
    enum registry_status status = history_list(arena, store, &history, failure);
    if (status != REGISTRY_OK) {
        return status;
    }
    status = registry_get(arena, store, host, &bytes, &object, failure);
    *moments = arena_array(arena, history.count + 1, sizeof **moments);
    if (status == REGISTRY_OK && *moments == NULL) {
        status = REGISTRY_NO_MEMORY;
    }
    if (status == REGISTRY_OK) {
        uint64_t current =
            history_current(store, arena, &history, &object, buf_str(&bytes));
        (*moments)[0] = (struct registry_moment){
            .serial = current, .modified_s = object.modified_s, .is_current = true};
        if (has_journal && object.modified_s == 0) {
            (*moments)[0].modified_s = time_of(&history, current);
        }
        status = add_moment(arena, store, buf_str(&bytes), &(*moments)[0], count);
        if (status == REGISTRY_OK) {
            status =
                add_history(arena, store, &history, current, *moments, count, failure);
        }
        sort_newest_first(*moments, *count);
        if (!has_journal) {
            date_by_copies(*moments, *count);
        }
    }
    buf_release(&bytes);
    return status;
}
