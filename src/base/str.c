#include "base/str.h"

int str_compare(struct str a, struct str b) {
    size_t common = a.len < b.len ? a.len : b.len;
    int order = common == 0 ? 0 : memcmp(a.ptr, b.ptr, common);
    if (order != 0) {
        return order;
    }
    return (a.len > b.len) - (a.len < b.len);
}

bool str_starts_with(struct str s, struct str prefix) {
    return s.len >= prefix.len && str_equal(str_first(s, prefix.len), prefix);
}

bool str_ends_with(struct str s, struct str suffix) {
    return s.len >= suffix.len && str_equal(str_skip(s, s.len - suffix.len), suffix);
}

size_t str_find(struct str s, char byte) {
    const char *at = s.len == 0 ? NULL : memchr(s.ptr, byte, s.len);
    return at == NULL ? s.len : (size_t)(at - s.ptr);
}

size_t str_find_last(struct str s, char byte) {
    for (size_t i = s.len; i > 0; i--) {
        if (s.ptr[i - 1] == byte) {
            return i - 1;
        }
    }
    return s.len;
}

char ascii_lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool ascii_is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool ascii_is_alpha(char c) {
    char lower = ascii_lower(c);
    return lower >= 'a' && lower <= 'z';
}

bool ascii_is_alnum(char c) {
    return ascii_is_alpha(c) || ascii_is_digit(c);
}

bool ascii_is_hex(char c) {
    char lower = ascii_lower(c);
    return ascii_is_digit(c) || (lower >= 'a' && lower <= 'f');
}

bool str_equal_ignore_case(struct str a, struct str b) {
    if (a.len != b.len) {
        return false;
    }
    for (size_t i = 0; i < a.len; i++) {
        if (ascii_lower(a.ptr[i]) != ascii_lower(b.ptr[i])) {
            return false;
        }
    }
    return true;
}

static bool is_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

struct str str_trim(struct str s) {
    while (s.len > 0 && is_space(s.ptr[0])) {
        s = str_skip(s, 1);
    }
    while (s.len > 0 && is_space(s.ptr[s.len - 1])) {
        s.len--;
    }
    return s;
}
