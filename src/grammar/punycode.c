#include "grammar/punycode.h"

#include <stdlib.h>

enum {
    BASE = 36,
    T_MIN = 1,
    T_MAX = 26,
    SKEW = 38,
    DAMP = 700,
    INITIAL_BIAS = 72,
    INITIAL_N = 0x80,
    LAST_CODE_POINT = 0x10FFFF,
};

static uint64_t adapt(uint64_t delta, uint64_t count, bool first) {
    delta = first ? delta / DAMP : delta / 2;
    delta += delta / count;
    uint64_t k = 0;
    for (; delta > (BASE - T_MIN) * T_MAX / 2; k += BASE) {
        delta /= BASE - T_MIN;
    }
    return k + (BASE - T_MIN + 1) * delta / (delta + SKEW);
}

static uint64_t threshold(uint64_t k, uint64_t bias) {
    if (k <= bias + T_MIN) {
        return T_MIN;
    }
    return k >= bias + T_MAX ? T_MAX : k - bias;
}

/* Fenwick tree over positions, to count and find them in logarithmic time.
 * `sums` has `len + 1` elements, the first unused. */
struct tally {
    size_t *sums;
    size_t len;
};

static bool tally_init(struct tally *tally, struct arena *arena, size_t len) {
    tally->len = len;
    tally->sums = len == SIZE_MAX ? NULL : arena_array(arena, len + 1, sizeof(size_t));
    return tally->sums != NULL;
}

static void tally_fill(struct tally *tally) {
    for (size_t i = 1; i <= tally->len; i++) {
        tally->sums[i] = i & (~i + 1);
    }
}

static void tally_add(struct tally *tally, size_t position) {
    for (size_t i = position + 1; i <= tally->len; i += i & (~i + 1)) {
        tally->sums[i]++;
    }
}

static size_t tally_before(const struct tally *tally, size_t position) {
    size_t sum = 0;
    for (size_t i = position; i > 0; i -= i & (~i + 1)) {
        sum += tally->sums[i];
    }
    return sum;
}

/* Takes out the position that has `rank` counted ones before it. */
static size_t tally_take(struct tally *tally, size_t rank) {
    size_t step = 1;
    while (step <= tally->len / 2) {
        step *= 2;
    }
    size_t position = 0;
    for (; step > 0; step /= 2) {
        if (position + step <= tally->len && tally->sums[position + step] <= rank) {
            position += step;
            rank -= tally->sums[position];
        }
    }
    for (size_t i = position + 1; i <= tally->len; i += i & (~i + 1)) {
        tally->sums[i]--;
    }
    return position;
}

static int digit_value(char c) {
    if (ascii_is_digit(c)) {
        return c - '0' + 26;
    }
    return ascii_is_alpha(c) ? ascii_lower(c) - 'a' : -1;
}

/* Adds the number at `*at` to `*value`, which stays at or below `most`. */
static bool read_delta(struct str ascii, size_t *at, uint64_t bias, uint64_t most,
                       uint64_t *value) {
    uint64_t weight = 1;
    for (uint64_t k = BASE;; k += BASE) {
        int digit = *at < ascii.len ? digit_value(ascii.ptr[*at]) : -1;
        if (digit < 0 || (uint64_t)digit > (most - *value) / weight) {
            return false;
        }
        (*at)++;
        *value += (uint64_t)digit * weight;
        uint64_t t = threshold(k, bias);
        if ((uint64_t)digit < t) {
            return true;
        }
        /* Past `most` only the digit zero may follow, which ends the number. */
        weight = weight > most / (BASE - t) ? most + 1 : weight * (BASE - t);
    }
}

struct insertion {
    uint32_t code_point;
    size_t position; /* in the label as it was then */
};

/* Reads the insertions behind the basic code points. */
static enum grammar_status read_insertions(struct str ascii, size_t basic, size_t at,
                                           struct insertion *insertions, size_t *count,
                                           struct syntax_error *error) {
    static const char rule[] = "invalid Punycode";
    uint64_t n = INITIAL_N;
    uint64_t i = 0;
    uint64_t bias = INITIAL_BIAS;
    *count = 0;
    while (at < ascii.len) {
        uint64_t old = i;
        uint64_t places = basic + *count + 1;
        size_t start = at;
        uint64_t most = (LAST_CODE_POINT - n + 1) * places - 1;
        if (!read_delta(ascii, &at, bias, most, &i)) {
            return grammar_reject(error, rule, start);
        }
        bias = adapt(i - old, places, old == 0);
        n += i / places;
        i %= places;
        if (n >= 0xD800 && n <= 0xDFFF) {
            return grammar_reject(error, rule, start);
        }
        insertions[(*count)++] = (struct insertion){(uint32_t)n, (size_t)i};
        i++;
    }
    return GRAMMAR_OK;
}

enum grammar_status punycode_decode(struct arena *arena, struct str ascii,
                                    struct code_points *label,
                                    struct syntax_error *error) {
    size_t basic = str_find_last(ascii, '-');
    size_t at = basic + 1;
    if (basic == ascii.len || basic == 0) {
        basic = 0;
        at = 0;
    }
    for (size_t i = 0; i < basic; i++) {
        if ((unsigned char)ascii.ptr[i] >= 0x80) {
            return grammar_reject(error, "invalid Punycode", i);
        }
    }
    size_t count = 0;
    struct insertion *insertions =
        arena_array(arena, ascii.len - at, sizeof(struct insertion));
    if (insertions == NULL) {
        return GRAMMAR_NO_MEMORY;
    }
    enum grammar_status status =
        read_insertions(ascii, basic, at, insertions, &count, error);
    if (status != GRAMMAR_OK) {
        return status;
    }
    struct tally vacant;
    label->len = basic + count;
    label->ptr = arena_array(arena, label->len, sizeof *label->ptr);
    if (label->ptr == NULL || !tally_init(&vacant, arena, label->len)) {
        return GRAMMAR_NO_MEMORY;
    }
    /* The last insertion stands where it was made; each earlier one takes the vacant
     * place of its rank, and the basic code points what is left. */
    tally_fill(&vacant);
    while (count > 0) {
        count--;
        size_t position = tally_take(&vacant, insertions[count].position);
        label->ptr[position] = insertions[count].code_point;
    }
    for (size_t i = 0, place = 0; i < basic; place++) {
        if (label->ptr[place] == 0) {
            label->ptr[place] = (unsigned char)ascii.ptr[i++];
        }
    }
    return GRAMMAR_OK;
}

static int compare_keys(const void *a, const void *b) {
    uint64_t left = *(const uint64_t *)a;
    uint64_t right = *(const uint64_t *)b;
    return left < right ? -1 : left > right;
}

static size_t write_number(char *out, uint64_t value, uint64_t bias) {
    static const char digits[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    size_t len = 0;
    for (uint64_t k = BASE;; k += BASE) {
        uint64_t t = threshold(k, bias);
        if (value < t) {
            out[len++] = digits[value];
            return len;
        }
        out[len++] = digits[t + (value - t) % (BASE - t)];
        value = (value - t) / (BASE - t);
    }
}

/* Writes the insertions for `count` keys (code point above, position in the low 40
 * bits), sorted; the tally holds the positions of the basic code points. */
static size_t write_insertions(char *out, const uint64_t *keys, size_t count,
                               size_t basic, struct tally *smaller) {
    uint64_t n = INITIAL_N;
    uint64_t delta = 0;
    uint64_t bias = INITIAL_BIAS;
    uint64_t handled = basic;
    size_t len = 0;
    size_t at = 0;
    while (at < count) {
        uint64_t code_point = keys[at] >> 40;
        size_t group = at;
        size_t counted = 0;
        delta += (code_point - n) * (handled + 1);
        for (; at < count && keys[at] >> 40 == code_point; at++) {
            size_t before =
                tally_before(smaller, (size_t)(keys[at] & (((uint64_t)1 << 40) - 1)));
            delta += before - counted;
            counted = before;
            len += write_number(out + len, delta, bias);
            bias = adapt(delta, handled + 1, handled == basic);
            delta = 0;
            handled++;
        }
        delta = basic + group - counted + 1;
        n = code_point + 1;
        for (; group < at; group++) {
            tally_add(smaller, (size_t)(keys[group] & (((uint64_t)1 << 40) - 1)));
        }
    }
    return len;
}

struct str punycode_encode(struct arena *arena, struct code_points label) {
    enum { NUMBER_MAX = 20 }; /* digits of any delta below 2^61 */
    struct tally smaller;
    uint64_t *keys = arena_array(arena, label.len, sizeof *keys);
    if (keys == NULL || label.len > SIZE_MAX / NUMBER_MAX - 1 ||
        label.len >= (uint64_t)1 << 40 || !tally_init(&smaller, arena, label.len)) {
        return STR_NONE;
    }
    char *out = arena_bytes(arena, (label.len + 1) * NUMBER_MAX);
    if (out == NULL) {
        return STR_NONE;
    }
    size_t basic = 0;
    size_t count = 0;
    for (size_t i = 0; i < label.len; i++) {
        if (label.ptr[i] < 0x80) {
            out[basic++] = (char)label.ptr[i];
            tally_add(&smaller, i);
        } else {
            keys[count++] = (uint64_t)label.ptr[i] << 40 | i;
        }
    }
    qsort(keys, count, sizeof *keys, compare_keys);
    size_t len = basic;
    if (basic > 0) {
        out[len++] = '-';
    }
    len += write_insertions(out + len, keys, count, basic, &smaller);
    return (struct str){out, len};
}
