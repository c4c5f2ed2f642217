/* A layer between the command and the system that fails one call on demand. Linked into
 * a build of the command of its own with the linker's --wrap, so the product holds no
 * trace of it.
 *
 *   I3P_FAULT=KIND:N      the Nth call of that kind fails, the others go through
 *   I3P_FAULT=KIND:N+     the Nth and all after it fail
 *   I3P_FAULT_COUNT=FILE  on exit, a line `KIND COUNT` for each kind
 *
 * KIND: alloc, write, sync, rename (rename and link), make (directories and new files).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum kind { ALLOC, WRITE, SYNC, RENAME, MAKE, KINDS };

static const char *const names[KINDS] = {"alloc", "write", "sync", "rename", "make"};
static unsigned long calls[KINDS];
static unsigned long fail_at[KINDS];
static int fail_on[KINDS];

__attribute__((constructor)) static void read_plan(void) {
    const char *plan = getenv("I3P_FAULT");
    for (int kind = 0; plan != NULL && kind < KINDS; kind++) {
        size_t len = strlen(names[kind]);
        if (strncmp(plan, names[kind], len) == 0 && plan[len] == ':') {
            char *end;
            fail_at[kind] = strtoul(plan + len + 1, &end, 10);
            fail_on[kind] = *end == '+';
        }
    }
    /* What the runtime allocated before is not the command's. */
    memset(calls, 0, sizeof calls);
}

__attribute__((destructor)) static void write_counts(void) {
    const char *path = getenv("I3P_FAULT_COUNT");
    FILE *out = path == NULL ? NULL : fopen(path, "w");
    for (int kind = 0; out != NULL && kind < KINDS; kind++) {
        fprintf(out, "%s %lu\n", names[kind], calls[kind]);
    }
    if (out != NULL) {
        fclose(out);
    }
}

static int fails(enum kind kind) {
    calls[kind]++;
    return fail_at[kind] != 0 && (calls[kind] == fail_at[kind] ||
                                  (fail_on[kind] && calls[kind] > fail_at[kind]));
}

#define FAIL_WITH(kind, error, result)                                                 \
    do {                                                                               \
        if (fails(kind)) {                                                             \
            errno = (error);                                                           \
            return (result);                                                           \
        }                                                                              \
    } while (0)

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_malloc(size_t size) {
    FAIL_WITH(ALLOC, ENOMEM, NULL);
    return __real_malloc(size);
}

void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size) {
    FAIL_WITH(ALLOC, ENOMEM, NULL);
    return __real_calloc(count, size);
}

void *__real_realloc(void *block, size_t size);
void *__wrap_realloc(void *block, size_t size);
void *__wrap_realloc(void *block, size_t size) {
    FAIL_WITH(ALLOC, ENOMEM, NULL);
    return __real_realloc(block, size);
}

ssize_t __real_write(int fd, const void *bytes, size_t count);
ssize_t __wrap_write(int fd, const void *bytes, size_t count);
ssize_t __wrap_write(int fd, const void *bytes, size_t count) {
    /* Standard streams are the caller's affair; a full disk is what this is about. */
    if (fd > 2) {
        FAIL_WITH(WRITE, ENOSPC, -1);
    }
    return __real_write(fd, bytes, count);
}

int __real_fsync(int fd);
int __wrap_fsync(int fd);
int __wrap_fsync(int fd) {
    FAIL_WITH(SYNC, EIO, -1);
    return __real_fsync(fd);
}

int __real_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to) {
    FAIL_WITH(RENAME, EIO, -1);
    return __real_rename(from, to);
}

int __real_link(const char *from, const char *to);
int __wrap_link(const char *from, const char *to);
int __wrap_link(const char *from, const char *to) {
    FAIL_WITH(RENAME, EIO, -1);
    return __real_link(from, to);
}

int __real_linkat(int from_folder, const char *from, int to_folder, const char *to,
                  int flags);
int __wrap_linkat(int from_folder, const char *from, int to_folder, const char *to,
                  int flags);
int __wrap_linkat(int from_folder, const char *from, int to_folder, const char *to,
                  int flags) {
    FAIL_WITH(RENAME, EIO, -1);
    return __real_linkat(from_folder, from, to_folder, to, flags);
}

int __real_mkdir(const char *path, mode_t mode);
int __wrap_mkdir(const char *path, mode_t mode);
int __wrap_mkdir(const char *path, mode_t mode) {
    FAIL_WITH(MAKE, EACCES, -1);
    return __real_mkdir(path, mode);
}

/* Only calls that make a file; the C library has two names for open(2). */
#define WRAP_OPEN(name)                                                                \
    int __real_##name(const char *path, int flags, ...);                               \
    int __wrap_##name(const char *path, int flags, ...);                               \
    int __wrap_##name(const char *path, int flags, ...) {                              \
        mode_t mode = 0;                                                               \
        if ((flags & O_CREAT) != 0) {                                                  \
            va_list args;                                                              \
            va_start(args, flags);                                                     \
            mode = (mode_t)va_arg(args, int);                                          \
            va_end(args);                                                              \
            FAIL_WITH(MAKE, EACCES, -1);                                               \
        }                                                                              \
        return __real_##name(path, flags, mode);                                       \
    }

WRAP_OPEN(open)
WRAP_OPEN(open64)
