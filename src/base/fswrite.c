#include "base/fswrite.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/fswrite_parts.h"

enum { NAME_TRIES = 100 };

/* Only for names that nobody else thinks of: O_EXCL makes them safe. */
static uint64_t random_number(uint64_t seed) {
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    uint64_t x = seed ^ ((uint64_t)now.tv_sec << 32) ^ (uint64_t)now.tv_nsec ^
                 ((uint64_t)getpid() << 20);
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9U;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBU;
    return x ^ (x >> 31);
}

const char *fswrite_temporary_name(struct arena *arena, const char *directory,
                                   unsigned attempt) {
    uint64_t number = random_number(((uint64_t)attempt << 56) ^ (uintptr_t)arena);
    const char *slash = directory[strlen(directory) - 1] == '/' ? "" : "/";
    return arena_printf(arena, "%s%s.influxdb3-plugin-%08lx%08lx", directory, slash,
                        (unsigned long)(number >> 32),
                        (unsigned long)(number & 0xFFFFFFFF))
        .ptr;
}

const char *fswrite_parent(struct arena *arena, const char *path) {
    struct str view = str_of(path);
    while (view.len > 1 && view.ptr[view.len - 1] == '/') {
        view.len--;
    }
    size_t slash = str_find_last(view, '/');
    if (slash == view.len) {
        return ".";
    }
    return arena_c_string(arena, str_first(view, slash == 0 ? 1 : slash));
}

static int create(const char *path) {
    int fd;
    do {
        fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY, 0666);
    } while (fd < 0 && errno == EINTR);
    return fd;
}

int fswrite_write(int fd, struct str bytes) {
    while (bytes.len > 0) {
        ssize_t done = write(fd, bytes.ptr, bytes.len);
        if (done > 0) {
            bytes = str_skip(bytes, (size_t)done);
        } else if (done < 0 && errno != EINTR) {
            return errno;
        }
    }
    return 0;
}

int fswrite_settle(int fd) {
    int error = 0;
    while (fsync(fd) != 0) {
        if (errno != EINTR) {
            error = errno;
            break;
        }
    }
    /* After EINTR the descriptor is closed all the same. */
    if (close(fd) != 0 && errno != EINTR && error == 0) {
        error = errno;
    }
    return error;
}

int fswrite_sync_directory(const char *directory) {
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        /* One that may be written but not read cannot be synced. */
        return errno == EACCES ? 0 : errno;
    }
    int error = fswrite_settle(fd);
    /* Some file systems have no sync of directories. */
    return error == EINVAL || error == ENOTSUP ? 0 : error;
}

int fswrite_open(struct fswrite *write, struct arena *arena, struct str path) {
    *write = (struct fswrite){.fd = -1};
    if (path.len == 0) {
        return ENOENT;
    }
    if (memchr(path.ptr, '\0', path.len) != NULL) {
        return EINVAL;
    }
    write->final = arena_c_string(arena, path);
    write->directory =
        write->final == NULL ? NULL : fswrite_parent(arena, write->final);
    if (write->directory == NULL) {
        return ENOMEM;
    }
    for (unsigned attempt = 0; attempt < NAME_TRIES; attempt++) {
        const char *name = fswrite_temporary_name(arena, write->directory, attempt);
        write->spare = arena_printf(arena, "%s.old", name == NULL ? "" : name).ptr;
        if (name == NULL || write->spare == NULL) {
            return ENOMEM;
        }
        write->fd = create(name);
        if (write->fd >= 0) {
            write->temporary = name;
            return 0;
        }
        if (errno != EEXIST) {
            return errno;
        }
    }
    return EEXIST;
}

int fswrite_append(struct fswrite *write, struct str bytes) {
    return fswrite_write(write->fd, bytes);
}

int fswrite_sync(struct fswrite *write) {
    int error = fswrite_settle(write->fd);
    write->fd = -1;
    return error;
}

int fswrite_keep_old(struct fswrite *write) {
    struct stat info;
    if (lstat(write->final, &info) != 0) {
        return errno == ENOENT ? 0 : errno;
    }
    if (S_ISDIR(info.st_mode)) {
        return EISDIR;
    }
    write->replaces = true;
    if (linkat(AT_FDCWD, write->final, AT_FDCWD, write->spare, 0) == 0) {
        write->backup = write->spare;
        return 0;
    }
    /* Where there are no hard links the file is replaced without a second name. */
    bool no_links = errno == EPERM || errno == ENOTSUP || errno == EOPNOTSUPP ||
                    errno == ENOSYS || errno == EMLINK;
    return no_links ? 0 : errno;
}

int fswrite_put(struct fswrite *write, bool replace) {
    if (!replace) {
        if (link(write->temporary, write->final) == 0) {
            write->renamed = true;
            (void)unlink(write->temporary);
            write->temporary = NULL;
            return 0;
        }
        if (errno != EPERM && errno != ENOTSUP && errno != EOPNOTSUPP &&
            errno != ENOSYS) {
            return errno;
        }
    }
    if (rename(write->temporary, write->final) != 0) {
        return errno;
    }
    write->renamed = true;
    write->temporary = NULL;
    return 0;
}

void fswrite_take_back(struct fswrite *write) {
    if (write->renamed && !write->replaces) {
        (void)unlink(write->final);
    } else if (write->renamed && write->backup != NULL &&
               rename(write->backup, write->final) == 0) {
        write->backup = NULL;
    }
    /* What could not be brought back stays new: better than no file. */
    write->renamed = false;
    fswrite_abort(write);
}

void fswrite_abort(struct fswrite *write) {
    if (write->fd >= 0) {
        close(write->fd);
        write->fd = -1;
    }
    if (write->temporary != NULL) {
        (void)unlink(write->temporary);
        write->temporary = NULL;
    }
    if (write->backup != NULL) {
        (void)unlink(write->backup);
        write->backup = NULL;
    }
}

int fswrite_rename(struct fswrite *write) {
    int error = fswrite_keep_old(write);
    if (error == 0) {
        error = fswrite_put(write, true);
    }
    if (error == 0) {
        error = fswrite_sync_directory(write->directory);
    }
    if (error != 0) {
        fswrite_take_back(write);
    } else {
        fswrite_abort(write);
    }
    return error;
}

/* A file system over a network may have made the link and lost its answer: then the
 * second try finds the name taken, by the same file. */
static bool has_two_names(const char *path) {
    struct stat info;
    return lstat(path, &info) == 0 && info.st_nlink > 1;
}

int fswrite_create(struct fswrite *write) {
    if (link(write->temporary, write->final) != 0) {
        int error = errno;
        if (error == EPERM || error == EOPNOTSUPP || error == ENOSYS ||
            error == EMLINK) {
            return ENOTSUP;
        }
        if (error != EEXIST || !has_two_names(write->temporary)) {
            return error;
        }
    }
    write->renamed = true;
    int error = fswrite_sync_directory(write->directory);
    if (error != 0) {
        fswrite_take_back(write);
        return error;
    }
    fswrite_abort(write);
    return 0;
}

int fswrite_sync_names(struct fswrite *write) {
    return fswrite_sync_directory(write->directory);
}

int fswrite_file(struct arena *scratch, struct str path, struct str bytes) {
    struct arena_mark mark = arena_mark(scratch);
    struct fswrite write;
    int error = fswrite_open(&write, scratch, path);
    if (error == 0) {
        error = fswrite_append(&write, bytes);
    }
    if (error == 0) {
        error = fswrite_sync(&write);
    }
    if (error == 0) {
        error = fswrite_rename(&write);
    }
    if (error != 0) {
        fswrite_abort(&write);
    }
    arena_rewind(scratch, mark);
    return error;
}
