#include <utf8proc.h>

#include "base/utf8.h"
#include "plugin/python_tokens.h"

/* More digits than CPython turns into an integer unless told to. */
enum { INTEGER_DIGITS = 4300 };

static const char bad_number[] = "invalid number literal";

static bool is_digit_of(char byte, int base) {
    if (base == 16) {
        return ascii_is_hex(byte);
    }
    return byte >= '0' && byte < '0' + base;
}

/* Digits with single underscores between them; a digit must stand first. */
static bool skip_digits(struct lexer *lexer, int base) {
    for (;;) {
        if (!is_digit_of(lexer_byte(lexer, lexer->at), base)) {
            return lexer_fail(lexer, bad_number, lexer->at);
        }
        while (is_digit_of(lexer_byte(lexer, lexer->at), base)) {
            lexer->at++;
        }
        if (lexer_byte(lexer, lexer->at) != '_') {
            return true;
        }
        lexer->at++;
    }
}

/* May the keyword that begins here follow a number without a space? */
static bool follows_number(const struct lexer *lexer) {
    static const char *const words[] = {"and", "else", "for", "if",
                                        "in",  "is",   "not", "or"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t len = strlen(words[i]);
        if (lexer->len - lexer->at >= len &&
            memcmp(lexer->text + lexer->at, words[i], len) == 0) {
            return true;
        }
    }
    return false;
}

static bool end_number(struct lexer *lexer) {
    char next = lexer_byte(lexer, lexer->at);
    if (next == '\0' || !lexer_is_name_byte(next) || follows_number(lexer)) {
        return true;
    }
    return lexer_fail(lexer, bad_number, lexer->at);
}

/* `e` with digits after it; one without is the start of what follows the number. */
static bool skip_exponent(struct lexer *lexer) {
    char byte = lexer_byte(lexer, lexer->at);
    if (byte != 'e' && byte != 'E') {
        return true;
    }
    char next = lexer_byte(lexer, lexer->at + 1);
    if (next == '+' || next == '-') {
        lexer->at += 2;
        return skip_digits(lexer, 10);
    }
    if (ascii_is_digit(next)) {
        lexer->at++;
        return skip_digits(lexer, 10);
    }
    return true;
}

/* What may follow the digits before a point: fraction, exponent, `j`. Sets `*integer`
 * if nothing did. */
static bool skip_float_tail(struct lexer *lexer, bool *integer) {
    size_t start = lexer->at;
    if (lexer_byte(lexer, lexer->at) == '.') {
        lexer->at++;
        if (ascii_is_digit(lexer_byte(lexer, lexer->at)) && !skip_digits(lexer, 10)) {
            return false;
        }
    }
    if (!skip_exponent(lexer)) {
        return false;
    }
    if (ascii_lower(lexer_byte(lexer, lexer->at)) == 'j') {
        lexer->at++;
    }
    *integer = lexer->at == start;
    return true;
}

static int base_of(const struct lexer *lexer) {
    if (lexer->text[lexer->at] != '0') {
        return 10;
    }
    switch (ascii_lower(lexer_byte(lexer, lexer->at + 1))) {
    case 'x':
        return 16;
    case 'o':
        return 8;
    case 'b':
        return 2;
    default:
        return 10;
    }
}

/* An integer without a base: not too long, and no zero before other digits. */
static bool check_integer(struct lexer *lexer, size_t start) {
    size_t digits = 0;
    bool nonzero = false;
    for (size_t i = start; i < lexer->at; i++) {
        digits += lexer->text[i] != '_';
        nonzero = nonzero || (lexer->text[i] != '0' && lexer->text[i] != '_');
    }
    if (nonzero && lexer->text[start] == '0') {
        return lexer_fail(lexer, "an integer has no leading zeros; octal is 0o…",
                          start);
    }
    return !nonzero || digits <= INTEGER_DIGITS ||
           lexer_fail(lexer, "an integer has at most 4300 digits; use hexadecimal",
                      start);
}

bool lexer_number(struct lexer *lexer) {
    size_t start = lexer->at;
    int base = base_of(lexer);
    if (base != 10) {
        lexer->at += 2;
        if (lexer_byte(lexer, lexer->at) == '_') {
            lexer->at++;
        }
        if (!skip_digits(lexer, base)) {
            return false;
        }
        if (ascii_is_digit(lexer_byte(lexer, lexer->at))) {
            return lexer_fail(lexer, bad_number, lexer->at);
        }
        return end_number(lexer);
    }
    bool integer = false;
    if (lexer->text[start] != '.' && !skip_digits(lexer, 10)) {
        return false;
    }
    if (!skip_float_tail(lexer, &integer)) {
        return false;
    }
    return (!integer || check_integer(lexer, start)) && end_number(lexer);
}

struct range {
    uint32_t first;
    uint32_t last;
};

static bool in_ranges(const struct range *ranges, size_t count, uint32_t codepoint) {
    for (size_t i = 0; i < count; i++) {
        if (codepoint >= ranges[i].first && codepoint <= ranges[i].last) {
            return true;
        }
    }
    return false;
}
#define IN_RANGES(ranges, codepoint)                                                   \
    in_ranges(ranges, sizeof(ranges) / sizeof *(ranges), codepoint)

/* Where XID_Start and XID_Continue of Unicode 15.1 (DerivedCoreProperties.txt) are not
 * what the general category says: letters that normalization would turn into something
 * else, the properties Other_ID_Start and Other_ID_Continue, and ideographs newer than
 * the categories at hand. */
static const struct range not_start[] = {
    {0x37A, 0x37A},   {0xE33, 0xE33},   {0xEB3, 0xEB3},   {0x2E2F, 0x2E2F},
    {0xFC5E, 0xFC63}, {0xFDFA, 0xFDFB}, {0xFE70, 0xFE70}, {0xFE72, 0xFE72},
    {0xFE74, 0xFE74}, {0xFE76, 0xFE76}, {0xFE78, 0xFE78}, {0xFE7A, 0xFE7A},
    {0xFE7C, 0xFE7C}, {0xFE7E, 0xFE7E}, {0xFF9E, 0xFF9F}};
static const struct range also_start[] = {
    {0x1885, 0x1886}, {0x2118, 0x2118}, {0x212E, 0x212E}, {0x2EBF0, 0x2EE5D}};
static const struct range not_continue[] = {
    {0x37A, 0x37A},   {0x2E2F, 0x2E2F}, {0xFC5E, 0xFC63}, {0xFDFA, 0xFDFB},
    {0xFE70, 0xFE70}, {0xFE72, 0xFE72}, {0xFE74, 0xFE74}, {0xFE76, 0xFE76},
    {0xFE78, 0xFE78}, {0xFE7A, 0xFE7A}, {0xFE7C, 0xFE7C}, {0xFE7E, 0xFE7E}};
static const struct range also_continue[] = {
    {0xB7, 0xB7},     {0x387, 0x387},   {0x1369, 0x1371}, {0x19DA, 0x19DA},
    {0x200C, 0x200D}, {0x30FB, 0x30FB}, {0xFF65, 0xFF65}};

static bool may_start(uint32_t codepoint) {
    switch (utf8proc_category((utf8proc_int32_t)codepoint)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_NL:
        return !IN_RANGES(not_start, codepoint);
    default:
        return codepoint == '_' || IN_RANGES(also_start, codepoint);
    }
}

static bool may_continue(uint32_t codepoint) {
    switch (utf8proc_category((utf8proc_int32_t)codepoint)) {
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_PC:
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_NL:
        return !IN_RANGES(not_continue, codepoint);
    default:
        return IN_RANGES(also_start, codepoint) || IN_RANGES(also_continue, codepoint);
    }
}

bool lexer_check_name(struct lexer *lexer, size_t start, size_t end) {
    struct str text = {lexer->text, end};
    for (size_t at = start; at < end;) {
        size_t here = at;
        uint32_t codepoint = utf8_next(text, &at);
        bool good = here == start ? may_start(codepoint) : may_continue(codepoint);
        if (!good) {
            return lexer_fail(lexer, "invalid character", here);
        }
    }
    return true;
}
