/* Statements that have blocks. */
#include "plugin/python_internal.h"

static const char cannot_assign[] = "cannot assign to this expression";

/* Looks on to the end of the line: is the last token a colon? Only a statement with a
 * block ends so, and that tells `match` the keyword from `match` the name. */
static bool opens_block(const struct parser *p) {
    struct lexer ahead = p->lexer;
    struct token token = p->peek;
    uint8_t last = TOKEN_ERROR;
    while (token.kind > TOKEN_NEWLINE) {
        last = token.kind;
        lexer_next(&ahead, &token);
    }
    return token.kind == TOKEN_NEWLINE && last == TOKEN_COLON;
}

/* The colon, and what belongs to it. */
bool python_step_block(struct parser *p, struct frame f) {
    (void)f;
    if (!expect(p, TOKEN_COLON, "expected ':'")) {
        return false;
    }
    if (!take(p, TOKEN_NEWLINE)) {
        push(p, STATE_simple_statement, 0);
        return true;
    }
    push(p, STATE_statements, 0);
    return expect(p, TOKEN_INDENT, "expected an indented block");
}

bool python_step_statements(struct parser *p, struct frame f) {
    bool top = (f.flags & AT_TOP) != 0;
    if (top ? is(p, TOKEN_END) : take(p, TOKEN_DEDENT)) {
        return true;
    }
    if (is(p, TOKEN_INDENT)) {
        return python_fail(p, "unexpected indent");
    }
    push_frame(p, f);
    return python_push_statement(p, f.flags);
}

static bool push_condition(struct parser *p, enum python_state after) {
    advance(p);
    push(p, after, 0);
    push(p, STATE_block, 0);
    return python_push_item(p, ITEM_NAMED);
}

bool python_step_if_after(struct parser *p, struct frame f) {
    (void)f;
    if (is(p, TOKEN_ELIF)) {
        return push_condition(p, STATE_if_after);
    }
    if (take(p, TOKEN_ELSE)) {
        push(p, STATE_block, 0);
    }
    return true;
}

bool python_step_loop_after(struct parser *p, struct frame f) {
    (void)f;
    if (take(p, TOKEN_ELSE)) {
        push(p, STATE_block, 0);
    }
    return true;
}

static bool push_for(struct parser *p) {
    advance(p);
    push(p, STATE_loop_after, 0);
    push(p, STATE_block, 0);
    push(p, STATE_for_in, 0);
    push(p, STATE_sequence_item, ITEM_STAR | ITEM_BITWISE);
    return true;
}

bool python_step_for_in(struct parser *p, struct frame f) {
    if ((p->use & USE_ASSIGN) == 0) {
        return python_fail_at(p, cannot_assign, f.start);
    }
    if (!expect(p, TOKEN_IN, "expected 'in'")) {
        return false;
    }
    push(p, STATE_sequence_item, ITEM_STAR);
    return true;
}

enum {
    TRY_PLAIN = 1, /* `except` has been */
    TRY_GROUP = 2, /* `except*` has been */
    TRY_ELSE = 4,
};

static bool push_except(struct parser *p, struct frame f) {
    advance(p);
    f.flags |= is(p, TOKEN_STAR) ? TRY_GROUP : TRY_PLAIN;
    if ((f.flags & TRY_GROUP) != 0 && (f.flags & TRY_PLAIN) != 0) {
        return python_fail(p, "one 'try' cannot have both 'except' and 'except*'");
    }
    bool group = take(p, TOKEN_STAR);
    bool bare = is(p, TOKEN_COLON);
    if (group && bare) {
        return python_fail(p, "expected an exception type after 'except*'");
    }
    push_frame(p, f);
    push(p, STATE_block, 0);
    if (!bare) {
        push(p, STATE_except_as, 0);
        push_expression(p);
    }
    return true;
}

bool python_step_try_after(struct parser *p, struct frame f) {
    unsigned handlers = f.flags & (TRY_PLAIN | TRY_GROUP);
    bool had_else = (f.flags & TRY_ELSE) != 0;
    if (is(p, TOKEN_EXCEPT) && !had_else) {
        return push_except(p, f);
    }
    if (is(p, TOKEN_ELSE) && handlers != 0 && !had_else) {
        advance(p);
        f.flags |= TRY_ELSE;
        push_frame(p, f);
        push(p, STATE_block, 0);
        return true;
    }
    if (take(p, TOKEN_FINALLY)) {
        push(p, STATE_block, 0);
        return true;
    }
    return handlers != 0 || python_fail(p, "expected 'except' or 'finally'");
}

bool python_step_except_as(struct parser *p, struct frame f) {
    (void)f;
    if (is(p, TOKEN_COMMA)) {
        return python_fail(p, "several exception types need parentheses");
    }
    return !take(p, TOKEN_AS) || expect(p, TOKEN_NAME, "expected a name after 'as'");
}

static bool push_with(struct parser *p) {
    advance(p);
    push(p, STATE_block, 0);
    push(p, STATE_with_item, FIRST);
    return true;
}

/* A parenthesis right after `with` may enclose the items or begin the first. */
bool python_step_with_item(struct parser *p, struct frame f) {
    push(p, STATE_with_as, 0);
    if (is(p, TOKEN_LPAR) && (f.flags & FIRST) != 0) {
        push(p, STATE_after_operand, EXPRESSION);
        push(p, STATE_bracket, IN_WITH);
        advance(p);
    } else {
        push_expression(p);
    }
    return true;
}

bool python_step_with_as(struct parser *p, struct frame f) {
    if (!take(p, TOKEN_AS)) {
        return python_step_with_after(p, f);
    }
    push(p, STATE_with_after, 0);
    push(p, STATE_with_target, 0);
    return python_push_item(p, ITEM_STAR | ITEM_BITWISE);
}

bool python_step_with_target(struct parser *p, struct frame f) {
    if ((p->use & USE_ASSIGN) == 0) {
        return python_fail_at(p, cannot_assign, f.start);
    }
    p->use = IS_BOUND;
    return true;
}

bool python_step_with_after(struct parser *p, struct frame f) {
    (void)f;
    if (take(p, TOKEN_COMMA)) {
        push(p, STATE_with_item, 0);
    }
    return true;
}

static bool push_decorator(struct parser *p, unsigned flags) {
    advance(p);
    push(p, STATE_decorator_after, flags);
    return python_push_item(p, ITEM_NAMED);
}

bool python_step_decorator_after(struct parser *p, struct frame f) {
    if (!expect(p, TOKEN_NEWLINE, "expected the end of the line after the decorator")) {
        return false;
    }
    if (is(p, TOKEN_AT)) {
        return push_decorator(p, f.flags);
    }
    return python_step_definition(p, f);
}

static bool push_class(struct parser *p) {
    advance(p);
    if (!expect(p, TOKEN_NAME, "expected the name of the class")) {
        return false;
    }
    push(p, STATE_block, 0);
    push(p, STATE_class_arguments, 0);
    if (take(p, TOKEN_LSQB)) {
        push(p, STATE_type_parameter, 0);
    }
    return true;
}

bool python_step_class_arguments(struct parser *p, struct frame f) {
    (void)f;
    if (take(p, TOKEN_LPAR)) {
        push(p, STATE_argument, FIRST | IN_CLASS);
    }
    return true;
}

static bool push_def(struct parser *p, unsigned flags, bool is_async) {
    advance(p);
    if (!is(p, TOKEN_NAME)) {
        return python_fail(p, "expected the name of the function");
    }
    if ((flags & AT_TOP) != 0) {
        struct python_function *function = python_add_function(p);
        if (function == NULL) {
            return false;
        }
        function->offset = p->token.start;
        function->name =
            (struct str){p->lexer.text + p->token.start, p->token.end - p->token.start};
        function->is_async = is_async;
    }
    advance(p);
    push(p, STATE_def_parameters, flags);
    if (take(p, TOKEN_LSQB)) {
        push(p, STATE_type_parameter, 0);
    }
    return true;
}

bool python_step_definition(struct parser *p, struct frame f) {
    bool is_async = is(p, TOKEN_ASYNC) && p->peek.kind == TOKEN_DEF;
    if (is_async) {
        advance(p);
    }
    if (is(p, TOKEN_DEF)) {
        return push_def(p, f.flags, is_async);
    }
    if (is(p, TOKEN_CLASS)) {
        return push_class(p);
    }
    return python_fail(p, "expected a function or class after the decorator");
}

bool python_step_def_parameters(struct parser *p, struct frame f) {
    if (!expect(p, TOKEN_LPAR, "expected '('")) {
        return false;
    }
    push(p, STATE_def_returns, 0);
    push(p, STATE_parameter, (f.flags & AT_TOP) != 0 ? PARAMETER_RECORD : 0);
    return true;
}

bool python_step_def_returns(struct parser *p, struct frame f) {
    (void)f;
    if (!expect(p, TOKEN_RPAR, "expected ')' after the parameters")) {
        return false;
    }
    push(p, STATE_block, 0);
    if (take(p, TOKEN_ARROW)) {
        push_expression(p);
    }
    return true;
}

static bool push_match(struct parser *p) {
    advance(p);
    push(p, STATE_match_block, 0);
    push(p, STATE_sequence_item, ITEM_STAR | ITEM_NAMED);
    return true;
}

bool python_step_match_block(struct parser *p, struct frame f) {
    if ((p->use & IS_STARRED) != 0) {
        return python_fail_at(p, "a starred subject needs a comma", f.start);
    }
    if (!expect(p, TOKEN_COLON, "expected ':'") ||
        !expect(p, TOKEN_NEWLINE, "expected the cases on lines of their own") ||
        !expect(p, TOKEN_INDENT, "expected an indented block of cases")) {
        return false;
    }
    push(p, STATE_case_clause, FIRST);
    return true;
}

bool python_step_case_clause(struct parser *p, struct frame f) {
    if ((f.flags & FIRST) == 0 && take(p, TOKEN_DEDENT)) {
        return true;
    }
    if (!python_name_is(p, p->token, STR("case"))) {
        return python_fail(p, "expected 'case'");
    }
    advance(p);
    push(p, STATE_case_clause, 0);
    push(p, STATE_block, 0);
    push(p, STATE_case_guard, 0);
    push(p, STATE_case_patterns, 0);
    return true;
}

bool python_step_case_guard(struct parser *p, struct frame f) {
    (void)f;
    return !take(p, TOKEN_IF) || python_push_item(p, ITEM_NAMED);
}

static bool push_async(struct parser *p, unsigned flags) {
    if (p->peek.kind == TOKEN_FOR) {
        advance(p);
        return push_for(p);
    }
    if (p->peek.kind == TOKEN_WITH) {
        advance(p);
        return push_with(p);
    }
    if (p->peek.kind == TOKEN_DEF) {
        return python_step_definition(p, (struct frame){.flags = (uint16_t)flags});
    }
    advance(p);
    return python_fail(p, "expected 'def', 'for' or 'with' after 'async'");
}

bool python_push_statement(struct parser *p, unsigned flags) {
    switch (p->token.kind) {
    case TOKEN_IF:
        return push_condition(p, STATE_if_after);
    case TOKEN_WHILE:
        return push_condition(p, STATE_loop_after);
    case TOKEN_FOR:
        return push_for(p);
    case TOKEN_TRY:
        advance(p);
        push(p, STATE_try_after, 0);
        push(p, STATE_block, 0);
        return true;
    case TOKEN_WITH:
        return push_with(p);
    case TOKEN_AT:
        return push_decorator(p, flags);
    case TOKEN_DEF:
        return push_def(p, flags, false);
    case TOKEN_CLASS:
        return push_class(p);
    case TOKEN_ASYNC:
        return push_async(p, flags);
    case TOKEN_NAME:
        if (python_starts_expression(p->peek.kind) &&
            python_name_is(p, p->token, STR("match")) && opens_block(p)) {
            return push_match(p);
        }
        break;
    default:
        break;
    }
    push(p, STATE_simple_statement, 0);
    return true;
}
