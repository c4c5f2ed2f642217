#define _XOPEN_SOURCE 700 /* realpath */

#include "base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/path.h"
#include "base/utf8.h"

enum { PATH_STACK_BYTES = 512, READ_STEP = 4096, LINK_BYTES = 4096, LINKS_MOST = 40 };

/* A path as a C string: short ones in place, long ones on the heap. */
struct c_path {
    char small[PATH_STACK_BYTES];
    char *text;
};

static int c_path_init(struct c_path *c, struct str path) {
    if (path.len > 0 && memchr(path.ptr, '\0', path.len) != NULL) {
        return EINVAL;
    }
    c->text = path.len < sizeof c->small ? c->small : malloc(path.len + 1);
    if (c->text == NULL) {
        return ENOMEM;
    }
    if (path.len > 0) {
        memcpy(c->text, path.ptr, path.len);
    }
    c->text[path.len] = '\0';
    return 0;
}

static void c_path_release(struct c_path *c) {
    if (c->text != c->small) {
        free(c->text);
    }
}

/* Bytes that can be read in place. */
static size_t free_room(const struct buf *content) {
    size_t room = content->ptr == NULL ? 0 : content->room - content->len - 1;
    size_t allowed = content->max - content->len;
    return room < allowed ? room : allowed;
}

/* Reads to the end. `size` is what stat said: a hint, not a promise. */
static int read_all(int fd, off_t size, struct buf *content) {
    if (size > 0 && (uint64_t)size > content->max - content->len) {
        return EFBIG;
    }
    if (size > 0 && !buf_reserve(content, (size_t)size)) {
        return ENOMEM;
    }
    for (;;) {
        /* Once the room is used up, mostly only the end is left to be seen. */
        char more[READ_STEP];
        size_t room = free_room(content);
        ssize_t got = room > 0 ? read(fd, content->ptr + content->len, room)
                               : read(fd, more, sizeof more);
        if (got < 0 && errno != EINTR) {
            return errno;
        }
        if (got == 0) {
            return 0;
        }
        if (got > 0 && room > 0) {
            content->len += (size_t)got;
            content->ptr[content->len] = '\0';
        } else if (got > 0) {
            if ((size_t)got > content->max - content->len) {
                return EFBIG;
            }
            if (!buf_append(content, (struct str){more, (size_t)got})) {
                return ENOMEM;
            }
        }
    }
}

static int open_any(struct str path, int flags, int *opened) {
    struct c_path c;
    int error = c_path_init(&c, path);
    if (error != 0) {
        return error;
    }
    int fd;
    do {
        fd = open(c.text, O_RDONLY | O_CLOEXEC | O_NOCTTY | flags);
    } while (fd < 0 && errno == EINTR);
    error = fd < 0 ? errno : 0;
    c_path_release(&c);
    if (error == 0) {
        *opened = fd;
    }
    return error;
}

int fs_open_directory(struct str path, int *fd) {
    return open_any(path, O_DIRECTORY, fd);
}

int fs_read(struct str path, struct buf *content) {
    int fd = -1;
    int error = open_any(path, 0, &fd);
    if (error != 0) {
        return error;
    }
    size_t before = content->len;
    struct stat info;
    if (fstat(fd, &info) != 0) {
        error = errno;
    } else if (S_ISDIR(info.st_mode)) {
        error = EISDIR;
    } else {
        error = read_all(fd, S_ISREG(info.st_mode) ? info.st_size : 0, content);
    }
    close(fd);
    if (error != 0) {
        content->len = before;
        content->failed = false;
    }
    return error;
}

int fs_read_text(struct str path, struct buf *content) {
    size_t before = content->len;
    int error = fs_read(path, content);
    if (error == 0 && content->len > before &&
        !utf8_is_valid((struct str){content->ptr + before, content->len - before})) {
        content->len = before;
        error = EILSEQ;
    }
    return error;
}

static int status_of(struct str path, struct stat *info,
                     int (*call)(const char *, struct stat *)) {
    struct c_path c;
    int error = c_path_init(&c, path);
    if (error != 0) {
        return error;
    }
    struct stat found;
    if (call(c.text, &found) != 0) {
        error = errno;
    } else {
        *info = found;
    }
    c_path_release(&c);
    return error;
}

int fs_stat(struct str path, struct stat *info) {
    return status_of(path, info, stat);
}

int fs_lstat(struct str path, struct stat *info) {
    return status_of(path, info, lstat);
}

bool fs_exists(struct str path) {
    struct stat info;
    return fs_lstat(path, &info) == 0;
}

int fs_working_directory(struct arena *arena, struct str *path) {
    struct buf name;
    buf_init(&name, (size_t)1 << 20);
    int error = 0;
    if (!buf_reserve(&name, PATH_STACK_BYTES)) {
        return ENOMEM;
    }
    while (getcwd(name.ptr, name.room) == NULL) {
        if (errno != ERANGE) {
            error = errno;
            break;
        }
        if (!buf_reserve(&name, name.room * 2)) {
            error = ENOMEM;
            break;
        }
    }
    if (error == 0) {
        struct str copy = arena_copy(arena, str_of(name.ptr));
        error = copy.ptr == NULL ? ENOMEM : 0;
        if (error == 0) {
            *path = copy;
        }
    }
    buf_release(&name);
    return error;
}

int fs_real_path(struct arena *arena, struct str path, struct str *real) {
    struct c_path c;
    int error = c_path_init(&c, path);
    if (error != 0) {
        return error;
    }
    char *found = realpath(c.text, NULL);
    if (found == NULL) {
        error = errno;
    } else {
        struct str copy = arena_copy(arena, str_of(found));
        error = copy.ptr == NULL ? ENOMEM : 0;
        if (error == 0) {
            *real = copy;
        }
        free(found);
    }
    c_path_release(&c);
    return error;
}

/* One step of fs_follow; `*is_link` false at the end. */
static int follow_once(struct arena *arena, struct str *path, bool *is_link) {
    struct c_path c;
    int error = c_path_init(&c, *path);
    if (error != 0) {
        return error;
    }
    char target[LINK_BYTES];
    ssize_t len = readlink(c.text, target, sizeof target);
    error = len < 0 ? errno : (size_t)len == sizeof target ? ENAMETOOLONG : 0;
    c_path_release(&c);
    *is_link = error == 0;
    if (error != 0) {
        return error == EINVAL || error == ENOENT ? 0 : error;
    }
    struct str name = {target, (size_t)len};
    *path = target[0] == '/' ? arena_copy(arena, name)
                             : path_join(arena, path_parent(*path), name);
    return path->ptr == NULL ? ENOMEM : 0;
}

int fs_follow(struct arena *arena, struct str path, struct str *end) {
    for (int i = 0; i <= LINKS_MOST; i++) {
        bool is_link = false;
        int error = follow_once(arena, &path, &is_link);
        if (error != 0) {
            return error;
        }
        if (!is_link) {
            *end = path;
            return 0;
        }
    }
    return ELOOP;
}
