#include "plugin/artifact.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/limits.h"
#include "plugin/gzip.h"
#include "plugin/ustar.h"

struct build {
    struct arena *arena;
    struct str root;
    struct str prefix;
    int directory; /* of the root */
    artifact_sink sink;
    void *context;
    struct sha256 sha;
    uint64_t size_bytes;
    struct gzip *gzip;
    struct buf header; /* the record at hand */
    struct buf path;   /* in the archive */
    struct diag **failure;
};

static bool take_compressed(void *context, struct str bytes) {
    struct build *build = context;
    sha256_add(&build->sha, bytes);
    build->size_bytes += bytes.len;
    return build->sink(build->context, bytes);
}

static enum artifact_status status_of(enum gzip_status status) {
    return status == GZIP_OK          ? ARTIFACT_OK
           : status == GZIP_NO_MEMORY ? ARTIFACT_NO_MEMORY
                                      : ARTIFACT_STOPPED;
}

/* ---- Failures ---- */

static enum artifact_status fail(struct build *build, struct diag *diag) {
    *build->failure = diag;
    return diag == NULL ? ARTIFACT_NO_MEMORY : ARTIFACT_FAILED;
}

static enum artifact_status fail_file(struct build *build, struct str path,
                                      const char *kind, const char *note) {
    struct str absolute = source_absolute(build->arena, build->root, path);
    if (absolute.ptr == NULL) {
        return ARTIFACT_NO_MEMORY;
    }
    struct detail details[] = {DETAIL_TEXT(absolute), DETAIL_TEXT(str_of(kind))};
    struct diag *diag =
        diag_new(build->arena, ERROR_PACKAGE_IO_FAILED, absolute, details, 2);
    if (diag != NULL) {
        diag->note = str_of(note);
    }
    return fail(build, diag);
}

static enum artifact_status fail_errno(struct build *build, struct str path,
                                       int error) {
    if (error == ENOMEM) {
        return ARTIFACT_NO_MEMORY;
    }
    return fail_file(build, path, fs_error_kind(error), fs_error_text(error));
}

static enum artifact_status fail_changed(struct build *build,
                                         const struct source_file *file) {
    return fail_file(build, file->path, "Other",
                     "it changed while the artifact was being built; run it again");
}

static enum artifact_status fail_too_long(struct build *build) {
    struct str path = arena_copy(build->arena, buf_str(&build->path));
    if (path.ptr == NULL) {
        return ARTIFACT_NO_MEMORY;
    }
    struct detail details[] = {DETAIL_TEXT(path), DETAIL_NUMBER(USTAR_PATH_MAX)};
    return fail(build, diag_new(build->arena, ERROR_PATH_TOO_LONG, path, details, 2));
}

static enum artifact_status fail_too_large(struct build *build,
                                           const struct source_file *file) {
    struct str message =
        arena_printf(build->arena,
                     "`%.*s` is larger than the 8 GiB that a file in an archive can be",
                     STR_ARG(file->shown));
    if (message.ptr == NULL) {
        return ARTIFACT_NO_MEMORY;
    }
    struct detail details[] = {DETAIL_TEXT(message)};
    return fail(build,
                diag_new(build->arena, ERROR_ARCHIVE_FAILED, STR_NONE, details, 1));
}

/* ---- Members ---- */

static bool set_path(struct build *build, const struct source_file *file) {
    buf_clear(&build->path);
    return buf_append(&build->path, build->prefix) &&
           buf_append_byte(&build->path, '/') && buf_append(&build->path, file->shown);
}

/* What can be known before a byte is written. */
static enum artifact_status check_all(struct build *build,
                                      const struct source_list *files) {
    for (size_t i = 0; i < files->count; i++) {
        const struct source_file *file = &files->files[i];
        if (build->prefix.len + 1 + file->shown.len > USTAR_PATH_MAX) {
            return set_path(build, file) ? fail_too_long(build) : ARTIFACT_NO_MEMORY;
        }
    }
    for (size_t i = 0; i < files->count; i++) {
        if (files->files[i].size > LIMIT_ARCHIVED_FILE_BYTES) {
            return fail_too_large(build, &files->files[i]);
        }
    }
    return ARTIFACT_OK;
}

/* Reads as many bytes as the walk saw, straight into the compressor's chunk. */
static enum artifact_status add_content(struct build *build, int fd,
                                        const struct source_file *file) {
    uint64_t left = file->size;
    while (left > 0) {
        char *at;
        size_t room;
        enum gzip_status status = gzip_space(build->gzip, &at, &room);
        if (status != GZIP_OK) {
            return status_of(status);
        }
        ssize_t got = read(fd, at, left < room ? (size_t)left : room);
        if (got < 0 && errno != EINTR) {
            return fail_errno(build, file->path, errno);
        }
        if (got == 0) {
            return fail_changed(build, file);
        }
        if (got > 0) {
            gzip_filled(build->gzip, (size_t)got);
            left -= (size_t)got;
        }
    }
    /* After the last byte: what changed while it was read is seen as well. */
    struct stat info;
    if (fstat(fd, &info) != 0) {
        return fail_errno(build, file->path, errno);
    }
    return source_same(file, &info) ? ARTIFACT_OK : fail_changed(build, file);
}

static enum artifact_status add_file(struct build *build,
                                     const struct source_file *file) {
    buf_clear(&build->header);
    if (!set_path(build, file) ||
        ustar_append_header(&build->header, buf_str(&build->path), file->size,
                            file->executable) != USTAR_OK) {
        return ARTIFACT_NO_MEMORY;
    }
    enum gzip_status status = gzip_add(build->gzip, buf_str(&build->header));
    if (status != GZIP_OK) {
        return status_of(status);
    }
    /* Not blocking, in case that a pipe has taken the file's place. */
    int fd = openat(build->directory, file->path.ptr,
                    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0) {
        return errno == ELOOP || errno == ENOENT ? fail_changed(build, file)
                                                 : fail_errno(build, file->path, errno);
    }
    enum artifact_status result = add_content(build, fd, file);
    close(fd);
    if (result == ARTIFACT_OK) {
        static const char zeros[USTAR_BLOCK];
        status = gzip_add(build->gzip, (struct str){zeros, ustar_padding(file->size)});
        result = status_of(status);
    }
    return result;
}

static enum artifact_status add_all(struct build *build,
                                    const struct source_list *files) {
    for (size_t i = 0; i < files->count; i++) {
        enum artifact_status status = add_file(build, &files->files[i]);
        if (status != ARTIFACT_OK) {
            return status;
        }
    }
    buf_clear(&build->header);
    ustar_append_end(&build->header);
    if (build->header.failed) {
        return ARTIFACT_NO_MEMORY;
    }
    enum gzip_status status = gzip_add(build->gzip, buf_str(&build->header));
    if (status == GZIP_OK) {
        status = gzip_end(build->gzip);
    }
    return status_of(status);
}

static enum artifact_status open_and_add(struct build *build,
                                         const struct source_list *files) {
    enum artifact_status status = check_all(build, files);
    if (status != ARTIFACT_OK) {
        return status;
    }
    int error = fs_open_directory(build->root, &build->directory);
    if (error != 0) {
        return fail_errno(build, STR(""), error);
    }
    build->gzip = gzip_new(take_compressed, build);
    status = build->gzip == NULL ? ARTIFACT_NO_MEMORY : add_all(build, files);
    gzip_free(build->gzip);
    close(build->directory);
    return status;
}

enum artifact_status artifact_build(struct arena *arena, struct str root,
                                    struct str prefix, const struct source_list *files,
                                    artifact_sink sink, void *context,
                                    struct artifact *artifact, struct diag **failure) {
    struct build build = {.arena = arena,
                          .root = root,
                          .prefix = prefix,
                          .directory = -1,
                          .sink = sink,
                          .context = context,
                          .failure = failure};
    buf_init(&build.header, (size_t)4 * USTAR_BLOCK);
    buf_init(&build.path, (size_t)1 << 20);
    sha256_begin(&build.sha);
    enum artifact_status status = open_and_add(&build, files);
    if (status == ARTIFACT_OK) {
        artifact->size_bytes = build.size_bytes;
        sha256_end(&build.sha, artifact->hash);
    }
    buf_release(&build.header);
    buf_release(&build.path);
    return status;
}
