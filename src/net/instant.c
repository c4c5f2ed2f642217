#include "net/instant.h"

int64_t instant_days(int64_t year, int64_t month, int64_t day) {
    static const int before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    int64_t past = year - 1;
    int64_t days = past * 365 + past / 4 - past / 100 + past / 400 - 719162;
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days + before[month - 1] + (is_leap && month > 2 ? 1 : 0) + day - 1;
}

/* Takes the numbers that stand at `0` in the pattern; other bytes as they are. */
static bool take(struct str *text, struct str pattern, int64_t numbers[6]) {
    size_t count = 0;
    if (text->len < pattern.len) {
        return false;
    }
    for (size_t i = 0; i < pattern.len; i++) {
        char c = text->ptr[i];
        if (pattern.ptr[i] != '0') {
            bool is_same = c == pattern.ptr[i] || (pattern.ptr[i] == 'T' && c == 't');
            if (!is_same) {
                return false;
            }
            continue;
        }
        bool is_first = i == 0 || pattern.ptr[i - 1] != '0';
        if (!ascii_is_digit(c)) {
            return false;
        }
        numbers[count] = (is_first ? 0 : numbers[count]) * 10 + (c - '0');
        count += i + 1 == pattern.len || pattern.ptr[i + 1] != '0' ? 1 : 0;
    }
    *text = str_skip(*text, pattern.len);
    return true;
}

static bool take_offset(struct str *text, int64_t *offset_s) {
    int64_t part[6] = {0};
    if (text->len == 1 && (text->ptr[0] == 'Z' || text->ptr[0] == 'z')) {
        *offset_s = 0;
        return true;
    }
    bool is_behind = text->len > 0 && text->ptr[0] == '-';
    if (!(is_behind ? take(text, STR("-00:00"), part)
                    : take(text, STR("+00:00"), part)) ||
        text->len > 0 || part[0] > 23 || part[1] > 59) {
        return false;
    }
    *offset_s = (part[0] * 3600 + part[1] * 60) * (is_behind ? -1 : 1);
    return true;
}

bool instant_parse(struct str text, int64_t *time_s) {
    int64_t part[6];
    int64_t offset_s;
    if (!take(&text, STR("0000-00-00T00:00:00"), part)) {
        return false;
    }
    if (text.len > 0 && text.ptr[0] == '.') {
        size_t at = 1;
        while (at < text.len && ascii_is_digit(text.ptr[at])) {
            at++;
        }
        if (at == 1) {
            return false;
        }
        text = str_skip(text, at);
    }
    if (!take_offset(&text, &offset_s) || part[0] < 1 || part[1] < 1 || part[1] > 12 ||
        part[2] < 1 || part[2] > 31 || part[3] > 23 || part[4] > 59 || part[5] > 60) {
        return false;
    }
    *time_s = instant_days(part[0], part[1], part[2]) * 86400 + part[3] * 3600 +
              part[4] * 60 + part[5] - offset_s;
    return true;
}
