/* Patterns of `case`: PEP 634. */
#include "plugin/python_internal.h"

static const char invalid[] = "invalid pattern";

enum {
    PATTERN_STARRED = 1, /* the item just read is `*name` */
    PATTERN_COMMA = 2,
    PATTERN_LIST = 4, /* in `[`; else in `(`, or bare after `case` */
    PATTERN_BARE = 8,
    PATTERN_KEYWORD = 16,
};

static bool is_wildcard(const struct parser *p) {
    return python_name_is(p, p->token, STR("_"));
}

/* A name that a value is bound to. */
static bool take_capture(struct parser *p, bool may_ignore) {
    if (!may_ignore && is_wildcard(p)) {
        return python_fail(p, "'_' cannot be bound here");
    }
    return expect(p, TOKEN_NAME, "expected a name to bind in the pattern");
}

/* An item of a sequence: a pattern or `*name`. */
static bool push_sequence_item(struct parser *p, struct frame f) {
    f.state = STATE_pattern_sequence_after;
    f.flags &= (uint16_t)~PATTERN_STARRED;
    f.flags |= is(p, TOKEN_STAR) ? PATTERN_STARRED : 0;
    push_frame(p, f);
    if (take(p, TOKEN_STAR)) {
        return take_capture(p, true);
    }
    push(p, STATE_pattern, 0);
    return true;
}

bool python_step_case_patterns(struct parser *p, struct frame f) {
    f.flags = PATTERN_BARE;
    return push_sequence_item(p, f);
}

static bool ends_sequence(const struct parser *p, struct frame f) {
    if ((f.flags & PATTERN_BARE) != 0) {
        return is(p, TOKEN_COLON) || is(p, TOKEN_IF);
    }
    return is(p, (f.flags & PATTERN_LIST) != 0 ? TOKEN_RSQB : TOKEN_RPAR);
}

/* After `(` or `[`. */
bool python_step_pattern_sequence(struct parser *p, struct frame f) {
    if (ends_sequence(p, f)) {
        advance(p);
        return true;
    }
    return push_sequence_item(p, f);
}

bool python_step_pattern_sequence_after(struct parser *p, struct frame f) {
    if (take(p, TOKEN_COMMA)) {
        f.flags |= PATTERN_COMMA;
        if (!ends_sequence(p, f)) {
            return push_sequence_item(p, f);
        }
    }
    if (!ends_sequence(p, f)) {
        return python_fail(p, invalid);
    }
    unsigned alone = f.flags & (PATTERN_STARRED | PATTERN_COMMA | PATTERN_LIST);
    if (alone == PATTERN_STARRED) {
        return python_fail_at(p, "a starred pattern needs a sequence", f.start);
    }
    if ((f.flags & PATTERN_BARE) == 0) {
        advance(p);
    }
    return true;
}

/* Alternatives, then perhaps a name for the whole. */
bool python_step_pattern(struct parser *p, struct frame f) {
    (void)f;
    push(p, STATE_pattern_after_closed, 0);
    push(p, STATE_pattern_closed, 0);
    return true;
}

bool python_step_pattern_after_closed(struct parser *p, struct frame f) {
    (void)f;
    if (take(p, TOKEN_VERTICAL)) {
        push(p, STATE_pattern_after_closed, 0);
        push(p, STATE_pattern_closed, 0);
        return true;
    }
    return !take(p, TOKEN_AS) || take_capture(p, false);
}

static bool is_imaginary(const struct parser *p) {
    return ascii_lower(lexer_byte(&p->lexer, p->token.end - 1)) == 'j' &&
           is(p, TOKEN_NUMBER);
}

/* A number with its sign, or a complex one: real, sign, imaginary. */
static bool take_number(struct parser *p) {
    take(p, TOKEN_MINUS);
    bool imaginary = is_imaginary(p);
    if (!expect(p, TOKEN_NUMBER, "expected a number in the pattern")) {
        return false;
    }
    if (!is(p, TOKEN_PLUS) && !is(p, TOKEN_MINUS)) {
        return true;
    }
    if (imaginary) {
        return python_fail(p, "a complex literal begins with its real part");
    }
    advance(p);
    if (!is_imaginary(p)) {
        return python_fail(p, "expected the imaginary part of a complex literal");
    }
    advance(p);
    return true;
}

/* A name, a dotted name, or a class with arguments. `*dotted` says which. */
static bool take_dotted(struct parser *p, bool *dotted) {
    *dotted = false;
    advance(p);
    while (take(p, TOKEN_DOT)) {
        *dotted = true;
        if (!expect(p, TOKEN_NAME, "expected a name after '.'")) {
            return false;
        }
    }
    return true;
}

static bool take_name_pattern(struct parser *p) {
    bool dotted;
    if (is_wildcard(p)) {
        advance(p);
        return true;
    }
    if (!take_dotted(p, &dotted)) {
        return false;
    }
    if (take(p, TOKEN_LPAR)) {
        push(p, STATE_pattern_argument, 0);
    }
    return true;
}

bool python_step_pattern_closed(struct parser *p, struct frame f) {
    (void)f;
    switch (p->token.kind) {
    case TOKEN_NUMBER:
    case TOKEN_MINUS:
        return take_number(p);
    case TOKEN_STRING:
    case TOKEN_BYTES:
    case TOKEN_FSTRING_START:
        push(p, STATE_strings, FIRST);
        return true;
    case TOKEN_NONE:
    case TOKEN_TRUE:
    case TOKEN_FALSE:
        advance(p);
        return true;
    case TOKEN_NAME:
        return take_name_pattern(p);
    case TOKEN_LPAR:
        push(p, STATE_pattern_sequence, 0);
        break;
    case TOKEN_LSQB:
        push(p, STATE_pattern_sequence, PATTERN_LIST);
        break;
    case TOKEN_LBRACE:
        push(p, STATE_pattern_mapping, 0);
        break;
    default:
        return python_fail(p, invalid);
    }
    advance(p);
    return true;
}

/* A key: a literal or a dotted name. */
static bool push_key(struct parser *p) {
    bool dotted;
    switch (p->token.kind) {
    case TOKEN_NAME:
        return take_dotted(p, &dotted) &&
               (dotted || python_fail(p, "a key is a literal or a dotted name"));
    case TOKEN_LPAR:
    case TOKEN_LSQB:
    case TOKEN_LBRACE:
        return python_fail(p, "a key is a literal or a dotted name");
    default:
        push(p, STATE_pattern_closed, 0);
        return true;
    }
}

/* After `{` or a comma. */
bool python_step_pattern_mapping(struct parser *p, struct frame f) {
    (void)f;
    if (take(p, TOKEN_RBRACE)) {
        return true;
    }
    if (take(p, TOKEN_POWER)) {
        if (!take_capture(p, false)) {
            return false;
        }
        take(p, TOKEN_COMMA);
        return expect(p, TOKEN_RBRACE, "nothing can follow '**' in a mapping pattern");
    }
    push(p, STATE_pattern_mapping_colon, 0);
    return push_key(p);
}

bool python_step_pattern_mapping_colon(struct parser *p, struct frame f) {
    (void)f;
    if (!expect(p, TOKEN_COLON, "expected ':' after the key")) {
        return false;
    }
    push(p, STATE_pattern_mapping_after, 0);
    push(p, STATE_pattern, 0);
    return true;
}

bool python_step_pattern_mapping_after(struct parser *p, struct frame f) {
    if (take(p, TOKEN_COMMA)) {
        return python_step_pattern_mapping(p, f);
    }
    return expect(p, TOKEN_RBRACE, invalid);
}

/* After the `(` or a comma of a class pattern. */
bool python_step_pattern_argument(struct parser *p, struct frame f) {
    if (take(p, TOKEN_RPAR)) {
        return true;
    }
    f.state = STATE_pattern_argument_after;
    if (is(p, TOKEN_NAME) && p->peek.kind == TOKEN_ASSIGN) {
        f.flags |= PATTERN_KEYWORD;
        advance(p);
        advance(p);
    } else if ((f.flags & PATTERN_KEYWORD) != 0) {
        return python_fail(p, "positional pattern follows a keyword pattern");
    }
    push_frame(p, f);
    push(p, STATE_pattern, 0);
    return true;
}

bool python_step_pattern_argument_after(struct parser *p, struct frame f) {
    if (take(p, TOKEN_COMMA)) {
        return python_step_pattern_argument(p, f);
    }
    return expect(p, TOKEN_RPAR, invalid);
}
