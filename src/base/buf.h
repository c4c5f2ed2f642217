/* A growing byte buffer with a cap.
 *
 * Ownership: buf_init takes nothing; the buffer owns `ptr` until buf_release, or until
 *   buf_take hands it to the caller, who frees it with free(). A NUL always follows the
 *   content that `len` does not count (unless nothing was ever appended: then `ptr` is
 * NULL). Errors: an append that memory or the cap refuses returns false, leaves the
 * content as it was and sets `failed`; later appends fail too, so a writer of many
 * parts may look at `failed` once, at its end. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdint.h>

#include "base/str.h"

struct buf {
    char *ptr;
    size_t len;
    size_t room; /* bytes allocated, the NUL's place included */
    size_t max;  /* the most bytes that `len` may reach */
    bool failed;
};

void buf_init(struct buf *buf, size_t max);
void buf_release(struct buf *buf);

/* Empties the content and the failure, keeps the storage. */
void buf_clear(struct buf *buf);

/* Makes room for `count` more bytes at once. */
bool buf_reserve(struct buf *buf, size_t count);

/* Gives back the storage that the content does not need. */
void buf_fit(struct buf *buf);

bool buf_append(struct buf *buf, struct str s);
bool buf_append_byte(struct buf *buf, char byte);
bool buf_append_fill(struct buf *buf, char byte, size_t count);
bool buf_append_u64(struct buf *buf, uint64_t value);
bool buf_append_codepoint(struct buf *buf, uint32_t codepoint);
bool buf_printf(struct buf *buf, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static inline struct str buf_str(const struct buf *buf) {
    return (struct str){buf->ptr == NULL ? "" : buf->ptr, buf->len};
}

#endif
