#include "claims.h"

#include "grammar/pep440.h"

static void versions_are_read_as_pep_440_says(void **state) {
    (void)state;
    struct claims claims;
    struct str columns[3];
    claims_open(&claims, TEST_DATA "/pep440_valid.txt");
    while (claims_next(&claims, columns, 3)) {
        struct pep440 version;
        struct syntax_error error = {"", 0};
        if (pep440_parse(columns[0], &version, &error) != GRAMMAR_OK) {
            claims_fail(&claims, str_of(error.rule));
        }
        char number[24];
        int len = snprintf(number, sizeof number, "%zu", version.release_numbers);
        claims_equal(&claims, (struct str){number, (size_t)len}, columns[1]);
        claims_equal(&claims,
                     version.wildcard ? STR("wildcard")
                     : version.local  ? STR("local")
                                      : STR("-"),
                     columns[2]);
    }
}

static void what_is_no_version_is_rejected_where_it_stops_being_one(void **state) {
    (void)state;
    struct claims claims;
    struct str columns[2];
    claims_open(&claims, TEST_DATA "/pep440_invalid.txt");
    while (claims_next(&claims, columns, 2)) {
        struct pep440 version;
        struct syntax_error error = {"", 0};
        if (pep440_parse(columns[0], &version, &error) != GRAMMAR_INVALID) {
            claims_fail(&claims, STR("a version"));
        }
        assert_true(strlen(error.rule) > 0);
        char number[24];
        int len = snprintf(number, sizeof number, "%zu", error.offset);
        claims_equal(&claims, (struct str){number, (size_t)len}, columns[1]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(versions_are_read_as_pep_440_says),
        cmocka_unit_test(what_is_no_version_is_rejected_where_it_stops_being_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
