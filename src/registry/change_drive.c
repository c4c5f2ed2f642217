#include "registry/change_drive.h"

#include "base/limits.h"

struct str change_keep(struct change_drive *drive, enum change_slot slot,
                       struct buf *text) {
    buf_release(&drive->slots[slot]);
    drive->slots[slot] = *text;
    return buf_str(&drive->slots[slot]);
}

enum registry_status change_warn(struct arena *arena, const struct store *store,
                                 struct str warning, struct diag_list *warnings) {
    struct diag *diag = diag_new(arena, ERROR_WARNING_STORE, STR_NONE,
                                 (struct detail[]){DETAIL_TEXT(store->location)}, 1);
    if (diag == NULL) {
        return REGISTRY_NO_MEMORY;
    }
    diag->note = warning;
    diag_append(warnings, diag);
    return REGISTRY_OK;
}

static enum store_status unsupported(struct store_call *call, struct str name) {
    failure_set(&call->failure, ERROR_STORE_UNSUPPORTED, name,
                "the host cannot do what its mode of writing needs");
    return STORE_FAILED;
}

static enum store_status ask_get(struct change_drive *drive, struct store_call *call,
                                 const struct change_request *request,
                                 struct change_reply *reply) {
    struct buf bytes;
    buf_init(&bytes, LIMIT_INDEX_BYTES);
    enum store_status status =
        drive->store->ops->get(drive->store, call, str_of(request->name),
                               LIMIT_INDEX_BYTES, &bytes, &reply->object);
    if (status == STORE_OK) {
        reply->bytes = change_keep(drive, request->slot, &bytes);
    } else {
        buf_release(&bytes);
    }
    return status;
}

static enum store_status ask_write(struct change_drive *drive, struct store_call *call,
                                   const struct change_request *request,
                                   struct change_reply *reply) {
    const struct store_ops *ops = drive->store->ops;
    struct store_put put = {.name = str_of(request->name),
                            .bytes = request->bytes.ptr == NULL ? str_of(request->lock)
                                                                : request->bytes,
                            .serial = request->serial};
    if (request->ask == CHANGE_ASK_PUT_NEW) {
        return ops->put_new(drive->store, call, &put, &reply->object);
    }
    if (ops->replace == NULL) {
        return unsupported(call, put.name);
    }
    bool has_seen = request->seen.name.ptr != NULL;
    return ops->replace(drive->store, call, &put, has_seen ? &request->seen : NULL,
                        &reply->object);
}

static enum store_status ask_store(struct change_drive *drive, struct store_call *call,
                                   const struct change_request *request,
                                   struct change_reply *reply) {
    const struct store_ops *ops = drive->store->ops;
    struct str name = str_of(request->name);
    switch (request->ask) {
    case CHANGE_ASK_GET:
        return ask_get(drive, call, request, reply);
    case CHANGE_ASK_LIST:
        return ops->list == NULL ? unsupported(call, name)
                                 : ops->list(drive->store, call, name, &reply->list);
    case CHANGE_ASK_RENAME:
        return ops->rename == NULL
                   ? unsupported(call, name)
                   : ops->rename(drive->store, call, &request->seen, name);
    case CHANGE_ASK_REMOVE:
        return ops->remove == NULL ? unsupported(call, name)
                                   : ops->remove(drive->store, call, &request->seen);
    default:
        return ask_write(drive, call, request, reply);
    }
}

/* Half of the time at least, the rest by chance, so that two do not meet again. */
static void wait_some(struct change_drive *drive, uint32_t wait_ms,
                      struct change_reply *reply) {
    const struct registry_host *host = drive->write->host;
    uint32_t least = wait_ms / 2;
    uint64_t chance = host->random(host->context);
    reply->waited_ms = least + (uint32_t)(chance % (wait_ms - least + 1));
    host->sleep_ms(host->context, reply->waited_ms);
}

enum registry_status change_ask(struct change_drive *drive,
                                const struct change_request *request,
                                struct change_reply *reply) {
    if (request->ask == CHANGE_ASK_WAIT) {
        wait_some(drive, request->wait_ms, reply);
        return REGISTRY_OK;
    }
    struct store_call call = {.arena = drive->arena};
    memset(&reply->object, 0, sizeof reply->object);
    reply->status = ask_store(drive, &call, request, reply);
    if (reply->status == STORE_FAILED && !drive->problem.is_set) {
        drive->problem = call.failure;
    }
    if (call.failure.is_memory_out) {
        return REGISTRY_NO_MEMORY;
    }
    if (call.warning.ptr != NULL && !str_equal(call.warning, drive->warned)) {
        drive->warned = call.warning;
        return change_warn(drive->arena, drive->store, call.warning,
                           &drive->written->warnings);
    }
    return REGISTRY_OK;
}
