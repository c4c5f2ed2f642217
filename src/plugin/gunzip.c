#include "plugin/gunzip.h"

#include <libdeflate.h>

/* A member's first guess: many times what went in, and never nothing. */
enum { TYPICAL_RATIO = 4, ROOM_LEAST = 1 << 12 };

static size_t room_in(const struct buf *out) {
    return out->room == 0 ? 0 : out->room - out->len - 1;
}

/* Doubles the room; false: that is all there may be, or memory is out. */
static bool grow(struct buf *out, size_t least) {
    size_t most = out->max - out->len;
    size_t room = room_in(out);
    size_t want = room < least ? least : room * 2;
    want = want < most ? want : most;
    return want > room && buf_reserve(out, want);
}

static enum gunzip_status add_member(struct libdeflate_decompressor *decompressor,
                                     struct str *bytes, struct buf *out) {
    for (;;) {
        size_t taken = 0;
        size_t made = 0;
        size_t room = room_in(out);
        room = room < out->max - out->len ? room : out->max - out->len;
        switch (libdeflate_gzip_decompress_ex(decompressor, bytes->ptr, bytes->len,
                                              out->ptr + out->len, room, &taken,
                                              &made)) {
        case LIBDEFLATE_SUCCESS:
            out->len += made;
            out->ptr[out->len] = '\0';
            *bytes = str_skip(*bytes, taken);
            return GUNZIP_OK;
        case LIBDEFLATE_INSUFFICIENT_SPACE:
            if (room == out->max - out->len) {
                return GUNZIP_TOO_LARGE;
            }
            if (!grow(out, ROOM_LEAST)) {
                return GUNZIP_NO_MEMORY;
            }
            break;
        default:
            return GUNZIP_INVALID;
        }
    }
}

enum gunzip_status gunzip(struct str bytes, struct buf *out) {
    struct libdeflate_decompressor *decompressor = libdeflate_alloc_decompressor();
    enum gunzip_status status = decompressor == NULL ? GUNZIP_NO_MEMORY : GUNZIP_OK;
    size_t least =
        bytes.len < SIZE_MAX / TYPICAL_RATIO ? bytes.len * TYPICAL_RATIO : bytes.len;
    if (status == GUNZIP_OK && !grow(out, least < ROOM_LEAST ? ROOM_LEAST : least)) {
        status = out->max == out->len ? GUNZIP_TOO_LARGE : GUNZIP_NO_MEMORY;
    }
    do {
        if (status == GUNZIP_OK) {
            status = add_member(decompressor, &bytes, out);
        }
    } while (status == GUNZIP_OK && bytes.len > 0);
    if (decompressor != NULL) {
        libdeflate_free_decompressor(decompressor);
    }
    return status;
}
