#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/path.h"
#include "registry/change.h"
#include "registry/store_dir_parts.h"

enum { LOOKS_MOST = 20 };

static int open_object(struct str path, int *fd, struct stat *info) {
    do {
        *fd = open(path.ptr, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    } while (*fd < 0 && errno == EINTR);
    if (*fd < 0) {
        return errno;
    }
    int error = fstat(*fd, info) != 0    ? errno
                : S_ISDIR(info->st_mode) ? EISDIR
                : S_ISREG(info->st_mode) ? 0
                                         : ENXIO;
    if (error != 0) {
        close(*fd);
        *fd = -1;
    }
    return error;
}

int store_dir_hash_file(struct str path, char digest[SHA256_TEXT_BYTES + 1]) {
    char piece[1 << 14];
    struct sha256 sha;
    struct stat info;
    int fd = -1;
    int error = open_object(path, &fd, &info);
    sha256_begin(&sha);
    while (error == 0) {
        ssize_t got = read(fd, piece, sizeof piece);
        if (got == 0) {
            break;
        }
        if (got > 0) {
            sha256_add(&sha, (struct str){piece, (size_t)got});
        } else if (errno != EINTR) {
            error = errno;
        }
    }
    if (fd >= 0) {
        close(fd);
    }
    if (error == 0) {
        sha256_end(&sha, digest);
    }
    return error;
}

static int read_object(struct str path, struct buf *bytes, struct stat *info) {
    int error = fs_stat(path, info);
    if (error == 0 && !S_ISREG(info->st_mode)) {
        error = S_ISDIR(info->st_mode) ? EISDIR : ENXIO;
    }
    return error == 0 ? fs_read(path, bytes) : error;
}

/* On a file system over a network the file may be replaced while it is read. */
static enum store_status read_whole(struct store_dir *dir, struct store_call *call,
                                    struct str name, struct str path, struct buf *bytes,
                                    struct stat *info) {
    int error;
    int looks = 0;
    do {
        buf_clear(bytes);
        error = read_object(path, bytes, info);
    } while (error == ESTALE && ++looks < LOOKS_MOST);
    if (error == ENOENT && !fs_exists(path) && fs_exists(dir->path)) {
        return STORE_ABSENT;
    }
    if (error == EFBIG) {
        failure_set(&call->failure, ERROR_STORE_TOO_LARGE, name,
                    "`%.*s` has more than the %llu bytes that are read of it",
                    STR_ARG(path), (unsigned long long)bytes->max);
        return STORE_FAILED;
    }
    return error == 0 ? STORE_OK : store_dir_fail(dir, call, name, "read", error);
}

/* The number of an index whose newest history copy is number `newest`: a publisher
 * makes the copy of what it replaces first, so it may be that of this one still. */
static enum store_status number_of(struct store_dir *dir, struct store_call *call,
                                   const char *digest, uint64_t newest,
                                   uint64_t *serial) {
    char copy[SHA256_TEXT_BYTES + 1] = "";
    *serial = newest + 1;
    if (newest == 0) {
        return STORE_OK;
    }
    struct str name = change_history_name(call->arena, newest);
    struct str path = name.ptr == NULL ? name : path_join(call->arena, dir->path, name);
    if (path.ptr == NULL) {
        return store_out_of_memory(call);
    }
    int error = store_dir_hash_file(path, copy);
    if (error != 0 && error != ENOENT) {
        return store_dir_fail(dir, call, name, "read", error);
    }
    *serial = strcmp(copy, digest) == 0 ? newest : newest + 1;
    return STORE_OK;
}

/* The index with its number: no history copy may appear while both are looked at. */
static enum store_status read_index(struct store_dir *dir, struct store_call *call,
                                    struct str path, struct buf *bytes,
                                    struct stat *info,
                                    char digest[SHA256_TEXT_BYTES + 1],
                                    uint64_t *serial) {
    *serial = 0;
    for (int looks = 0; looks < LOOKS_MOST; looks++) {
        uint64_t before = 0;
        uint64_t after = 0;
        int error = store_dir_newest(dir, &before);
        if (error != 0) {
            return store_dir_fail(dir, call, STR_NONE, "listed", error);
        }
        enum store_status status =
            read_whole(dir, call, STORE_INDEX_NAME, path, bytes, info);
        if (status != STORE_OK) {
            return status;
        }
        sha256_of(buf_str(bytes), digest);
        error = store_dir_newest(dir, &after);
        if (error != 0) {
            return store_dir_fail(dir, call, STR_NONE, "listed", error);
        }
        if (before == after) {
            return number_of(dir, call, digest, after, serial);
        }
    }
    return STORE_OK;
}

enum store_status store_dir_get(struct store *store, struct store_call *call,
                                struct str name, uint64_t max_bytes, struct buf *bytes,
                                struct store_object *object) {
    struct store_dir *dir = store_dir_of(store);
    char digest[SHA256_TEXT_BYTES + 1] = "";
    uint64_t serial = 0;
    struct stat info;
    atomic_fetch_add(&store->requests, 1);
    buf_init(bytes, (size_t)max_bytes);
    struct str path = store_dir_path(dir, call, name);
    enum store_status status = STORE_FAILED;
    if (path.ptr == NULL) {
        return STORE_FAILED;
    }
    if (object != NULL && str_equal(name, STORE_INDEX_NAME)) {
        status = read_index(dir, call, path, bytes, &info, digest, &serial);
    } else {
        status = read_whole(dir, call, name, path, bytes, &info);
    }
    if (status != STORE_OK || object == NULL) {
        return status;
    }
    sha256_of(buf_str(bytes), digest);
    *object = (struct store_object){
        .name = arena_copy(call->arena, name),
        .revision = arena_copy(call->arena, str_of(digest)),
        .size_bytes = bytes->len,
        .serial = serial,
        .modified_s = (int64_t)info.st_mtim.tv_sec,
    };
    memcpy(object->digest, digest, sizeof digest);
    return object->name.ptr == NULL || object->revision.ptr == NULL
               ? store_out_of_memory(call)
               : STORE_OK;
}
