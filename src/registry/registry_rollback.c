#include "registry/change_drive.h"
#include "registry/history.h"

struct rollback {
    struct registry_rollback *result;
    struct str location;
    struct str name; /* of the object */
    struct str target;
};

/* What one has that the other lacks, in its order. */
static bool list_lacking(struct arena *arena, const struct index *of,
                         const struct index *in, struct name_version **items,
                         size_t *count) {
    *count = 0;
    *items = arena_array(arena, of->count, sizeof **items);
    for (size_t i = 0; *items != NULL && i < of->count; i++) {
        struct str name = index_entry_name(of, i);
        struct str version = index_entry_version(of, i);
        if (index_find(in, name, version).exact != INDEX_NONE) {
            continue;
        }
        struct name_version *item = &(*items)[(*count)++];
        *item =
            (struct name_version){arena_copy(arena, name), arena_copy(arena, version)};
        if (item->name.ptr == NULL || item->version.ptr == NULL) {
            return false;
        }
    }
    return *items != NULL;
}

static bool list_changed(struct arena *arena, const struct index *now,
                         const struct index *then, struct registry_rollback *result) {
    result->changed_count = 0;
    result->changed = arena_array(arena, then->count, sizeof *result->changed);
    for (size_t i = 0; result->changed != NULL && i < then->count; i++) {
        struct str name = index_entry_name(then, i);
        struct str version = index_entry_version(then, i);
        size_t at = index_find(now, name, version).exact;
        if (at == INDEX_NONE ||
            index_entry_yanked(now, at) == index_entry_yanked(then, i)) {
            continue;
        }
        struct name_version *item = &result->changed[result->changed_count++];
        *item =
            (struct name_version){arena_copy(arena, name), arena_copy(arena, version)};
        if (item->name.ptr == NULL || item->version.ptr == NULL) {
            return false;
        }
    }
    return result->changed != NULL;
}

static bool compare(struct arena *arena, const struct index *now,
                    const struct index *then, struct registry_rollback *result) {
    return list_lacking(arena, now, then, &result->removed, &result->removed_count) &&
           list_lacking(arena, then, now, &result->restored, &result->restored_count) &&
           list_changed(arena, now, then, result);
}

/* The index becomes the one of then. */
static enum change_verdict edit(void *context, struct arena *arena, struct index *index,
                                uint64_t serial, struct diag **failure) {
    struct rollback *rollback = context;
    struct index then;
    struct str bytes;
    (void)serial;
    enum registry_status status = change_parse(
        arena, rollback->location, rollback->name, rollback->target, &then, failure);
    if (status == REGISTRY_OK && !compare(arena, index, &then, rollback->result)) {
        status = REGISTRY_NO_MEMORY;
    }
    if (status == REGISTRY_OK) {
        status = change_serialize(&then, arena, &bytes, failure);
    }
    if (status != REGISTRY_OK) {
        if (*failure != NULL) {
            *failure = diag_copy(arena, *failure);
        }
        index_release(&then);
        return status == REGISTRY_FAILED && *failure != NULL ? CHANGE_FAILED
                                                             : CHANGE_NO_MEMORY;
    }
    bool is_same = str_equal(bytes, buf_str(&index->source));
    index_release(index);
    *index = then;
    return is_same ? CHANGE_NOTHING : CHANGE_WRITE;
}

static enum registry_status fail_absent(struct arena *arena, struct store *store,
                                        uint64_t to, uint64_t current,
                                        struct diag **failure) {
    return change_fail(arena, ERROR_REGISTRY_NO_SUCH_MOMENT, store->location,
                       arena_printf(arena,
                                    "number %llu is not kept; the index in force is "
                                    "number %llu",
                                    (unsigned long long)to,
                                    (unsigned long long)current),
                       failure);
}

/* The bytes of that number: of the history, or in force. */
static enum registry_status find_target(struct arena *arena, struct store *store,
                                        const struct registry_host *host, uint64_t to,
                                        struct buf *now, struct buf *then,
                                        struct diag **failure) {
    struct history history;
    struct store_object object;
    struct store_call call = {.arena = arena};
    enum registry_status status = history_list(arena, store, &history, failure);
    if (status == REGISTRY_OK) {
        status = registry_get(arena, store, host, now, &object, failure);
    }
    if (status != REGISTRY_OK) {
        return status;
    }
    switch (to == 0 ? STORE_ABSENT : history_get(store, &call, to, then)) {
    case STORE_OK:
        return REGISTRY_OK;
    case STORE_ABSENT:
        break;
    default:
        return change_store_failure(arena, store, &call.failure, failure);
    }
    uint64_t current = history_current(store, arena, &history, &object, buf_str(now));
    if (to == 0 || to != current) {
        return fail_absent(arena, store, to, current, failure);
    }
    return buf_append(then, buf_str(now)) ? REGISTRY_OK : REGISTRY_NO_MEMORY;
}

/* Only tells. */
static enum registry_status plan(struct arena *arena, struct store *store,
                                 struct rollback *rollback, struct str now,
                                 struct diag **failure) {
    struct index index;
    struct registry_written *written = &rollback->result->written;
    enum registry_status status =
        change_parse(arena, store->location, STORE_INDEX_NAME, now, &index, failure);
    if (status == REGISTRY_FAILED) {
        index_release(&index);
        index = (struct index){0};
        *failure = NULL;
        status = REGISTRY_OK;
    }
    if (status == REGISTRY_OK) {
        enum change_verdict verdict = edit(rollback, arena, &index, 0, failure);
        status = verdict == CHANGE_FAILED      ? REGISTRY_FAILED
                 : verdict == CHANGE_NO_MEMORY ? REGISTRY_NO_MEMORY
                                               : REGISTRY_OK;
    }
    if (status == REGISTRY_OK) {
        status =
            change_index_url(arena, store, index.artifacts_url, &written->index_url);
    }
    index_release(&index);
    return status;
}

enum registry_status registry_rollback(struct arena *arena, struct store *store,
                                       uint64_t to, bool dry_run,
                                       const struct registry_write *write,
                                       struct registry_rollback *result,
                                       struct diag **failure) {
    struct buf now;
    struct buf then;
    struct registry_write over = *write;
    over.replaces_all = true;
    buf_init(&now, 0);
    buf_init(&then, 0);
    *result = (struct registry_rollback){0};
    enum registry_status status =
        find_target(arena, store, write->host, to, &now, &then, failure);
    if (status == REGISTRY_OK) {
        struct rollback rollback = {.result = result,
                                    .location = store->location,
                                    .name = change_history_name(arena, to),
                                    .target = buf_str(&then)};
        status = dry_run ? plan(arena, store, &rollback, buf_str(&now), failure)
                         : change_run(arena, store, &over, edit, &rollback,
                                      &result->written, failure);
    }
    buf_release(&now);
    buf_release(&then);
    return status;
}
