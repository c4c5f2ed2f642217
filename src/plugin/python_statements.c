/* Simple statements: those without a block. */
#include "plugin/python_internal.h"

static const char cannot_assign[] = "cannot assign to this expression";

/* What follows `=`; more targets may be among it. */
static void push_value(struct parser *p) {
    if (is(p, TOKEN_YIELD)) {
        push(p, STATE_yield, 0);
        return;
    }
    push(p, STATE_expression_after, 0);
    push(p, STATE_sequence_item, ITEM_STAR);
}

static bool push_type_alias(struct parser *p) {
    advance(p);
    advance(p);
    push(p, STATE_type_alias_value, 0);
    if (take(p, TOKEN_LSQB)) {
        push(p, STATE_type_parameter, 0);
    }
    return true;
}

bool python_step_type_alias_value(struct parser *p, struct frame f) {
    (void)f;
    if (!expect(p, TOKEN_ASSIGN, "expected '=' and the aliased type")) {
        return false;
    }
    push_expression(p);
    return true;
}

static bool push_expression_statement(struct parser *p) {
    if (is(p, TOKEN_YIELD)) {
        push(p, STATE_yield, 0);
        return true;
    }
    push(p, STATE_expression_after, FIRST);
    push(p, STATE_sequence_item, ITEM_STAR);
    return true;
}

bool python_step_expression_after(struct parser *p, struct frame f) {
    bool first = (f.flags & FIRST) != 0;
    if (is(p, TOKEN_ASSIGN)) {
        if ((p->use & USE_ASSIGN) == 0) {
            return python_fail_at(p, cannot_assign, f.start);
        }
        advance(p);
        push_value(p);
    } else if (first && is(p, TOKEN_COLON)) {
        if ((p->use & (USE_SINGLE | HAS_GROUP)) != USE_SINGLE) {
            return python_fail_at(p, "only a single target can be annotated", f.start);
        }
        advance(p);
        push(p, STATE_annotation_after, 0);
        push_expression(p);
    } else if (first && is(p, TOKEN_AUGMENTED)) {
        if ((p->use & USE_SINGLE) == 0) {
            return python_fail_at(p, cannot_assign, f.start);
        }
        advance(p);
        push(p, STATE_yield_or_sequence, 0);
    }
    return true;
}

bool python_step_annotation_after(struct parser *p, struct frame f) {
    (void)f;
    if (take(p, TOKEN_ASSIGN)) {
        push(p, STATE_yield_or_sequence, 0);
    }
    return true;
}

bool python_step_delete_after(struct parser *p, struct frame f) {
    return (p->use & USE_DELETE) != 0 ||
           python_fail_at(p, "cannot delete this expression", f.start);
}

bool python_step_assert_after(struct parser *p, struct frame f) {
    (void)f;
    if (take(p, TOKEN_COMMA)) {
        push_expression(p);
    }
    return true;
}

bool python_step_raise_after(struct parser *p, struct frame f) {
    (void)f;
    if (take(p, TOKEN_FROM)) {
        push_expression(p);
    }
    return true;
}

static bool take_names(struct parser *p) {
    do {
        advance(p); /* the keyword or the comma */
        if (!expect(p, TOKEN_NAME, "expected a name")) {
            return false;
        }
    } while (is(p, TOKEN_COMMA));
    return true;
}

static bool take_dotted_name(struct parser *p) {
    if (!expect(p, TOKEN_NAME, "expected the name of a module")) {
        return false;
    }
    while (take(p, TOKEN_DOT)) {
        if (!expect(p, TOKEN_NAME, "expected a name after '.'")) {
            return false;
        }
    }
    return true;
}

static bool take_alias(struct parser *p) {
    return !take(p, TOKEN_AS) || expect(p, TOKEN_NAME, "expected a name after 'as'");
}

static bool take_import(struct parser *p) {
    do {
        advance(p); /* the keyword or the comma */
        if (!take_dotted_name(p) || !take_alias(p)) {
            return false;
        }
    } while (is(p, TOKEN_COMMA));
    return true;
}

/* The names after `from … import`. */
static bool take_imported_names(struct parser *p) {
    if (take(p, TOKEN_STAR)) {
        return true;
    }
    bool enclosed = take(p, TOKEN_LPAR);
    do {
        if (!expect(p, TOKEN_NAME, "expected a name to import") || !take_alias(p)) {
            return false;
        }
        if (!take(p, TOKEN_COMMA)) {
            break;
        }
        if (!enclosed && is(p, TOKEN_NEWLINE)) {
            return python_fail(p,
                               "a trailing comma needs parentheses around the names");
        }
    } while (!enclosed || !is(p, TOKEN_RPAR));
    return !enclosed || expect(p, TOKEN_RPAR, "expected ')' after the names");
}

static bool take_from_import(struct parser *p) {
    advance(p);
    bool relative = false;
    while (take(p, TOKEN_DOT) || take(p, TOKEN_ELLIPSIS)) {
        relative = true;
    }
    if (!(relative && is(p, TOKEN_IMPORT)) && !take_dotted_name(p)) {
        return false;
    }
    return expect(p, TOKEN_IMPORT, "expected 'import'") && take_imported_names(p);
}

static bool push_return(struct parser *p) {
    advance(p);
    if (python_starts_expression(p->token.kind)) {
        push(p, STATE_sequence_item, ITEM_STAR);
    }
    return true;
}

static bool push_raise(struct parser *p) {
    advance(p);
    if (python_starts_expression(p->token.kind)) {
        push(p, STATE_raise_after, 0);
        push_expression(p);
    }
    return true;
}

bool python_step_simple_statement(struct parser *p, struct frame f) {
    (void)f;
    push(p, STATE_simple_end, 0);
    switch (p->token.kind) {
    case TOKEN_NAME:
        if (p->peek.kind == TOKEN_NAME && python_name_is(p, p->token, STR("type"))) {
            return push_type_alias(p);
        }
        return push_expression_statement(p);
    case TOKEN_PASS:
    case TOKEN_BREAK:
    case TOKEN_CONTINUE:
        advance(p);
        return true;
    case TOKEN_RETURN:
        return push_return(p);
    case TOKEN_RAISE:
        return push_raise(p);
    case TOKEN_IMPORT:
        return take_import(p);
    case TOKEN_FROM:
        return take_from_import(p);
    case TOKEN_GLOBAL:
    case TOKEN_NONLOCAL:
        return take_names(p);
    case TOKEN_DEL:
        advance(p);
        push(p, STATE_delete_after, 0);
        push(p, STATE_sequence_item, ITEM_STAR);
        return true;
    case TOKEN_ASSERT:
        advance(p);
        push(p, STATE_assert_after, 0);
        push_expression(p);
        return true;
    default:
        return push_expression_statement(p);
    }
}

/* The statements of Python 2 deserve a word of their own. */
static bool fail_at_end(struct parser *p, size_t start) {
    struct str rest = {p->lexer.text + start, p->lexer.len - start};
    if (str_starts_with(rest, STR("print "))) {
        return python_fail_at(p, "print is a function: parentheses are missing", start);
    }
    if (str_starts_with(rest, STR("exec "))) {
        return python_fail_at(p, "exec is a function: parentheses are missing", start);
    }
    return python_fail(p, "invalid syntax");
}

bool python_step_simple_end(struct parser *p, struct frame f) {
    bool semicolon = take(p, TOKEN_SEMICOLON);
    if (take(p, TOKEN_NEWLINE)) {
        return true;
    }
    if (!semicolon) {
        return fail_at_end(p, f.start);
    }
    push(p, STATE_simple_statement, 0);
    return true;
}
