/* The parser of Python source: what its parts share.
 *
 * Purpose: judge a source as CPython 3.13's own parser does. python_tokens.c makes
 *   tokens (python_strings.c and python_literals.c have the literals); the grammar is a
 *   machine with an explicit stack of states, split by subject: expressions, displays
 *   and calls, parameters, patterns, simple and compound statements.
 * Source: the full grammar and the lexical analysis of the Python 3.13 reference
 *   (10 and 2), PEP 617 (ordered choice), 634, 646, 695, 696, 701.
 * Ownership: the source is viewed; the stack and functions lie in the arena.
 * Errors: steps return false when the source is wrong (`message`, `offset`) or memory
 *   is out (`no_memory`); the machine stops there. */
#ifndef PLUGIN_PYTHON_INTERNAL_H
#define PLUGIN_PYTHON_INTERNAL_H

#include "plugin/python.h"
#include "plugin/python_tokens.h"

/* What the expression just parsed could be used as. */
enum {
    USE_ASSIGN = 1, /* target of `=`, `for`, `with`, by the grammar */
    USE_DELETE = 2,
    USE_SINGLE = 4, /* target of `+=` and of an annotation */
    USE_ANY = USE_ASSIGN | USE_DELETE | USE_SINGLE,
    IS_STARRED = 8,
    IS_NAMED = 16,   /* `name := value` */
    IS_BOUND = 32,   /* `value as target` in the parenthesis after `with` */
    IS_GROUP = 64,   /* a single target in parentheses, */
    HAS_GROUP = 128, /* or what begins with one: the grammar's choice is made there, and
                        no annotation follows, as in `(a).b: c` */
};

/* How far an expression reaches, and what may stand where its operand is due. */
enum {
    LEVEL_BITWISE = 0,     /* up to `|` */
    LEVEL_DISJUNCTION = 1, /* up to `or` */
    LEVEL_FULL = 2,        /* `if … else` and lambda */
    LEVEL_MASK = 3,
    MAY_NOT = 4,
    MAY_LAMBDA = 8,
    ONLY_PRIMARY = 16, /* after `await` */
    IS_COMPOUND = 32,  /* more than one primary: no target */
    AFTER_GROUP = 64,  /* the primary has begun with an IS_GROUP */
    EXPRESSION = LEVEL_FULL | MAY_NOT | MAY_LAMBDA,
    DISJUNCTION = LEVEL_DISJUNCTION | MAY_NOT,
};

/* Flags of states that read items. */
enum {
    ITEM_STAR = 1,    /* `*x` may stand here */
    ITEM_NAMED = 2,   /* `x := y` may stand here */
    ITEM_BITWISE = 4, /* items reach up to `|` only, for targets before `in` */
    SEEN_COMMA = 8,   /* and so the whole is a tuple */
    IN_LIST = 16,     /* the bracket is `[` */
    IN_WITH = 32,     /* the parenthesis after `with`: `x as y` may stand here */
    SEEN_AS = 64,     /* so it is the parenthesis of the statement */
    SEEN_TUPLE = 128, /* so it is an expression */
    SEEN_KEYWORD = 256,
    SEEN_UNPACKING = 512, /* `**x` */
    FIRST = 1024,
    IN_CLASS = 2048, /* arguments of `class`: no generator expression */
    LAST_POSITIONAL = 4096,
};

/* Flags of parameters, of functions, lambdas and types. */
enum {
    PARAMETER_LAMBDA = 1, /* no annotations, ends before a colon */
    PARAMETER_RECORD = 2, /* of a top-level function: its facts are kept */
    PARAMETER_SLASH = 4,
    PARAMETER_STAR = 8,  /* `*` or `*args` has been */
    PARAMETER_BARE = 16, /* `*` alone: a name must follow */
    PARAMETER_KEYWORDS = 32,
    PARAMETER_DEFAULT = 64,
    PARAMETER_ANY = 128,   /* at least one has been */
    PARAMETER_PLAIN = 256, /* the one at hand may have a default */
};

/* Every state, with the function of that name that takes one step from it. */
#define PYTHON_STATES(STATE)                                                           \
    STATE(operand)                                                                     \
    STATE(after_operand)                                                               \
    STATE(ternary_else)                                                                \
    STATE(lambda_body)                                                                 \
    STATE(starred_end)                                                                 \
    STATE(named_end)                                                                   \
    STATE(sequence_item)                                                               \
    STATE(sequence_after)                                                              \
    STATE(yield)                                                                       \
    STATE(yield_or_sequence)                                                           \
    STATE(strings)                                                                     \
    STATE(fstring)                                                                     \
    STATE(field_after)                                                                 \
    STATE(format_spec)                                                                 \
    STATE(bracket)                                                                     \
    STATE(bracket_after)                                                               \
    STATE(brace)                                                                       \
    STATE(brace_first_after)                                                           \
    STATE(set_after)                                                                   \
    STATE(dict_item)                                                                   \
    STATE(dict_colon)                                                                  \
    STATE(dict_after)                                                                  \
    STATE(close)                                                                       \
    STATE(comprehension)                                                               \
    STATE(comprehension_in)                                                            \
    STATE(comprehension_after)                                                         \
    STATE(argument)                                                                    \
    STATE(argument_after)                                                              \
    STATE(slice)                                                                       \
    STATE(slice_lower_after)                                                           \
    STATE(slice_upper_after)                                                           \
    STATE(slice_after)                                                                 \
    STATE(parameter)                                                                   \
    STATE(parameter_default)                                                           \
    STATE(parameter_after)                                                             \
    STATE(type_parameter)                                                              \
    STATE(type_parameter_default)                                                      \
    STATE(type_parameter_after)                                                        \
    STATE(case_patterns)                                                               \
    STATE(pattern)                                                                     \
    STATE(pattern_closed)                                                              \
    STATE(pattern_after_closed)                                                        \
    STATE(pattern_sequence)                                                            \
    STATE(pattern_sequence_after)                                                      \
    STATE(pattern_mapping)                                                             \
    STATE(pattern_mapping_colon)                                                       \
    STATE(pattern_mapping_after)                                                       \
    STATE(pattern_argument)                                                            \
    STATE(pattern_argument_after)                                                      \
    STATE(statements)                                                                  \
    STATE(block)                                                                       \
    STATE(simple_statement)                                                            \
    STATE(simple_end)                                                                  \
    STATE(expression_after)                                                            \
    STATE(annotation_after)                                                            \
    STATE(delete_after)                                                                \
    STATE(assert_after)                                                                \
    STATE(raise_after)                                                                 \
    STATE(type_alias_value)                                                            \
    STATE(if_after)                                                                    \
    STATE(loop_after)                                                                  \
    STATE(for_in)                                                                      \
    STATE(try_after)                                                                   \
    STATE(except_as)                                                                   \
    STATE(with_item)                                                                   \
    STATE(with_as)                                                                     \
    STATE(with_target)                                                                 \
    STATE(with_after)                                                                  \
    STATE(decorator_after)                                                             \
    STATE(definition)                                                                  \
    STATE(def_parameters)                                                              \
    STATE(def_returns)                                                                 \
    STATE(class_arguments)                                                             \
    STATE(match_block)                                                                 \
    STATE(case_clause)                                                                 \
    STATE(case_guard)

enum python_state {
#define STATE(name) STATE_##name,
    PYTHON_STATES(STATE)
#undef STATE
};

struct frame {
    uint8_t state;
    uint8_t use;    /* of the items so far */
    uint16_t flags; /* the state's own */
    uint32_t count;
    size_t start; /* offset, for the error position or a bracket */
};

struct parser {
    struct arena *arena;
    struct token token; /* the current one */
    struct token peek;  /* the one after it */
    struct frame *stack;
    size_t depth;
    size_t room;
    uint8_t use; /* of the expression just parsed */
    bool no_memory;
    const char *message;
    size_t offset;
    struct python_function *functions;
    size_t function_count;
    size_t function_room;
    struct lexer lexer;
};

#define STATE(name) bool python_step_##name(struct parser *p, struct frame f);
PYTHON_STATES(STATE)
#undef STATE

/* Room for this many pushes is made before every step. */
enum { PYTHON_PUSHES = 6 };

static inline void push_frame(struct parser *p, struct frame f) {
    p->stack[p->depth++] = f;
}

static inline void push(struct parser *p, enum python_state state, unsigned flags) {
    push_frame(p, (struct frame){.state = (uint8_t)state,
                                 .use = USE_ANY,
                                 .flags = (uint16_t)flags,
                                 .start = p->token.start});
}

static inline void push_expression(struct parser *p) {
    push(p, STATE_operand, EXPRESSION);
}

static inline void advance(struct parser *p) {
    p->token = p->peek;
    lexer_next(&p->lexer, &p->peek);
}

static inline bool is(const struct parser *p, enum token_kind kind) {
    return p->token.kind == kind;
}

/* Steps over the token if it is of that kind. */
static inline bool take(struct parser *p, enum token_kind kind) {
    if (p->token.kind != kind) {
        return false;
    }
    advance(p);
    return true;
}

/* Records the first error and returns false. A token that the lexer refused speaks for
 * itself. */
bool python_fail(struct parser *p, const char *message);
bool python_fail_at(struct parser *p, const char *message, size_t offset);

/* Steps over the token, or fails with the message. */
static inline bool expect(struct parser *p, enum token_kind kind, const char *message) {
    return take(p, kind) || python_fail(p, message);
}

/* Is the current token a name with that text (of a soft keyword)? */
bool python_name_is(const struct parser *p, struct token token, struct str text);

/* Pushes what reads one item; flags ITEM_*. */
bool python_push_item(struct parser *p, unsigned flags);

/* Is it the start of an expression, `*` included? */
bool python_starts_expression(enum token_kind kind);

/* A statement that has blocks, or one or more simple ones. `flags` are the list's. */
bool python_push_statement(struct parser *p, unsigned flags);

/* Whether a list of statements is the module's. */
enum { AT_TOP = 1 };

/* Adds a zeroed function; NULL when memory is out. */
struct python_function *python_add_function(struct parser *p);

#endif
