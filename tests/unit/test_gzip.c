#include "plugin/gzip.h"

#include <libdeflate.h>
#include <stdlib.h>

#include "base/buf.h"
#include "plugin/deflate_walk.h"
#include "unit.h"

enum { CHUNK = 1 << 20 }; /* of gzip.c */

/* ---- Content of several kinds ---- */

enum kind { ZEROS, TEXT, NOISE, MIXED, KINDS };

static uint32_t next_random(uint32_t *seed) {
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 8;
}

static void fill(unsigned char *bytes, size_t size, enum kind kind) {
    static const char *const words[] = {"return ", "value", " = ", "\n    ", "table"};
    uint32_t seed = 7;
    for (size_t i = 0; i < size;) {
        enum kind now = kind != MIXED          ? kind
                        : (i / 70000) % 3 == 0 ? NOISE
                        : (i / 70000) % 3 == 1 ? TEXT
                                               : ZEROS;
        if (now == TEXT) {
            for (const char *at = words[next_random(&seed) % 5]; *at != 0 && i < size;
                 at++) {
                bytes[i++] = (unsigned char)*at;
            }
        } else {
            bytes[i++] = now == NOISE ? (unsigned char)next_random(&seed) : 0;
        }
    }
}

/* ---- Compressing ---- */

static bool collect(void *context, struct str bytes) {
    return buf_append(context, bytes);
}

static void compress_in_steps(const unsigned char *bytes, size_t size, size_t step,
                              struct buf *out) {
    buf_init(out, (size_t)1 << 30);
    struct gzip *gzip = gzip_new(collect, out);
    assert_non_null(gzip);
    for (size_t at = 0; at < size; at += step) {
        size_t part = size - at < step ? size - at : step;
        assert_int_equal(gzip_add(gzip, (struct str){(const char *)bytes + at, part}),
                         GZIP_OK);
    }
    assert_int_equal(gzip_end(gzip), GZIP_OK);
    gzip_free(gzip);
}

static void check_round_trip(const unsigned char *bytes, size_t size,
                             const struct buf *packed) {
    static const unsigned char header[10] = {0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF};
    assert_true(packed->len >= 18);
    assert_memory_equal(packed->ptr, header, sizeof header);
    unsigned char *back = malloc(size + 1);
    assert_non_null(back);
    struct libdeflate_decompressor *decompressor = libdeflate_alloc_decompressor();
    size_t taken = 0;
    size_t given = 0;
    assert_int_equal(libdeflate_gzip_decompress_ex(decompressor, packed->ptr,
                                                   packed->len, back, size + 1, &taken,
                                                   &given),
                     LIBDEFLATE_SUCCESS);
    libdeflate_free_decompressor(decompressor);
    assert_int_equal(taken, packed->len); /* one member, nothing behind it */
    assert_int_equal(given, size);
    assert_memory_equal(back, bytes, size);
    free(back);
}

static void sizes_around_chunks_come_back(void **state) {
    (void)state;
    static const size_t sizes[] = {0,
                                   1,
                                   1000,
                                   CHUNK - 1,
                                   CHUNK,
                                   CHUNK + 1,
                                   2 * CHUNK - 1,
                                   2 * CHUNK,
                                   2 * CHUNK + 1,
                                   3 * CHUNK + 12345};
    size_t most = 4 * (size_t)CHUNK;
    unsigned char *bytes = malloc(most);
    assert_non_null(bytes);
    for (int kind = 0; kind < KINDS; kind++) {
        fill(bytes, most, (enum kind)kind);
        for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
            struct buf packed;
            compress_in_steps(bytes, sizes[i], most, &packed);
            check_round_trip(bytes, sizes[i], &packed);
            buf_release(&packed);
        }
    }
    free(bytes);
}

static void the_bytes_do_not_depend_on_the_calls(void **state) {
    (void)state;
    size_t size = 2 * (size_t)CHUNK + 777;
    unsigned char *bytes = malloc(size);
    assert_non_null(bytes);
    fill(bytes, size, MIXED);
    struct buf whole;
    compress_in_steps(bytes, size, size, &whole);
    static const size_t steps[] = {513, 65536, CHUNK - 1, CHUNK, CHUNK + 1};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        struct buf parts;
        compress_in_steps(bytes, size, steps[i], &parts);
        assert_int_equal(parts.len, whole.len);
        assert_memory_equal(parts.ptr, whole.ptr, whole.len);
        buf_release(&parts);
    }
    /* Put in place rather than copied. */
    struct buf placed;
    buf_init(&placed, (size_t)1 << 30);
    struct gzip *gzip = gzip_new(collect, &placed);
    assert_non_null(gzip);
    for (size_t at = 0; at < size;) {
        char *to;
        size_t room;
        assert_int_equal(gzip_space(gzip, &to, &room), GZIP_OK);
        assert_true(room > 0);
        size_t part = room < 3000 ? room : 3000;
        part = part < size - at ? part : size - at;
        memcpy(to, bytes + at, part);
        gzip_filled(gzip, part);
        at += part;
    }
    assert_int_equal(gzip_end(gzip), GZIP_OK);
    gzip_free(gzip);
    assert_int_equal(placed.len, whole.len);
    assert_memory_equal(placed.ptr, whole.ptr, whole.len);
    buf_release(&placed);
    buf_release(&whole);
    free(bytes);
}

/* Refuses from the given call on. */
static bool refuse(void *context, struct str bytes) {
    (void)bytes;
    int *calls = context;
    return --*calls > 0;
}

static void a_sink_that_refuses_stops_it(void **state) {
    (void)state;
    size_t size = 3 * (size_t)CHUNK;
    char *bytes = calloc(1, size);
    assert_non_null(bytes);
    for (int after = 1; after <= 5; after++) {
        int calls = after;
        struct gzip *gzip = gzip_new(refuse, &calls);
        gzip_add(gzip, (struct str){bytes, size});
        assert_int_equal(gzip_end(gzip), GZIP_STOPPED);
        assert_int_equal(gzip_add(gzip, STR("x")), GZIP_STOPPED);
        gzip_free(gzip);
    }
    free(bytes);
}

/* ---- The walk ---- */

static void walk_compressed(struct deflate_tables *tables, int level, enum kind kind,
                            size_t size) {
    unsigned char *bytes = malloc(size + 1);
    struct libdeflate_compressor *compressor = libdeflate_alloc_compressor(level);
    size_t room = libdeflate_deflate_compress_bound(compressor, size);
    unsigned char *packed = calloc(1, room + DEFLATE_WALK_SLACK);
    assert_non_null(bytes);
    assert_non_null(packed);
    fill(bytes, size, kind);
    size_t len = libdeflate_deflate_compress(compressor, bytes, size, packed, room);
    memset(packed + len, 0, DEFLATE_WALK_SLACK);
    size_t last = 0;
    size_t end = 0;
    assert_true(deflate_walk(tables, packed, len, &last, &end));
    assert_int_equal((end + 7) / 8, len);
    assert_int_equal(packed[last / 8] >> last % 8 & 1, 1);
    /* Without its last byte it is no stream any more. */
    assert_false(deflate_walk(tables, packed, len - 1, &last, &end));
    libdeflate_free_compressor(compressor);
    free(packed);
    free(bytes);
}

static void the_walk_finds_the_end(void **state) {
    (void)state;
    struct deflate_tables *tables = deflate_tables_new();
    assert_non_null(tables);
    for (int level = 0; level <= 12; level += 3) {
        for (int kind = 0; kind < KINDS; kind++) {
            walk_compressed(tables, level, (enum kind)kind, 300);
            walk_compressed(tables, level, (enum kind)kind, 200000);
        }
    }
    deflate_tables_free(tables);
}

static void the_walk_refuses_what_is_no_stream(void **state) {
    (void)state;
    struct deflate_tables *tables = deflate_tables_new();
    assert_non_null(tables);
    size_t last = 0;
    size_t end = 0;
    /* By RFC 1951: type 3; a length that its complement denies; too many codes; an
     * empty fixed block (good); a stored block of one byte (good). */
    static const struct {
        unsigned char bytes[16];
        size_t len;
        bool good;
        size_t end;
    } rows[] = {
        {{0x07}, 1, false, 0},
        {{0x01, 1, 0, 1, 0, 'x'}, 6, false, 0},
        {{0xFD, 0xFF, 0xFF}, 3, false, 0},
        {{0}, 0, false, 0},
        {{0x03, 0x00}, 2, true, 10},
        {{0x01, 1, 0, 0xFE, 0xFF, 'x'}, 6, true, 48},
        {{0x01, 2, 0, 0xFD, 0xFF, 'x'}, 6, false, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bool good = deflate_walk(tables, rows[i].bytes, rows[i].len, &last, &end);
        assert_int_equal(good, rows[i].good);
        if (good) {
            assert_int_equal(last, 0);
            assert_int_equal(end, rows[i].end);
        }
    }
    deflate_tables_free(tables);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_around_chunks_come_back),
        cmocka_unit_test(the_bytes_do_not_depend_on_the_calls),
        cmocka_unit_test(a_sink_that_refuses_stops_it),
        cmocka_unit_test(the_walk_finds_the_end),
        cmocka_unit_test(the_walk_refuses_what_is_no_stream),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
