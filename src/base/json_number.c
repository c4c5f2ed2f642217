#include "base/json.h"

/* The exponent as written, held within what cannot overflow below. */
static int64_t exponent_of(struct str digits) {
    const int64_t cap = INT64_C(1) << 40;
    bool negative = digits.len > 0 && digits.ptr[0] == '-';
    int64_t value = 0;
    for (size_t i = 0; i < digits.len; i++) {
        if (ascii_is_digit(digits.ptr[i]) && value < cap) {
            value = value * 10 + (digits.ptr[i] - '0');
        }
    }
    return negative ? -value : value;
}

bool json_number_is_finite(struct str number) {
    /* The smallest decimal digits that round up to infinity: 2^1024 - 2^970. */
    static const char limit[] =
        "179769313486231580793728971405303415079934132710037826"
        "936173778980444968292764750946649017977587207096330286";
    size_t e = 0;
    while (e < number.len && number.ptr[e] != 'e' && number.ptr[e] != 'E') {
        e++;
    }
    int64_t exponent = e == number.len ? 0 : exponent_of(str_skip(number, e + 1));
    int64_t magnitude = 0; /* digits before the point, from the first that counts */
    size_t compared = 0;
    int order = 0;
    bool fraction = false;
    for (size_t i = 0; i < e; i++) {
        char c = number.ptr[i];
        if (c == '.') {
            fraction = true;
        } else if (c != '-' && (compared > 0 || c != '0')) {
            if (order == 0 && compared < sizeof limit - 1) {
                order = c - limit[compared];
            }
            compared++;
            magnitude += !fraction;
        } else if (c == '0' && fraction) {
            magnitude--;
        }
    }
    if (compared == 0) {
        return true;
    }
    magnitude += exponent;
    return magnitude < 309 ||
           (magnitude == 309 &&
            (order < 0 || (order == 0 && compared < sizeof limit - 1)));
}
