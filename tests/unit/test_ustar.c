#include "plugin/ustar.h"

#include "base/limits.h"
#include "claims.h"

enum { NAME_BYTES = 100, PREFIX = 345, PREFIX_BYTES = 155 };

static uint64_t octal(const char *at, size_t bytes) {
    uint64_t value = 0;
    assert_int_equal(at[bytes - 1], '\0');
    for (size_t i = 0; i + 1 < bytes; i++) {
        assert_true(at[i] >= '0' && at[i] <= '7');
        value = value * 8 + (uint64_t)(at[i] - '0');
    }
    return value;
}

/* A part of a header that NULs fill up. */
static bool holds(const char *part, size_t bytes, struct str text) {
    for (size_t i = text.len; i < bytes; i++) {
        if (part[i] != '\0') {
            return false;
        }
    }
    return memcmp(part, text.ptr, text.len) == 0;
}

/* What is the same in all headers; `type` and magic are not. */
static void check_header(const char *header, uint64_t mode, uint64_t size, char type,
                         const char magic[8]) {
    assert_int_equal(octal(header + 100, 8), mode);
    assert_int_equal(octal(header + 108, 8), 0);
    assert_int_equal(octal(header + 116, 8), 0);
    assert_int_equal(octal(header + 124, 12), size);
    assert_int_equal(octal(header + 136, 12), 0);
    uint64_t sum = 0;
    for (size_t i = 0; i < USTAR_BLOCK; i++) {
        sum += i >= 148 && i < 156 ? ' ' : (unsigned char)header[i];
    }
    assert_int_equal(octal(header + 148, 8), sum);
    assert_int_equal(header[156], type);
    assert_true(holds(header + 157, 100, STR(""))); /* link name */
    assert_memory_equal(header + 257, magic, 8);
    assert_true(holds(header + 265, 80, STR(""))); /* owner, group, devices */
    assert_true(holds(header + 500, 12, STR("")));
}

/* Steps over the long-name record; NULL: it is not as it should be. */
static const char *skip_long_name(struct str record, struct str path) {
    check_header(record.ptr, 0644, path.len + 1, 'L', "ustar  ");
    assert_true(holds(record.ptr, NAME_BYTES, STR("././@LongLink")));
    assert_true(holds(record.ptr + PREFIX, PREFIX_BYTES, STR("")));
    const char *data = record.ptr + USTAR_BLOCK;
    size_t blocks = (path.len + USTAR_BLOCK) / USTAR_BLOCK;
    assert_true(holds(data, blocks * USTAR_BLOCK, path));
    return data + blocks * USTAR_BLOCK;
}

static void paths_are_split_as_the_contract_says(void **state) {
    (void)state;
    struct claims claims;
    claims_open(&claims, TEST_DATA "/ustar.txt");
    struct str columns[3];
    while (claims_next(&claims, columns, 3)) {
        struct str path = columns[2];
        struct buf out;
        buf_init(&out, 1 << 16);
        enum ustar_status status = ustar_append_header(&out, path, 5, false);
        if (str_equal(columns[0], STR("too-long"))) {
            claims_equal(&claims,
                         status == USTAR_PATH_TOO_LONG ? STR("too-long") : STR("taken"),
                         columns[0]);
            assert_int_equal(out.len, 0);
            continue;
        }
        assert_int_equal(status, USTAR_OK);
        const char *header = out.ptr;
        bool is_long = str_equal(columns[0], STR("long"));
        if (is_long) {
            header = skip_long_name(buf_str(&out), path);
        }
        assert_int_equal(out.ptr + out.len - header, USTAR_BLOCK);
        check_header(header, 0644, 5, '0',
                     "ustar\0"
                     "00");
        size_t prefix = (size_t)atoi(columns[1].ptr);
        struct str name = prefix == 0 ? path : str_skip(path, prefix + 1);
        if (is_long) {
            name = str_first(path, NAME_BYTES);
        }
        if (!holds(header, NAME_BYTES, name) ||
            !holds(header + PREFIX, PREFIX_BYTES, str_first(path, prefix))) {
            claims_fail(&claims, (struct str){header + PREFIX, 20});
        }
        buf_release(&out);
    }
}

static void sizes_and_modes_are_octal(void **state) {
    (void)state;
    struct buf out;
    buf_init(&out, 1 << 16);
    uint64_t largest = LIMIT_ARCHIVED_FILE_BYTES;
    assert_int_equal(ustar_append_header(&out, STR("x"), largest, true), USTAR_OK);
    check_header(out.ptr, 0755, 077777777777, '0',
                 "ustar\0"
                 "00");
    assert_int_equal(ustar_append_header(&out, STR("x"), largest + 1, true),
                     USTAR_TOO_LARGE);
    assert_int_equal(out.len, USTAR_BLOCK);
    buf_clear(&out);
    ustar_append_end(&out);
    assert_int_equal(out.len, 1024);
    assert_true(holds(out.ptr, 1024, STR("")));
    buf_release(&out);
    assert_int_equal(ustar_padding(0), 0);
    assert_int_equal(ustar_padding(1), 511);
    assert_int_equal(ustar_padding(512), 0);
    assert_int_equal(ustar_padding(513), 511);
    buf_init(&out, 100);
    assert_int_equal(ustar_append_header(&out, STR("x"), 1, true), USTAR_NO_MEMORY);
    assert_int_equal(out.len, 0);
    buf_release(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_are_split_as_the_contract_says),
        cmocka_unit_test(sizes_and_modes_are_octal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
