#include "registry/package.h"

#include "base/path.h"
#include "grammar/timestamp.h"
#include "plugin/warnings.h"
#include "registry/edit.h"

static const struct index_file_codes codes = {ERROR_READ_FAILED,
                                              ERROR_PACKAGE_INDEX_PARSE};

/* The artifact on its way to the disk. */
struct artifact_file {
    struct arena *arena;
    const struct index *index;
    const struct fields *fields;
    struct str path;
    struct typed_path input;
    struct fswrite write;
    struct diag *refused;
    int error;
    bool is_begun;
    bool is_memory_out;
};

/* Before the first byte: is there a place for it in the index? By then the paths in the
 * archive have been checked, which comes first, and no work has been done in vain. */
static bool begin(struct artifact_file *file) {
    struct str place;
    file->is_begun = true;
    if (!edit_may_add(file->index, file->fields->name, file->fields->version,
                      file->arena, &file->refused)) {
        file->is_memory_out = true;
    }
    if (file->is_memory_out || file->refused != NULL) {
        return false;
    }
    file->error = index_file_output(file->arena, file->path, file->input, &place);
    if (file->error == 0) {
        file->error = fswrite_open(&file->write, file->arena, place);
    }
    return file->error == 0;
}

static bool append(void *context, struct str bytes) {
    struct artifact_file *file = context;
    if (!file->is_begun && !begin(file)) {
        return false;
    }
    file->error = fswrite_append(&file->write, bytes);
    return file->error == 0;
}

static enum registry_status validate(struct arena *arena,
                                     const struct package_request *request,
                                     struct plugin *plugin, struct diag **failure) {
    switch (plugin_validate(arena, request->plugin_dir, request->plugin_dir,
                            &plugin_codes_package, request->want_warnings, plugin)) {
    case PLUGIN_OK:
        return REGISTRY_OK;
    case PLUGIN_FAILED:
        *failure = plugin->failure;
        return REGISTRY_FAILED;
    case PLUGIN_NO_MEMORY:
        return REGISTRY_NO_MEMORY;
    case PLUGIN_INVALID:
        break;
    }
    *failure = diag_new(arena, ERROR_VALIDATE_FAILED, STR_NONE, NULL, 0);
    if (*failure == NULL) {
        return REGISTRY_NO_MEMORY;
    }
    diag_nest(*failure, &plugin->defects);
    return REGISTRY_FAILED;
}

/* Why the artifact was stopped. */
static enum registry_status why_stopped(struct artifact_file *file,
                                        struct diag **failure) {
    if (file->is_memory_out) {
        return REGISTRY_NO_MEMORY;
    }
    if (file->refused != NULL) {
        *failure = file->refused;
        return REGISTRY_FAILED;
    }
    return index_file_io_failure(file->arena, ERROR_WRITE_FAILED, file->path,
                                 file->error, failure);
}

static enum registry_status build(struct artifact_file *file,
                                  const struct package_request *request,
                                  struct str prefix, struct package_result *result,
                                  struct diag **failure) {
    switch (artifact_build(file->arena, request->plugin_dir, prefix,
                           &result->plugin.files, append, file, &result->artifact,
                           failure)) {
    case ARTIFACT_OK:
        break;
    case ARTIFACT_FAILED:
        return REGISTRY_FAILED;
    case ARTIFACT_STOPPED:
        return why_stopped(file, failure);
    case ARTIFACT_NO_MEMORY:
        return REGISTRY_NO_MEMORY;
    }
    file->error = fswrite_sync(&file->write);
    return file->error == 0 ? REGISTRY_OK : why_stopped(file, failure);
}

/* The new entry, in the index and in the result. */
static enum registry_status
add_entry(struct arena *arena, const struct package_request *request,
          struct index *index, struct package_result *result, struct diag **failure) {
    char time[TIMESTAMP_BYTES + 1];
    timestamp_format(request->published_at, time);
    struct index_record *record = arena_alloc(&index->arena, sizeof *record);
    if (record == NULL) {
        return REGISTRY_NO_MEMORY;
    }
    *record = (struct index_record){
        .fields = result->plugin.manifest.fields,
        .published_at = arena_copy(arena, str_of(time)),
        .hash = arena_copy(arena, str_of(result->artifact.hash)),
    };
    *failure = NULL;
    if (record->published_at.ptr == NULL || record->hash.ptr == NULL ||
        !edit_add(index, record, arena, failure)) {
        return REGISTRY_NO_MEMORY;
    }
    result->record = *record;
    return *failure == NULL ? REGISTRY_OK : REGISTRY_FAILED;
}

/* Both files whole and synced under temporary names, then their names. */
static enum registry_status write_files(struct arena *arena,
                                        const struct package_request *request,
                                        struct index *index, struct str prefix,
                                        struct package_result *result,
                                        struct diag **failure) {
    struct artifact_file file = {.arena = arena,
                                 .index = index,
                                 .fields = &result->plugin.manifest.fields,
                                 .path = result->artifact_path,
                                 .input = request->index,
                                 .write = {.fd = -1}};
    struct fswrite index_write = {.fd = -1};
    enum registry_status status = build(&file, request, prefix, result, failure);
    if (status == REGISTRY_OK && request->want_warnings &&
        !warnings_large_artifact(arena, result->artifact.size_bytes,
                                 &result->plugin.files, &result->plugin.warnings)) {
        status = REGISTRY_NO_MEMORY;
    }
    if (status == REGISTRY_OK) {
        status = add_entry(arena, request, index, result, failure);
    }
    if (status == REGISTRY_OK) {
        status = index_file_write(index, result->index_path, request->index, arena,
                                  ERROR_PACKAGE_SCHEMA, &index_write, failure);
    }
    if (status == REGISTRY_OK) {
        status = index_file_commit(&file.write, result->artifact_path, arena, failure);
    }
    if (status == REGISTRY_OK) {
        status = index_file_commit(&index_write, result->index_path, arena, failure);
    }
    fswrite_abort(&file.write);
    fswrite_abort(&index_write);
    return status;
}

enum registry_status package_run(struct arena *arena,
                                 const struct package_request *request,
                                 struct index *index, struct package_result *result,
                                 struct diag **failure) {
    *result = (struct package_result){0};
    enum registry_status status =
        index_file_load(index, request->index, arena, &codes, failure);
    if (status == REGISTRY_OK) {
        status = index_file_prepare_out(request->out, request->index, arena, failure);
    }
    if (status == REGISTRY_OK) {
        status = validate(arena, request, &result->plugin, failure);
    }
    if (status != REGISTRY_OK) {
        return status;
    }
    const struct fields *fields = &result->plugin.manifest.fields;
    struct str prefix =
        arena_concat(arena, (struct str[]){fields->name, STR("-"), fields->version}, 3);
    if (prefix.ptr == NULL) {
        return REGISTRY_NO_MEMORY;
    }
    struct str name = arena_concat(arena, (struct str[]){prefix, STR(".tar.gz")}, 2);
    if (name.ptr == NULL) {
        return REGISTRY_NO_MEMORY;
    }
    result->artifact_path = path_join(arena, request->out.absolute, name);
    result->index_path = path_join(arena, request->out.absolute, STR("index.json"));
    if (result->artifact_path.ptr == NULL || result->index_path.ptr == NULL) {
        return REGISTRY_NO_MEMORY;
    }
    return write_files(arena, request, index, prefix, result, failure);
}
