#include "claims.h"

#include "grammar/marker.h"
#include "grammar/pep508.h"
#include "grammar/space.h"

static void check_part(struct claims *claims, struct str text, struct str part,
                       struct str want) {
    if (part.ptr == NULL) {
        claims_equal(claims, STR("-"), want);
        return;
    }
    claims_equal(claims, part, want);
    assert_true(part.ptr >= text.ptr && part.ptr + part.len <= text.ptr + text.len);
}

static void check_offset(struct claims *claims, const struct syntax_error *error,
                         struct str want) {
    assert_true(strlen(error->rule) > 0);
    char number[24];
    int len = snprintf(number, sizeof number, "%zu", error->offset);
    claims_equal(claims, (struct str){number, (size_t)len}, want);
}

static void requirements_are_read_into_views_of_their_parts(void **state) {
    (void)state;
    struct claims claims;
    struct str columns[6];
    struct arena arena = {0};
    claims_open(&claims, TEST_DATA "/pep508_valid.txt");
    while (claims_next(&claims, columns, 6)) {
        struct pep508 requirement;
        struct syntax_error error = {"", 0};
        if (pep508_parse(&arena, columns[0], &requirement, &error) != GRAMMAR_OK) {
            claims_fail(&claims, str_of(error.rule));
        }
        check_part(&claims, columns[0], requirement.name, columns[1]);
        check_part(&claims, columns[0], requirement.extras, columns[2]);
        check_part(&claims, columns[0], requirement.specifiers, columns[3]);
        check_part(&claims, columns[0], requirement.url, columns[4]);
        check_part(&claims, columns[0], requirement.marker, columns[5]);
    }
    arena_release(&arena);
}

static void what_is_no_requirement_is_rejected_where_the_fault_is(void **state) {
    (void)state;
    struct claims claims;
    struct str columns[2];
    struct arena arena = {0};
    claims_open(&claims, TEST_DATA "/pep508_invalid.txt");
    while (claims_next(&claims, columns, 2)) {
        struct pep508 requirement;
        struct syntax_error error = {"", 0};
        if (pep508_parse(&arena, columns[0], &requirement, &error) != GRAMMAR_INVALID) {
            claims_fail(&claims, STR("a requirement"));
        }
        check_offset(&claims, &error, columns[1]);
    }
    arena_release(&arena);
}

static void faults_of_a_url_are_placed_in_the_requirement(void **state) {
    (void)state;
    struct arena arena = {0};
    struct pep508 requirement;
    struct syntax_error error = {"", 0};
    struct str text = STR("x @ https://e.com:99999/ ; extra == 'a'");
    assert_int_equal(pep508_parse(&arena, text, &requirement, &error), GRAMMAR_INVALID);
    assert_true(error.offset >= strlen("x @ https:"));
    assert_true(error.offset <= strlen("x @ https://e.com:99999/"));
    arena_release(&arena);
}

static void markers_are_accepted(void **state) {
    (void)state;
    struct claims claims;
    struct str columns[1];
    claims_open(&claims, TEST_DATA "/marker_valid.txt");
    while (claims_next(&claims, columns, 1)) {
        struct str marker = STR_NONE;
        struct syntax_error error = {"", 0};
        if (marker_parse(columns[0], 0, &marker, &error) != GRAMMAR_OK) {
            claims_fail(&claims, str_of(error.rule));
        }
        claims_equal(&claims, marker, columns[0]);
    }
}

static void what_is_no_marker_is_rejected_where_the_fault_is(void **state) {
    (void)state;
    struct claims claims;
    struct str columns[2];
    claims_open(&claims, TEST_DATA "/marker_invalid.txt");
    while (claims_next(&claims, columns, 2)) {
        struct str marker = STR_NONE;
        struct syntax_error error = {"", 0};
        if (marker_parse(columns[0], 0, &marker, &error) != GRAMMAR_INVALID) {
            claims_fail(&claims, marker);
        }
        check_offset(&claims, &error, columns[1]);
    }
}

static void parentheses_nest_without_limit(void **state) {
    (void)state;
    enum { DEPTH = 500000 };
    struct str middle = STR("os_name=='a'");
    char *text = test_malloc(2 * DEPTH + middle.len);
    memset(text, '(', DEPTH);
    memcpy(text + DEPTH, middle.ptr, middle.len);
    memset(text + DEPTH + middle.len, ')', DEPTH);
    struct str marker;
    struct syntax_error error;
    struct str whole = {text, 2 * DEPTH + middle.len};
    assert_int_equal(marker_parse(whole, 0, &marker, &error), GRAMMAR_OK);
    assert_true(str_equal(marker, whole));
    struct str open = {text, whole.len - 1};
    assert_int_equal(marker_parse(open, 0, &marker, &error), GRAMMAR_INVALID);
    assert_int_equal(error.offset, open.len);
    test_free(text);
}

static void distributions_are_compared_by_normalized_name(void **state) {
    (void)state;
    struct claims claims;
    struct str columns[3];
    claims_open(&claims, TEST_DATA "/pep508_names.txt");
    while (claims_next(&claims, columns, 3)) {
        struct str same =
            pep508_same_name(columns[0], columns[1]) ? STR("same") : STR("other");
        claims_equal(&claims, same, columns[2]);
        same = pep508_same_name(columns[1], columns[0]) ? STR("same") : STR("other");
        claims_equal(&claims, same, columns[2]);
    }
}

/* Unicode 15, property White_Space. */
static void whitespace_is_what_unicode_says(void **state) {
    (void)state;
    static const uint32_t ranges[][2] = {
        {0x9, 0xD},       {0x20, 0x20},     {0x85, 0x85},     {0xA0, 0xA0},
        {0x1680, 0x1680}, {0x2000, 0x200A}, {0x2028, 0x2029}, {0x202F, 0x202F},
        {0x205F, 0x205F}, {0x3000, 0x3000},
    };
    size_t range = 0;
    for (uint32_t c = 0; c < 0x110000; c++) {
        if (c == 0xD800) {
            c = 0xE000;
        }
        while (range < sizeof ranges / sizeof ranges[0] && c > ranges[range][1]) {
            range++;
        }
        bool want = range < sizeof ranges / sizeof ranges[0] && c >= ranges[range][0];
        char bytes[6] = "ab";
        struct str text = {bytes, 1 + utf8_encode(c, bytes + 1)};
        assert_int_equal(space_at(text, 1), want ? text.len - 1 : 0);
        assert_int_equal(space_skip(text, 1), want ? text.len : 1);
        assert_int_equal(space_trim_end(text).len, want ? 1 : text.len);
    }
    assert_int_equal(space_at(STR("a"), 1), 0);
    assert_int_equal(space_at(STR("\xe3\x80"), 0), 0);
    assert_int_equal(space_trim_end(STR("\xe3\x80")).len, 2);
    assert_int_equal(space_trim_end(STR(" \t\u3000\n")).len, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requirements_are_read_into_views_of_their_parts),
        cmocka_unit_test(what_is_no_requirement_is_rejected_where_the_fault_is),
        cmocka_unit_test(faults_of_a_url_are_placed_in_the_requirement),
        cmocka_unit_test(markers_are_accepted),
        cmocka_unit_test(what_is_no_marker_is_rejected_where_the_fault_is),
        cmocka_unit_test(parentheses_nest_without_limit),
        cmocka_unit_test(distributions_are_compared_by_normalized_name),
        cmocka_unit_test(whitespace_is_what_unicode_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
