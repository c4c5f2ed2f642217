/* Moments by RFC 3339; the seconds are those of `date -u -d TEXT +%s`. */
#include "unit.h"

#include "net/instant.h"

static void moments(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int64_t time_s;
    } good[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"2026-11-25T17:31:39.547Z", 1795627899},
        {"2000-02-29T23:59:59Z", 951868799},
        {"2000-03-01t00:00:00z", 951868800},
        {"1985-04-12T23:20:50.52Z", 482196050},
        {"1996-12-19T16:39:57-08:00", 851042397},
        {"1937-01-01T12:00:27.87+00:20", -1041337173},
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        int64_t time_s = -1;
        assert_true(instant_parse(str_of(good[i].text), &time_s));
        assert_int_equal(time_s, good[i].time_s);
    }
}

static void refused(void **state) {
    (void)state;
    static const char *const bad[] = {
        "",
        "2026-11-25",
        "2026-11-25T17:31:39",
        "2026-11-25T17:31:39.Z",
        "2026-13-25T17:31:39Z",
        "2026-00-25T17:31:39Z",
        "2026-11-00T17:31:39Z",
        "2026-11-25T24:31:39Z",
        "2026-11-25T17:60:39Z",
        "2026-11-25 17:31:39Z",
        "2026-11-25T17:31:39ZZ",
        "2026-11-25T17:31:39+1:00",
        "2026-11-25T17:31:39+24:00",
        "x026-11-25T17:31:39Z",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int64_t time_s = 0;
        assert_false(instant_parse(str_of(bad[i]), &time_s));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(moments),
                                       cmocka_unit_test(refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
