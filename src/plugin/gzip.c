#include "plugin/gzip.h"

#include <assert.h>
#include <libdeflate.h>
#include <stdlib.h>

#include "plugin/deflate_walk.h"

/* Both are part of the format of one release: another value gives other bytes. */
enum { CHUNK_BYTES = 1 << 20, LEVEL = 6 };

enum { HEADER_BYTES = 10, TRAILER_BYTES = 8, JOINT_BYTES = 5 };

struct gzip {
    gzip_sink sink;
    void *context;
    enum gzip_status status;
    struct libdeflate_compressor *compressor;
    struct deflate_tables *tables; /* made when there is a second chunk */
    uint8_t *chunk;
    size_t filled;
    uint8_t *out;
    size_t out_room;
    uint32_t crc;
    uint64_t total;
};

struct gzip *gzip_new(gzip_sink sink, void *context) {
    struct gzip *gzip = calloc(1, sizeof *gzip);
    if (gzip == NULL) {
        return NULL;
    }
    gzip->sink = sink;
    gzip->context = context;
    gzip->compressor = libdeflate_alloc_compressor(LEVEL);
    gzip->chunk = malloc(CHUNK_BYTES);
    if (gzip->compressor != NULL) {
        gzip->out_room =
            libdeflate_deflate_compress_bound(gzip->compressor, CHUNK_BYTES);
        gzip->out = malloc(gzip->out_room + JOINT_BYTES + DEFLATE_WALK_SLACK);
    }
    if (gzip->compressor == NULL || gzip->chunk == NULL || gzip->out == NULL) {
        gzip_free(gzip);
        return NULL;
    }
    return gzip;
}

void gzip_free(struct gzip *gzip) {
    if (gzip != NULL) {
        libdeflate_free_compressor(gzip->compressor);
        deflate_tables_free(gzip->tables);
        free(gzip->chunk);
        free(gzip->out);
        free(gzip);
    }
}

static void emit(struct gzip *gzip, const void *bytes, size_t len) {
    if (gzip->status == GZIP_OK &&
        !gzip->sink(gzip->context, (struct str){bytes, len})) {
        gzip->status = GZIP_STOPPED;
    }
}

/* No time, no name, no flags; the system is "unknown". */
static void emit_header(struct gzip *gzip) {
    static const uint8_t header[HEADER_BYTES] = {0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF};
    emit(gzip, header, sizeof header);
}

/* Makes the last block of the stream one among others, and ends it at a byte boundary
 * by an empty stored block, so that the next chunk's stream can follow. */
static size_t open_end(struct gzip *gzip, size_t len) {
    if (gzip->tables == NULL) {
        gzip->tables = deflate_tables_new();
    }
    if (gzip->tables == NULL) {
        gzip->status = GZIP_NO_MEMORY;
        return len;
    }
    memset(gzip->out + len, 0, DEFLATE_WALK_SLACK);
    size_t last = 0;
    size_t end = 0;
    bool found = deflate_walk(gzip->tables, gzip->out, len, &last, &end);
    assert(found && (end + 7) / 8 == len);
    if (!found) {
        gzip->status = GZIP_STOPPED;
        return len;
    }
    gzip->out[last / 8] &= (uint8_t) ~(1U << last % 8);
    /* The block's three header bits and the padding are zero, as the last byte's rest
     * is already. */
    if (end % 8 == 0 || end % 8 > 5) {
        gzip->out[len++] = 0;
    }
    static const uint8_t empty[] = {0, 0, 0xFF, 0xFF};
    memcpy(gzip->out + len, empty, sizeof empty);
    return len + sizeof empty;
}

static void flush(struct gzip *gzip, bool last) {
    if (gzip->total == 0) {
        emit_header(gzip);
    }
    gzip->crc = libdeflate_crc32(gzip->crc, gzip->chunk, gzip->filled);
    gzip->total += gzip->filled;
    size_t len = libdeflate_deflate_compress(gzip->compressor, gzip->chunk,
                                             gzip->filled, gzip->out, gzip->out_room);
    assert(len > 0);
    if (!last) {
        len = open_end(gzip, len);
    }
    emit(gzip, gzip->out, len);
    gzip->filled = 0;
}

enum gzip_status gzip_space(struct gzip *gzip, char **at, size_t *room) {
    /* A full chunk waits for the next byte, which says that it is not the last. */
    if (gzip->status == GZIP_OK && gzip->filled == CHUNK_BYTES) {
        flush(gzip, false);
    }
    *at = (char *)gzip->chunk + gzip->filled;
    *room = CHUNK_BYTES - gzip->filled;
    return gzip->status;
}

void gzip_filled(struct gzip *gzip, size_t count) {
    assert(count <= CHUNK_BYTES - gzip->filled);
    gzip->filled += count;
}

enum gzip_status gzip_add(struct gzip *gzip, struct str bytes) {
    while (bytes.len > 0 && gzip->status == GZIP_OK) {
        char *at;
        size_t room;
        if (gzip_space(gzip, &at, &room) == GZIP_OK) {
            size_t part = bytes.len < room ? bytes.len : room;
            memcpy(at, bytes.ptr, part);
            gzip_filled(gzip, part);
            bytes = str_skip(bytes, part);
        }
    }
    return gzip->status;
}

static void put_u32(uint8_t *at, uint32_t value) {
    for (int i = 0; i < 4; i++) {
        at[i] = (uint8_t)(value >> (8 * i));
    }
}

enum gzip_status gzip_end(struct gzip *gzip) {
    if (gzip->status == GZIP_OK) {
        flush(gzip, true);
        uint8_t trailer[TRAILER_BYTES];
        put_u32(trailer, gzip->crc);
        put_u32(trailer + 4, (uint32_t)(gzip->total & UINT32_MAX));
        emit(gzip, trailer, sizeof trailer);
    }
    return gzip->status;
}
