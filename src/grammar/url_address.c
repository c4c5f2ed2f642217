#include "grammar/url_parts.h"

static int digit_of(char c, unsigned radix) {
    int value = -1;
    if (ascii_is_digit(c)) {
        value = c - '0';
    } else if (ascii_is_hex(c)) {
        value = ascii_lower(c) - 'a' + 10;
    }
    return value < (int)radix ? value : -1;
}

/* The IPv4 number parser; what is past 32 bits stays at 2^32. */
static bool read_ipv4_number(struct str text, uint64_t *value) {
    unsigned radix = 10;
    if (text.len == 0) {
        return false;
    }
    if (text.len >= 2 && text.ptr[0] == '0') {
        bool hex = ascii_lower(text.ptr[1]) == 'x';
        radix = hex ? 16 : 8;
        text = str_skip(text, hex ? 2 : 1);
    }
    *value = 0;
    for (size_t i = 0; i < text.len; i++) {
        int digit = digit_of(text.ptr[i], radix);
        if (digit < 0) {
            return false;
        }
        *value = *value * radix + (uint64_t)digit;
        if (*value > UINT32_MAX) {
            *value = (uint64_t)UINT32_MAX + 1;
        }
    }
    return true;
}

static struct str without_last_dot(struct str domain) {
    return str_ends_with(domain, STR(".")) ? str_first(domain, domain.len - 1) : domain;
}

bool url_ends_in_number(struct str domain) {
    struct str name = without_last_dot(domain);
    size_t dot = str_find_last(name, '.');
    struct str last = dot == name.len ? name : str_skip(name, dot + 1);
    size_t digits = 0;
    while (digits < last.len && ascii_is_digit(last.ptr[digits])) {
        digits++;
    }
    uint64_t value;
    return last.len > 0 && (digits == last.len || read_ipv4_number(last, &value));
}

static size_t write_decimal(char *out, unsigned value) {
    char digits[3];
    size_t count = 0;
    do {
        digits[count++] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    for (size_t i = 0; i < count; i++) {
        out[i] = digits[count - 1 - i];
    }
    return count;
}

bool url_ipv4_parse(struct str domain, char out[URL_IPV4_MAX + 1], size_t *len) {
    struct str rest = without_last_dot(domain);
    uint64_t address = 0;
    for (unsigned part = 0;; part++) {
        size_t dot = str_find(rest, '.');
        bool last = dot == rest.len;
        uint64_t number;
        uint64_t most = last ? (UINT64_C(1) << (8 * (4 - part))) - 1 : 255;
        if (!read_ipv4_number(str_first(rest, dot), &number) || number > most) {
            return false;
        }
        address |= last ? number : number << (8 * (3 - part));
        if (last) {
            break;
        }
        if (part == 3) {
            return false;
        }
        rest = str_skip(rest, dot + 1);
    }
    *len = 0;
    for (int shift = 24; shift >= 0; shift -= 8) {
        *len += write_decimal(out + *len, (unsigned)(address >> shift & 0xFF));
        if (shift > 0) {
            out[(*len)++] = '.';
        }
    }
    return true;
}

/* The dotted tail of an IPv6 address: four decimal numbers, no leading zeros, to the
 * end of the text. */
static bool read_ipv4_tail(struct str text, size_t *at, uint16_t pieces[2]) {
    for (int part = 0; part < 4; part++) {
        if (part > 0) {
            if (*at >= text.len || text.ptr[*at] != '.') {
                return false;
            }
            (*at)++;
        }
        size_t start = *at;
        unsigned value = 0;
        while (*at < text.len && ascii_is_digit(text.ptr[*at])) {
            value = value * 10 + (unsigned)(text.ptr[*at] - '0');
            if (value > 255 || (*at > start && text.ptr[start] == '0')) {
                return false;
            }
            (*at)++;
        }
        if (*at == start) {
            return false;
        }
        pieces[part / 2] = (uint16_t)(pieces[part / 2] * 256u + value);
    }
    return *at == text.len;
}

static unsigned read_piece(struct str text, size_t *at) {
    unsigned value = 0;
    for (size_t end = *at + 4; *at < end && *at < text.len; (*at)++) {
        int digit = digit_of(text.ptr[*at], 16);
        if (digit < 0) {
            break;
        }
        value = value * 16 + (unsigned)digit;
    }
    return value;
}

/* Moves the pieces from `start` on to the end, zeros fill the gap. */
static void move_to_end(uint16_t pieces[8], int start, int count) {
    for (int from = count - 1, to = 7; from >= start; from--, to--) {
        uint16_t piece = pieces[from];
        pieces[from] = 0;
        pieces[to] = piece;
    }
}

/* The IPv6 parser; `*at` ends where it stopped. `::` stands for at least one piece. */
static bool read_ipv6(struct str text, uint16_t pieces[8], size_t *at) {
    int count = 0;
    int compress = -1;
    if (str_starts_with(text, STR("::"))) {
        *at = 2;
        compress = ++count;
    } else if (text.len == 0 || text.ptr[0] == ':') {
        return false;
    }
    while (*at < text.len) {
        if (count == 8) {
            return false;
        }
        if (text.ptr[*at] == ':') {
            /* A second colon: the first was taken after the last piece. */
            if (compress >= 0) {
                return false;
            }
            (*at)++;
            compress = ++count;
            continue;
        }
        size_t start = *at;
        unsigned value = read_piece(text, at);
        if (*at < text.len && text.ptr[*at] == '.') {
            if (*at == start || count > 6) {
                return false;
            }
            *at = start;
            uint16_t tail[2] = {0, 0};
            if (!read_ipv4_tail(text, at, tail)) {
                return false;
            }
            pieces[count++] = tail[0];
            pieces[count++] = tail[1];
            break;
        }
        if (*at == start) {
            return false;
        }
        pieces[count++] = (uint16_t)value;
        if (*at < text.len) {
            if (text.ptr[*at] != ':' || *at + 1 == text.len) {
                return false;
            }
            (*at)++;
        }
    }
    if (compress >= 0) {
        move_to_end(pieces, compress, count);
        count = 8;
    }
    return count == 8;
}

static size_t write_hex(char *out, unsigned value) {
    size_t count = 0;
    for (int shift = 12; shift >= 0; shift -= 4) {
        if (value >> shift != 0 || shift == 0) {
            out[count++] = "0123456789abcdef"[value >> shift & 15];
        }
    }
    return count;
}

/* The first longest run of two or more zero pieces; a length of 0 if there is none. */
static int longest_zero_run(const uint16_t pieces[8], int *len) {
    int best = 0;
    *len = 1;
    for (int start = 0; start < 8; start++) {
        int end = start;
        while (end < 8 && pieces[end] == 0) {
            end++;
        }
        if (end - start > *len) {
            best = start;
            *len = end - start;
        }
    }
    *len = *len > 1 ? *len : 0;
    return best;
}

bool url_ipv6_parse(struct str text, char out[URL_IPV6_MAX + 1], size_t *len,
                    size_t *culprit) {
    uint16_t pieces[8] = {0};
    *culprit = 0;
    if (!read_ipv6(text, pieces, culprit)) {
        return false;
    }
    int run;
    int start = longest_zero_run(pieces, &run);
    *len = 0;
    for (int i = 0; i < 8; i++) {
        if (run > 0 && i == start) {
            out[(*len)++] = ':';
            if (i == 0) {
                out[(*len)++] = ':';
            }
            i += run - 1;
            continue;
        }
        *len += write_hex(out + *len, pieces[i]);
        if (i < 7) {
            out[(*len)++] = ':';
        }
    }
    return true;
}
