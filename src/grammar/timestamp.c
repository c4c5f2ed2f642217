#include "grammar/timestamp.h"

enum { DAYS_IN_CYCLE = 146097, SECONDS_IN_DAY = 86400 }; /* a cycle is 400 years */

static bool is_leap(unsigned year) {
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static unsigned days_in_month(unsigned year, unsigned month) {
    static const unsigned char days[] = {31, 28, 31, 30, 31, 30,
                                         31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

static unsigned two_digits(const char *at) {
    return (unsigned)(at[0] - '0') * 10 + (unsigned)(at[1] - '0');
}

/* Digits where the form has them, and nothing else between them. */
static bool has_form(const char *text) {
    static const unsigned char digits[] = {0, 1,  2,  3,  5,  6,  8,
                                           9, 11, 12, 14, 15, 17, 18};
    bool digits_only = true;
    for (size_t i = 0; i < sizeof digits; i++) {
        digits_only &= (unsigned char)(text[digits[i]] - '0') < 10;
    }
    return digits_only && text[4] == '-' && text[7] == '-' && text[10] == 'T' &&
           text[13] == ':' && text[16] == ':' && text[19] == 'Z';
}

bool timestamp_is_valid(struct str text) {
    if (text.len != TIMESTAMP_BYTES || !has_form(text.ptr)) {
        return false;
    }
    unsigned year = two_digits(text.ptr) * 100 + two_digits(text.ptr + 2);
    unsigned month = two_digits(text.ptr + 5);
    unsigned day = two_digits(text.ptr + 8);
    return month >= 1 && month <= 12 && day >= 1 && day <= days_in_month(year, month) &&
           two_digits(text.ptr + 11) < 24 && two_digits(text.ptr + 14) < 60 &&
           two_digits(text.ptr + 17) < 60;
}

static void put_digits(char *out, unsigned value, size_t count) {
    while (count > 0) {
        out[--count] = (char)('0' + value % 10);
        value /= 10;
    }
}

void timestamp_format(int64_t seconds, char out[TIMESTAMP_BYTES + 1]) {
    /* From 0000-01-01T00:00:00Z to the epoch, and to the end of 9999. */
    const int64_t epoch = INT64_C(62167219200);
    const int64_t end = INT64_C(253402300799);
    if (seconds < -epoch) {
        seconds = -epoch;
    } else if (seconds > end) {
        seconds = end;
    }
    uint64_t since = (uint64_t)(seconds + epoch);
    unsigned days = (unsigned)(since / SECONDS_IN_DAY);
    unsigned clock = (unsigned)(since % SECONDS_IN_DAY);
    unsigned year = days / DAYS_IN_CYCLE * 400;
    days %= DAYS_IN_CYCLE;
    for (unsigned length; days >= (length = is_leap(year) ? 366 : 365); year++) {
        days -= length;
    }
    unsigned month = 1;
    for (unsigned length; days >= (length = days_in_month(year, month)); month++) {
        days -= length;
    }
    memcpy(out, "0000-00-00T00:00:00Z", TIMESTAMP_BYTES + 1);
    put_digits(out, year, 4);
    put_digits(out + 5, month, 2);
    put_digits(out + 8, days + 1, 2);
    put_digits(out + 11, clock / 3600, 2);
    put_digits(out + 14, clock / 60 % 60, 2);
    put_digits(out + 17, clock % 60, 2);
}
