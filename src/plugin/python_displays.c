/* What stands in brackets: displays, comprehensions, arguments, subscripts. */
#include "plugin/python_internal.h"

static const char invalid[] = "invalid syntax";

static bool starts_comprehension(const struct parser *p) {
    return is(p, TOKEN_FOR) || (is(p, TOKEN_ASYNC) && p->peek.kind == TOKEN_FOR);
}

/* Reads the clauses after an element, then the closing bracket. */
static bool push_comprehension(struct parser *p, enum token_kind closing) {
    push(p, STATE_close, 0);
    p->stack[p->depth - 1].count = closing;
    push(p, STATE_comprehension, 0);
    return true;
}

bool python_step_close(struct parser *p, struct frame f) {
    p->use = 0;
    return expect(p, (enum token_kind)f.count, "expected the closing bracket");
}

bool python_step_comprehension(struct parser *p, struct frame f) {
    (void)f;
    take(p, TOKEN_ASYNC);
    if (!expect(p, TOKEN_FOR, invalid)) {
        return false;
    }
    push(p, STATE_comprehension_in, 0);
    push(p, STATE_sequence_item, ITEM_STAR | ITEM_BITWISE);
    return true;
}

bool python_step_comprehension_in(struct parser *p, struct frame f) {
    if ((p->use & USE_ASSIGN) == 0) {
        return python_fail_at(p, "cannot assign to this expression", f.start);
    }
    if (!expect(p, TOKEN_IN, "expected 'in'")) {
        return false;
    }
    push(p, STATE_comprehension_after, 0);
    push(p, STATE_operand, DISJUNCTION);
    return true;
}

bool python_step_comprehension_after(struct parser *p, struct frame f) {
    if (take(p, TOKEN_IF)) {
        push_frame(p, f);
        push(p, STATE_operand, DISJUNCTION);
    } else if (starts_comprehension(p)) {
        push(p, STATE_comprehension, 0);
    }
    return true;
}

/* After `(` or, with IN_LIST, `[`. */
bool python_step_bracket(struct parser *p, struct frame f) {
    if (take(p, (f.flags & IN_LIST) != 0 ? TOKEN_RSQB : TOKEN_RPAR)) {
        p->use = USE_ASSIGN | USE_DELETE;
        return true;
    }
    if (is(p, TOKEN_YIELD) && (f.flags & IN_LIST) == 0) {
        push(p, STATE_close, 0);
        p->stack[p->depth - 1].count = TOKEN_RPAR;
        push(p, STATE_yield, 0);
        return true;
    }
    f.state = STATE_bracket_after;
    f.start = p->token.start;
    push_frame(p, f);
    return python_push_item(p, ITEM_STAR | ITEM_NAMED);
}

/* The end of a parenthesis or list; its uses. */
static bool end_bracket(struct parser *p, struct frame f) {
    bool tuple = (f.flags & (IN_LIST | SEEN_COMMA)) != 0;
    if (!tuple && (f.use & IS_STARRED) != 0) {
        return python_fail_at(p, "a starred expression needs a tuple or list", f.start);
    }
    advance(p);
    if ((f.flags & SEEN_AS) != 0 && !is(p, TOKEN_COLON)) {
        return python_fail(p, "expected ':'");
    }
    p->use = f.use & (tuple ? USE_ASSIGN | USE_DELETE : USE_ANY);
    if ((p->use & USE_SINGLE) != 0) {
        p->use |= IS_GROUP;
    }
    return true;
}

/* `as` in the parenthesis of a `with` statement. */
static bool step_with_as(struct parser *p, struct frame f) {
    if ((f.flags & (IN_WITH | SEEN_TUPLE)) != IN_WITH || (p->use & IS_BOUND) != 0) {
        return python_fail(p, invalid);
    }
    advance(p);
    f.flags |= SEEN_AS;
    push_frame(p, f);
    push(p, STATE_with_target, 0);
    return python_push_item(p, ITEM_STAR | ITEM_BITWISE);
}

bool python_step_bracket_after(struct parser *p, struct frame f) {
    bool starred = (p->use & IS_STARRED) != 0;
    if (starts_comprehension(p) && (f.flags & (SEEN_COMMA | SEEN_AS)) == 0) {
        if (starred) {
            return python_fail_at(p, "a comprehension cannot unpack", f.start);
        }
        return push_comprehension(p,
                                  (f.flags & IN_LIST) != 0 ? TOKEN_RSQB : TOKEN_RPAR);
    }
    if ((p->use & (IS_STARRED | IS_NAMED)) != 0) {
        if ((f.flags & SEEN_AS) != 0) {
            return python_fail(p, invalid);
        }
        f.flags |= SEEN_TUPLE;
    }
    f.use = (f.flags & SEEN_COMMA) != 0 ? f.use & p->use : p->use;
    if (is(p, TOKEN_AS)) {
        return step_with_as(p, f);
    }
    if (is(p, (f.flags & IN_LIST) != 0 ? TOKEN_RSQB : TOKEN_RPAR)) {
        return end_bracket(p, f);
    }
    if (!expect(p, TOKEN_COMMA, "invalid syntax; is a comma missing?")) {
        return false;
    }
    f.flags |= SEEN_COMMA;
    if (is(p, (f.flags & IN_LIST) != 0 ? TOKEN_RSQB : TOKEN_RPAR)) {
        return end_bracket(p, f);
    }
    push_frame(p, f);
    return python_push_item(p, ITEM_STAR | ITEM_NAMED);
}

/* After `{`: a dictionary or a set. */
bool python_step_brace(struct parser *p, struct frame f) {
    if (is(p, TOKEN_RBRACE) || is(p, TOKEN_POWER)) {
        return python_step_dict_item(p, f);
    }
    push(p, STATE_brace_first_after, 0);
    return python_push_item(p, ITEM_STAR | ITEM_NAMED);
}

bool python_step_brace_first_after(struct parser *p, struct frame f) {
    if (is(p, TOKEN_COLON) && (p->use & (IS_STARRED | IS_NAMED)) == 0) {
        advance(p);
        push(p, STATE_dict_after, FIRST);
        push_expression(p);
        return true;
    }
    if (starts_comprehension(p)) {
        if ((p->use & IS_STARRED) != 0) {
            return python_fail_at(p, "a comprehension cannot unpack", f.start);
        }
        return push_comprehension(p, TOKEN_RBRACE);
    }
    return python_step_set_after(p, f);
}

bool python_step_set_after(struct parser *p, struct frame f) {
    (void)f;
    bool comma = take(p, TOKEN_COMMA);
    if (take(p, TOKEN_RBRACE)) {
        p->use = 0;
        return true;
    }
    if (!comma) {
        return python_fail(p, "invalid syntax; is a comma missing?");
    }
    push(p, STATE_set_after, 0);
    return python_push_item(p, ITEM_STAR | ITEM_NAMED);
}

bool python_step_dict_item(struct parser *p, struct frame f) {
    (void)f;
    if (take(p, TOKEN_RBRACE)) {
        p->use = 0;
        return true;
    }
    push(p, STATE_dict_after, 0);
    if (take(p, TOKEN_POWER)) {
        push(p, STATE_operand, LEVEL_BITWISE);
        return true;
    }
    push(p, STATE_dict_colon, 0);
    push_expression(p);
    return true;
}

bool python_step_dict_colon(struct parser *p, struct frame f) {
    (void)f;
    if (!expect(p, TOKEN_COLON, "expected ':' after the key of a dictionary")) {
        return false;
    }
    push_expression(p);
    return true;
}

bool python_step_dict_after(struct parser *p, struct frame f) {
    if (starts_comprehension(p) && (f.flags & FIRST) != 0) {
        return push_comprehension(p, TOKEN_RBRACE);
    }
    if (take(p, TOKEN_COMMA)) {
        return python_step_dict_item(p, f);
    }
    p->use = 0;
    return expect(p, TOKEN_RBRACE, "invalid syntax; is a comma missing?");
}

/* An argument, or the end of the list. */
bool python_step_argument(struct parser *p, struct frame f) {
    if (take(p, TOKEN_RPAR)) {
        p->use = 0;
        return true;
    }
    f.state = STATE_argument_after;
    f.start = p->token.start;
    f.flags &= (uint16_t)~LAST_POSITIONAL;
    if (is(p, TOKEN_STAR)) {
        if ((f.flags & SEEN_UNPACKING) != 0) {
            return python_fail(p, "an argument with '*' follows one with '**'");
        }
        advance(p);
    } else if (is(p, TOKEN_POWER)) {
        f.flags |= SEEN_UNPACKING;
        advance(p);
    } else if (is(p, TOKEN_NAME) && p->peek.kind == TOKEN_ASSIGN) {
        f.flags |= SEEN_KEYWORD;
        advance(p);
        advance(p);
    } else {
        if ((f.flags & (SEEN_UNPACKING | SEEN_KEYWORD)) != 0) {
            return python_fail(p, "positional argument follows a keyword argument");
        }
        f.flags |= LAST_POSITIONAL;
        push_frame(p, f);
        return python_push_item(p, ITEM_NAMED);
    }
    push_frame(p, f);
    push_expression(p);
    return true;
}

bool python_step_argument_after(struct parser *p, struct frame f) {
    if (starts_comprehension(p)) {
        unsigned alone = f.flags & (FIRST | LAST_POSITIONAL | IN_CLASS);
        if (alone != (FIRST | LAST_POSITIONAL)) {
            return python_fail_at(p, "a generator expression needs parentheses here",
                                  f.start);
        }
        return push_comprehension(p, TOKEN_RPAR);
    }
    if (take(p, TOKEN_COMMA)) {
        f.flags &= (uint16_t)~FIRST;
        return python_step_argument(p, f);
    }
    p->use = 0;
    return expect(p, TOKEN_RPAR, "invalid syntax; is a comma missing?");
}

/* After `[` or a comma of a subscript. */
bool python_step_slice(struct parser *p, struct frame f) {
    if (is(p, TOKEN_RSQB) && (f.flags & FIRST) == 0) {
        return python_step_slice_after(p, f);
    }
    if (is(p, TOKEN_COLON)) {
        p->use = 0;
        return python_step_slice_lower_after(p, f);
    }
    if (take(p, TOKEN_STAR)) {
        push(p, STATE_slice_after, 0);
        push_expression(p);
        return true;
    }
    push(p, STATE_slice_lower_after, 0);
    return python_push_item(p, ITEM_NAMED);
}

static bool ends_slice(const struct parser *p) {
    return is(p, TOKEN_COLON) || is(p, TOKEN_COMMA) || is(p, TOKEN_RSQB);
}

bool python_step_slice_lower_after(struct parser *p, struct frame f) {
    if (!is(p, TOKEN_COLON) || (p->use & IS_NAMED) != 0) {
        return python_step_slice_after(p, f);
    }
    advance(p);
    if (ends_slice(p)) {
        return python_step_slice_upper_after(p, f);
    }
    push(p, STATE_slice_upper_after, 0);
    push_expression(p);
    return true;
}

bool python_step_slice_upper_after(struct parser *p, struct frame f) {
    if (!take(p, TOKEN_COLON) || is(p, TOKEN_COMMA) || is(p, TOKEN_RSQB)) {
        return python_step_slice_after(p, f);
    }
    push(p, STATE_slice_after, 0);
    push_expression(p);
    return true;
}

bool python_step_slice_after(struct parser *p, struct frame f) {
    (void)f;
    if (take(p, TOKEN_RSQB)) {
        p->use = USE_ANY;
        return true;
    }
    if (!expect(p, TOKEN_COMMA, "invalid syntax; is a comma missing?")) {
        return false;
    }
    push(p, STATE_slice, 0);
    return true;
}
