#include "schema/toml_parts.h"

#include "base/json.h"
#include "grammar/timestamp.h"

/* Letters, digits and what else numbers, dates and words are made of. */
static bool is_token_byte(char c) {
    return ascii_is_alnum(c) || (c != '\0' && strchr("_+-.:", c) != NULL);
}

static struct str read_token(struct toml_parser *parser) {
    size_t start = parser->at;
    while (is_token_byte(toml_peek(parser, 0))) {
        parser->at++;
        /* A date and a time may have one space between them. */
        if (parser->at - start == 10 && parser->text.ptr[start + 4] == '-' &&
            toml_peek(parser, 0) == ' ' && ascii_is_digit(toml_peek(parser, 1))) {
            parser->at++;
        }
    }
    return (struct str){parser->text.ptr + start, parser->at - start};
}

/* Is this a date, `YYYY-MM-DD`, and a time, `HH:MM:SS`? The last second of a minute may
 * be its 60th. */
static bool is_instant(struct str date, struct str time) {
    char text[TIMESTAMP_BYTES + 1] = "0000-00-00T00:00:00Z";
    if (date.len != 10 || time.len != 8) {
        return false;
    }
    memcpy(text, date.ptr, 10);
    memcpy(text + 11, time.ptr, 8);
    if (memcmp(text + 17, "60", 2) == 0) {
        memcpy(text + 17, "59", 2);
    }
    return timestamp_is_valid((struct str){text, TIMESTAMP_BYTES});
}

static bool is_offset(struct str text) {
    if (text.len == 1) {
        return ascii_lower(text.ptr[0]) == 'z';
    }
    char time[] = "00:00:00";
    if (text.len != 6 || (text.ptr[0] != '+' && text.ptr[0] != '-')) {
        return false;
    }
    memcpy(time, text.ptr + 1, 5);
    return is_instant(STR("2000-01-01"), str_of(time));
}

/* Over `.` and digits; false if the digits are missing. */
static bool skip_fraction(struct str *text) {
    if (text->len == 0 || text->ptr[0] != '.') {
        return true;
    }
    size_t end = 1;
    while (end < text->len && ascii_is_digit(text->ptr[end])) {
        end++;
    }
    *text = str_skip(*text, end);
    return end > 1;
}

/* The type's name, or NULL. */
static const char *date_or_time_type(struct str token) {
    bool has_date = token.len > 4 && token.ptr[4] == '-';
    if (!has_date) {
        struct str rest = str_skip(token, token.len < 8 ? token.len : 8);
        bool is_time =
            is_instant(STR("2000-01-01"), str_first(token, token.len - rest.len));
        return is_time && skip_fraction(&rest) && rest.len == 0 ? "time" : NULL;
    }
    if (token.len <= 10) {
        return is_instant(token, STR("00:00:00")) ? "date" : NULL;
    }
    struct str rest = str_skip(token, 11);
    struct str time = str_first(rest, rest.len < 8 ? rest.len : 8);
    rest = str_skip(rest, time.len);
    char delimiter = ascii_lower(token.ptr[10]);
    bool is_valid = (delimiter == 't' || delimiter == ' ') &&
                    is_instant(str_first(token, 10), time) && skip_fraction(&rest) &&
                    (rest.len == 0 || is_offset(rest));
    return is_valid ? "date-time" : NULL;
}

static bool is_digit_of(char c, unsigned base, unsigned *value) {
    char lower = ascii_lower(c);
    if (ascii_is_digit(c)) {
        *value = (unsigned)(c - '0');
    } else if (lower >= 'a' && lower <= 'f') {
        *value = (unsigned)(lower - 'a') + 10;
    } else {
        return false;
    }
    return *value < base;
}

/* The digits from `at`, single underscores between them; how many bytes. */
static size_t digits_at(struct str text, size_t at, unsigned base) {
    size_t end = at;
    unsigned value;
    while (end < text.len &&
           (is_digit_of(text.ptr[end], base, &value) ||
            (text.ptr[end] == '_' && end > at && text.ptr[end - 1] != '_'))) {
        end++;
    }
    return end > at && text.ptr[end - 1] == '_' ? 0 : end - at;
}

static bool fits(struct str digits, unsigned base, uint64_t most) {
    uint64_t number = 0;
    for (size_t i = 0; i < digits.len; i++) {
        unsigned value;
        if (!is_digit_of(digits.ptr[i], base, &value)) {
            continue;
        }
        if (number > (most - value) / base) {
            return false;
        }
        number = number * base + value;
    }
    return true;
}

static bool check_integer(struct toml_parser *parser, struct str token,
                          struct str digits, unsigned base) {
    bool is_negative = token.ptr[0] == '-';
    return fits(digits, base, (uint64_t)INT64_MAX + is_negative) ||
           toml_reject(parser, parser->at - token.len,
                       "an integer does not fit 64 bits");
}

/* A positive one past a double is a defect (the reference lets negative ones be). */
static bool check_float(struct toml_parser *parser, struct str token) {
    if (token.ptr[0] == '-') {
        return true;
    }
    char *plain = arena_bytes(parser->arena, token.len);
    if (plain == NULL) {
        return toml_no_memory(parser);
    }
    size_t len = 0;
    for (size_t i = token.ptr[0] == '+'; i < token.len; i++) {
        if (token.ptr[i] != '_') {
            plain[len++] = token.ptr[i];
        }
    }
    return json_number_is_finite((struct str){plain, len}) ||
           toml_reject(parser, parser->at - token.len,
                       "a float is larger than any double");
}

static bool read_decimal(struct toml_parser *parser, struct str token, size_t start,
                         const char **type) {
    size_t whole = digits_at(token, start, 10);
    size_t at = start + whole;
    bool is_valid = whole == 1 || (whole > 1 && token.ptr[start] != '0');
    *type = "integer";
    if (is_valid && at == token.len) {
        return check_integer(parser, token, str_skip(token, start), 10);
    }
    *type = "float";
    if (is_valid && token.ptr[at] == '.') {
        size_t fraction = digits_at(token, at + 1, 10);
        is_valid = fraction > 0;
        at += fraction + 1;
    }
    if (is_valid && at < token.len && ascii_lower(token.ptr[at]) == 'e') {
        at++;
        at += at < token.len && (token.ptr[at] == '+' || token.ptr[at] == '-');
        size_t exponent = digits_at(token, at, 10);
        is_valid = exponent > 0;
        at += exponent;
    }
    if (!is_valid || at < token.len) {
        return toml_reject(parser, parser->at - token.len, "an invalid number");
    }
    return check_float(parser, token);
}

static bool read_number(struct toml_parser *parser, struct str token,
                        const char **type) {
    static const struct {
        const char *prefix;
        unsigned base;
    } bases[] = {{"0x", 16}, {"0o", 8}, {"0b", 2}};
    for (size_t i = 0; i < sizeof bases / sizeof bases[0]; i++) {
        if (!str_starts_with(token, str_of(bases[i].prefix))) {
            continue;
        }
        struct str digits = str_skip(token, 2);
        *type = "integer";
        if (digits.len == 0 || digits_at(token, 2, bases[i].base) != digits.len) {
            return toml_reject(parser, parser->at - token.len, "an invalid number");
        }
        return check_integer(parser, token, digits, bases[i].base);
    }
    size_t start = token.ptr[0] == '+' || token.ptr[0] == '-';
    struct str word = str_skip(token, start);
    if (str_equal(word, STR("inf")) || str_equal(word, STR("nan"))) {
        *type = "float";
        return true;
    }
    return read_decimal(parser, token, start, type);
}

bool toml_read_scalar(struct toml_parser *parser, struct toml_node *node) {
    size_t start = parser->at;
    struct str token = read_token(parser);
    node->type = TOML_OTHER;
    if (token.len == 0) {
        return toml_reject(parser, start, "a value is missing");
    }
    if (str_equal(token, STR("true")) || str_equal(token, STR("false"))) {
        node->type_name = "boolean";
        return true;
    }
    bool is_time = token.len > 2 && token.ptr[2] == ':';
    bool is_date = token.len > 4 && token.ptr[4] == '-' && ascii_is_digit(token.ptr[3]);
    if (is_time || is_date) {
        node->type_name = date_or_time_type(token);
        return node->type_name != NULL ||
               toml_reject(parser, start, "an invalid date or time");
    }
    if (ascii_is_digit(token.ptr[0]) || token.ptr[0] == '+' || token.ptr[0] == '-' ||
        str_equal(token, STR("inf")) || str_equal(token, STR("nan"))) {
        return read_number(parser, token, &node->type_name);
    }
    return toml_reject(parser, start, "`%.*s` is no value; text needs quotes",
                       (int)(token.len < 40 ? token.len : 40), token.ptr);
}
