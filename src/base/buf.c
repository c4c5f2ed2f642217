#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/pages.h"
#include "base/utf8.h"

/* From here on the kernel's way of handing out memory counts. */
enum { LARGE_BYTES = 8 << 20 };

void buf_init(struct buf *buf, size_t max) {
    *buf = (struct buf){.max = max < SIZE_MAX / 2 ? max : SIZE_MAX / 2};
}

void buf_release(struct buf *buf) {
    free(buf->ptr);
    *buf = (struct buf){.max = buf->max};
}

void buf_clear(struct buf *buf) {
    buf->len = 0;
    buf->failed = false;
    if (buf->ptr != NULL) {
        buf->ptr[0] = '\0';
    }
}

bool buf_reserve(struct buf *buf, size_t count) {
    if (buf->failed || count > buf->max - buf->len) {
        buf->failed = true;
        return false;
    }
    size_t need = buf->len + count + 1;
    if (need <= buf->room) {
        return true;
    }
    size_t room = buf->room < 64 ? 64 : buf->room;
    while (room < need) {
        room += room / 2;
    }
    if (room > buf->max + 1) {
        room = buf->max + 1;
    }
    char *grown = realloc(buf->ptr, room);
    if (grown == NULL) {
        buf->failed = true;
        return false;
    }
    buf->ptr = grown;
    buf->room = room;
    buf->ptr[buf->len] = '\0';
    if (room >= LARGE_BYTES) {
        pages_prefer_large(grown, room);
    }
    return true;
}

void buf_fit(struct buf *buf) {
    char *fitting = buf->ptr == NULL || buf->room == buf->len + 1
                        ? NULL
                        : realloc(buf->ptr, buf->len + 1);
    if (fitting != NULL) {
        buf->ptr = fitting;
        buf->room = buf->len + 1;
    }
}

bool buf_append(struct buf *buf, struct str s) {
    if (!buf_reserve(buf, s.len)) {
        return false;
    }
    if (s.len > 0) {
        memcpy(buf->ptr + buf->len, s.ptr, s.len);
    }
    buf->len += s.len;
    buf->ptr[buf->len] = '\0';
    return true;
}

bool buf_append_byte(struct buf *buf, char byte) {
    return buf_append(buf, (struct str){&byte, 1});
}

bool buf_append_fill(struct buf *buf, char byte, size_t count) {
    if (!buf_reserve(buf, count)) {
        return false;
    }
    memset(buf->ptr + buf->len, byte, count);
    buf->len += count;
    buf->ptr[buf->len] = '\0';
    return true;
}

bool buf_append_u64(struct buf *buf, uint64_t value) {
    char digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    return buf_append(buf, (struct str){digits + at, sizeof digits - at});
}

bool buf_append_codepoint(struct buf *buf, uint32_t codepoint) {
    char bytes[4];
    size_t len = utf8_encode(codepoint, bytes);
    return buf_append(buf, (struct str){bytes, len});
}

bool buf_printf(struct buf *buf, const char *format, ...) {
    va_list args;
    va_start(args, format);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (len < 0 || !buf_reserve(buf, (size_t)len)) {
        buf->failed = true;
        return false;
    }
    va_start(args, format);
    vsnprintf(buf->ptr + buf->len, (size_t)len + 1, format, args);
    va_end(args);
    buf->len += (size_t)len;
    return true;
}
