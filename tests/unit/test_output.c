#include "claims.h"

#include "cli/excerpt.h"
#include "cli/output.h"

static void text_from_outside_is_harmless(void **state) {
    (void)state;
    struct claims claims;
    struct str columns[2];
    claims_open(&claims, TEST_DATA "/escapes.txt");
    while (claims_next(&claims, columns, 2)) {
        struct buf out;
        buf_init(&out, 4096);
        output_escaped(&out, columns[0]);
        claims_equal(&claims, buf_str(&out), columns[1]);
        buf_release(&out);
    }
}

static void the_caret_stands_under_its_column(void **state) {
    (void)state;
    struct claims claims;
    struct str columns[4];
    claims_open(&claims, TEST_DATA "/excerpts.txt");
    while (claims_next(&claims, columns, 4)) {
        struct buf shown;
        size_t caret;
        char number[24];
        buf_init(&shown, 4096);
        (void)snprintf(number, sizeof number, "%.*s", STR_ARG(columns[1]));
        uint32_t column = (uint32_t)strtoul(number, NULL, 10);
        excerpt_append(&shown, columns[0], column, &caret);
        claims_equal(&claims, buf_str(&shown), columns[2]);
        int len = snprintf(number, sizeof number, "%zu", caret);
        claims_equal(&claims, (struct str){number, (size_t)len}, columns[3]);
        buf_release(&shown);
    }
}

/* A line of a megabyte costs no more than what is shown of it. */
static void a_long_line_is_cut(void **state) {
    (void)state;
    struct buf line;
    struct buf shown;
    size_t caret;
    buf_init(&line, SIZE_MAX / 2);
    buf_init(&shown, 4096);
    buf_append_fill(&line, 'x', 1 << 20);
    excerpt_append(&shown, buf_str(&line), 1 << 19, &caret);
    assert_int_equal(shown.len, EXCERPT_WIDTH + 2 * strlen("…"));
    assert_int_equal(caret, EXCERPT_WIDTH / 2);
    buf_release(&line);
    buf_release(&shown);
}

static void paths_below_the_working_directory_are_relative(void **state) {
    (void)state;
    struct output output = {.cwd = STR("/w/d")};
    static const struct {
        const char *message;
        const char *shown;
    } cases[] = {
        {"cannot read /w/d/a.json: no", "cannot read a.json: no"},
        {"`/w/d/a` and `/w/d/b`", "`a` and `b`"},
        {"/w/d/x", "x"},
        {"/w/dx/y", "/w/dx/y"},
        {"file:///w/d/a", "file:///w/d/a"},
        {"/w/d", "/w/d"},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buf out;
        buf_init(&out, 4096);
        output_message(&output, &out, str_of(cases[i].message));
        assert_string_equal(out.ptr == NULL ? "" : out.ptr, cases[i].shown);
        buf_release(&out);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_from_outside_is_harmless),
        cmocka_unit_test(the_caret_stands_under_its_column),
        cmocka_unit_test(a_long_line_is_cut),
        cmocka_unit_test(paths_below_the_working_directory_are_relative),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
