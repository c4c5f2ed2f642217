#include "claims.h"

#include "grammar/version_req.h"

static void parse(struct claims *claims, struct str text, struct version_req *req) {
    struct syntax_error error = {"", 0};
    if (version_req_parse(text, req, &error) != GRAMMAR_OK) {
        claims_fail(claims, str_of(error.rule));
    }
}

static void requirements_are_written_in_one_form(void **state) {
    (void)state;
    struct claims claims;
    struct str columns[2];
    claims_open(&claims, TEST_DATA "/version_req_display.txt");
    while (claims_next(&claims, columns, 2)) {
        struct version_req req;
        struct buf form;
        struct buf again;
        buf_init(&form, 1 << 16);
        buf_init(&again, 1 << 16);
        parse(&claims, columns[0], &req);
        version_req_format(&req, &form);
        claims_equal(&claims, buf_str(&form), columns[1]);
        parse(&claims, buf_str(&form), &req);
        version_req_format(&req, &again);
        claims_equal(&claims, buf_str(&again), columns[1]);
        buf_release(&form);
        buf_release(&again);
    }
}

static void what_is_no_requirement_is_rejected_where_it_breaks_a_rule(void **state) {
    (void)state;
    struct claims claims;
    struct str columns[3];
    claims_open(&claims, TEST_DATA "/version_req_invalid.txt");
    while (claims_next(&claims, columns, 3)) {
        struct version_req req;
        struct syntax_error error = {"accepted", 0};
        char offset[24];
        enum grammar_status status = version_req_parse(columns[0], &req, &error);
        claims_equal(&claims, str_of(error.rule), columns[2]);
        assert_int_equal(status, GRAMMAR_INVALID);
        snprintf(offset, sizeof offset, "%zu", error.offset);
        claims_equal(&claims, str_of(offset), columns[1]);
    }
}

static void requirements_match_as_cargo_has_it(void **state) {
    (void)state;
    struct claims claims;
    struct str columns[3];
    claims_open(&claims, TEST_DATA "/version_req_match.txt");
    while (claims_next(&claims, columns, 3)) {
        struct version_req req;
        struct semver version;
        struct syntax_error error = {"", 0};
        parse(&claims, columns[0], &req);
        assert_int_equal(semver_parse(columns[1], &version, &error), GRAMMAR_OK);
        bool matches = version_req_matches(&req, &version);
        claims_equal(&claims, matches ? STR("yes") : STR("no"), columns[2]);
    }
}

static void a_full_buffer_shows(void **state) {
    (void)state;
    struct version_req req;
    struct syntax_error error;
    struct buf small;
    assert_int_equal(version_req_parse(STR(">=1, <2"), &req, &error), GRAMMAR_OK);
    buf_init(&small, 3);
    version_req_format(&req, &small);
    assert_true(small.failed);
    buf_release(&small);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requirements_are_written_in_one_form),
        cmocka_unit_test(what_is_no_requirement_is_rejected_where_it_breaks_a_rule),
        cmocka_unit_test(requirements_match_as_cargo_has_it),
        cmocka_unit_test(a_full_buffer_shows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
