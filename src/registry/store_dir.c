#include "registry/store_dir.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/fswrite.h"
#include "base/path.h"
#include "grammar/url.h"
#include "registry/file_lock.h"
#include "registry/store_dir_parts.h"

enum { LOCK_TIMEOUT_MS = 60000, NAME_BYTES_MOST = 255 };

/* ---- Failures ---- */

static enum error_id id_of(int error) {
    switch (error) {
    case EACCES:
    case EPERM:
        return ERROR_STORE_ACCESS_DENIED;
    case EROFS:
        return ERROR_STORE_READ_ONLY;
    case ENOSPC:
    case EDQUOT:
        return ERROR_STORE_NO_SPACE;
    case EFBIG:
        return ERROR_STORE_TOO_LARGE;
    default:
        return ERROR_STORE_IO_FAILED;
    }
}

enum store_status store_dir_fail(struct store_dir *dir, struct store_call *call,
                                 struct str name, const char *what_failed, int error) {
    struct stat info;
    if (error == ENOMEM) {
        return store_out_of_memory(call);
    }
    if (error == ENOENT && fs_stat(dir->path, &info) == ENOENT) {
        failure_set(&call->failure, ERROR_STORE_NOT_FOUND, STR_NONE,
                    "there is no directory `%.*s`", STR_ARG(dir->path));
        return STORE_FAILED;
    }
    if ((error == ENOTDIR || error == EEXIST) && fs_stat(dir->path, &info) == 0 &&
        !S_ISDIR(info.st_mode)) {
        failure_set(&call->failure, ERROR_STORE_IO_FAILED, STR_NONE,
                    "`%.*s` is no directory: a registry is one, give the one that "
                    "index.json lies in",
                    STR_ARG(dir->path));
        return STORE_FAILED;
    }
    bool has_name = name.ptr != NULL;
    failure_set(&call->failure, id_of(error), name, "`%.*s%s%.*s` cannot be %s: %s",
                STR_ARG(dir->path), has_name ? "/" : "",
                STR_ARG(has_name ? name : STR("")), what_failed, fs_error_text(error));
    return STORE_FAILED;
}

static enum store_status fail_lock(struct store_dir *dir, struct store_call *call,
                                   int error) {
    if (error == ETIMEDOUT) {
        failure_set(&call->failure, ERROR_STORE_TIMEOUT, STORE_DIR_LOCK,
                    "another command has held the lock `%.*s/%.*s` for %d seconds",
                    STR_ARG(dir->path), STR_ARG(STORE_DIR_LOCK),
                    LOCK_TIMEOUT_MS / 1000);
        return STORE_FAILED;
    }
    if (error == ENOLCK) {
        failure_set(&call->failure, ERROR_STORE_UNSUPPORTED, STORE_DIR_LOCK,
                    "the file system of `%.*s` cannot lock files, so that publishers "
                    "there cannot be kept apart",
                    STR_ARG(dir->path));
        return STORE_FAILED;
    }
    return store_dir_fail(dir, call, STORE_DIR_LOCK, "locked", error);
}

/* ---- Names and revisions ---- */

static bool name_is_good(struct str name) {
    return name.len > 0 && name.len <= NAME_BYTES_MOST &&
           memchr(name.ptr, '/', name.len) == NULL &&
           memchr(name.ptr, '\0', name.len) == NULL && !str_equal(name, STR(".")) &&
           !str_equal(name, STR("..")) && !str_equal(name, STORE_DIR_LOCK);
}

struct str store_dir_path(struct store_dir *dir, struct store_call *call,
                          struct str name) {
    if (!name_is_good(name)) {
        failure_set(&call->failure, ERROR_STORE_NAME_REFUSED, name,
                    "`%.*s` cannot be the name of a file", STR_ARG(name));
        return STR_NONE;
    }
    struct str path = path_join(call->arena, dir->path, name);
    if (path.ptr == NULL) {
        failure_memory(&call->failure);
    }
    return path;
}

/* Is the object still what was seen? STORE_OK, STORE_ABSENT, STORE_CONFLICT. */
static enum store_status compare(struct store_dir *dir, struct store_call *call,
                                 struct str path, const struct store_object *seen) {
    char digest[SHA256_TEXT_BYTES + 1];
    struct stat info;
    struct str now = STR_NONE;
    int error = fs_stat(path, &info);
    if (error == 0 && str_starts_with(seen->revision, STR("stat:"))) {
        now = store_dir_stat_revision(call->arena, &info);
        error = now.ptr == NULL ? ENOMEM : 0;
    } else if (error == 0) {
        error = store_dir_hash_file(path, digest);
        now = str_of(digest);
    }
    if (error == ENOENT && fs_exists(dir->path)) {
        return STORE_ABSENT;
    }
    if (error != 0) {
        return store_dir_fail(dir, call, seen->name, "read", error);
    }
    return str_equal(now, seen->revision) ? STORE_OK : STORE_CONFLICT;
}

static enum store_status take_lock(struct store_dir *dir, struct store_call *call,
                                   struct file_lock *lock) {
    lock->fd = -1;
    struct str path = path_join(call->arena, dir->path, STORE_DIR_LOCK);
    if (path.ptr == NULL) {
        return store_out_of_memory(call);
    }
    int error = file_lock_take(lock, path.ptr, LOCK_TIMEOUT_MS);
    return error == 0 ? STORE_OK : fail_lock(dir, call, error);
}

/* ---- Writing ---- */

static enum store_status describe(struct store_call *call, const struct store_put *put,
                                  struct store_object *object) {
    char digest[SHA256_TEXT_BYTES + 1];
    if (object == NULL) {
        return STORE_OK;
    }
    sha256_of(put->bytes, digest);
    *object = (struct store_object){
        .name = arena_copy(call->arena, put->name),
        .revision = arena_copy(call->arena, str_of(digest)),
        .size_bytes = put->bytes.len,
        .serial = put->serial,
    };
    memcpy(object->digest, digest, sizeof digest);
    return object->name.ptr == NULL || object->revision.ptr == NULL
               ? store_out_of_memory(call)
               : STORE_OK;
}

/* All bytes under a temporary name beside `path`, synced. */
static int write_beside(struct fswrite *write, struct store_call *call, struct str path,
                        struct str bytes) {
    int error = fswrite_open(write, call->arena, path);
    if (error == 0) {
        error = fswrite_append(write, bytes);
    }
    return error == 0 ? fswrite_sync(write) : error;
}

/* Under the lock the bytes get their name: where nothing is, for want of hard links, or
 * where what is there is what was seen, and gives way. */
static enum store_status rename_locked(struct store_dir *dir, struct store_call *call,
                                       struct str name, struct str path,
                                       const struct store_object *seen,
                                       struct fswrite *write) {
    struct file_lock lock;
    enum store_status status = take_lock(dir, call, &lock);
    if (status == STORE_OK && seen != NULL) {
        status = compare(dir, call, path, seen);
    } else if (status == STORE_OK && fs_exists(path)) {
        status = STORE_EXISTS;
    }
    if (status == STORE_OK) {
        /* The objects that an index names reach the disk before it. */
        int error = seen != NULL ? fswrite_sync_names(write) : 0;
        error = error == 0 ? fswrite_rename(write) : error;
        status =
            error == 0 ? STORE_OK : store_dir_fail(dir, call, name, "written", error);
    }
    file_lock_release(&lock);
    return status;
}

static enum store_status put_new(struct store *store, struct store_call *call,
                                 const struct store_put *put,
                                 struct store_object *created) {
    struct store_dir *dir = store_dir_of(store);
    struct fswrite write = {.fd = -1};
    atomic_fetch_add(&store->requests, 1);
    struct str path = store_dir_path(dir, call, put->name);
    if (path.ptr == NULL) {
        return STORE_FAILED;
    }
    if (fs_exists(path)) {
        return STORE_EXISTS;
    }
    enum store_status status = STORE_OK;
    int error = write_beside(&write, call, path, put->bytes);
    if (error == 0) {
        error = fswrite_create(&write);
        if (error == ENOTSUP) {
            error = 0;
            status = rename_locked(dir, call, put->name, path, NULL, &write);
        }
    }
    fswrite_abort(&write);
    if (error == EEXIST) {
        return STORE_EXISTS;
    }
    if (error != 0) {
        return store_dir_fail(dir, call, put->name, "written", error);
    }
    return status == STORE_OK ? describe(call, put, created) : status;
}

static enum store_status replace(struct store *store, struct store_call *call,
                                 const struct store_put *put,
                                 const struct store_object *seen,
                                 struct store_object *now) {
    struct store_dir *dir = store_dir_of(store);
    struct fswrite write = {.fd = -1};
    atomic_fetch_add(&store->requests, 1);
    struct str path = store_dir_path(dir, call, put->name);
    if (path.ptr == NULL) {
        return STORE_FAILED;
    }
    struct str file;
    int error = fs_follow(call->arena, path, &file);
    enum store_status status = STORE_OK;
    if (error == 0 && !fs_exists(file) && fs_exists(dir->path)) {
        return STORE_ABSENT;
    }
    if (error == 0) {
        error = write_beside(&write, call, file, put->bytes);
    }
    if (error == 0) {
        status = rename_locked(dir, call, seen->name, file, seen, &write);
    }
    fswrite_abort(&write);
    if (error != 0) {
        return store_dir_fail(dir, call, put->name, "written", error);
    }
    return status == STORE_OK ? describe(call, put, now) : status;
}

static enum store_status remove_object(struct store *store, struct store_call *call,
                                       const struct store_object *seen) {
    struct store_dir *dir = store_dir_of(store);
    struct file_lock lock;
    atomic_fetch_add(&store->requests, 1);
    struct str path = store_dir_path(dir, call, seen->name);
    if (path.ptr == NULL) {
        return STORE_FAILED;
    }
    enum store_status status = take_lock(dir, call, &lock);
    if (status == STORE_OK && seen->revision.ptr != NULL) {
        status = compare(dir, call, path, seen);
    }
    if (status == STORE_OK && unlink(path.ptr) != 0) {
        status = errno == ENOENT
                     ? STORE_ABSENT
                     : store_dir_fail(dir, call, seen->name, "removed", errno);
    }
    file_lock_release(&lock);
    return status;
}

/* ---- The rest ---- */

static enum store_status admit(struct store *store, struct store_call *call,
                               const struct str *names, size_t count) {
    struct store_dir *dir = store_dir_of(store);
    for (size_t i = 0; i < count; i++) {
        if (store_dir_path(dir, call, names[i]).ptr == NULL) {
            return STORE_FAILED;
        }
    }
    return STORE_OK;
}

static enum store_status prepare(struct store *store, struct store_call *call) {
    struct store_dir *dir = store_dir_of(store);
    struct file_lock lock;
    atomic_fetch_add(&store->requests, 1);
    int error = fs_make_directories(dir->path);
    if (error != 0) {
        return store_dir_fail(dir, call, STR_NONE, "made", error);
    }
    enum store_status status = take_lock(dir, call, &lock);
    file_lock_release(&lock);
    return status;
}

static void close_store(struct store *store) {
    struct store_dir *dir = store_dir_of(store);
    arena_release(&dir->arena);
    free(dir);
}

static const struct store_ops ops = {
    .get = store_dir_get,
    .put_new = put_new,
    .replace = replace,
    .list = store_dir_list,
    .remove = remove_object,
    .admit = admit,
    .prepare = prepare,
    .close = close_store,
};

struct store *store_dir_open(struct str absolute_path, struct failure *failure) {
    struct store_dir *dir = calloc(1, sizeof *dir);
    if (dir == NULL) {
        failure_memory(failure);
        return NULL;
    }
    dir->path = arena_copy(&dir->arena, absolute_path);
    if (dir->path.ptr == NULL ||
        url_of_path(&dir->arena, dir->path, &dir->store.artifacts_url) ==
            GRAMMAR_NO_MEMORY) {
        failure_memory(failure);
        close_store(&dir->store);
        return NULL;
    }
    dir->store.ops = &ops;
    dir->store.mode = STORE_CAS;
    dir->store.location = dir->path;
    atomic_init(&dir->store.requests, 0);
    return &dir->store;
}
