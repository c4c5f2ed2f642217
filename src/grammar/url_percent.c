#include "grammar/url_parts.h"

enum {
    F = URL_IN_FRAGMENT,
    Q = URL_IN_QUERY,
    S = URL_IN_SPECIAL_QUERY,
    P = URL_IN_PATH,
    U = URL_IN_USERINFO,
    G = URL_IN_SEGMENT,
    O = URL_IN_OPAQUE,
    H = URL_FORBIDDEN_HOST,
    NH = URL_NOT_PLAIN_HOST,
    NP = URL_NOT_PLAIN_PATH,
    PATH = P | U | G | NP,
    QUERY = Q | S | PATH | NH,
    CTL = O | F | QUERY,
};

#define CTL_X4 CTL, CTL, CTL, CTL
#define CTL_X16 CTL_X4, CTL_X4, CTL_X4, CTL_X4

/* Each set of the Standard includes the one before it, but for the fragment's. `^` is
 * in no set of the path, see docs/formats.md. */
/* clang-format off */
const uint16_t url_byte_rules[256] = {
    CTL | H, CTL, CTL, CTL, CTL_X4, CTL, CTL | H, CTL | H, CTL, CTL, CTL | H, CTL, CTL,
    CTL_X16,
    [' '] = F | QUERY | H, ['!'] = NH,        ['"'] = F | QUERY, ['#'] = QUERY | H,
    ['$'] = NH,            ['%'] = G | NH,    ['&'] = NH,        ['\''] = S | NH,
    ['('] = NH,            [')'] = NH,        ['*'] = NH,        ['+'] = NH,
    [','] = NH,            ['/'] = U | G | H | NH,
    [':'] = U | H | NH,    [';'] = U | NH,
    ['<'] = F | QUERY | H, ['='] = U | NH,
    ['>'] = F | QUERY | H, ['?'] = PATH | H | NH,
    ['@'] = U | H | NH,
    ['A'] = NH, NH, NH, NH, NH, NH, NH, NH, NH, NH, NH, NH, NH,
    ['N'] = NH, NH, NH, NH, NH, NH, NH, NH, NH, NH, NH, NH, NH,
    ['['] = U | H | NH,    ['\\'] = U | G | NP | H | NH,
    [']'] = U | H | NH,    ['^'] = U | H | NH,
    ['_'] = NH,            ['`'] = F | PATH | NH,
    ['{'] = PATH | NH,     ['|'] = U | H | NH,
    ['}'] = PATH | NH,     ['~'] = NH,
    [0x7F] = CTL,
    CTL_X16, CTL_X16, CTL_X16, CTL_X16, CTL_X16, CTL_X16, CTL_X16, CTL_X16,
};
/* clang-format on */

size_t url_encoded_len(struct str text, unsigned rule) {
    size_t len = text.len;
    for (size_t i = 0; i < text.len; i++) {
        len += url_byte_is(text.ptr[i], rule) ? 2 : 0;
    }
    return len;
}

char *url_encode(char *out, struct str text, unsigned rule) {
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < text.len; i++) {
        unsigned char byte = (unsigned char)text.ptr[i];
        if (url_byte_is(text.ptr[i], rule)) {
            *out++ = '%';
            *out++ = digits[byte >> 4];
            *out++ = digits[byte & 15];
        } else {
            *out++ = text.ptr[i];
        }
    }
    return out;
}

static int hex_value(char c) {
    if (ascii_is_digit(c)) {
        return c - '0';
    }
    return ascii_lower(c) - 'a' + 10;
}

struct str url_percent_decode(struct arena *arena, struct str text) {
    if (str_find(text, '%') == text.len) {
        return text;
    }
    char *bytes = arena_bytes(arena, text.len);
    if (bytes == NULL) {
        return STR_NONE;
    }
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '%' && text.len - i > 2 && ascii_is_hex(text.ptr[i + 1]) &&
            ascii_is_hex(text.ptr[i + 2])) {
            bytes[len++] =
                (char)(hex_value(text.ptr[i + 1]) * 16 + hex_value(text.ptr[i + 2]));
            i += 2;
        } else {
            bytes[len++] = text.ptr[i];
        }
    }
    return (struct str){bytes, len};
}
