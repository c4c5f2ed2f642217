/* madvise is beyond POSIX. */
#define _DEFAULT_SOURCE

#include "base/pages.h"

#include <errno.h>
#include <stdint.h>
#include <sys/mman.h>

enum { LARGE_PAGE = 1 << 21 };

void pages_prefer_large(void *block, size_t size) {
#ifdef MADV_HUGEPAGE
    uintptr_t first = ((uintptr_t)block + LARGE_PAGE - 1) / LARGE_PAGE * LARGE_PAGE;
    uintptr_t last = ((uintptr_t)block + size) / LARGE_PAGE * LARGE_PAGE;
    if (first < last) {
        /* A refused hint changes nothing that a caller could see. */
        int before = errno;
        (void)madvise((void *)first, last - first, MADV_HUGEPAGE);
        errno = before;
    }
#else
    (void)block;
    (void)size;
#endif
}
