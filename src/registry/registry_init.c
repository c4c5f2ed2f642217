#include "base/limits.h"
#include "registry/change_drive.h"
#include "registry/registry_probe.h"

/* The URL given, or that of the store, serialized. */
static enum registry_status choose_url(struct arena *arena, const struct store *store,
                                       struct str given, struct str *href,
                                       struct diag **failure) {
    struct str text = given.ptr != NULL ? given : store->artifacts_url;
    if (text.ptr == NULL) {
        return change_fail(arena, ERROR_REGISTRY_NO_ARTIFACTS_URL, store->location,
                           STR(""), failure);
    }
    return change_artifacts_url(arena, text, href, failure);
}

static enum registry_status prepare(struct arena *arena, struct store *store,
                                    struct diag **failure) {
    struct store_call call = {.arena = arena};
    if (store->ops->prepare == NULL || store->ops->prepare(store, &call) == STORE_OK) {
        return REGISTRY_OK;
    }
    return change_store_failure(arena, store, &call.failure, failure);
}

/* Before anything is probed over it. */
static enum registry_status refuse_existing(struct arena *arena, struct store *store,
                                            struct diag **failure) {
    struct store_call call = {.arena = arena};
    struct buf bytes;
    struct store_object object;
    enum store_status status = store->ops->get(store, &call, STORE_INDEX_NAME,
                                               LIMIT_INDEX_BYTES, &bytes, &object);
    buf_release(&bytes);
    if (status == STORE_ABSENT) {
        return REGISTRY_OK;
    }
    return status == STORE_OK
               ? change_fail(arena, ERROR_REGISTRY_EXISTS, store->location,
                             STR("it has an index.json"), failure)
               : change_store_failure(arena, store, &call.failure, failure);
}

static enum registry_status seed(struct arena *arena, struct store *store,
                                 const struct registry_write *write, struct str href,
                                 struct str *index_url, struct diag **failure) {
    struct index empty = {.artifacts_url = href, .schema_minor = INDEX_SCHEMA_MINOR};
    struct registry_written written;
    struct str bytes = STR_NONE;
    enum registry_status status = change_serialize(&empty, arena, &bytes, failure);
    if (status == REGISTRY_OK) {
        status = change_seed(arena, store, write, bytes, &written, failure);
    }
    if (status == REGISTRY_OK) {
        status = change_index_url(arena, store, href, index_url);
    }
    return status;
}

enum registry_status registry_init(struct arena *arena, struct store *store,
                                   const struct registry_init_request *request,
                                   struct registry_init_result *result,
                                   struct diag **failure) {
    *result = (struct registry_init_result){
        .mode = store->mode,
        .needs_exclusive = store->needs_exclusive || store->mode == STORE_OVERWRITE};
    enum registry_status status = choose_url(arena, store, request->artifacts_url,
                                             &result->artifacts_url, failure);
    if (status == REGISTRY_OK && result->needs_exclusive &&
        !request->write.assume_exclusive) {
        status = change_refuse_shared(arena, store, failure);
    }
    if (status == REGISTRY_OK) {
        status = prepare(arena, store, failure);
    }
    if (status == REGISTRY_OK) {
        status = refuse_existing(arena, store, failure);
    }
    if (status == REGISTRY_OK) {
        status = registry_probe(arena, store, request->write.host, failure);
    }
    if (status == REGISTRY_OK) {
        status = seed(arena, store, &request->write, result->artifacts_url,
                      &result->index_url, failure);
    }
    return status;
}
