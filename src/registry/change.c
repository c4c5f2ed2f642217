#include "registry/change.h"

#include "base/limits.h"
#include "grammar/url.h"
#include "registry/change_drive.h"
#include "schema/index_read.h"
#include "schema/index_write.h"

static bool append_bytes(void *context, struct str bytes) {
    return buf_append(context, bytes);
}

/* The bytes of an index, appended. */
static enum registry_status serialize(const struct index *index, struct buf *bytes,
                                      struct arena *arena, struct diag **failure) {
    struct diag *defect = NULL;
    switch (index_write(index, append_bytes, bytes, arena, &defect)) {
    case INDEX_WRITE_OK:
        return bytes->failed ? REGISTRY_NO_MEMORY : REGISTRY_OK;
    case INDEX_WRITE_DESCRIPTION_TOO_LONG:
        defect->id = ERROR_PACKAGE_SCHEMA;
        defect->field = STR_NONE;
        *failure = defect;
        return REGISTRY_FAILED;
    case INDEX_WRITE_NO_MEMORY:
        break;
    }
    return REGISTRY_NO_MEMORY;
}

enum registry_status change_serialize(const struct index *index, struct arena *arena,
                                      struct str *bytes, struct diag **failure) {
    struct buf text;
    buf_init(&text, LIMIT_INDEX_BYTES);
    enum registry_status status = serialize(index, &text, arena, failure);
    if (status == REGISTRY_OK) {
        *bytes = arena_copy(arena, buf_str(&text));
        status = bytes->ptr == NULL ? REGISTRY_NO_MEMORY : REGISTRY_OK;
    }
    buf_release(&text);
    return status;
}

enum registry_status change_parse(struct arena *arena, struct str location,
                                  struct str name, struct str bytes,
                                  struct index *index, struct diag **failure) {
    struct buf source;
    struct diag_list defects = {0};
    *index = (struct index){0};
    buf_init(&source, LIMIT_INDEX_BYTES);
    if (!buf_append(&source, bytes)) {
        buf_release(&source);
        return REGISTRY_NO_MEMORY;
    }
    switch (index_read(index, &source, name, arena, &defects)) {
    case INDEX_OK:
        return REGISTRY_OK;
    case INDEX_NO_MEMORY:
        return REGISTRY_NO_MEMORY;
    case INDEX_INVALID:
        break;
    }
    *failure = diag_new(arena, ERROR_REGISTRY_INDEX_INVALID, name,
                        (struct detail[]){DETAIL_TEXT(location)}, 1);
    if (*failure == NULL) {
        return REGISTRY_NO_MEMORY;
    }
    diag_nest(*failure, &defects);
    return REGISTRY_FAILED;
}

enum registry_status change_fail(struct arena *arena, enum error_id id,
                                 struct str location, struct str note,
                                 struct diag **failure) {
    struct diag *diag =
        diag_new(arena, id, STR_NONE, (struct detail[]){DETAIL_TEXT(location)}, 1);
    if (diag == NULL || note.ptr == NULL) {
        return REGISTRY_NO_MEMORY;
    }
    diag->note = note;
    *failure = diag;
    return REGISTRY_FAILED;
}

enum registry_status change_store_failure(struct arena *arena,
                                          const struct store *store,
                                          const struct failure *from,
                                          struct diag **failure) {
    struct failure silent = {0};
    if (!from->is_set) {
        failure_set(&silent, ERROR_STORE_BAD_RESPONSE, STR_NONE,
                    "the host gave no answer that makes sense here");
        from = &silent;
    }
    *failure = failure_diag(from, arena, store->location);
    return *failure == NULL ? REGISTRY_NO_MEMORY : REGISTRY_FAILED;
}

enum registry_status change_refuse_shared(struct arena *arena,
                                          const struct store *store,
                                          struct diag **failure) {
    return change_fail(arena, ERROR_REGISTRY_NOT_EXCLUSIVE, store->location,
                       STR("it honours no condition on a write, so that of two that "
                           "publish at the same time one may be lost"),
                       failure);
}

/* The caller's edit of the base; a failure must outlive the index that it views. */
static enum registry_status edit(struct change_drive *drive,
                                 const struct change_request *request,
                                 struct change_reply *reply) {
    struct index index;
    struct diag *refused = NULL;
    struct str location = drive->store->location;
    enum registry_status status = change_parse(drive->arena, location, STORE_INDEX_NAME,
                                               request->bytes, &index, &refused);
    if (status == REGISTRY_FAILED && drive->write->replaces_all) {
        index_release(&index);
        index = (struct index){0};
        refused = NULL;
        status = REGISTRY_OK;
    }
    if (status == REGISTRY_OK) {
        reply->verdict = drive->edit(drive->context, drive->arena, &index,
                                     request->serial, &refused);
        status = reply->verdict == CHANGE_FAILED      ? REGISTRY_FAILED
                 : reply->verdict == CHANGE_NO_MEMORY ? REGISTRY_NO_MEMORY
                                                      : REGISTRY_OK;
    }
    if (status == REGISTRY_OK && reply->verdict == CHANGE_WRITE) {
        bool is_shared =
            drive->store->needs_exclusive || drive->store->mode == STORE_OVERWRITE;
        if (is_shared && !drive->write->assume_exclusive) {
            status = change_refuse_shared(drive->arena, drive->store, drive->failure);
        } else {
            struct buf bytes;
            buf_init(&bytes, LIMIT_INDEX_BYTES);
            status = serialize(&index, &bytes, drive->arena, &refused);
            reply->bytes = change_keep(drive, CHANGE_SLOT_NEXT, &bytes);
        }
    }
    if (status == REGISTRY_FAILED && refused != NULL) {
        *drive->failure = diag_copy(drive->arena, refused);
        status = *drive->failure == NULL ? REGISTRY_NO_MEMORY : status;
    }
    if (drive->url.ptr == NULL) {
        drive->url =
            arena_copy(drive->arena,
                       index.artifacts_url.ptr == NULL ? STR("") : index.artifacts_url);
    }
    index_release(&index);
    return status;
}

enum registry_status change_index_url(struct arena *arena, const struct store *store,
                                      struct str artifacts_url, struct str *index_url) {
    struct url base;
    struct syntax_error error;
    struct str from =
        store->artifacts_url.ptr == NULL ? artifacts_url : store->artifacts_url;
    *index_url = STR_NONE;
    if (from.ptr == NULL) {
        return REGISTRY_OK;
    }
    enum grammar_status status = url_parse(arena, from, &base, &error);
    if (status == GRAMMAR_OK) {
        status = url_append_segment(arena, &base, STORE_INDEX_NAME, index_url);
    }
    return status == GRAMMAR_NO_MEMORY ? REGISTRY_NO_MEMORY : REGISTRY_OK;
}

/* Without a number the earlier index has no name to be kept under. */
static bool warn_no_history(struct change_drive *drive,
                            const struct change_machine *machine) {
    if (!machine->changed || machine->options.can_list || machine->next_serial != 0 ||
        machine->options.seed.ptr != NULL) {
        return true;
    }
    struct diag *diag =
        diag_new(drive->arena, ERROR_WARNING_NO_HISTORY, STR_NONE,
                 (struct detail[]){DETAIL_TEXT(drive->store->location)}, 1);
    if (diag == NULL) {
        return false;
    }
    diag->note = STR("it cannot list what it has");
    diag_append(&drive->written->warnings, diag);
    return true;
}

static enum registry_status finish(struct change_drive *drive,
                                   const struct change_machine *machine) {
    struct registry_written *written = drive->written;
    struct str location = drive->store->location;
    written->attempts = machine->attempts;
    written->serial = machine->next_serial;
    written->changed = machine->changed;
    switch (machine->end) {
    case CHANGE_END_DONE:
        if (!warn_no_history(drive, machine)) {
            return REGISTRY_NO_MEMORY;
        }
        return change_index_url(drive->arena, drive->store, drive->url,
                                &written->index_url);
    case CHANGE_END_NOT_FOUND:
        return change_fail(drive->arena, ERROR_REGISTRY_NOT_FOUND, location,
                           STR("index.json is missing"), drive->failure);
    case CHANGE_END_EXISTS:
        return change_fail(drive->arena, ERROR_REGISTRY_EXISTS, location,
                           STR("it has an index.json, or the history of one"),
                           drive->failure);
    case CHANGE_END_FOREIGN:
        return change_foreign(drive, machine);
    case CHANGE_END_BUSY:
        return change_fail(
            drive->arena, ERROR_REGISTRY_BUSY, location,
            arena_printf(drive->arena, "others were faster %u times", machine->waits),
            drive->failure);
    case CHANGE_END_STORE:
        return change_store_failure(drive->arena, drive->store, &drive->problem,
                                    drive->failure);
    case CHANGE_END_EDIT:
        break;
    }
    return drive->edit_status;
}

enum registry_status change_drive(struct change_drive *drive,
                                  const struct change_options *options) {
    struct change_machine machine;
    struct change_request request;
    enum registry_status status = REGISTRY_OK;
    for (size_t i = 0; i < CHANGE_SLOT_COUNT; i++) {
        buf_init(&drive->slots[i], LIMIT_INDEX_BYTES);
    }
    drive->edit_status = REGISTRY_OK;
    change_begin(&machine, options);
    for (;;) {
        struct change_reply reply = {0};
        change_next(&machine, &request);
        if (request.ask == CHANGE_ASK_END || status == REGISTRY_NO_MEMORY) {
            break;
        }
        if (request.ask == CHANGE_ASK_EDIT) {
            drive->edit_status = edit(drive, &request, &reply);
            if (drive->edit_status != REGISTRY_OK) {
                reply.verdict = CHANGE_FAILED;
            }
        } else {
            status = change_ask(drive, &request, &reply);
        }
        reply.now_s = drive->write->host->now_s(drive->write->host->context);
        change_take(&machine, &reply);
    }
    status = status == REGISTRY_OK ? finish(drive, &machine) : status;
    for (size_t i = 0; i < CHANGE_SLOT_COUNT; i++) {
        buf_release(&drive->slots[i]);
    }
    return status;
}

static void set_options(struct change_options *options, const struct store *store,
                        const struct registry_write *write) {
    change_defaults(options);
    options->mode = store->mode;
    options->can_list = store->ops->list != NULL;
    options->adopt = write->adopt;
    options->token = write->host->random(write->host->context);
}

enum registry_status change_run(struct arena *arena, struct store *store,
                                const struct registry_write *write, change_edit edit_of,
                                void *context, struct registry_written *written,
                                struct diag **failure) {
    struct change_options options;
    struct change_drive drive = {.arena = arena,
                                 .store = store,
                                 .write = write,
                                 .edit = edit_of,
                                 .context = context,
                                 .written = written,
                                 .failure = failure};
    *written = (struct registry_written){0};
    set_options(&options, store, write);
    return change_drive(&drive, &options);
}

enum registry_status change_seed(struct arena *arena, struct store *store,
                                 const struct registry_write *write, struct str bytes,
                                 struct registry_written *written,
                                 struct diag **failure) {
    struct change_options options;
    struct change_drive drive = {.arena = arena,
                                 .store = store,
                                 .write = write,
                                 .written = written,
                                 .failure = failure};
    *written = (struct registry_written){0};
    set_options(&options, store, write);
    options.seed = bytes;
    return change_drive(&drive, &options);
}
