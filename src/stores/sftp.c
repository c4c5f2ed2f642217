#include "stores/stores.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fs.h"
#include "grammar/url_parts.h"
#include "net/host.h"
#include "stores/sftp_errand.h"

/* --- reading --- */

static bool set_object(struct sftp_errand *errand, struct str name, struct str bytes,
                       struct store_object *object) {
    if (object == NULL) {
        return true;
    }
    char text[SHA256_TEXT_BYTES + 1];
    sha256_of(bytes, text);
    *object =
        (struct store_object){.name = arena_copy(errand->call->arena, name),
                              .revision = arena_copy(errand->call->arena, str_of(text)),
                              .size_bytes = bytes.len};
    return object->name.ptr != NULL && object->revision.ptr != NULL;
}

static enum store_status read_fetched(struct sftp_errand *errand, struct str file,
                                      uint64_t max_bytes, struct buf *bytes) {
    buf_init(bytes, max_bytes > SIZE_MAX ? SIZE_MAX : (size_t)max_bytes);
    int error = fs_read(file, bytes);
    if (error == 0) {
        return STORE_OK;
    }
    if (error == ENOMEM) {
        return sftp_out_of_memory(errand);
    }
    failure_set(&errand->call->failure,
                error == EFBIG ? ERROR_STORE_TOO_LARGE : ERROR_STORE_IO_FAILED,
                errand->object,
                error == EFBIG ? "it has more bytes than are allowed"
                               : "what was fetched cannot be read: %s",
                fs_error_text(error));
    return STORE_FAILED;
}

/* `bytes` is initialized; the caller's to release. */
static enum store_status fetch(struct sftp_errand *errand, struct str path,
                               uint64_t max_bytes, struct buf *bytes) {
    buf_init(bytes, 0);
    struct str file =
        sftp_pool_file(errand->sftp->pool, errand->call->arena, &errand->call->failure);
    if (file.ptr == NULL || path.ptr == NULL) {
        return path.ptr == NULL ? sftp_out_of_memory(errand) : STORE_FAILED;
    }
    struct sftp_command command = {
        .verb = "get", .paths = {path, file}, .growth = {file.ptr, max_bytes}};
    enum sftp_said said = SFTP_SAID_NOTHING;
    enum sftp_outcome outcome = SFTP_DISCONNECTED;
    for (int tries = 0; tries < SFTP_MAX_TRIES && outcome == SFTP_DISCONNECTED;
         tries++) {
        outcome = sftp_tell(errand, &command, &said);
    }
    enum store_status status = STORE_FAILED;
    if (outcome == SFTP_DONE) {
        status = read_fetched(errand, file, max_bytes, bytes);
    } else if (outcome == SFTP_DISCONNECTED) {
        status = sftp_broken(errand, false);
    } else if (outcome == SFTP_SAID && said == SFTP_SAID_ABSENT) {
        status = STORE_ABSENT;
    } else if (outcome == SFTP_SAID) {
        status = sftp_fail(errand, "read", said);
    }
    (void)unlink(file.ptr);
    if (status != STORE_OK) {
        buf_release(bytes);
        buf_init(bytes, 0);
    }
    return status;
}

static enum store_status sftp_get(struct store *store, struct store_call *call,
                                  struct str name, uint64_t max_bytes,
                                  struct buf *bytes, struct store_object *object) {
    struct sftp_errand errand = sftp_errand_of(store, call, name);
    enum store_status status =
        fetch(&errand, sftp_path_of(&errand, name), max_bytes, bytes);
    if (status == STORE_OK && !set_object(&errand, name, buf_str(bytes), object)) {
        status = sftp_out_of_memory(&errand);
    }
    return sftp_finish(&errand, status);
}

static enum store_status sftp_list(struct store *store, struct store_call *call,
                                   struct str prefix, struct store_list *list) {
    struct sftp_errand errand = sftp_errand_of(store, call, STR_NONE);
    struct sftp_command command = {.verb = "ls -lna",
                                   .paths = {errand.sftp->directory}};
    struct str reply;
    struct str why;
    enum sftp_outcome outcome = SFTP_DISCONNECTED;
    for (int tries = 0; tries < SFTP_MAX_TRIES && outcome == SFTP_DISCONNECTED;
         tries++) {
        outcome = sftp_converse(&errand, &command, &reply);
    }
    if (outcome != SFTP_DONE) {
        return sftp_finish(&errand, outcome == SFTP_DISCONNECTED
                                        ? sftp_broken(&errand, false)
                                        : STORE_FAILED);
    }
    if (!sftp_list_parse(call->arena, reply, prefix, SFTP_TEMPORARY, host_now_s(NULL),
                         list)) {
        return sftp_finish(&errand, sftp_out_of_memory(&errand));
    }
    /* A listing has at least `.` in it; what it says instead is a failure. */
    enum sftp_said said = sftp_judge(reply, &why);
    if (list->count == 0 && why.len > 0 && why.ptr[0] != 'd') {
        errand.why = arena_copy(call->arena, why);
        return sftp_finish(&errand, errand.why.ptr == NULL
                                        ? sftp_out_of_memory(&errand)
                                        : sftp_fail(&errand, "listed", said));
    }
    return sftp_finish(&errand, STORE_OK);
}

/* --- writing --- */

/* A second name for a complete file: of several that try for one name one gets it. */
static enum store_status link_new(struct sftp_errand *errand, struct str temporary,
                                  struct str path) {
    enum sftp_said said;
    switch (sftp_tell_paths(errand, "ln", temporary, path, &said)) {
    case SFTP_DONE:
        return STORE_OK;
    case SFTP_SAID:
        if (said == SFTP_SAID_FAILURE && sftp_is_there(errand, path)) {
            return STORE_EXISTS;
        }
        return sftp_fail(errand, "given its name by a hard link", said);
    case SFTP_DISCONNECTED:
        return sftp_broken(errand, true);
    case SFTP_FAILED:
        break;
    }
    return STORE_UNCERTAIN;
}

/* The bytes under a temporary name, and the path that they are for. */
static enum store_status begin_put(struct sftp_errand *errand,
                                   const struct store_put *put, struct str *path,
                                   struct str *temporary) {
    *path = sftp_path_of(errand, put->name);
    return path->ptr == NULL ? sftp_out_of_memory(errand)
                             : sftp_upload(errand, put->bytes, temporary);
}

static enum store_status sftp_put_new(struct store *store, struct store_call *call,
                                      const struct store_put *put,
                                      struct store_object *created) {
    struct sftp_errand errand = sftp_errand_of(store, call, put->name);
    struct str temporary = STR_NONE;
    struct str path = STR_NONE;
    enum store_status status = begin_put(&errand, put, &path, &temporary);
    if (status != STORE_OK) {
        return sftp_finish(&errand, status);
    }
    status = link_new(&errand, temporary, path);
    sftp_discard(&errand, temporary);
    if (status == STORE_OK && !set_object(&errand, put->name, put->bytes, created)) {
        status = sftp_out_of_memory(&errand);
    }
    return sftp_finish(&errand, status);
}

static enum store_status sftp_replace(struct store *store, struct store_call *call,
                                      const struct store_put *put,
                                      const struct store_object *seen,
                                      struct store_object *now) {
    (void)seen;
    struct sftp_errand errand = sftp_errand_of(store, call, put->name);
    struct str temporary = STR_NONE;
    struct str path = STR_NONE;
    enum store_status status = begin_put(&errand, put, &path, &temporary);
    if (status != STORE_OK) {
        return sftp_finish(&errand, status);
    }
    enum sftp_said said;
    switch (sftp_tell_paths(&errand, "rename", temporary, path, &said)) {
    case SFTP_DONE:
        status = STORE_OK;
        break;
    case SFTP_SAID:
        status = sftp_fail(&errand, "replaced by a rename", said);
        sftp_discard(&errand, temporary);
        break;
    case SFTP_DISCONNECTED:
        status = sftp_broken(&errand, true);
        break;
    case SFTP_FAILED:
        status = STORE_UNCERTAIN;
        break;
    }
    if (status == STORE_OK && !set_object(&errand, put->name, put->bytes, now)) {
        status = sftp_out_of_memory(&errand);
    }
    return sftp_finish(&errand, status);
}

/* What was taken away under another name is looked at, and put back if it is not what
 * was seen. */
static enum store_status remove_taken(struct sftp_errand *errand, struct str taken,
                                      struct str path,
                                      const struct store_object *seen) {
    struct buf bytes;
    struct store_object found = {0};
    enum store_status status = fetch(errand, taken, (uint64_t)1 << 32, &bytes);
    if (status == STORE_OK &&
        !set_object(errand, seen->name, buf_str(&bytes), &found)) {
        status = sftp_out_of_memory(errand);
    }
    buf_release(&bytes);
    if (status == STORE_OK && !str_equal(found.revision, seen->revision)) {
        status = link_new(errand, taken, path);
        status = status == STORE_OK || status == STORE_EXISTS ? STORE_CONFLICT : status;
    }
    if (status == STORE_OK || status == STORE_CONFLICT) {
        sftp_discard(errand, taken);
    }
    return status;
}

static enum store_status sftp_remove(struct store *store, struct store_call *call,
                                     const struct store_object *seen) {
    struct sftp_errand errand = sftp_errand_of(store, call, seen->name);
    struct str path = sftp_path_of(&errand, seen->name);
    struct str taken = sftp_temporary_path(&errand);
    bool is_known = str_starts_with(seen->revision, STR("sha256:"));
    if (path.ptr == NULL || taken.ptr == NULL) {
        return sftp_out_of_memory(&errand);
    }
    enum sftp_said said;
    switch (is_known ? sftp_tell_paths(&errand, "rename", path, taken, &said)
                     : sftp_tell_paths(&errand, "rm", path, STR_NONE, &said)) {
    case SFTP_DONE:
        return sftp_finish(&errand, is_known ? remove_taken(&errand, taken, path, seen)
                                             : STORE_OK);
    case SFTP_SAID:
        return sftp_finish(&errand, said == SFTP_SAID_ABSENT
                                        ? STORE_ABSENT
                                        : sftp_fail(&errand, "removed", said));
    case SFTP_DISCONNECTED:
        return sftp_finish(&errand, sftp_broken(&errand, true));
    case SFTP_FAILED:
        break;
    }
    return sftp_finish(&errand, STORE_FAILED);
}

/* --- before the first object --- */

/* The directories on the way; what is wrong with one shows in the last look. */
static enum sftp_outcome make_directories(struct sftp_errand *errand,
                                          enum sftp_said *said) {
    struct str whole = errand->sftp->directory;
    enum sftp_outcome outcome = SFTP_DONE;
    for (size_t at = 1;
         at <= whole.len && outcome != SFTP_FAILED && outcome != SFTP_DISCONNECTED;) {
        at += str_find(str_skip(whole, at), '/');
        outcome =
            sftp_tell_paths(errand, "mkdir", str_first(whole, at), STR_NONE, said);
        at++;
    }
    return outcome;
}

static enum store_status sftp_prepare(struct store *store, struct store_call *call) {
    struct sftp_errand errand = sftp_errand_of(store, call, STR_NONE);
    struct str inside = sftp_path_of(&errand, STR("."));
    enum sftp_said said;
    if (inside.ptr == NULL) {
        return sftp_out_of_memory(&errand);
    }
    enum sftp_outcome outcome = sftp_tell_paths(&errand, "cd", inside, STR_NONE, &said);
    if (outcome == SFTP_SAID) {
        outcome = make_directories(&errand, &said);
        outcome = outcome == SFTP_FAILED || outcome == SFTP_DISCONNECTED
                      ? outcome
                      : sftp_tell_paths(&errand, "cd", inside, STR_NONE, &said);
    }
    switch (outcome) {
    case SFTP_DONE:
        /* It stands elsewhere now, which matters to paths that are relative. */
        sftp_give_back(&errand, inside.ptr[0] == '/');
        return STORE_OK;
    case SFTP_SAID:
        return sftp_finish(&errand, sftp_fail(&errand, "made ready", said));
    case SFTP_DISCONNECTED:
        return sftp_finish(&errand, sftp_broken(&errand, false));
    case SFTP_FAILED:
        break;
    }
    return sftp_finish(&errand, STORE_FAILED);
}

static void sftp_close(struct store *store) {
    struct sftp_store *sftp = (struct sftp_store *)store;
    if (sftp->pool != NULL) {
        sftp_pool_free(sftp->pool);
    }
    arena_release(&sftp->arena);
    free(sftp);
}

static const struct store_ops sftp_ops = {
    .get = sftp_get,
    .put_new = sftp_put_new,
    .replace = sftp_replace,
    .list = sftp_list,
    .remove = sftp_remove,
    .prepare = sftp_prepare,
    .close = sftp_close,
};

/* `/~/x` is below the home directory. */
static bool take_directory(struct sftp_store *sftp, const struct location *location,
                           struct failure *failure) {
    struct str path = url_percent_decode(&sftp->arena, location->path);
    path = path.ptr == NULL ? STR_NONE : arena_copy(&sftp->arena, path);
    if (path.ptr == NULL) {
        failure_memory(failure);
        return false;
    }
    while (path.len > 1 && path.ptr[path.len - 1] == '/') {
        path.len--;
    }
    bool is_good = path.len > 0 && path.len + SFTP_NAME_BYTES_MOST <= SFTP_PATH_MAX;
    for (size_t i = 0; i < path.len; i++) {
        is_good = is_good && (unsigned char)path.ptr[i] >= ' ' && path.ptr[i] != 0x7F;
    }
    if (str_starts_with(path, STR("/~/"))) {
        path = str_skip(path, 3);
    } else if (str_equal(path, STR("/~"))) {
        path = STR(".");
    }
    if (!is_good || path.len == 0) {
        failure_set(failure, ERROR_USAGE_INVALID_LOCATION, STR_NONE,
                    "the path of an sftp location has from 1 to %d bytes and no "
                    "control characters",
                    SFTP_PATH_MAX - SFTP_NAME_BYTES_MOST);
        return false;
    }
    sftp->directory = path;
    return true;
}

struct store *store_sftp_open(const struct location *location,
                              const struct stores_options *options,
                              struct failure *failure) {
    struct sftp_store *sftp = calloc(1, sizeof *sftp);
    if (sftp == NULL) {
        failure_memory(failure);
        return NULL;
    }
    sftp->store = (struct store){
        .ops = &sftp_ops, .mode = STORE_JOURNAL_LOCKED, .max_parallel = SFTP_SESSIONS};
    sftp->store.location = arena_copy(&sftp->arena, location->text);
    if (sftp->store.location.ptr == NULL) {
        failure_memory(failure);
        sftp_close(&sftp->store);
        return NULL;
    }
    if (take_directory(sftp, location, failure)) {
        sftp->pool = sftp_pool_new(location, options, &sftp->store.requests, failure);
    }
    if (sftp->pool == NULL) {
        sftp_close(&sftp->store);
        return NULL;
    }
    return &sftp->store;
}
