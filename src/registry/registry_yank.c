#include "registry/change_drive.h"

struct yank {
    const struct registry_yank_request *request;
    struct registry_yank_result *result;
    struct index *index; /* what the result views */
    struct str location;
};

static enum change_verdict verdict_of(enum registry_status status) {
    return status == REGISTRY_NO_MEMORY ? CHANGE_NO_MEMORY : CHANGE_FAILED;
}

/* The same edit twice: of the index that will be written, and of one that outlives it.
 */
static enum change_verdict edit(void *context, struct arena *arena, struct index *index,
                                uint64_t serial, struct diag **failure) {
    struct yank *yank = context;
    const struct registry_yank_request *request = yank->request;
    struct registry_yank_result *result = yank->result;
    size_t entry;
    (void)serial;
    index_release(yank->index);
    enum registry_status status =
        change_parse(arena, yank->location, STORE_INDEX_NAME, buf_str(&index->source),
                     yank->index, failure);
    if (status != REGISTRY_OK) {
        return verdict_of(status);
    }
    if (!edit_yank(index, request->name, request->version, request->undo, arena,
                   &result->outcome, &entry, failure)) {
        return CHANGE_NO_MEMORY;
    }
    if (*failure != NULL) {
        return CHANGE_FAILED;
    }
    index_entry_set_yanked(yank->index, entry, !request->undo);
    if (!index_entry_decode(yank->index, entry, arena, &result->record)) {
        return CHANGE_NO_MEMORY;
    }
    bool is_news = result->outcome == YANK_YANKED || result->outcome == YANK_UNYANKED;
    return is_news ? CHANGE_WRITE : CHANGE_NOTHING;
}

enum registry_status registry_yank(struct arena *arena, struct store *store,
                                   const struct registry_yank_request *request,
                                   struct index *index,
                                   struct registry_yank_result *result,
                                   struct diag **failure) {
    struct yank yank = {request, result, index, store->location};
    *index = (struct index){0};
    *result = (struct registry_yank_result){0};
    enum registry_status status = change_run(arena, store, &request->write, edit, &yank,
                                             &result->written, failure);
    if (status == REGISTRY_OK && result->written.changed) {
        /* Also where a first try had done it and was not heard of. */
        result->outcome = request->undo ? YANK_UNYANKED : YANK_YANKED;
    }
    return status;
}
