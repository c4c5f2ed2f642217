#include "claims.h"

#include "base/buf.h"
#include "grammar/semver.h"

static struct semver parsed(struct claims *claims, struct str text) {
    struct semver version = {0};
    struct syntax_error error = {"", 0};
    if (semver_parse(text, &version, &error) != GRAMMAR_OK) {
        claims_fail(claims, str_of(error.rule));
    }
    return version;
}

static void versions_have_the_parts_that_semver_gives_them(void **state) {
    (void)state;
    struct claims claims;
    struct str columns[4];
    claims_open(&claims, TEST_DATA "/semver_valid.txt");
    while (claims_next(&claims, columns, 4)) {
        struct semver version = parsed(&claims, columns[0]);
        struct buf numbers;
        buf_init(&numbers, 100);
        buf_append_u64(&numbers, version.major);
        buf_append_byte(&numbers, '.');
        buf_append_u64(&numbers, version.minor);
        buf_append_byte(&numbers, '.');
        buf_append_u64(&numbers, version.patch);
        claims_equal(&claims, buf_str(&numbers), columns[1]);
        claims_equal(&claims, version.pre, columns[2]);
        claims_equal(&claims, version.build, columns[3]);
        buf_release(&numbers);
    }
}

static void what_is_no_version_is_rejected_where_it_breaks_a_rule(void **state) {
    (void)state;
    struct claims claims;
    struct str columns[3];
    claims_open(&claims, TEST_DATA "/semver_invalid.txt");
    while (claims_next(&claims, columns, 3)) {
        struct semver version;
        struct syntax_error error = {"accepted", 0};
        char offset[24];
        enum grammar_status status = semver_parse(columns[0], &version, &error);
        claims_equal(&claims, str_of(error.rule), columns[2]);
        assert_int_equal(status, GRAMMAR_INVALID);
        snprintf(offset, sizeof offset, "%zu", error.offset);
        claims_equal(&claims, str_of(offset), columns[1]);
    }
}

static struct str sign_of(int order) {
    return order < 0 ? STR("<") : order > 0 ? STR(">") : STR("=");
}

static void versions_have_precedence_and_a_total_order(void **state) {
    (void)state;
    struct claims claims;
    struct str columns[4];
    claims_open(&claims, TEST_DATA "/semver_order.txt");
    while (claims_next(&claims, columns, 4)) {
        struct semver a = parsed(&claims, columns[0]);
        struct semver b = parsed(&claims, columns[3]);
        claims_equal(&claims, sign_of(semver_precedence(&a, &b)), columns[1]);
        claims_equal(&claims, sign_of(-semver_precedence(&b, &a)), columns[1]);
        claims_equal(&claims, sign_of(semver_compare(&a, &b)), columns[2]);
        claims_equal(&claims, sign_of(-semver_compare(&b, &a)), columns[2]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(versions_have_the_parts_that_semver_gives_them),
        cmocka_unit_test(what_is_no_version_is_rejected_where_it_breaks_a_rule),
        cmocka_unit_test(versions_have_precedence_and_a_total_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
