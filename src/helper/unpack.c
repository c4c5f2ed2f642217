#include "helper/unpack.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>

#include "base/fs.h"
#include "base/limits.h"
#include "helper/scratch.h"

/* Own checks come first; these are the second line. */
static const int secure = ARCHIVE_EXTRACT_SECURE_SYMLINKS |
                          ARCHIVE_EXTRACT_SECURE_NODOTDOT |
                          ARCHIVE_EXTRACT_NO_OVERWRITE;

struct unpacking {
    struct arena *arena;
    struct str top;
    struct str directory;
    struct archive *from;
    struct archive *to;
    size_t files;
    uint64_t bytes;
    struct str *why;
};

static enum unpack_status refuse(struct unpacking *job, struct str why) {
    *job->why = why;
    return why.ptr == NULL ? UNPACK_NO_MEMORY : UNPACK_REFUSED;
}

static enum unpack_status refuse_path(struct unpacking *job, struct str path,
                                      const char *what) {
    struct str shown = path.len > 200 ? str_first(path, 200) : path;
    return refuse(job, arena_printf(job->arena, "`%.*s` %s", STR_ARG(shown), what));
}

/* What libarchive says of a reader or writer. */
static enum unpack_status explain(struct unpacking *job, struct archive *archive) {
    if (archive_errno(archive) == ENOMEM) {
        return UNPACK_NO_MEMORY;
    }
    const char *text = archive_error_string(archive);
    struct str why =
        arena_copy(job->arena, str_of(text == NULL ? "it cannot be unpacked" : text));
    enum unpack_status status = refuse(job, why);
    return status == UNPACK_REFUSED && archive == job->to ? UNPACK_FAILED : status;
}

/* Below the one directory, component by component. */
static bool is_path_good(struct str top, struct str path) {
    if (!str_starts_with(path, top) || path.len <= top.len + 1 ||
        path.ptr[top.len] != '/') {
        return false;
    }
    for (size_t at = 0; at <= path.len;) {
        struct str rest = str_skip(path, at);
        struct str part = str_first(rest, str_find(rest, '/'));
        if (part.len == 0 || str_equal(part, STR(".")) || str_equal(part, STR(".."))) {
            return false;
        }
        at += part.len + 1;
    }
    return true;
}

static enum unpack_status copy_data(struct unpacking *job) {
    for (;;) {
        const void *block;
        size_t size;
        la_int64_t offset;
        int status = archive_read_data_block(job->from, &block, &size, &offset);
        if (status == ARCHIVE_EOF) {
            return UNPACK_OK;
        }
        if (status != ARCHIVE_OK) {
            return explain(job, job->from);
        }
        job->bytes += size;
        if (job->bytes > LIMIT_UNPACKED_BYTES ||
            offset > (la_int64_t)LIMIT_UNPACKED_BYTES) {
            return refuse(job, STR("it holds more than a GiB"));
        }
        if (archive_write_data_block(job->to, block, size, offset) != ARCHIVE_OK) {
            return explain(job, job->to);
        }
    }
}

static enum unpack_status take_entry(struct unpacking *job,
                                     struct archive_entry *entry) {
    const char *name = archive_entry_pathname(entry);
    struct str path = str_of(name == NULL ? archive_entry_pathname_utf8(entry) : name);
    if (path.ptr == NULL) {
        return refuse(job, STR("it has a file whose name cannot be read"));
    }
    if (archive_entry_filetype(entry) != AE_IFREG ||
        archive_entry_hardlink(entry) != NULL) {
        return refuse_path(job, path, "is no regular file");
    }
    if (!is_path_good(job->top, path)) {
        return refuse_path(job, path, "does not lie in the artifact's one directory");
    }
    scratch_check();
    if (++job->files > LIMIT_PLUGIN_FILES) {
        return refuse(job, STR("it has too many files"));
    }
    if (archive_entry_size(entry) > (la_int64_t)LIMIT_UNPACKED_BYTES) {
        return refuse(job, STR("it holds more than a GiB"));
    }
    struct str file =
        arena_concat(job->arena, (struct str[]){job->directory, STR("/"), path}, 3);
    if (file.ptr == NULL) {
        return UNPACK_NO_MEMORY;
    }
    if (fs_exists(file)) {
        return refuse_path(job, path, "is there twice");
    }
    archive_entry_set_pathname(entry, file.ptr);
    archive_entry_set_mode(entry, AE_IFREG | 0600);
    if (archive_write_header(job->to, entry) != ARCHIVE_OK) {
        return explain(job, job->to);
    }
    enum unpack_status status = copy_data(job);
    if (status == UNPACK_OK && archive_write_finish_entry(job->to) != ARCHIVE_OK) {
        status = explain(job, job->to);
    }
    return status;
}

static enum unpack_status take_all(struct unpacking *job, struct str artifact) {
    if (archive_read_support_filter_gzip(job->from) != ARCHIVE_OK ||
        archive_read_support_format_tar(job->from) != ARCHIVE_OK ||
        archive_read_open_memory(job->from, artifact.ptr, artifact.len) != ARCHIVE_OK) {
        return explain(job, job->from);
    }
    (void)archive_write_disk_set_options(job->to, secure);
    for (;;) {
        struct archive_entry *entry;
        int status = archive_read_next_header(job->from, &entry);
        if (status == ARCHIVE_EOF) {
            break;
        }
        if (status != ARCHIVE_OK && status != ARCHIVE_WARN) {
            return explain(job, job->from);
        }
        struct arena_mark mark = arena_mark(job->arena);
        enum unpack_status taken = take_entry(job, entry);
        if (taken != UNPACK_OK) {
            return taken;
        }
        arena_rewind(job->arena, mark);
    }
    return job->files > 0 ? UNPACK_OK : refuse(job, STR("it is empty"));
}

enum unpack_status unpack(struct arena *arena, struct str artifact, struct str top,
                          struct str directory, struct str *why) {
    struct unpacking job = {.arena = arena,
                            .top = top,
                            .directory = directory,
                            .from = archive_read_new(),
                            .to = archive_write_disk_new(),
                            .why = why};
    enum unpack_status status = UNPACK_NO_MEMORY;
    if (job.from != NULL && job.to != NULL) {
        status = take_all(&job, artifact);
    }
    if (job.to != NULL && archive_write_free(job.to) != ARCHIVE_OK &&
        status == UNPACK_OK) {
        *why = STR("what was unpacked cannot be written");
        status = UNPACK_FAILED;
    }
    if (job.from != NULL) {
        (void)archive_read_free(job.from);
    }
    return status;
}
