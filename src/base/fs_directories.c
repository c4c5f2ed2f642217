#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fs.h"

static size_t without_slashes(const char *path, size_t len) {
    while (len > 1 && path[len - 1] == '/') {
        len--;
    }
    return len;
}

/* The length of the parent of path[0..len), 0 if it has none. */
static size_t parent_len(const char *path, size_t len) {
    len = without_slashes(path, len);
    while (len > 0 && path[len - 1] != '/') {
        len--;
    }
    return len == 0 ? 0 : without_slashes(path, len);
}

/* Makes path[0..len), which is noted if it was not there. */
static int make_one(struct fs_made *made, size_t len) {
    char *path = made->path;
    char cut = path[len];
    path[len] = '\0';
    int error = 0;
    if (mkdir(path, 0777) == 0) {
        made->lengths[made->count++] = len;
    } else {
        error = errno;
        struct stat info;
        if (error != ENOENT && stat(path, &info) == 0 && S_ISDIR(info.st_mode)) {
            error = 0;
        }
    }
    path[len] = cut;
    return error;
}

static int make_all(struct fs_made *made, size_t path_len) {
    /* Up to the first ancestor that is there or can be made, then down again. */
    size_t len = path_len;
    int error = make_one(made, len);
    while (error == ENOENT && parent_len(made->path, len) > 0) {
        len = parent_len(made->path, len);
        error = make_one(made, len);
    }
    while (error == 0 && len < path_len) {
        len += strspn(made->path + len, "/");
        len += strcspn(made->path + len, "/");
        error = make_one(made, len);
    }
    return error;
}

int fs_make_directories_noted(struct str path, struct fs_made *made) {
    *made = (struct fs_made){0};
    if (path.len > 0 && memchr(path.ptr, '\0', path.len) != NULL) {
        return EINVAL;
    }
    made->path = malloc(path.len + 1);
    /* No more than one directory for every two bytes. */
    made->lengths = calloc(path.len / 2 + 2, sizeof *made->lengths);
    int error = made->path == NULL || made->lengths == NULL ? ENOMEM : 0;
    if (error == 0) {
        if (path.len > 0) {
            memcpy(made->path, path.ptr, path.len);
        }
        made->path[path.len] = '\0';
        error = make_all(made, path.len);
    }
    if (error != 0) {
        fs_made_undo(made);
    }
    return error;
}

void fs_made_undo(struct fs_made *made) {
    while (made->count > 0) {
        size_t len = made->lengths[--made->count];
        char cut = made->path[len];
        made->path[len] = '\0';
        /* One that is no longer empty has become somebody else's. */
        (void)rmdir(made->path);
        made->path[len] = cut;
    }
    fs_made_release(made);
}

void fs_made_release(struct fs_made *made) {
    free(made->path);
    free(made->lengths);
    *made = (struct fs_made){0};
}

int fs_make_directories(struct str path) {
    struct fs_made made;
    int error = fs_make_directories_noted(path, &made);
    fs_made_release(&made);
    return error;
}
