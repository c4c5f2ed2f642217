/* Parameters of functions and lambdas, and type parameters. */
#include "plugin/python_internal.h"

static const char needs_name[] = "a name must follow '*'";

static struct python_function *recorded(struct parser *p, struct frame f) {
    return (f.flags & PARAMETER_RECORD) != 0 ? &p->functions[p->function_count - 1]
                                             : NULL;
}

/* `*`, `*args`. */
static bool take_star(struct parser *p, struct frame *f) {
    if ((f->flags & PARAMETER_STAR) != 0) {
        return python_fail(p, "'*' can appear only once among parameters");
    }
    advance(p);
    f->flags |= PARAMETER_STAR;
    if (is(p, TOKEN_COMMA)) {
        f->flags |= PARAMETER_BARE;
        return true;
    }
    if (recorded(p, *f) != NULL) {
        recorded(p, *f)->has_var_positional = true;
    }
    f->flags &= (uint16_t)~PARAMETER_BARE;
    return expect(p, TOKEN_NAME, needs_name);
}

static bool take_keywords(struct parser *p, struct frame *f) {
    if ((f->flags & PARAMETER_BARE) != 0) {
        return python_fail(p, needs_name);
    }
    advance(p);
    f->flags |= PARAMETER_KEYWORDS;
    if (recorded(p, *f) != NULL) {
        recorded(p, *f)->has_var_keyword = true;
    }
    return expect(p, TOKEN_NAME, "a name must follow '**'");
}

static bool take_slash(struct parser *p, struct frame *f) {
    if ((f->flags & (PARAMETER_SLASH | PARAMETER_STAR)) != 0) {
        return python_fail(p, "'/' must come once, before '*'");
    }
    if ((f->flags & PARAMETER_ANY) == 0) {
        return python_fail(p, "a parameter must come before '/'");
    }
    advance(p);
    f->flags |= PARAMETER_SLASH;
    return true;
}

static bool ends_parameters(const struct parser *p, struct frame f) {
    return is(p, (f.flags & PARAMETER_LAMBDA) != 0 ? TOKEN_COLON : TOKEN_RPAR);
}

/* The annotation, if any, is read before the default. */
static bool push_annotation(struct parser *p, struct frame f, bool may_star) {
    f.state = STATE_parameter_default;
    push_frame(p, f);
    if ((f.flags & PARAMETER_LAMBDA) == 0 && take(p, TOKEN_COLON)) {
        return python_push_item(p, may_star ? ITEM_STAR : 0);
    }
    return true;
}

/* A parameter, or the end of the list, which is left to the caller. */
bool python_step_parameter(struct parser *p, struct frame f) {
    if (ends_parameters(p, f)) {
        return (f.flags & PARAMETER_BARE) == 0 || python_fail(p, needs_name);
    }
    if ((f.flags & PARAMETER_KEYWORDS) != 0) {
        return python_fail(p, "no parameter can follow '**'");
    }
    f.flags &= (uint16_t)~PARAMETER_PLAIN;
    if (is(p, TOKEN_SLASH)) {
        f.state = STATE_parameter_after;
        bool good = take_slash(p, &f);
        push_frame(p, f);
        return good;
    }
    if (is(p, TOKEN_STAR)) {
        bool good = take_star(p, &f);
        f.flags |= PARAMETER_ANY;
        return good && push_annotation(p, f, true);
    }
    if (is(p, TOKEN_POWER)) {
        return take_keywords(p, &f) && push_annotation(p, f, false);
    }
    f.start = p->token.start;
    f.flags |= PARAMETER_PLAIN | PARAMETER_ANY;
    f.flags &= (uint16_t)~PARAMETER_BARE;
    return expect(p, TOKEN_NAME, "expected a parameter") &&
           push_annotation(p, f, false);
}

static void record(struct parser *p, struct frame f, bool has_default) {
    struct python_function *function = recorded(p, f);
    if (function == NULL) {
        return;
    }
    if ((f.flags & PARAMETER_STAR) != 0) {
        function->keyword_required += !has_default;
    } else {
        function->positional++;
        function->positional_required += !has_default;
    }
}

bool python_step_parameter_default(struct parser *p, struct frame f) {
    f.state = STATE_parameter_after;
    if ((f.flags & PARAMETER_PLAIN) == 0) {
        push_frame(p, f);
        return true;
    }
    bool has_default = take(p, TOKEN_ASSIGN);
    unsigned needs = f.flags & (PARAMETER_DEFAULT | PARAMETER_STAR);
    if (!has_default && needs == PARAMETER_DEFAULT) {
        return python_fail_at(
            p, "a parameter without a default follows one that has it", f.start);
    }
    record(p, f, has_default);
    f.flags |= has_default ? PARAMETER_DEFAULT : 0;
    push_frame(p, f);
    if (has_default) {
        push_expression(p);
    }
    return true;
}

bool python_step_parameter_after(struct parser *p, struct frame f) {
    bool comma = take(p, TOKEN_COMMA);
    if (!comma && !ends_parameters(p, f)) {
        return python_fail(p, "expected ',' between parameters");
    }
    return python_step_parameter(p, f);
}

/* After the `[` or a comma of type parameters. */
bool python_step_type_parameter(struct parser *p, struct frame f) {
    f.state = STATE_type_parameter_default;
    f.flags = 0;
    bool starred = take(p, TOKEN_STAR);
    bool plain = !starred && !take(p, TOKEN_POWER);
    if (!expect(p, TOKEN_NAME, "expected a type parameter")) {
        return false;
    }
    f.flags = starred ? ITEM_STAR : 0;
    push_frame(p, f);
    if (plain && take(p, TOKEN_COLON)) {
        push_expression(p);
    }
    return true;
}

bool python_step_type_parameter_default(struct parser *p, struct frame f) {
    push(p, STATE_type_parameter_after, 0);
    return !take(p, TOKEN_ASSIGN) || python_push_item(p, f.flags);
}

bool python_step_type_parameter_after(struct parser *p, struct frame f) {
    bool comma = take(p, TOKEN_COMMA);
    if (take(p, TOKEN_RSQB)) {
        return true;
    }
    if (!comma) {
        return python_fail(p, "expected ',' between type parameters");
    }
    return python_step_type_parameter(p, f);
}
