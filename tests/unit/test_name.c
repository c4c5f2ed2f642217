#include "claims.h"

#include "grammar/name.h"

static void names_are_judged_as_the_format_says(void **state) {
    (void)state;
    static const char *const words[] = {
        [NAME_VALID] = "valid",
        [NAME_MALFORMED] = "malformed",
        [NAME_RESERVED] = "reserved",
    };
    struct claims claims;
    struct str columns[2];
    claims_open(&claims, TEST_DATA "/name.txt");
    while (claims_next(&claims, columns, 2)) {
        claims_equal(&claims, str_of(words[name_check(columns[0])]), columns[1]);
    }
}

static void the_canonical_form_folds_case_and_hyphens(void **state) {
    (void)state;
    struct claims claims;
    struct str columns[2];
    claims_open(&claims, TEST_DATA "/name_canonical.txt");
    while (claims_next(&claims, columns, 2)) {
        char form[64];
        assert_true(columns[0].len < sizeof form);
        form[columns[0].len] = '#';
        name_canonicalize(columns[0], form);
        assert_int_equal(form[columns[0].len], '#');
        claims_equal(&claims, (struct str){form, columns[0].len}, columns[1]);
        assert_true(name_canonical_equal(columns[0], columns[1]));
        assert_int_equal(name_canonical_compare(columns[0], columns[1]), 0);
    }
}

static void canonical_forms_have_an_order(void **state) {
    (void)state;
    struct claims claims;
    struct str columns[2];
    claims_open(&claims, TEST_DATA "/name_order.txt");
    while (claims_next(&claims, columns, 2)) {
        if (name_canonical_compare(columns[0], columns[1]) >= 0 ||
            name_canonical_compare(columns[1], columns[0]) <= 0 ||
            name_canonical_equal(columns[0], columns[1])) {
            claims_fail(&claims, columns[0]);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_judged_as_the_format_says),
        cmocka_unit_test(the_canonical_form_folds_case_and_hyphens),
        cmocka_unit_test(canonical_forms_have_an_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
