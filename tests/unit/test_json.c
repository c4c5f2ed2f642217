#include "base/json.h"
#include "claims.h"

/* The scanner wants a NUL behind the text. */
static void load(struct buf *text, struct str from) {
    buf_init(text, (size_t)1 << 28);
    assert_true(buf_append(text, from));
}

static bool is_one_value(struct str text) {
    struct json_scan scan;
    json_begin(&scan, text);
    json_space(&scan);
    bool good = json_skip(&scan);
    json_space(&scan);
    assert_true(good == (scan.rule == NULL));
    assert_true(good || (scan.wrong >= scan.start && scan.wrong <= scan.end));
    return good && scan.at == scan.end;
}

static void values_are_told_from_what_is_none(void **state) {
    (void)state;
    struct claims claims;
    struct str columns[2];
    claims_open(&claims, TEST_DATA "/json_values.txt");
    while (claims_next(&claims, columns, 2)) {
        struct buf text;
        load(&text, columns[0]);
        claims_equal(&claims, is_one_value(buf_str(&text)) ? STR("yes") : STR("no"),
                     columns[1]);
        buf_release(&text);
    }
}

static void strings_are_decoded_and_rewritten(void **state) {
    (void)state;
    struct claims claims;
    struct str columns[3];
    struct arena arena = {0};
    claims_open(&claims, TEST_DATA "/json_strings.txt");
    while (claims_next(&claims, columns, 3)) {
        struct buf text;
        struct buf rewritten;
        struct json_scan scan;
        struct json_string string;
        struct str decoded = STR("");
        load(&text, columns[0]);
        buf_init(&rewritten, 1 << 16);
        json_begin(&scan, buf_str(&text));
        assert_true(json_string(&scan, &string));
        assert_ptr_equal(scan.at, scan.end);
        enum json_decode_status status = json_decode(&arena, string.raw, &decoded);
        claims_equal(&claims, status == JSON_DECODED ? decoded : STR("<lone>"),
                     columns[1]);
        json_append_rewritten(&rewritten, string.raw);
        claims_equal(&claims, buf_str(&rewritten), columns[2]);
        buf_release(&rewritten);
        buf_release(&text);
    }
    arena_release(&arena);
}

static void numbers_past_a_double_are_told(void **state) {
    (void)state;
    struct claims claims;
    struct str columns[2];
    claims_open(&claims, TEST_DATA "/json_numbers.txt");
    while (claims_next(&claims, columns, 2)) {
        claims_equal(&claims,
                     json_number_is_finite(columns[0]) ? STR("finite") : STR("not"),
                     columns[1]);
    }
}

static void white_space_has_its_shape(void **state) {
    (void)state;
    struct row {
        const char *text;
        unsigned shape;
        size_t len;
    } rows[] = {
        {"", JSON_SPACE_OTHER, 0},
        {"x", JSON_SPACE_NONE, 0},
        {" x", JSON_SPACE_ONE, 1},
        {"  x", JSON_SPACE_OTHER, 2},
        {"\nx", JSON_SPACE_LINE, 1},
        {"\n      x", JSON_SPACE_LINE + 6, 7},
        {"\n              x", JSON_SPACE_LINE + 14, 15},
        {"\r\n  x", JSON_SPACE_OTHER, 4},
        {"\n \n x", JSON_SPACE_OTHER, 4},
        {"\n        \t x", JSON_SPACE_OTHER, 11},
        {"\n        ", JSON_SPACE_OTHER, 9},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct json_scan scan;
        json_begin(&scan, str_of(rows[i].text));
        assert_int_equal(json_space(&scan), rows[i].shape);
        assert_int_equal(scan.at - scan.start, rows[i].len);
    }
}

static void nesting_has_no_limit(void **state) {
    (void)state;
    struct buf text;
    const size_t depth = 1000000;
    buf_init(&text, 1 << 24);
    buf_append_fill(&text, '[', depth);
    assert_false(is_one_value(buf_str(&text)));
    for (size_t i = 0; i < depth; i++) {
        buf_append(&text, i % 2 == 0 ? STR("]") : STR(",{}]"));
    }
    assert_true(is_one_value(buf_str(&text)));
    buf_release(&text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_told_from_what_is_none),
        cmocka_unit_test(strings_are_decoded_and_rewritten),
        cmocka_unit_test(numbers_past_a_double_are_told),
        cmocka_unit_test(white_space_has_its_shape),
        cmocka_unit_test(nesting_has_no_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
