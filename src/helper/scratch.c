/* nftw(3) is not of POSIX alone. */
#define _XOPEN_SOURCE 700

#include "helper/scratch.h"

#include <errno.h>
#include <ftw.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/fs.h"

enum { OPEN_DIRECTORIES = 16, ROOT_BYTES = 4096, REMOVALS_MOST = 200, PAUSE_MS = 10 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char root[ROOT_BYTES]; /* empty: there is none */
static unsigned long count;
static atomic_bool is_abandoned;

static int remove_one(const char *path, const struct stat *info, int kind,
                      struct FTW *place) {
    (void)info;
    (void)place;
    (void)(kind == FTW_DP ? rmdir(path) : unlink(path));
    return 0;
}

static void remove_tree(const char *path) {
    (void)nftw(path, remove_one, OPEN_DIRECTORIES, FTW_DEPTH | FTW_PHYS);
}

/* With the lock held. */
static int make_root(void) {
    const char *base = getenv("TMPDIR");
    if (base == NULL || *base != '/') {
        base = "/tmp";
    }
    char name[ROOT_BYTES];
    int length = snprintf(name, sizeof name, "%s/influxdb3-plugin-XXXXXX", base);
    if (length < 0 || (size_t)length >= sizeof name) {
        return ENAMETOOLONG;
    }
    if (mkdtemp(name) == NULL) {
        return errno;
    }
    struct arena arena = {0};
    struct str real;
    int error = fs_real_path(&arena, str_of(name), &real);
    if (error == 0 && real.len >= sizeof root) {
        error = ENAMETOOLONG;
    }
    if (error == 0) {
        memcpy(root, real.ptr, real.len);
        root[real.len] = '\0';
    } else {
        (void)rmdir(name);
    }
    arena_release(&arena);
    return error;
}

static int make_directory(struct arena *arena, struct str *directory) {
    int error = root[0] == '\0' ? make_root() : 0;
    if (error != 0) {
        return error;
    }
    *directory = arena_printf(arena, "%s/%lu", root, count++);
    if (directory->ptr == NULL) {
        return ENOMEM;
    }
    return mkdir(directory->ptr, 0700) == 0 ? 0 : errno;
}

int scratch_make(struct arena *arena, struct str *directory) {
    (void)pthread_mutex_lock(&lock);
    bool is_late = atomic_load(&is_abandoned);
    int error = is_late ? ECANCELED : make_directory(arena, directory);
    (void)pthread_mutex_unlock(&lock);
    scratch_check();
    return error;
}

void scratch_remove(struct str directory) {
    remove_tree(directory.ptr);
}

void scratch_end(void) {
    (void)pthread_mutex_lock(&lock);
    if (root[0] != '\0') {
        remove_tree(root);
        root[0] = '\0';
    }
    (void)pthread_mutex_unlock(&lock);
}

void scratch_check(void) {
    while (atomic_load(&is_abandoned)) {
        (void)pause();
    }
}

/* What a thread was just writing may appear once more after it was removed. */
void scratch_abandon(void) {
    const struct timespec pause = {0, PAUSE_MS * 1000000L};
    atomic_store(&is_abandoned, true);
    (void)pthread_mutex_lock(&lock);
    for (int i = 0; root[0] != '\0' && i < REMOVALS_MOST; i++) {
        remove_tree(root);
        if (i > 0 && access(root, F_OK) != 0) {
            root[0] = '\0';
        } else {
            (void)nanosleep(&pause, NULL);
        }
    }
    (void)pthread_mutex_unlock(&lock);
}
