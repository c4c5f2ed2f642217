#include "stores/stores.h"

#include "base/fs.h"
#include "base/path.h"
#include "grammar/url_parts.h"
#include "registry/store_dir.h"

/* For reading, the path of the index itself does: its directory is meant. */
static struct str directory_of(struct str path, bool writes) {
    struct stat info;
    struct str last = path_last(path);
    bool is_index = !writes && last.ptr != NULL && str_equal(last, STORE_INDEX_NAME) &&
                    fs_stat(path, &info) == 0 && S_ISREG(info.st_mode);
    return is_index ? path_parent(path) : path;
}

struct store *store_directory_open(const struct location *location,
                                   const struct stores_options *options,
                                   struct failure *failure) {
    struct arena arena = {0};
    struct store *store = NULL;
    struct str working = STR_NONE;
    struct str path = location->path;
    int error = 0;
    if (location->scheme.len > 0) {
        path = url_percent_decode(&arena, path);
        if (path.ptr == NULL) {
            failure_memory(failure);
            goto out;
        }
    }
    if (memchr(path.ptr, '\0', path.len) != NULL) {
        failure_set(failure, ERROR_USAGE_INVALID_LOCATION, STR_NONE,
                    "a path holds no NUL byte");
        goto out;
    }
    error = path.ptr[0] == '/' ? 0 : fs_working_directory(&arena, &working);
    if (error != 0) {
        failure_set(failure, ERROR_STORE_IO_FAILED, STR_NONE,
                    "the working directory cannot be told: %s", fs_error_text(error));
        goto out;
    }
    path = path_absolute(&arena, working.ptr == NULL ? STR("/") : working, path);
    if (path.ptr == NULL) {
        failure_memory(failure);
        goto out;
    }
    store = store_dir_open(directory_of(path, options->writes), failure);

out:
    arena_release(&arena);
    return store;
}
