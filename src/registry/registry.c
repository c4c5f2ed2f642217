#include "registry/registry.h"

#include "base/limits.h"
#include "registry/change_drive.h"

/* How long readers wait for an index.json that is being replaced, and how often they
 * look. */
enum { PATIENCE_MS = 10000, PAUSE_MS = 500 };

static enum store_status get_patiently(struct store *store, struct store_call *call,
                                       const struct registry_host *host,
                                       struct buf *bytes, struct store_object *object) {
    uint32_t waited_ms = 0;
    for (;;) {
        *object = (struct store_object){0};
        buf_init(bytes, LIMIT_INDEX_BYTES);
        enum store_status status = store->ops->get(store, call, STORE_INDEX_NAME,
                                                   LIMIT_INDEX_BYTES, bytes, object);
        if (status != STORE_ABSENT || !store->waits_for_index ||
            waited_ms >= PATIENCE_MS) {
            return status;
        }
        buf_release(bytes);
        host->sleep_ms(host->context, PAUSE_MS);
        waited_ms += PAUSE_MS;
    }
}

/* Is there a history without an index? Its highest number, or 0. */
static uint64_t newest_history(struct store *store, struct store_call *call) {
    struct store_list list = {0};
    uint64_t newest = 0;
    if (store->ops->list == NULL ||
        store->ops->list(store, call, STR("index-"), &list) != STORE_OK) {
        return 0;
    }
    for (size_t i = 0; i < list.count; i++) {
        uint64_t serial = change_history_serial(list.objects[i].name);
        newest = serial > newest ? serial : newest;
    }
    return newest;
}

static enum registry_status fail_absent(struct arena *arena, struct store *store,
                                        struct diag **failure) {
    struct store_call call = {.arena = arena};
    uint64_t newest = newest_history(store, &call);
    struct str note = STR("index.json is missing");
    if (newest != 0) {
        note = arena_printf(arena,
                            "index.json is missing, though its history is there up to "
                            "number %llu",
                            (unsigned long long)newest);
    }
    return change_fail(arena, ERROR_REGISTRY_NOT_FOUND, store->location, note, failure);
}

enum registry_status registry_get(struct arena *arena, struct store *store,
                                  const struct registry_host *host, struct buf *bytes,
                                  struct store_object *object, struct diag **failure) {
    struct store_call call = {.arena = arena};
    switch (get_patiently(store, &call, host, bytes, object)) {
    case STORE_OK:
        return REGISTRY_OK;
    case STORE_ABSENT:
        return fail_absent(arena, store, failure);
    default:
        return change_store_failure(arena, store, &call.failure, failure);
    }
}

enum registry_status registry_read(struct arena *arena, struct store *store,
                                   const struct registry_host *host,
                                   struct index *index, struct str *text,
                                   struct diag **failure) {
    struct buf bytes;
    struct store_object object;
    *index = (struct index){0};
    enum registry_status status =
        registry_get(arena, store, host, &bytes, &object, failure);
    if (status == REGISTRY_OK) {
        status = change_parse(arena, store->location, STORE_INDEX_NAME, buf_str(&bytes),
                              index, failure);
    }
    if (status == REGISTRY_OK && text != NULL) {
        *text = buf_str(&index->source);
    }
    buf_release(&bytes);
    return status;
}
