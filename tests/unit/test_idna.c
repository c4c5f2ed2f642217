#include "claims.h"

#include "grammar/idna.h"
#include "grammar/punycode.h"

static void domains_become_ascii_as_uts_46_says(void **state) {
    (void)state;
    struct claims claims;
    struct str columns[2];
    claims_open(&claims, TEST_DATA "/idna_valid.txt");
    while (claims_next(&claims, columns, 2)) {
        struct arena arena = {0};
        struct str ascii = STR("");
        struct syntax_error error = {"", 0};
        if (idna_to_ascii(&arena, columns[0], &ascii, &error) != GRAMMAR_OK) {
            claims_fail(&claims, str_of(error.rule));
        }
        claims_equal(&claims, ascii, columns[1]);
        struct str again = STR("invalid");
        idna_to_ascii(&arena, ascii, &again, &error);
        claims_equal(&claims, again, ascii);
        arena_release(&arena);
    }
}

static void invalid_domains_are_rejected_where_they_break_a_rule(void **state) {
    (void)state;
    struct claims claims;
    struct str columns[3];
    claims_open(&claims, TEST_DATA "/idna_invalid.txt");
    while (claims_next(&claims, columns, 3)) {
        struct arena arena = {0};
        struct str ascii = STR("");
        struct syntax_error error = {"", 0};
        if (idna_to_ascii(&arena, columns[0], &ascii, &error) != GRAMMAR_INVALID) {
            claims_fail(&claims, ascii);
        }
        char offset[24];
        snprintf(offset, sizeof offset, "%zu", error.offset);
        claims_equal(&claims, str_of(offset), columns[1]);
        claims_equal(&claims, str_of(error.rule), columns[2]);
        arena_release(&arena);
    }
}

static struct code_points code_points_of(struct arena *arena, struct str text) {
    struct code_points label = {arena_array(arena, text.len, sizeof(uint32_t)), 0};
    assert_non_null(label.ptr);
    for (size_t at = 0; at < text.len;) {
        label.ptr[label.len++] = utf8_next(text, &at);
    }
    return label;
}

static void punycode_goes_both_ways(void **state) {
    (void)state;
    struct claims claims;
    struct str columns[2];
    claims_open(&claims, TEST_DATA "/punycode_valid.txt");
    while (claims_next(&claims, columns, 2)) {
        struct arena arena = {0};
        struct code_points label = code_points_of(&arena, columns[0]);
        struct code_points back = {NULL, 0};
        struct syntax_error error = {"", 0};
        claims_equal(&claims, punycode_encode(&arena, label), columns[1]);
        assert_int_equal(punycode_decode(&arena, columns[1], &back, &error),
                         GRAMMAR_OK);
        assert_true(code_points_equal(back, label));
        arena_release(&arena);
    }
}

static void broken_punycode_does_not_decode(void **state) {
    (void)state;
    struct claims claims;
    struct str columns[2];
    claims_open(&claims, TEST_DATA "/punycode_invalid.txt");
    while (claims_next(&claims, columns, 2)) {
        struct arena arena = {0};
        struct code_points label;
        struct syntax_error error = {"", 0};
        if (punycode_decode(&arena, columns[0], &label, &error) != GRAMMAR_INVALID) {
            claims_fail(&claims, STR("a label"));
        }
        char offset[24];
        snprintf(offset, sizeof offset, "%zu", error.offset);
        claims_equal(&claims, str_of(offset), columns[1]);
        arena_release(&arena);
    }
}

/* Labels have no limit, so no length may take a time that grows with its square. */
static void a_label_of_a_million_characters_goes_both_ways(void **state) {
    (void)state;
    enum { COUNT = 1000000 };
    struct arena arena = {0};
    struct code_points label = {arena_array(&arena, COUNT, sizeof(uint32_t)), COUNT};
    assert_non_null(label.ptr);
    uint32_t seed = 1;
    for (size_t i = 0; i < COUNT; i++) {
        seed = seed * 1664525u + 1013904223u;
        label.ptr[i] = i % 5 == 0 ? 'a' : 0x10000 + (seed >> 12) % 0x100000;
    }
    struct code_points back;
    struct syntax_error error;
    struct str ascii = punycode_encode(&arena, label);
    assert_non_null(ascii.ptr);
    assert_int_equal(punycode_decode(&arena, ascii, &back, &error), GRAMMAR_OK);
    assert_true(code_points_equal(back, label));
    arena_release(&arena);
}

static void a_long_run_of_marks_is_put_in_order(void **state) {
    (void)state;
    enum { COUNT = 200000 };
    struct arena arena = {0};
    struct code_points text = {arena_array(&arena, 2 * COUNT + 1, sizeof(uint32_t)),
                               2 * COUNT + 1};
    assert_non_null(text.ptr);
    text.ptr[0] = 'q';
    for (size_t i = 0; i < COUNT; i++) {
        text.ptr[1 + 2 * i] = 0x0301; /* class 230 */
        text.ptr[2 + 2 * i] = 0x0323; /* class 220 */
    }
    struct code_points normal;
    assert_true(code_points_nfc(&arena, text, &normal));
    assert_int_equal(normal.len, text.len);
    for (size_t i = 0; i < 2 * COUNT; i++) {
        assert_int_equal(normal.ptr[1 + i], i < COUNT ? 0x0323 : 0x0301);
    }
    arena_release(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(domains_become_ascii_as_uts_46_says),
        cmocka_unit_test(invalid_domains_are_rejected_where_they_break_a_rule),
        cmocka_unit_test(punycode_goes_both_ways),
        cmocka_unit_test(broken_punycode_does_not_decode),
        cmocka_unit_test(a_label_of_a_million_characters_goes_both_ways),
        cmocka_unit_test(a_long_run_of_marks_is_put_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
