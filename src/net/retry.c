#include "net/retry.h"

#include "net/instant.h"

enum retry_verdict retry_of_status(long status, bool asks_to_wait) {
    switch (status) {
    case 429:
    case 503:
        return RETRY_HARMLESS;
    case 403: /* so GitHub answers over a secondary rate limit */
        return asks_to_wait ? RETRY_HARMLESS : RETRY_NOT;
    case 408:
        return RETRY_UNCERTAIN;
    case 501:
    case 505:
    case 507:
    case 508:
    case 510:
    case 511:
        return RETRY_NOT; /* will be so again */
    default:
        return status >= 500 && status <= 599 ? RETRY_UNCERTAIN : RETRY_NOT;
    }
}

uint32_t retry_backoff_ms(unsigned tries, uint64_t random) {
    uint32_t bound = RETRY_BASE_MS;
    for (unsigned i = 1; i < tries && bound < RETRY_CAP_MS; i++) {
        bound *= 2;
    }
    bound = bound < RETRY_CAP_MS ? bound : RETRY_CAP_MS;
    return (uint32_t)(random % ((uint64_t)bound + 1));
}

static bool take(struct str *text, struct str word) {
    if (!str_starts_with(*text, word)) {
        return false;
    }
    *text = str_skip(*text, word.len);
    return true;
}

/* `count` digits, or with `spaced` one of them a space. */
static bool take_number(struct str *text, size_t count, bool spaced, int64_t *number) {
    if (text->len < count) {
        return false;
    }
    *number = 0;
    for (size_t i = 0; i < count; i++) {
        char c = text->ptr[i];
        if (spaced && i == 0 && c == ' ') {
            continue;
        }
        if (!ascii_is_digit(c)) {
            return false;
        }
        *number = *number * 10 + (c - '0');
    }
    *text = str_skip(*text, count);
    return true;
}

static bool take_month(struct str *text, int64_t *month) {
    static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    for (int64_t i = 0; i < 12; i++) {
        if (take(text, (struct str){names + i * 3, 3})) {
            *month = i + 1;
            return true;
        }
    }
    return false;
}

static bool take_time(struct str *text, int64_t *seconds) {
    int64_t hour, minute, second;
    if (!take_number(text, 2, false, &hour) || !take(text, STR(":")) ||
        !take_number(text, 2, false, &minute) || !take(text, STR(":")) ||
        !take_number(text, 2, false, &second) || hour > 23 || minute > 59 ||
        second > 60) {
        return false;
    }
    *seconds = hour * 3600 + minute * 60 + second;
    return true;
}

struct date {
    int64_t year, month, day, seconds;
};

/* `06 Nov 1994 08:49:37 GMT` */
static bool parse_fixed(struct str text, struct date *date) {
    return take_number(&text, 2, false, &date->day) && take(&text, STR(" ")) &&
           take_month(&text, &date->month) && take(&text, STR(" ")) &&
           take_number(&text, 4, false, &date->year) && take(&text, STR(" ")) &&
           take_time(&text, &date->seconds) && str_equal(text, STR(" GMT"));
}

/* `06-Nov-94 08:49:37 GMT`: a year more than fifty ahead is one of the past. */
static bool parse_rfc850(struct str text, int64_t now_s, struct date *date) {
    int64_t short_year;
    if (!take_number(&text, 2, false, &date->day) || !take(&text, STR("-")) ||
        !take_month(&text, &date->month) || !take(&text, STR("-")) ||
        !take_number(&text, 2, false, &short_year) || !take(&text, STR(" ")) ||
        !take_time(&text, &date->seconds) || !str_equal(text, STR(" GMT"))) {
        return false;
    }
    int64_t this_year = 1970 + now_s / 31556952;
    date->year = this_year - this_year % 100 + short_year;
    if (date->year > this_year + 50) {
        date->year -= 100;
    }
    return true;
}

/* `Nov  6 08:49:37 1994` */
static bool parse_asctime(struct str text, struct date *date) {
    return take_month(&text, &date->month) && take(&text, STR(" ")) &&
           take_number(&text, 2, true, &date->day) && take(&text, STR(" ")) &&
           take_time(&text, &date->seconds) && take(&text, STR(" ")) &&
           take_number(&text, 4, false, &date->year) && text.len == 0;
}

bool retry_http_date(struct str text, int64_t now_s, int64_t *time_s) {
    struct date date = {0};
    text = str_trim(text);
    size_t comma = str_find(text, ',');
    bool found;
    if (comma < text.len) {
        struct str rest = str_skip(text, comma + 1);
        found = take(&rest, STR(" ")) &&
                (parse_fixed(rest, &date) || parse_rfc850(rest, now_s, &date));
    } else {
        found = text.len > 4 && text.ptr[3] == ' ' &&
                parse_asctime(str_skip(text, 4), &date);
    }
    if (!found || date.day < 1 || date.day > 31 || date.year < 1) {
        return false;
    }
    *time_s = instant_days(date.year, date.month, date.day) * 86400 + date.seconds;
    return true;
}

int64_t retry_after_ms(struct str value, int64_t now_s) {
    const int64_t most = (int64_t)RETRY_AFTER_CAP_MS + 1;
    value = str_trim(value);
    int64_t time_s;
    if (retry_http_date(value, now_s, &time_s)) {
        int64_t wait_s = time_s - now_s;
        if (wait_s <= 0) {
            return 0;
        }
        return wait_s < most / 1000 ? wait_s * 1000 : most;
    }
    if (value.len == 0) {
        return -1;
    }
    int64_t seconds = 0;
    for (size_t i = 0; i < value.len; i++) {
        if (!ascii_is_digit(value.ptr[i])) {
            return -1;
        }
        if (seconds <= most) {
            seconds = seconds * 10 + (value.ptr[i] - '0');
        }
    }
    return seconds <= RETRY_AFTER_CAP_MS / 1000 ? seconds * 1000 : most;
}
