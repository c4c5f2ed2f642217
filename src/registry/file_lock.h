/* A lock file: one holder at a time, among threads, processes and machines that share
 * the directory.
 *
 * Shapes: the lock is the system's and ends with its holder, however that ends. The
 * file stays: it may be removed by anyone at any time when nobody holds it. Errors: 0
 * or an errno value; ETIMEDOUT: held by others for longer than the time given; ENOLCK:
 * the file system has no locks. Threads: a lock is one thread's. */
#ifndef REGISTRY_FILE_LOCK_H
#define REGISTRY_FILE_LOCK_H

#include <stdint.h>

struct file_lock {
    int fd; /* -1: not held */
};

/* Makes the file where it is missing. A symbolic link at its name is ELOOP. */
int file_lock_take(struct file_lock *lock, const char *path, uint32_t timeout_ms);
void file_lock_release(struct file_lock *lock);

#endif
