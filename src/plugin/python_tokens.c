#include "plugin/python_tokens.h"

#include "base/utf8.h"

void lexer_init(struct lexer *lexer, struct str text, size_t start) {
    lexer->text = text.ptr;
    lexer->len = text.len;
    lexer->at = start;
    lexer->at_line_start = true;
    lexer->after_token = false;
    lexer->pending = 0;
    lexer->indent = 0;
    lexer->level = 0;
    lexer->fstrings = 0;
    lexer->message = NULL;
    lexer->offset = 0;
    lexer->columns[0] = 0;
    lexer->narrow[0] = 0;
}

bool lexer_fail(struct lexer *lexer, const char *message, size_t offset) {
    if (lexer->message == NULL) {
        lexer->message = message;
        lexer->offset = offset;
    }
    return false;
}

static bool is_line_end(char byte) {
    return byte == '\n' || byte == '\r';
}

/* Steps over CR LF, LF or a lone CR. */
static void skip_line_end(struct lexer *lexer) {
    bool pair =
        lexer->text[lexer->at] == '\r' && lexer_byte(lexer, lexer->at + 1) == '\n';
    lexer->at += pair ? 2 : 1;
}

static void skip_comment(struct lexer *lexer) {
    while (lexer->at < lexer->len && !is_line_end(lexer->text[lexer->at])) {
        lexer->at++;
    }
}

/* From a backslash: a line end must follow, and more after it. */
static bool skip_continuation(struct lexer *lexer) {
    size_t backslash = lexer->at++;
    if (lexer->at >= lexer->len) {
        return lexer_fail(lexer, "the source ends after a line continuation",
                          backslash);
    }
    if (!is_line_end(lexer->text[lexer->at])) {
        return lexer_fail(lexer, "unexpected character after line continuation",
                          lexer->at);
    }
    skip_line_end(lexer);
    if (lexer->at >= lexer->len) {
        return lexer_fail(lexer, "the source ends after a line continuation",
                          backslash);
    }
    return true;
}

struct margin {
    uint32_t column;
    uint32_t narrow;
};

/* Measures and skips the white space that a line begins with. A continuation in it
 * keeps the column that stood before the first backslash, unless that was 0. */
static bool skip_margin(struct lexer *lexer, struct margin *margin) {
    uint32_t column = 0, narrow = 0, kept = 0;
    for (;;) {
        char byte = lexer_byte(lexer, lexer->at);
        if (byte == ' ') {
            column++, narrow++;
        } else if (byte == '\t') {
            column = (column / 8 + 1) * 8, narrow++;
        } else if (byte == '\f') {
            column = narrow = 0;
        } else if (byte == '\\') {
            kept = kept != 0 ? kept : column;
            if (!skip_continuation(lexer)) {
                return false;
            }
            continue;
        } else {
            break;
        }
        lexer->at++;
    }
    *margin = kept != 0 ? (struct margin){kept, kept} : (struct margin){column, narrow};
    return true;
}

static const char tab_message[] = "inconsistent use of tabs and spaces in indentation";

/* Compares the line's margin with the open levels; sets `pending`. */
static bool apply_margin(struct lexer *lexer, struct margin margin) {
    if (margin.column == lexer->columns[lexer->indent]) {
        return margin.narrow == lexer->narrow[lexer->indent] ||
               lexer_fail(lexer, tab_message, lexer->at);
    }
    if (margin.column > lexer->columns[lexer->indent]) {
        if (lexer->indent + 1 >= INDENT_LEVELS) {
            return lexer_fail(lexer, "too many levels of indentation", lexer->at);
        }
        if (margin.narrow <= lexer->narrow[lexer->indent]) {
            return lexer_fail(lexer, tab_message, lexer->at);
        }
        lexer->pending = 1;
        lexer->indent++;
        lexer->columns[lexer->indent] = margin.column;
        lexer->narrow[lexer->indent] = margin.narrow;
        return true;
    }
    while (lexer->indent > 0 && margin.column < lexer->columns[lexer->indent]) {
        lexer->pending--;
        lexer->indent--;
    }
    if (margin.column != lexer->columns[lexer->indent]) {
        return lexer_fail(lexer, "unindent does not match any outer indentation level",
                          lexer->at);
    }
    return margin.narrow == lexer->narrow[lexer->indent] ||
           lexer_fail(lexer, tab_message, lexer->at);
}

/* Skips lines that hold nothing, and measures the first that does. */
static bool begin_line(struct lexer *lexer) {
    struct margin margin;
    for (;;) {
        if (!skip_margin(lexer, &margin)) {
            return false;
        }
        char byte = lexer_byte(lexer, lexer->at);
        if (byte == '#') {
            skip_comment(lexer);
        } else if (byte != '\0' && !is_line_end(byte)) {
            break;
        }
        if (lexer->at >= lexer->len) {
            margin = (struct margin){0, 0};
            break;
        }
        skip_line_end(lexer);
    }
    lexer->at_line_start = false;
    return apply_margin(lexer, margin);
}

/* Skips what separates tokens within a logical line. */
static bool skip_blank(struct lexer *lexer) {
    for (;;) {
        char byte = lexer_byte(lexer, lexer->at);
        if (byte == ' ' || byte == '\t' || byte == '\f') {
            lexer->at++;
        } else if (byte == '#') {
            skip_comment(lexer);
        } else if (byte == '\\') {
            if (!skip_continuation(lexer)) {
                return false;
            }
        } else if (is_line_end(byte) && lexer->level > 0) {
            skip_line_end(lexer);
        } else {
            return true;
        }
    }
}

bool lexer_is_name_byte(char byte) {
    unsigned value = (unsigned char)byte;
    return (value | 0x20U) - (unsigned)'a' < 26U || value - (unsigned)'0' < 10U ||
           value == '_' || value >= 0x80;
}

struct keyword {
    char text[9];
    uint8_t kind;
};

/* Grouped by length; keyword_groups says where each length begins. */
static const struct keyword keywords[] = {
    {"as", TOKEN_AS},
    {"if", TOKEN_IF},
    {"in", TOKEN_IN},
    {"is", TOKEN_IS},
    {"or", TOKEN_OR},
    {"and", TOKEN_AND},
    {"def", TOKEN_DEF},
    {"del", TOKEN_DEL},
    {"for", TOKEN_FOR},
    {"not", TOKEN_NOT},
    {"try", TOKEN_TRY},
    {"None", TOKEN_NONE},
    {"True", TOKEN_TRUE},
    {"elif", TOKEN_ELIF},
    {"else", TOKEN_ELSE},
    {"from", TOKEN_FROM},
    {"pass", TOKEN_PASS},
    {"with", TOKEN_WITH},
    {"False", TOKEN_FALSE},
    {"async", TOKEN_ASYNC},
    {"await", TOKEN_AWAIT},
    {"break", TOKEN_BREAK},
    {"class", TOKEN_CLASS},
    {"raise", TOKEN_RAISE},
    {"while", TOKEN_WHILE},
    {"yield", TOKEN_YIELD},
    {"assert", TOKEN_ASSERT},
    {"except", TOKEN_EXCEPT},
    {"global", TOKEN_GLOBAL},
    {"import", TOKEN_IMPORT},
    {"lambda", TOKEN_LAMBDA},
    {"return", TOKEN_RETURN},
    {"finally", TOKEN_FINALLY},
    {"continue", TOKEN_CONTINUE},
    {"nonlocal", TOKEN_NONLOCAL},
};
static const uint8_t keyword_groups[] = {0, 0, 0, 5, 11, 18, 26, 32, 33, 35};

static uint8_t name_kind(const char *text, size_t len) {
    if (len < 2 || len > 8) {
        return TOKEN_NAME;
    }
    for (size_t i = keyword_groups[len]; i < keyword_groups[len + 1]; i++) {
        if (keywords[i].text[0] == text[0] &&
            memcmp(keywords[i].text, text, len) == 0) {
            return keywords[i].kind;
        }
    }
    return TOKEN_NAME;
}

/* Is the text before a quote one of the prefixes of a string? */
static bool is_prefix(const char *text, size_t len) {
    char first = ascii_lower(text[0]);
    if (len == 1) {
        return first == 'r' || first == 'b' || first == 'f' || first == 'u';
    }
    char second = ascii_lower(text[1]);
    return len == 2 && ((first == 'r' && (second == 'b' || second == 'f')) ||
                        (second == 'r' && (first == 'b' || first == 'f')));
}

static bool scan_name(struct lexer *lexer, struct token *token) {
    size_t start = lexer->at;
    size_t at = start;
    bool is_ascii = true;
    while (at < lexer->len && lexer_is_name_byte(lexer->text[at])) {
        is_ascii = is_ascii && (unsigned char)lexer->text[at] < 0x80;
        at++;
    }
    char next = lexer_byte(lexer, at);
    if ((next == '"' || next == '\'') && at - start <= 2 &&
        is_prefix(lexer->text + start, at - start)) {
        lexer->at = at;
        return lexer_string(lexer, start, token);
    }
    lexer->at = at;
    token->kind = name_kind(lexer->text + start, at - start);
    return is_ascii || lexer_check_name(lexer, start, at);
}

static bool open_bracket(struct lexer *lexer, char opening) {
    if (lexer->level >= BRACKET_LEVELS) {
        return lexer_fail(lexer, "too many nested brackets", lexer->at);
    }
    lexer->brackets[lexer->level].opening = opening;
    lexer->brackets[lexer->level].offset = lexer->at;
    lexer->level++;
    if (lexer->fstrings > 0) {
        lexer->open[lexer->fstrings - 1].depth++;
    }
    lexer->at++;
    return true;
}

static bool close_bracket(struct lexer *lexer, char opening) {
    struct fstring *f = lexer->fstrings > 0 ? &lexer->open[lexer->fstrings - 1] : NULL;
    if (lexer->level == 0) {
        return lexer_fail(lexer, "closing bracket without an opening one", lexer->at);
    }
    if (lexer->brackets[--lexer->level].opening != opening) {
        return lexer_fail(lexer, "closing bracket does not match the opening one",
                          lexer->at);
    }
    if (f != NULL) {
        f->depth--;
        if (opening == '{' && f->depth == f->field) {
            f->field--;
            f->in_text = true;
            f->in_format = false;
        }
    }
    lexer->at++;
    return true;
}

/* A colon ends the expression of a replacement field if no bracket is open in it. */
static uint8_t scan_colon(struct lexer *lexer) {
    if (lexer->fstrings > 0) {
        struct fstring *f = &lexer->open[lexer->fstrings - 1];
        if (f->field >= 0 && f->depth - 1 == f->field) {
            f->in_text = true;
            f->in_format = true;
            lexer->at++;
            return TOKEN_COLON;
        }
    }
    bool walrus = lexer_byte(lexer, lexer->at + 1) == '=';
    lexer->at += walrus ? 2 : 1;
    return walrus ? TOKEN_WALRUS : TOKEN_COLON;
}

/* Operators by their first byte: what it is alone, doubled, and with `=` after it. One
 * that is doubled and has `=` after it assigns. */
struct operator_rule {
    char byte;
    uint8_t alone;
    uint8_t doubled;
    uint8_t equals;
};

static const struct operator_rule operator_rules[] = {
    {',', TOKEN_COMMA, 0, 0},
    {'=', TOKEN_ASSIGN, 0, TOKEN_COMPARE},
    {'-', TOKEN_MINUS, 0, TOKEN_AUGMENTED},
    {'+', TOKEN_PLUS, 0, TOKEN_AUGMENTED},
    {'*', TOKEN_STAR, TOKEN_POWER, TOKEN_AUGMENTED},
    {'%', TOKEN_BINARY, 0, TOKEN_AUGMENTED},
    {'<', TOKEN_COMPARE, TOKEN_BINARY, TOKEN_COMPARE},
    {'>', TOKEN_COMPARE, TOKEN_BINARY, TOKEN_COMPARE},
    {'!', TOKEN_EXCLAMATION, 0, TOKEN_COMPARE},
    {'/', TOKEN_SLASH, TOKEN_BINARY, TOKEN_AUGMENTED},
    {'@', TOKEN_AT, 0, TOKEN_AUGMENTED},
    {'|', TOKEN_VERTICAL, 0, TOKEN_AUGMENTED},
    {'&', TOKEN_BINARY, 0, TOKEN_AUGMENTED},
    {'^', TOKEN_BINARY, 0, TOKEN_AUGMENTED},
    {'~', TOKEN_TILDE, 0, 0},
    {';', TOKEN_SEMICOLON, 0, 0},
};

static bool scan_operator(struct lexer *lexer, struct token *token, char byte) {
    const struct operator_rule *rule = operator_rules;
    const struct operator_rule *end =
        rule + sizeof operator_rules / sizeof *operator_rules;
    while (rule < end && rule->byte != byte) {
        rule++;
    }
    if (rule == end) {
        return lexer_fail(lexer, "invalid character", lexer->at);
    }
    char next = lexer_byte(lexer, ++lexer->at);
    token->kind = rule->alone;
    if (byte == '-' && next == '>') {
        token->kind = TOKEN_ARROW;
        lexer->at++;
    } else if (byte == '<' && next == '>') {
        return lexer_fail(lexer, "'<>' is no operator, '!=' is", lexer->at - 1);
    } else if (rule->doubled != 0 && next == byte) {
        token->kind = rule->doubled;
        if (lexer_byte(lexer, ++lexer->at) == '=') {
            token->kind = TOKEN_AUGMENTED;
            lexer->at++;
        }
    } else if (rule->equals != 0 && next == '=') {
        token->kind = rule->equals;
        lexer->at++;
    }
    return true;
}

static bool scan_dot(struct lexer *lexer, struct token *token) {
    char next = lexer_byte(lexer, lexer->at + 1);
    if (ascii_is_digit(next)) {
        token->kind = TOKEN_NUMBER;
        return lexer_number(lexer);
    }
    bool ellipsis = next == '.' && lexer_byte(lexer, lexer->at + 2) == '.';
    token->kind = ellipsis ? TOKEN_ELLIPSIS : TOKEN_DOT;
    lexer->at += ellipsis ? 3 : 1;
    return true;
}

static bool scan_punctuation(struct lexer *lexer, struct token *token, char byte) {
    switch (byte) {
    case '(':
        token->kind = TOKEN_LPAR;
        return open_bracket(lexer, byte);
    case '[':
        token->kind = TOKEN_LSQB;
        return open_bracket(lexer, byte);
    case '{':
        token->kind = TOKEN_LBRACE;
        return open_bracket(lexer, byte);
    case ')':
        token->kind = TOKEN_RPAR;
        return close_bracket(lexer, '(');
    case ']':
        token->kind = TOKEN_RSQB;
        return close_bracket(lexer, '[');
    case '}':
        token->kind = TOKEN_RBRACE;
        return close_bracket(lexer, '{');
    case '.':
        return scan_dot(lexer, token);
    case ':':
        token->kind = scan_colon(lexer);
        return true;
    default:
        return scan_operator(lexer, token, byte);
    }
}

/* At the end of the source: the last line's end, the dedents, then the end. */
static bool scan_end(struct lexer *lexer, struct token *token) {
    if (lexer->level > 0) {
        return lexer_fail(lexer, "bracket was never closed",
                          lexer->brackets[lexer->level - 1].offset);
    }
    if (lexer->after_token) {
        token->kind = TOKEN_NEWLINE;
        lexer->after_token = false;
        lexer->at_line_start = true;
        return true;
    }
    token->kind = TOKEN_END;
    return true;
}

static bool scan_token(struct lexer *lexer, struct token *token) {
    if (lexer->fstrings > 0 && lexer->open[lexer->fstrings - 1].in_text) {
        token->kind = TOKEN_END;
        if (!lexer_fstring_text(lexer, token) || token->kind != TOKEN_END) {
            return lexer->message == NULL;
        }
    }
    if (lexer->at_line_start && !begin_line(lexer)) {
        return false;
    }
    token->start = lexer->at;
    if (lexer->pending != 0) {
        token->kind = lexer->pending > 0 ? TOKEN_INDENT : TOKEN_DEDENT;
        lexer->pending += lexer->pending > 0 ? -1 : 1;
        return true;
    }
    if (!skip_blank(lexer)) {
        return false;
    }
    token->start = lexer->at;
    if (lexer->at >= lexer->len) {
        return scan_end(lexer, token);
    }
    char byte = lexer->text[lexer->at];
    if (is_line_end(byte)) {
        token->kind = TOKEN_NEWLINE;
        skip_line_end(lexer);
        lexer->after_token = false;
        lexer->at_line_start = true;
        return true;
    }
    lexer->after_token = true;
    if (ascii_is_digit(byte)) {
        token->kind = TOKEN_NUMBER;
        return lexer_number(lexer);
    }
    if (lexer_is_name_byte(byte)) {
        return scan_name(lexer, token);
    }
    if (byte == '"' || byte == '\'') {
        return lexer_string(lexer, lexer->at, token);
    }
    return scan_punctuation(lexer, token, byte);
}

void lexer_next(struct lexer *lexer, struct token *token) {
    token->start = lexer->at;
    if (lexer->message != NULL || !scan_token(lexer, token)) {
        token->kind = TOKEN_ERROR;
        token->start = lexer->offset;
    }
    token->end = lexer->at;
}
