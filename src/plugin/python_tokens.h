/* Tokens of Python source.
 *
 * Source: Python 3.13 reference, 2 (lexical analysis); the limits and the rule for tabs
 *   are CPython's: 100 levels of indentation, 200 of brackets, 150 of f-strings.
 * Shapes: a token is a kind and the bytes from `start` to `end`. TOKEN_NEWLINE ends a
 *   logical line that held something; TOKEN_INDENT and TOKEN_DEDENT follow it. Of an
 *   f-string come FSTRING_START, for each replacement field the tokens between and with
 *   its braces, and FSTRING_END; its text is checked and gives none.
 * Errors: TOKEN_ERROR from the first mistake on; `message` and `offset` say what. */
#ifndef PLUGIN_PYTHON_TOKENS_H
#define PLUGIN_PYTHON_TOKENS_H

#include <stdint.h>

#include "base/str.h"

enum token_kind {
    TOKEN_ERROR,
    TOKEN_END,
    TOKEN_NEWLINE,
    TOKEN_INDENT,
    TOKEN_DEDENT,
    TOKEN_NAME,
    TOKEN_NUMBER,
    TOKEN_STRING,
    TOKEN_BYTES,
    TOKEN_FSTRING_START,
    TOKEN_FSTRING_END,
    /* brackets and punctuation */
    TOKEN_LPAR,
    TOKEN_RPAR,
    TOKEN_LSQB,
    TOKEN_RSQB,
    TOKEN_LBRACE,
    TOKEN_RBRACE,
    TOKEN_DOT,
    TOKEN_ELLIPSIS,
    TOKEN_COMMA,
    TOKEN_COLON,
    TOKEN_SEMICOLON,
    TOKEN_ASSIGN,
    TOKEN_WALRUS,
    TOKEN_ARROW,
    TOKEN_EXCLAMATION,
    TOKEN_TILDE,
    TOKEN_AUGMENTED, /* `+=` and the rest */
    /* operators between operands; some have other uses too */
    TOKEN_PLUS,
    TOKEN_MINUS,
    TOKEN_STAR,
    TOKEN_POWER,
    TOKEN_SLASH,
    TOKEN_AT,
    TOKEN_VERTICAL,
    TOKEN_BINARY,  /* `% // & ^ << >>` */
    TOKEN_COMPARE, /* `< > <= >= == !=` */
    /* keywords */
    TOKEN_FALSE,
    TOKEN_NONE,
    TOKEN_TRUE,
    TOKEN_AND,
    TOKEN_AS,
    TOKEN_ASSERT,
    TOKEN_ASYNC,
    TOKEN_AWAIT,
    TOKEN_BREAK,
    TOKEN_CLASS,
    TOKEN_CONTINUE,
    TOKEN_DEF,
    TOKEN_DEL,
    TOKEN_ELIF,
    TOKEN_ELSE,
    TOKEN_EXCEPT,
    TOKEN_FINALLY,
    TOKEN_FOR,
    TOKEN_FROM,
    TOKEN_GLOBAL,
    TOKEN_IF,
    TOKEN_IMPORT,
    TOKEN_IN,
    TOKEN_IS,
    TOKEN_LAMBDA,
    TOKEN_NONLOCAL,
    TOKEN_NOT,
    TOKEN_OR,
    TOKEN_PASS,
    TOKEN_RAISE,
    TOKEN_RETURN,
    TOKEN_TRY,
    TOKEN_WHILE,
    TOKEN_WITH,
    TOKEN_YIELD,
    TOKEN_KIND_COUNT,
};

struct token {
    uint8_t kind;
    size_t start;
    size_t end;
};

enum { INDENT_LEVELS = 100, BRACKET_LEVELS = 200, FSTRING_LEVELS = 150 };

/* An f-string that has begun and not ended. */
struct fstring {
    size_t start;
    char quote;
    uint8_t quotes; /* 1 or 3 */
    bool is_raw;
    bool in_text;   /* the next token is cut out of its text, not of an expression */
    bool in_format; /* that text is a format specification */
    int depth;      /* brackets open in it */
    int field;      /* depth at which the innermost replacement field opened, or -1 */
};

struct bracket {
    char opening;
    size_t offset;
};

struct lexer {
    const char *text;
    size_t len;
    size_t at;
    size_t line_start;
    bool at_line_start;
    bool after_token; /* something stands on this logical line */
    int pending;      /* indents (positive) or dedents (negative) to give out */
    int indent;       /* index of the innermost level */
    int level;        /* open brackets */
    int fstrings;     /* open f-strings */
    const char *message;
    size_t offset;
    uint32_t columns[INDENT_LEVELS]; /* tabs to multiples of eight */
    uint32_t narrow[INDENT_LEVELS];  /* tabs as one */
    struct bracket brackets[BRACKET_LEVELS];
    struct fstring open[FSTRING_LEVELS];
};

/* `text` holds no NUL. */
void lexer_init(struct lexer *lexer, struct str text, size_t start);
void lexer_next(struct lexer *lexer, struct token *token);

/* Shared by the lexer's parts. */

/* The byte there, NUL past the end. */
static inline char lexer_byte(const struct lexer *lexer, size_t at) {
    return at < lexer->len ? lexer->text[at] : '\0';
}

/* Notes the error; always false. */
bool lexer_fail(struct lexer *lexer, const char *message, size_t offset);

/* From the digit or point at lexer->at; steps over the number. */
bool lexer_number(struct lexer *lexer);

/* Could the byte belong to a name? Anything beyond ASCII could. */
bool lexer_is_name_byte(char byte);

/* From the first byte of a name beyond ASCII; is what follows a whole identifier? */
bool lexer_check_name(struct lexer *lexer, size_t start, size_t end);

/* From the opening quote, with the prefix before it at `start`; steps over the string,
 * or over the opening of an f-string. */
bool lexer_string(struct lexer *lexer, size_t start, struct token *token);

/* The text of the innermost f-string up to its next token; leaves the token alone where
 * the text ends without one. */
bool lexer_fstring_text(struct lexer *lexer, struct token *token);

#endif
