#include "registry/file_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { WAIT_FIRST_MS = 1, WAIT_MOST_MS = 16 };

static int64_t now_ms(void) {
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void wait_ms(uint32_t time_ms) {
    struct timespec time = {time_ms / 1000, (long)(time_ms % 1000) * 1000000};
    (void)nanosleep(&time, NULL);
}

/* Another user's file may be open for reading only, which most file systems lock as
 * well. */
static int open_file(const char *path) {
    enum { COMMON = O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK };
    int fd;
    do {
        fd = open(path, O_RDWR | O_CREAT | COMMON, 0666);
        if (fd < 0 && (errno == EACCES || errno == EROFS)) {
            int error = errno;
            fd = open(path, O_RDONLY | COMMON);
            errno = fd < 0 && errno == ENOENT ? error : errno;
        }
    } while (fd < 0 && errno == EINTR);
    return fd;
}

/* 0, EWOULDBLOCK, or what failed. */
static int try_lock(int fd) {
    while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno == EINTR) {
            continue;
        }
        bool has_none = errno == ENOSYS || errno == EOPNOTSUPP || errno == EINVAL;
        return has_none ? ENOLCK : errno;
    }
    return 0;
}

/* Is the locked file still the one of that name? */
static bool is_current(int fd, const char *path) {
    struct stat held;
    struct stat named;
    return fstat(fd, &held) == 0 && lstat(path, &named) == 0 &&
           held.st_dev == named.st_dev && held.st_ino == named.st_ino;
}

int file_lock_take(struct file_lock *lock, const char *path, uint32_t timeout_ms) {
    lock->fd = -1;
    int64_t deadline_ms = now_ms() + timeout_ms;
    uint32_t pause_ms = WAIT_FIRST_MS;
    for (;;) {
        int fd = open_file(path);
        if (fd < 0) {
            return errno;
        }
        int error = try_lock(fd);
        while (error == EWOULDBLOCK && now_ms() < deadline_ms) {
            wait_ms(pause_ms);
            pause_ms = pause_ms < WAIT_MOST_MS ? pause_ms * 2 : pause_ms;
            error = try_lock(fd);
        }
        if (error == 0 && is_current(fd, path)) {
            lock->fd = fd;
            return 0;
        }
        close(fd);
        if (error != 0) {
            return error == EWOULDBLOCK ? ETIMEDOUT : error;
        }
        if (now_ms() >= deadline_ms) {
            return ETIMEDOUT;
        }
    }
}

void file_lock_release(struct file_lock *lock) {
    if (lock->fd >= 0) {
        close(lock->fd);
        lock->fd = -1;
    }
}
