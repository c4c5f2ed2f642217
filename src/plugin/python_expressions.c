#include "plugin/python_internal.h"

static const char invalid[] = "invalid syntax";

bool python_starts_expression(enum token_kind kind) {
    switch (kind) {
    case TOKEN_NAME:
    case TOKEN_NUMBER:
    case TOKEN_STRING:
    case TOKEN_BYTES:
    case TOKEN_FSTRING_START:
    case TOKEN_LPAR:
    case TOKEN_LSQB:
    case TOKEN_LBRACE:
    case TOKEN_ELLIPSIS:
    case TOKEN_NONE:
    case TOKEN_TRUE:
    case TOKEN_FALSE:
    case TOKEN_PLUS:
    case TOKEN_MINUS:
    case TOKEN_TILDE:
    case TOKEN_NOT:
    case TOKEN_LAMBDA:
    case TOKEN_AWAIT:
    case TOKEN_STAR:
        return true;
    default:
        return false;
    }
}

/* Prefixes of an operand: `not`, signs, `await`. */
static bool skip_prefixes(struct parser *p, unsigned *flags) {
    for (;;) {
        bool allowed = true;
        switch (p->token.kind) {
        case TOKEN_NOT:
            allowed = (*flags & MAY_NOT) != 0;
            *flags = (*flags & ~(unsigned)MAY_LAMBDA) | IS_COMPOUND;
            break;
        case TOKEN_PLUS:
        case TOKEN_MINUS:
        case TOKEN_TILDE:
            allowed = (*flags & ONLY_PRIMARY) == 0;
            *flags = (*flags & ~(unsigned)(MAY_LAMBDA | MAY_NOT)) | IS_COMPOUND;
            break;
        case TOKEN_AWAIT:
            allowed = (*flags & ONLY_PRIMARY) == 0;
            *flags = (*flags & ~(unsigned)(MAY_LAMBDA | MAY_NOT)) | IS_COMPOUND |
                     ONLY_PRIMARY;
            break;
        default:
            return true;
        }
        if (!allowed) {
            return python_fail(p, invalid);
        }
        advance(p);
    }
}

bool python_step_operand(struct parser *p, struct frame f) {
    unsigned flags = f.flags;
    if (!skip_prefixes(p, &flags)) {
        return false;
    }
    f.flags = (uint16_t)flags;
    switch (p->token.kind) {
    case TOKEN_NAME:
        p->use = USE_ANY;
        advance(p);
        return python_step_after_operand(p, f);
    case TOKEN_NUMBER:
    case TOKEN_ELLIPSIS:
    case TOKEN_NONE:
    case TOKEN_TRUE:
    case TOKEN_FALSE:
        p->use = 0;
        advance(p);
        return python_step_after_operand(p, f);
    case TOKEN_LAMBDA:
        if ((f.flags & MAY_LAMBDA) == 0) {
            return python_fail(p, invalid);
        }
        advance(p);
        push(p, STATE_lambda_body, 0);
        push(p, STATE_parameter, PARAMETER_LAMBDA);
        return true;
    default:
        break;
    }
    f.state = STATE_after_operand;
    push_frame(p, f);
    switch (p->token.kind) {
    case TOKEN_STRING:
    case TOKEN_BYTES:
    case TOKEN_FSTRING_START:
        push(p, STATE_strings, FIRST);
        return true;
    case TOKEN_LPAR:
        push(p, STATE_bracket, 0);
        break;
    case TOKEN_LSQB:
        push(p, STATE_bracket, IN_LIST);
        break;
    case TOKEN_LBRACE:
        push(p, STATE_brace, 0);
        break;
    default:
        return python_fail(p, invalid);
    }
    advance(p);
    return true;
}

/* An operator between operands, at the level of the frame. `*with` is what may stand
 * before the operand that follows. */
static bool take_operator(struct parser *p, unsigned level, unsigned *with) {
    *with = 0;
    if (p->token.kind >= TOKEN_PLUS && p->token.kind <= TOKEN_BINARY) {
        advance(p);
        return true;
    }
    if (level == LEVEL_BITWISE) {
        return false;
    }
    switch (p->token.kind) {
    case TOKEN_COMPARE:
    case TOKEN_IN:
        advance(p);
        return true;
    case TOKEN_IS:
        advance(p);
        take(p, TOKEN_NOT);
        return true;
    case TOKEN_NOT:
        if (p->peek.kind != TOKEN_IN) {
            return false;
        }
        advance(p);
        advance(p);
        return true;
    case TOKEN_AND:
    case TOKEN_OR:
        advance(p);
        *with = MAY_NOT;
        return true;
    default:
        return false;
    }
}

bool python_step_after_operand(struct parser *p, struct frame f) {
    if ((p->use & IS_GROUP) != 0 &&
        (is(p, TOKEN_DOT) || is(p, TOKEN_LPAR) || is(p, TOKEN_LSQB))) {
        f.flags |= AFTER_GROUP;
    }
    while (is(p, TOKEN_DOT)) {
        advance(p);
        if (!expect(p, TOKEN_NAME, "expected a name after '.'")) {
            return false;
        }
        p->use = USE_ANY;
    }
    unsigned level = f.flags & LEVEL_MASK;
    unsigned with;
    if (is(p, TOKEN_LPAR)) {
        f.state = STATE_after_operand;
        push_frame(p, f);
        push(p, STATE_argument, FIRST);
        advance(p);
        return true;
    }
    if (is(p, TOKEN_LSQB)) {
        f.state = STATE_after_operand;
        push_frame(p, f);
        push(p, STATE_slice, FIRST);
        advance(p);
        return true;
    }
    if (take_operator(p, level, &with)) {
        push(p, STATE_operand, level | IS_COMPOUND | with);
        return true;
    }
    if (level == LEVEL_FULL && take(p, TOKEN_IF)) {
        push(p, STATE_ternary_else, 0);
        push(p, STATE_operand, DISJUNCTION);
        return true;
    }
    if ((f.flags & IS_COMPOUND) != 0) {
        p->use = 0;
    } else if ((f.flags & AFTER_GROUP) != 0) {
        p->use |= HAS_GROUP;
    }
    return true;
}

bool python_step_ternary_else(struct parser *p, struct frame f) {
    (void)f;
    if (!expect(p, TOKEN_ELSE, "expected 'else' after the condition")) {
        return false;
    }
    push(p, STATE_operand, EXPRESSION | IS_COMPOUND);
    return true;
}

bool python_step_lambda_body(struct parser *p, struct frame f) {
    (void)f;
    if (!expect(p, TOKEN_COLON, "expected ':' after the parameters of a lambda")) {
        return false;
    }
    push(p, STATE_operand, EXPRESSION | IS_COMPOUND);
    return true;
}

bool python_step_starred_end(struct parser *p, struct frame f) {
    (void)f;
    p->use = (uint8_t)((p->use & USE_ASSIGN) | IS_STARRED);
    return true;
}

bool python_step_named_end(struct parser *p, struct frame f) {
    (void)f;
    p->use = IS_NAMED;
    return true;
}

bool python_push_item(struct parser *p, unsigned flags) {
    if ((flags & ITEM_STAR) != 0 && take(p, TOKEN_STAR)) {
        push(p, STATE_starred_end, 0);
        push(p, STATE_operand, LEVEL_BITWISE);
    } else if ((flags & ITEM_NAMED) != 0 && is(p, TOKEN_NAME) &&
               p->peek.kind == TOKEN_WALRUS) {
        advance(p);
        advance(p);
        push(p, STATE_named_end, 0);
        push_expression(p);
    } else {
        push(p, STATE_operand,
             (flags & ITEM_BITWISE) != 0 ? LEVEL_BITWISE : EXPRESSION);
    }
    return true;
}

bool python_step_sequence_item(struct parser *p, struct frame f) {
    f.state = STATE_sequence_after;
    push_frame(p, f);
    return python_push_item(p, f.flags);
}

bool python_step_sequence_after(struct parser *p, struct frame f) {
    f.use &= p->use;
    if (is(p, TOKEN_COMMA)) {
        f.flags |= SEEN_COMMA;
        advance(p);
        if (python_starts_expression(p->token.kind)) {
            push_frame(p, f);
            return python_push_item(p, f.flags);
        }
    }
    if ((f.flags & SEEN_COMMA) != 0) {
        p->use = f.use & (USE_ASSIGN | USE_DELETE);
    }
    return true;
}

bool python_step_yield(struct parser *p, struct frame f) {
    (void)f;
    advance(p);
    if (take(p, TOKEN_FROM)) {
        push_expression(p);
    } else if (python_starts_expression(p->token.kind)) {
        push(p, STATE_sequence_item, ITEM_STAR);
    }
    return true;
}

bool python_step_yield_or_sequence(struct parser *p, struct frame f) {
    (void)f;
    if (is(p, TOKEN_YIELD)) {
        push(p, STATE_yield, 0);
    } else {
        push(p, STATE_sequence_item, ITEM_STAR);
    }
    return true;
}

/* Adjacent literals; `use` keeps which kind has been seen. */
bool python_step_strings(struct parser *p, struct frame f) {
    enum { SEEN_TEXT = 1, SEEN_BYTES = 2 };
    unsigned seen = (f.flags & FIRST) != 0 ? 0 : f.use;
    for (;;) {
        if (is(p, TOKEN_BYTES)) {
            seen |= SEEN_BYTES;
        } else if (is(p, TOKEN_STRING) || is(p, TOKEN_FSTRING_START)) {
            seen |= SEEN_TEXT;
        } else {
            p->use = 0;
            return true;
        }
        if (seen == (SEEN_TEXT | SEEN_BYTES)) {
            return python_fail(p, "bytes and text cannot be joined");
        }
        bool fields = is(p, TOKEN_FSTRING_START);
        advance(p);
        if (fields) {
            push(p, STATE_strings, 0);
            p->stack[p->depth - 1].use = (uint8_t)seen;
            push(p, STATE_fstring, 0);
            return true;
        }
    }
}

/* Inside an f-string: a replacement field, or the end. */
bool python_step_fstring(struct parser *p, struct frame f) {
    if (take(p, TOKEN_FSTRING_END)) {
        return true;
    }
    if (!expect(p, TOKEN_LBRACE, invalid)) {
        return false;
    }
    push_frame(p, f);
    push(p, STATE_field_after, 0);
    push(p, STATE_yield_or_sequence, 0);
    return true;
}

/* `!r`, without a space in it. */
static bool take_conversion(struct parser *p) {
    if (!is(p, TOKEN_EXCLAMATION)) {
        return true;
    }
    bool good =
        p->peek.kind == TOKEN_NAME && p->peek.start == p->token.end &&
        (python_name_is(p, p->peek, STR("r")) || python_name_is(p, p->peek, STR("s")) ||
         python_name_is(p, p->peek, STR("a")));
    if (!good) {
        return python_fail(p, "f-string: a conversion is !r, !s or !a");
    }
    advance(p);
    advance(p);
    return true;
}

bool python_step_field_after(struct parser *p, struct frame f) {
    (void)f;
    take(p, TOKEN_ASSIGN);
    if (!take_conversion(p)) {
        return false;
    }
    if (take(p, TOKEN_COLON)) {
        push(p, STATE_format_spec, 0);
        return true;
    }
    return expect(p, TOKEN_RBRACE, "f-string: expected '}' after the expression");
}

bool python_step_format_spec(struct parser *p, struct frame f) {
    if (take(p, TOKEN_RBRACE)) {
        return true;
    }
    if (!expect(p, TOKEN_LBRACE, "f-string: expected '}' after the format")) {
        return false;
    }
    push_frame(p, f);
    push(p, STATE_field_after, 0);
    push(p, STATE_yield_or_sequence, 0);
    return true;
}
