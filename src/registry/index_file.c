#include "registry/index_file.h"

#include <errno.h>

#include "base/fs.h"
#include "base/limits.h"
#include "base/path.h"
#include "schema/index_read.h"
#include "schema/index_write.h"

const char *index_file_read_text(int error) {
    return error == EFBIG ? "an index has at most 2 GiB" : fs_error_text(error);
}

static enum registry_status io_failure(struct arena *arena, enum error_id id,
                                       struct str path, int error, const char *text,
                                       struct diag **failure) {
    if (error == ENOMEM) {
        return REGISTRY_NO_MEMORY;
    }
    struct detail details[] = {DETAIL_TEXT(path),
                               DETAIL_TEXT(str_of(fs_error_kind(error)))};
    *failure = diag_new(arena, id, path, details, 2);
    struct str *cause = arena_alloc(arena, sizeof *cause);
    if (*failure == NULL || cause == NULL) {
        return REGISTRY_NO_MEMORY;
    }
    *cause = str_of(text);
    (*failure)->note = *cause;
    (*failure)->causes = cause;
    (*failure)->cause_count = 1;
    return REGISTRY_FAILED;
}

enum registry_status index_file_io_failure(struct arena *arena, enum error_id id,
                                           struct str path, int error,
                                           struct diag **failure) {
    return io_failure(arena, id, path, error, fs_error_text(error), failure);
}

enum index_file_status index_file_read(struct index *index, struct typed_path path,
                                       struct arena *arena, int *error,
                                       struct diag_list *defects) {
    *index = (struct index){0};
    struct buf source;
    buf_init(&source, LIMIT_INDEX_BYTES);
    *error = fs_read_text(path.typed, &source);
    if (*error != 0) {
        buf_release(&source);
        return *error == ENOMEM ? INDEX_FILE_NO_MEMORY : INDEX_FILE_UNREADABLE;
    }
    switch (index_read(index, &source, path.typed, arena, defects)) {
    case INDEX_OK:
        return INDEX_FILE_OK;
    case INDEX_INVALID:
        return INDEX_FILE_INVALID;
    case INDEX_NO_MEMORY:
        break;
    }
    return INDEX_FILE_NO_MEMORY;
}

enum registry_status index_file_load(struct index *index, struct typed_path path,
                                     struct arena *arena,
                                     const struct index_file_codes *codes,
                                     struct diag **failure) {
    int error;
    struct diag_list defects = {0};
    switch (index_file_read(index, path, arena, &error, &defects)) {
    case INDEX_FILE_OK:
        return REGISTRY_OK;
    case INDEX_FILE_UNREADABLE:
        return io_failure(arena, codes->read_failed, path.absolute, error,
                          index_file_read_text(error), failure);
    case INDEX_FILE_NO_MEMORY:
        return REGISTRY_NO_MEMORY;
    case INDEX_FILE_INVALID:
        break;
    }
    *failure = diag_new(arena, codes->parse_failed, path.absolute, NULL, 0);
    if (*failure == NULL) {
        return REGISTRY_NO_MEMORY;
    }
    diag_nest(*failure, &defects);
    return REGISTRY_FAILED;
}

/* Is the directory at `path` the one at `real_out`? Absent or unreadable: it is not. */
static int is_directory(struct arena *arena, struct str path, struct str real_out,
                        bool *is_same) {
    struct str real;
    *is_same = false;
    int error = fs_real_path(arena, path, &real);
    if (error == 0) {
        *is_same = str_equal(real, real_out);
    }
    return error;
}

/* By its real path, or by its own name where it is a link that lies in `out`. */
static int find_overlap(struct arena *arena, struct str real_out, struct str index,
                        bool *overlaps) {
    struct str real_index;
    int error = fs_real_path(arena, index, &real_index);
    if (error != 0) {
        return error;
    }
    *overlaps = str_equal(path_parent(real_index), real_out);
    if (*overlaps || !str_equal(path_last(index), STR("index.json"))) {
        return 0;
    }
    return is_directory(arena, path_parent(index), real_out, overlaps);
}

enum registry_status index_file_prepare_out(struct typed_path out,
                                            struct typed_path index,
                                            struct arena *arena,
                                            struct diag **failure) {
    int error = fs_make_directories(out.typed);
    if (error != 0) {
        return index_file_io_failure(arena, ERROR_WRITE_FAILED, out.absolute, error,
                                     failure);
    }
    struct str real_out;
    error = fs_real_path(arena, out.typed, &real_out);
    if (error != 0) {
        return index_file_io_failure(arena, ERROR_CANONICALIZE_FAILED, out.absolute,
                                     error, failure);
    }
    bool overlaps;
    error = find_overlap(arena, real_out, index.typed, &overlaps);
    if (error != 0) {
        return index_file_io_failure(arena, ERROR_CANONICALIZE_FAILED, index.absolute,
                                     error, failure);
    }
    if (!overlaps) {
        return REGISTRY_OK;
    }
    struct detail details[] = {DETAIL_TEXT(index.absolute), DETAIL_TEXT(out.absolute)};
    *failure = diag_new(arena, ERROR_USAGE_INPUT_OUTPUT_OVERLAP, STR_NONE, details, 2);
    return *failure == NULL ? REGISTRY_NO_MEMORY : REGISTRY_FAILED;
}

int index_file_output(struct arena *arena, struct str path, struct typed_path input,
                      struct str *file) {
    struct stat output_info;
    struct stat input_info;
    int error = fs_follow(arena, path, file);
    if (error != 0) {
        return error;
    }
    bool is_input = fs_stat(*file, &output_info) == 0 &&
                    fs_stat(input.typed, &input_info) == 0 &&
                    output_info.st_dev == input_info.st_dev &&
                    output_info.st_ino == input_info.st_ino;
    *file = is_input ? path : *file;
    return 0;
}

struct file_sink {
    struct fswrite *write;
    int error;
};

static bool sink_append(void *context, struct str bytes) {
    struct file_sink *sink = context;
    sink->error = fswrite_append(sink->write, bytes);
    return sink->error == 0;
}

enum registry_status index_file_write(const struct index *index, struct str path,
                                      struct typed_path input, struct arena *arena,
                                      enum error_id schema_failed,
                                      struct fswrite *write, struct diag **failure) {
    struct str file;
    struct file_sink sink = {write, index_file_output(arena, path, input, &file)};
    if (sink.error == 0) {
        sink.error = fswrite_open(write, arena, file);
    }
    if (sink.error == 0) {
        struct diag *defect = NULL;
        switch (index_write(index, sink_append, &sink, arena, &defect)) {
        case INDEX_WRITE_OK:
            break;
        case INDEX_WRITE_DESCRIPTION_TOO_LONG:
            defect->id = schema_failed;
            defect->field = STR_NONE;
            *failure = defect;
            return REGISTRY_FAILED;
        case INDEX_WRITE_NO_MEMORY:
            return REGISTRY_NO_MEMORY;
        }
    }
    if (sink.error == 0) {
        sink.error = fswrite_sync(write);
    }
    return sink.error == 0 ? REGISTRY_OK
                           : index_file_io_failure(arena, ERROR_WRITE_FAILED, path,
                                                   sink.error, failure);
}

enum registry_status index_file_commit(struct fswrite *write, struct str path,
                                       struct arena *arena, struct diag **failure) {
    int error = fswrite_rename(write);
    return error == 0
               ? REGISTRY_OK
               : index_file_io_failure(arena, ERROR_WRITE_FAILED, path, error, failure);
}
