#include "unit.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"
#include "base/utf8.h"

static void views_compare_by_bytes(void **state) {
    (void)state;
    assert_true(str_compare(STR("a"), STR("ab")) < 0);
    assert_true(str_compare(STR("b"), STR("ab")) > 0);
    assert_int_equal(str_compare(STR(""), STR("")), 0);
    assert_true(str_compare(STR("\xff"), STR("a")) > 0);
    assert_true(str_starts_with(STR("abc"), STR("ab")));
    assert_false(str_starts_with(STR("a"), STR("ab")));
    assert_true(str_ends_with(STR("abc"), STR("bc")));
    assert_int_equal(str_find(STR("a/b/c"), '/'), 1);
    assert_int_equal(str_find_last(STR("a/b/c"), '/'), 3);
    assert_int_equal(str_find_last(STR("abc"), '/'), 3);
    assert_true(str_equal(str_trim(STR(" \t a b\n")), STR("a b")));
    assert_true(str_equal_ignore_case(STR("AbC"), STR("aBc")));
}

static void an_arena_gives_aligned_zeroed_blocks_and_takes_them_back(void **state) {
    (void)state;
    struct arena arena = {0};
    char *first = arena_alloc(&arena, 3);
    struct arena_mark mark = arena_mark(&arena);
    for (size_t size = 0; size < 3000; size += 7) {
        unsigned char *block = arena_alloc(&arena, size);
        assert_non_null(block);
        assert_int_equal((uintptr_t)block % _Alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++) {
            assert_int_equal(block[i], 0);
            block[i] = 0xAA;
        }
    }
    assert_null(arena_array(&arena, SIZE_MAX / 2, 4));
    arena_rewind(&arena, mark);
    first[2] = 'x';
    struct str joined =
        arena_concat(&arena, (struct str[]){STR("a"), STR(""), STR("bc")}, 3);
    assert_string_equal(joined.ptr, "abc");
    assert_int_equal(joined.len, 3);
    assert_string_equal(arena_printf(&arena, "%d-%s", 7, "x").ptr, "7-x");
    arena_release(&arena);
}

static void a_buffer_refuses_what_its_cap_refuses(void **state) {
    (void)state;
    struct buf buf;
    buf_init(&buf, 10);
    assert_true(buf_append(&buf, STR("01234567")));
    assert_false(buf_append(&buf, STR("890")));
    assert_true(buf.failed);
    assert_string_equal(buf.ptr, "01234567");
    assert_false(buf_append_byte(&buf, 'x'));
    buf_clear(&buf);
    assert_true(buf_append_u64(&buf, 1234567890));
    assert_string_equal(buf.ptr, "1234567890");
    buf_release(&buf);
    buf_init(&buf, 1 << 20);
    assert_true(buf_append_u64(&buf, UINT64_MAX));
    assert_true(buf_append_u64(&buf, 0));
    assert_true(buf_printf(&buf, "<%03d>", 7));
    assert_true(buf_append_codepoint(&buf, 0x20AC));
    assert_true(buf_append_fill(&buf, '.', 3));
    assert_string_equal(buf.ptr, "184467440737095516150<007>\u20ac...");
    buf_release(&buf);
}

static void utf8_is_checked_as_unicode_says(void **state) {
    (void)state;
    struct row {
        struct str bytes;
        size_t bad; /* offset of the first bad byte */
    } rows[] = {
        {STR(""), 0},
        {STR("plain ascii, longer than a word"), 31},
        {STR("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"), 9},
        {STR("\xef\xbf\xbf\xf4\x8f\xbf\xbf"), 7},
        {STR("ab\x80"), 2},
        {STR("ab\xc0\xaf"), 2},
        {STR("\xc1\xbf"), 0},
        {STR("abcdefgh\xe0\x9f\xbf"), 8},
        {STR("\xed\xa0\x80"), 0},
        {STR("\xf4\x90\x80\x80"), 0},
        {STR("\xf5\x80\x80\x80"), 0},
        {STR("x\xe2\x82"), 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(utf8_first_invalid(rows[i].bytes), rows[i].bad);
    }
    assert_int_equal(utf8_count(STR("a\xc3\xa9\xf0\x9f\x98\x80")), 3);
}

static void bad_bytes_become_one_replacement_a_subpart(void **state) {
    (void)state;
    struct arena arena = {0};
    /* The table of Unicode 3.9, "U+FFFD Substitution of Maximal Subparts". */
    struct str mixed = utf8_lossy(&arena, STR("a\xf1\x80\x80\xe1\x80\xc2"
                                              "b\x80"
                                              "c\x80\xbf"
                                              "d"));
    assert_true(str_equal(mixed, STR("a\ufffd\ufffd\ufffd"
                                     "b\ufffd"
                                     "c\ufffd\ufffd"
                                     "d")));
    struct str good = STR("\xc3\xa9");
    assert_ptr_equal(utf8_lossy(&arena, good).ptr, good.ptr);
    for (uint32_t c = 0; c <= 0x10FFFF; c += 13) {
        char bytes[4];
        size_t len = utf8_encode(c, bytes);
        size_t at = 0;
        uint32_t back = utf8_next((struct str){bytes, len}, &at);
        assert_int_equal(at, len);
        assert_int_equal(back, c >= 0xD800 && c <= 0xDFFF ? UTF8_REPLACEMENT : c);
    }
    arena_release(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(views_compare_by_bytes),
        cmocka_unit_test(an_arena_gives_aligned_zeroed_blocks_and_takes_them_back),
        cmocka_unit_test(a_buffer_refuses_what_its_cap_refuses),
        cmocka_unit_test(utf8_is_checked_as_unicode_says),
        cmocka_unit_test(bad_bytes_become_one_replacement_a_subpart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
