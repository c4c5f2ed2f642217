/* nftw(3) is not of POSIX alone. */
#define _XOPEN_SOURCE 700

#include "helper/scratch.h"

#include <errno.h>
#include <ftw.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fs.h"

enum { OPEN_DIRECTORIES = 16, ROOT_BYTES = 4096 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char root[ROOT_BYTES]; /* empty: there is none */
static atomic_ulong count;

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

int scratch_make(struct arena *arena, struct str *directory) {
    (void)pthread_mutex_lock(&lock);
    int error = root[0] == '\0' ? make_root() : 0;
    *directory = error != 0
                     ? STR_NONE
                     : arena_printf(arena, "%s/%lu", root, atomic_fetch_add(&count, 1));
    (void)pthread_mutex_unlock(&lock);
    if (error == 0 && directory->ptr == NULL) {
        error = ENOMEM;
    }
    return error != 0 ? error : mkdir(directory->ptr, 0700) == 0 ? 0 : errno;
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
