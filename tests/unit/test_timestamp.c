#include "claims.h"

#include "grammar/timestamp.h"

static void timestamps_are_real_instants_in_one_form(void **state) {
    (void)state;
    struct claims claims;
    struct str columns[2];
    claims_open(&claims, TEST_DATA "/timestamp.txt");
    while (claims_next(&claims, columns, 2)) {
        bool valid = timestamp_is_valid(columns[0]);
        claims_equal(&claims, valid ? STR("valid") : STR("invalid"), columns[1]);
    }
}

static void seconds_become_timestamps(void **state) {
    (void)state;
    struct claims claims;
    struct str columns[2];
    claims_open(&claims, TEST_DATA "/timestamp_format.txt");
    while (claims_next(&claims, columns, 2)) {
        char seconds[24];
        char out[TIMESTAMP_BYTES + 1];
        snprintf(seconds, sizeof seconds, "%.*s", STR_ARG(columns[0]));
        timestamp_format(strtoll(seconds, NULL, 10), out);
        claims_equal(&claims, str_of(out), columns[1]);
    }
}

static void every_day_of_ten_thousand_years_follows_the_one_before(void **state) {
    (void)state;
    char last[TIMESTAMP_BYTES + 1] = "";
    for (int64_t day = -719528; day < 2932897; day += 11) {
        char out[TIMESTAMP_BYTES + 1];
        timestamp_format(day * 86400 + 86399, out);
        assert_true(timestamp_is_valid(str_of(out)));
        assert_true(strcmp(last, out) < 0);
        memcpy(last, out, sizeof last);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(timestamps_are_real_instants_in_one_form),
        cmocka_unit_test(seconds_become_timestamps),
        cmocka_unit_test(every_day_of_ten_thousand_years_follows_the_one_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
