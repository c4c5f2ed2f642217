#include "plugin/python_tokens.h"

/* What a prefix says. */
struct form {
    bool is_raw;
    bool is_bytes;
    bool is_fstring;
};

static struct form form_of(const char *prefix, size_t len) {
    struct form form = {false, false, false};
    for (size_t i = 0; i < len; i++) {
        char letter = ascii_lower(prefix[i]);
        form.is_raw = form.is_raw || letter == 'r';
        form.is_bytes = form.is_bytes || letter == 'b';
        form.is_fstring = form.is_fstring || letter == 'f';
    }
    return form;
}

/* Steps over the hexadecimal digits of an escape; there must be `count`. */
static bool skip_hex(struct lexer *lexer, size_t escape, size_t count) {
    for (size_t i = 0; i < count; i++, lexer->at++) {
        if (!ascii_is_hex(lexer_byte(lexer, lexer->at))) {
            return lexer_fail(lexer, "truncated escape in a string", escape);
        }
    }
    return true;
}

/* `\U` and eight digits: at most 10FFFF. */
static bool skip_long_escape(struct lexer *lexer, size_t escape) {
    size_t start = lexer->at;
    if (!skip_hex(lexer, escape, 8)) {
        return false;
    }
    const char *digits = lexer->text + start;
    return memcmp(digits, "000", 3) == 0 || memcmp(digits, "0010", 4) == 0 ||
           lexer_fail(lexer, "escape beyond the last Unicode character", escape);
}

/* `\N` and a name in braces. Which names exist is not looked up. */
static bool skip_named_escape(struct lexer *lexer, size_t escape) {
    size_t start = lexer->at + 1;
    size_t at = start;
    if (lexer_byte(lexer, lexer->at) == '{') {
        while (ascii_is_alnum(lexer_byte(lexer, at)) || lexer_byte(lexer, at) == ' ' ||
               lexer_byte(lexer, at) == '-') {
            at++;
        }
        if (at > start && lexer_byte(lexer, at) == '}') {
            lexer->at = at + 1;
            return true;
        }
    }
    return lexer_fail(lexer, "malformed \\N{…} escape in a string", escape);
}

/* From a backslash; steps over what it makes one with. Unknown escapes stand for
 * themselves. */
static bool skip_escape(struct lexer *lexer, struct form form) {
    size_t escape = lexer->at++;
    char byte = lexer_byte(lexer, lexer->at);
    if (byte == '\r' && lexer_byte(lexer, lexer->at + 1) == '\n') {
        lexer->at++;
    }
    if (lexer->at >= lexer->len || (form.is_bytes && (unsigned char)byte >= 0x80)) {
        return true; /* the caller comes upon it */
    }
    lexer->at++;
    if (form.is_raw) {
        return true;
    }
    if (byte == 'x') {
        return skip_hex(lexer, escape, 2);
    }
    if (form.is_bytes) {
        return true;
    }
    switch (byte) {
    case 'u':
        return skip_hex(lexer, escape, 4);
    case 'U':
        return skip_long_escape(lexer, escape);
    case 'N':
        return skip_named_escape(lexer, escape);
    default:
        return true;
    }
}

static bool closes(const struct lexer *lexer, char quote, size_t quotes) {
    return lexer->text[lexer->at] == quote &&
           (quotes == 1 || (lexer_byte(lexer, lexer->at + 1) == quote &&
                            lexer_byte(lexer, lexer->at + 2) == quote));
}

/* The rest of a string that is not an f-string, from behind its opening quotes. */
static bool scan_string(struct lexer *lexer, size_t start, struct form form, char quote,
                        size_t quotes) {
    while (lexer->at < lexer->len) {
        char byte = lexer->text[lexer->at];
        if (byte == quote && closes(lexer, quote, quotes)) {
            lexer->at += quotes;
            return true;
        }
        if (byte == '\\') {
            if (!skip_escape(lexer, form)) {
                return false;
            }
        } else if (quotes == 1 && (byte == '\n' || byte == '\r')) {
            break;
        } else if (form.is_bytes && (unsigned char)byte >= 0x80) {
            return lexer_fail(lexer, "bytes hold ASCII characters only", lexer->at);
        } else {
            lexer->at++;
        }
    }
    return lexer_fail(lexer, "string was never closed", start);
}

static bool open_fstring(struct lexer *lexer, size_t start, struct form form,
                         char quote, size_t quotes) {
    if (lexer->fstrings + 1 >= FSTRING_LEVELS) {
        return lexer_fail(lexer, "too many nested f-strings", start);
    }
    lexer->open[lexer->fstrings++] = (struct fstring){.start = start,
                                                      .quote = quote,
                                                      .quotes = (uint8_t)quotes,
                                                      .is_raw = form.is_raw,
                                                      .in_text = true,
                                                      .field = -1};
    return true;
}

bool lexer_string(struct lexer *lexer, size_t start, struct token *token) {
    struct form form = form_of(lexer->text + start, lexer->at - start);
    char quote = lexer->text[lexer->at];
    size_t quotes = closes(lexer, quote, 3) ? 3 : 1;
    lexer->at += quotes;
    if (form.is_fstring) {
        token->kind = TOKEN_FSTRING_START;
        return open_fstring(lexer, start, form, quote, quotes);
    }
    token->kind = form.is_bytes ? TOKEN_BYTES : TOKEN_STRING;
    return scan_string(lexer, start, form, quote, quotes);
}

/* The brace that opens a replacement field. */
static bool open_field(struct lexer *lexer, struct fstring *f, struct token *token) {
    if (f->field + 1 >= 3) {
        return lexer_fail(lexer, "f-string: fields are nested too deeply", lexer->at);
    }
    if (lexer->level >= BRACKET_LEVELS) {
        return lexer_fail(lexer, "too many nested brackets", lexer->at);
    }
    f->field++;
    f->depth++;
    f->in_text = false;
    lexer->brackets[lexer->level].opening = '{';
    lexer->brackets[lexer->level].offset = lexer->at;
    lexer->level++;
    token->kind = TOKEN_LBRACE;
    token->start = lexer->at++;
    return true;
}

/* The brace that closes a field with a format specification. */
static bool close_field(struct lexer *lexer, struct fstring *f, struct token *token) {
    if (f->depth == 0) {
        return lexer_fail(lexer, "f-string: single '}' is not allowed", lexer->at);
    }
    lexer->level--;
    f->depth--;
    f->field--;
    f->in_format = false;
    token->kind = TOKEN_RBRACE;
    token->start = lexer->at++;
    return true;
}

/* A backslash in the text: a brace after it keeps its own meaning. */
static bool skip_text_escape(struct lexer *lexer, const struct fstring *f) {
    char next = lexer_byte(lexer, lexer->at + 1);
    if (next == '{' || next == '}') {
        lexer->at++;
        return true;
    }
    return skip_escape(lexer, (struct form){.is_raw = f->is_raw});
}

bool lexer_fstring_text(struct lexer *lexer, struct token *token) {
    struct fstring *f = &lexer->open[lexer->fstrings - 1];
    while (lexer->at < lexer->len) {
        char byte = lexer->text[lexer->at];
        char next = lexer_byte(lexer, lexer->at + 1);
        if (byte == f->quote && closes(lexer, f->quote, f->quotes)) {
            token->start = lexer->at;
            token->kind = TOKEN_FSTRING_END;
            lexer->at += f->quotes;
            if (f->depth > 0) {
                return lexer_fail(lexer, "f-string: expecting '}'", token->start);
            }
            lexer->fstrings--;
            return true;
        }
        if (byte == '{') {
            if (next != '{' || f->in_format) {
                return open_field(lexer, f, token);
            }
            lexer->at += 2;
        } else if (byte == '}') {
            if (next != '}' || f->in_format || f->depth > 0) {
                return close_field(lexer, f, token);
            }
            lexer->at += 2;
        } else if (byte == '\\') {
            if (!skip_text_escape(lexer, f)) {
                return false;
            }
        } else if (f->quotes == 1 && (byte == '\n' || byte == '\r')) {
            if (!f->in_format) {
                break;
            }
            f->in_text = f->in_format = false; /* only the closing brace may follow */
            return true;
        } else {
            lexer->at++;
        }
    }
    return lexer_fail(lexer, "f-string was never closed", f->start);
}
