#include "registry/yank.h"

#include "base/path.h"

static const struct index_file_codes codes = {ERROR_READ_FAILED,
                                              ERROR_YANK_INDEX_PARSE};

static enum registry_status change(struct arena *arena,
                                   const struct yank_request *request,
                                   struct index *index, struct yank_result *result,
                                   struct diag **failure) {
    size_t entry;
    *failure = NULL;
    if (!edit_yank(index, request->name, request->version, request->undo, arena,
                   &result->outcome, &entry, failure)) {
        return REGISTRY_NO_MEMORY;
    }
    if (*failure != NULL) {
        return REGISTRY_FAILED;
    }
    return index_entry_decode(index, entry, arena, &result->record)
               ? REGISTRY_OK
               : REGISTRY_NO_MEMORY;
}

enum registry_status yank_run(struct arena *arena, const struct yank_request *request,
                              struct index *index, struct yank_result *result,
                              struct diag **failure) {
    enum registry_status status =
        index_file_load(index, request->index, arena, &codes, failure);
    if (status == REGISTRY_OK) {
        status = index_file_prepare_out(request->out, request->index, arena, failure);
    }
    if (status == REGISTRY_OK) {
        status = change(arena, request, index, result, failure);
    }
    if (status != REGISTRY_OK) {
        return status;
    }
    result->index_path = path_join(arena, request->out.absolute, STR("index.json"));
    if (result->index_path.ptr == NULL) {
        return REGISTRY_NO_MEMORY;
    }
    struct fswrite write = {.fd = -1};
    status = index_file_write(index, result->index_path, request->index, arena,
                              ERROR_YANK_SCHEMA, &write, failure);
    if (status == REGISTRY_OK) {
        status = index_file_commit(&write, result->index_path, arena, failure);
    }
    fswrite_abort(&write);
    return status;
}
