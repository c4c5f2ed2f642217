#include "unit.h"

#include "net/retry.h"

/* The example of RFC 9110, section 5.6.7, in its three forms. */
static void dates_are_read_in_three_forms(void **state) {
    (void)state;
    const int64_t now_s = 784000000;
    static const char *const forms[] = {"Sun, 06 Nov 1994 08:49:37 GMT",
                                        "Sunday, 06-Nov-94 08:49:37 GMT",
                                        "Sun Nov  6 08:49:37 1994"};
    for (size_t i = 0; i < 3; i++) {
        int64_t time_s = 0;
        assert_true(retry_http_date(str_of(forms[i]), now_s, &time_s));
        assert_int_equal(time_s, 784111777);
    }
    int64_t time_s = 0;
    assert_true(retry_http_date(STR("Thu, 29 Feb 2024 23:59:59 GMT"), now_s, &time_s));
    assert_int_equal(time_s, 1709251199);
    assert_true(retry_http_date(STR("Thu, 01 Jan 1970 00:00:00 GMT"), 0, &time_s));
    assert_int_equal(time_s, 0);
    /* More than fifty years ahead is the past. */
    assert_true(
        retry_http_date(STR("Monday, 01-Jan-90 00:00:00 GMT"), 1700000000, &time_s));
    assert_int_equal(time_s, 631152000);
}

static void other_texts_are_no_dates(void **state) {
    (void)state;
    static const char *const texts[] = {"",
                                        "12",
                                        "Sun, 06 Nov 1994 08:49:37",
                                        "Sun, 06 Nov 1994 08:49:37 CET",
                                        "Sun, 6 Nov 1994 08:49:37 GMT",
                                        "Sun, 06 Foo 1994 08:49:37 GMT",
                                        "Sun, 00 Nov 1994 08:49:37 GMT",
                                        "Sun, 06 Nov 1994 24:49:37 GMT",
                                        "Sun, 06 Nov 1994 08:49:37 GMT+1",
                                        ","};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        int64_t time_s = -5;
        assert_false(retry_http_date(str_of(texts[i]), 0, &time_s));
        assert_int_equal(time_s, -5);
    }
}

static void hosts_ask_for_seconds_or_a_date(void **state) {
    (void)state;
    const int64_t now_s = 784111777;
    assert_int_equal(retry_after_ms(STR("0"), now_s), 0);
    assert_int_equal(retry_after_ms(STR(" 7 "), now_s), 7000);
    assert_int_equal(retry_after_ms(STR("120"), now_s), 120000);
    assert_int_equal(retry_after_ms(STR("Sun, 06 Nov 1994 08:49:47 GMT"), now_s),
                     10000);
    assert_int_equal(retry_after_ms(STR("Sun, 06 Nov 1994 08:00:00 GMT"), now_s), 0);
    /* Too long to wait for, however long. */
    assert_true(retry_after_ms(STR("121"), now_s) > RETRY_AFTER_CAP_MS);
    assert_true(retry_after_ms(STR("99999999999999999999999999"), now_s) >
                RETRY_AFTER_CAP_MS);
    assert_true(retry_after_ms(STR("Fri, 31 Dec 9999 23:59:59 GMT"), now_s) >
                RETRY_AFTER_CAP_MS);
    assert_int_equal(retry_after_ms(STR(""), now_s), -1);
    assert_int_equal(retry_after_ms(STR("-1"), now_s), -1);
    assert_int_equal(retry_after_ms(STR("1.5"), now_s), -1);
    assert_int_equal(retry_after_ms(STR("soon"), now_s), -1);
}

static void waits_grow_and_are_bounded(void **state) {
    (void)state;
    assert_int_equal(retry_backoff_ms(1, 0), 0);
    assert_int_equal(retry_backoff_ms(1, RETRY_BASE_MS), RETRY_BASE_MS);
    assert_int_equal(retry_backoff_ms(1, RETRY_BASE_MS + 1), 0);
    assert_int_equal(retry_backoff_ms(3, 4 * RETRY_BASE_MS), 4 * RETRY_BASE_MS);
    for (unsigned tries = 1; tries < 100; tries++) {
        assert_true(retry_backoff_ms(tries, UINT64_MAX - tries) <= RETRY_CAP_MS);
    }
    assert_int_equal(retry_backoff_ms(99, RETRY_CAP_MS), RETRY_CAP_MS);
}

static void statuses_say_whether_to_repeat(void **state) {
    (void)state;
    static const long answers[] = {200, 201, 204, 301, 304, 400, 401, 404,
                                   409, 412, 422, 501, 505, 507, 600};
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        assert_int_equal(retry_of_status(answers[i], true), RETRY_NOT);
    }
    assert_int_equal(retry_of_status(429, false), RETRY_HARMLESS);
    assert_int_equal(retry_of_status(503, false), RETRY_HARMLESS);
    assert_int_equal(retry_of_status(403, false), RETRY_NOT);
    assert_int_equal(retry_of_status(403, true), RETRY_HARMLESS);
    assert_int_equal(retry_of_status(408, false), RETRY_UNCERTAIN);
    assert_int_equal(retry_of_status(500, false), RETRY_UNCERTAIN);
    assert_int_equal(retry_of_status(502, true), RETRY_UNCERTAIN);
    assert_int_equal(retry_of_status(504, false), RETRY_UNCERTAIN);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates_are_read_in_three_forms),
        cmocka_unit_test(other_texts_are_no_dates),
        cmocka_unit_test(hosts_ask_for_seconds_or_a_date),
        cmocka_unit_test(waits_grow_and_are_bounded),
        cmocka_unit_test(statuses_say_whether_to_repeat),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
