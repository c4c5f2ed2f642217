#include "grammar/semver.h"

#include "grammar/semver_scan.h"

enum byte_kind { KIND_OTHER, KIND_DIGIT, KIND_LETTER };

static enum byte_kind kind_of(char c) {
    if ((unsigned char)(c - '0') < 10) {
        return KIND_DIGIT;
    }
    if ((unsigned char)((c | 0x20) - 'a') < 26 || c == '-') {
        return KIND_LETTER;
    }
    return KIND_OTHER;
}

enum grammar_status semver_scan_number(struct str text, size_t *at, uint64_t *number,
                                       struct syntax_error *error) {
    size_t start = *at;
    size_t i = start;
    uint64_t value = 0;
    for (; i < text.len && kind_of(text.ptr[i]) == KIND_DIGIT; i++) {
        uint64_t digit = (uint64_t)(text.ptr[i] - '0');
        /* Nineteen digits always fit. */
        if (i - start >= 19 &&
            (value > UINT64_MAX / 10 || digit > UINT64_MAX - value * 10)) {
            return grammar_reject(error, "number does not fit 64 bits", start);
        }
        value = value * 10 + digit;
    }
    if (i == start) {
        return grammar_reject(error, "expected a number", start);
    }
    if (i - start > 1 && text.ptr[start] == '0') {
        return grammar_reject(error, "number has a leading zero", start);
    }
    *at = i;
    *number = value;
    return GRAMMAR_OK;
}

/* Identifiers separated by dots. In a pre-release tag a number has no leading zero. */
static enum grammar_status scan_identifiers(struct str text, size_t *at, bool is_pre,
                                            struct str *found,
                                            struct syntax_error *error) {
    size_t first = *at;
    for (size_t i = first;; i++) {
        size_t start = i;
        bool numeric = true;
        enum byte_kind kind;
        while (i < text.len && (kind = kind_of(text.ptr[i])) != KIND_OTHER) {
            numeric = numeric && kind == KIND_DIGIT;
            i++;
        }
        if (i == start) {
            return grammar_reject(error,
                                  is_pre ? "empty or malformed pre-release identifier"
                                         : "empty or malformed build identifier",
                                  start);
        }
        if (is_pre && numeric && i - start > 1 && text.ptr[start] == '0') {
            return grammar_reject(error, "numeric identifier has a leading zero",
                                  start);
        }
        if (i == text.len || text.ptr[i] != '.') {
            *found = (struct str){text.ptr + first, i - first};
            *at = i;
            return GRAMMAR_OK;
        }
    }
}

enum grammar_status semver_scan_suffixes(struct str text, size_t *at, struct str *pre,
                                         struct str *build,
                                         struct syntax_error *error) {
    *pre = *build = STR("");
    if (*at < text.len && text.ptr[*at] == '-') {
        (*at)++;
        if (scan_identifiers(text, at, true, pre, error) != GRAMMAR_OK) {
            return GRAMMAR_INVALID;
        }
    }
    if (*at < text.len && text.ptr[*at] == '+') {
        (*at)++;
        return scan_identifiers(text, at, false, build, error);
    }
    return GRAMMAR_OK;
}

enum grammar_status semver_parse(struct str text, struct semver *version,
                                 struct syntax_error *error) {
    uint64_t *parts[] = {&version->major, &version->minor, &version->patch};
    size_t at = 0;
    for (size_t i = 0; i < 3; i++) {
        if (i > 0) {
            if (at == text.len || text.ptr[at] != '.') {
                return grammar_reject(error, "expected a dot", at);
            }
            at++;
        }
        if (semver_scan_number(text, &at, parts[i], error) != GRAMMAR_OK) {
            return GRAMMAR_INVALID;
        }
    }
    if (semver_scan_suffixes(text, &at, &version->pre, &version->build, error) !=
        GRAMMAR_OK) {
        return GRAMMAR_INVALID;
    }
    if (at != text.len) {
        return grammar_reject(error, "unexpected character after the version", at);
    }
    return GRAMMAR_OK;
}

static int compare_numbers(uint64_t a, uint64_t b) {
    return (a > b) - (a < b);
}

/* Takes the identifier before the next dot off the list. */
static struct str next_identifier(struct str *list) {
    size_t length = str_find(*list, '.');
    struct str identifier = str_first(*list, length);
    *list = str_skip(*list, length < list->len ? length + 1 : length);
    return identifier;
}

static bool is_numeric(struct str identifier) {
    for (size_t i = 0; i < identifier.len; i++) {
        if (kind_of(identifier.ptr[i]) != KIND_DIGIT) {
            return false;
        }
    }
    return true;
}

/* Numbers of any length; of equal ones the one with more leading zeros is larger. */
static int compare_digits(struct str a, struct str b) {
    size_t zeros_a = 0;
    size_t zeros_b = 0;
    while (zeros_a < a.len && a.ptr[zeros_a] == '0') {
        zeros_a++;
    }
    while (zeros_b < b.len && b.ptr[zeros_b] == '0') {
        zeros_b++;
    }
    struct str digits_a = str_skip(a, zeros_a);
    struct str digits_b = str_skip(b, zeros_b);
    int order = compare_numbers(digits_a.len, digits_b.len);
    order = order != 0 ? order : str_compare(digits_a, digits_b);
    return order != 0 ? order : compare_numbers(zeros_a, zeros_b);
}

static int compare_identifiers(struct str a, struct str b) {
    bool numeric_a = is_numeric(a);
    bool numeric_b = is_numeric(b);
    if (numeric_a != numeric_b) {
        return numeric_a ? -1 : 1;
    }
    return numeric_a ? compare_digits(a, b) : str_compare(a, b);
}

/* Both lists hold at least one identifier. */
static int compare_lists(struct str a, struct str b) {
    while (a.len > 0 && b.len > 0) {
        int order = compare_identifiers(next_identifier(&a), next_identifier(&b));
        if (order != 0) {
            return order;
        }
    }
    return (a.len > 0) - (b.len > 0);
}

int semver_compare_pre(struct str a, struct str b) {
    if (a.len == 0 || b.len == 0) {
        return (a.len == 0) - (b.len == 0);
    }
    return compare_lists(a, b);
}

int semver_precedence(const struct semver *a, const struct semver *b) {
    int order = compare_numbers(a->major, b->major);
    order = order != 0 ? order : compare_numbers(a->minor, b->minor);
    order = order != 0 ? order : compare_numbers(a->patch, b->patch);
    return order != 0 ? order : semver_compare_pre(a->pre, b->pre);
}

int semver_compare(const struct semver *a, const struct semver *b) {
    int order = semver_precedence(a, b);
    return order != 0 ? order : compare_lists(a->build, b->build);
}
