#include "base/utf8.h"
#include "plugin/python_internal.h"

bool python_name_is(const struct parser *p, struct token token, struct str text) {
    return token.kind == TOKEN_NAME && token.end - token.start == text.len &&
           memcmp(p->lexer.text + token.start, text.ptr, text.len) == 0;
}

/* A bracket that is never closed explains most of what goes wrong inside it. */
static bool is_never_closed(struct parser *p) {
    if (p->lexer.level == 0) {
        return false;
    }
    struct token token = p->peek;
    while (token.kind != TOKEN_END && token.kind != TOKEN_ERROR) {
        lexer_next(&p->lexer, &token);
    }
    return token.kind == TOKEN_ERROR && p->lexer.at >= p->lexer.len;
}

bool python_fail_at(struct parser *p, const char *message, size_t offset) {
    if (p->message != NULL || p->no_memory) {
        return false;
    }
    bool assigns = p->token.kind == TOKEN_ASSIGN && offset == p->token.start;
    p->message = assigns ? "'=' cannot stand here; '==' compares" : message;
    p->offset = offset;
    if (p->token.kind == TOKEN_ERROR || is_never_closed(p)) {
        p->message = p->lexer.message;
        p->offset = p->lexer.offset;
    }
    return false;
}

bool python_fail(struct parser *p, const char *message) {
    return python_fail_at(p, message, p->token.start);
}

/* Twice the room, or enough for a start. */
static void *grow(struct arena *arena, const void *items, size_t count, size_t *room,
                  size_t size) {
    size_t wanted = *room == 0 ? 16 : *room * 2;
    void *grown = arena_array(arena, wanted, size);
    if (grown == NULL) {
        return NULL;
    }
    if (count > 0) {
        memcpy(grown, items, count * size);
    }
    *room = wanted;
    return grown;
}

struct python_function *python_add_function(struct parser *p) {
    if (p->function_count == p->function_room) {
        struct python_function *grown = grow(p->arena, p->functions, p->function_count,
                                             &p->function_room, sizeof *grown);
        if (grown == NULL) {
            p->no_memory = true;
            return NULL;
        }
        p->functions = grown;
    }
    return &p->functions[p->function_count++];
}

static bool (*const steps[])(struct parser *, struct frame) = {
#define STATE(name) python_step_##name,
    PYTHON_STATES(STATE)
#undef STATE
};

static void run(struct parser *p) {
    push(p, STATE_statements, AT_TOP);
    while (p->depth > 0) {
        if (p->depth + PYTHON_PUSHES > p->room) {
            struct frame *grown =
                grow(p->arena, p->stack, p->depth, &p->room, sizeof *grown);
            if (grown == NULL) {
                p->no_memory = true;
                return;
            }
            p->stack = grown;
        }
        struct frame f = p->stack[--p->depth];
        if (!steps[f.state](p, f)) {
            return;
        }
    }
}

static enum python_status parse(struct arena *arena, struct str source,
                                struct python_module *module) {
    enum { FRAMES = 256 };
    struct frame frames[FRAMES];
    struct parser p = {.arena = arena, .stack = frames, .room = FRAMES};
    size_t start = str_starts_with(source, STR("\xEF\xBB\xBF")) ? 3 : 0;
    size_t zero = str_find(source, '\0');
    if (zero < source.len) {
        module->message = STR("source code cannot hold NUL bytes");
        module->offset = zero;
        return PYTHON_SYNTAX_ERROR;
    }
    lexer_init(&p.lexer, source, start);
    lexer_next(&p.lexer, &p.token);
    lexer_next(&p.lexer, &p.peek);
    run(&p);
    module->functions = p.functions;
    module->function_count = p.function_count;
    if (p.no_memory) {
        return PYTHON_NO_MEMORY;
    }
    if (p.message != NULL) {
        module->message = str_of(p.message);
        module->offset = p.offset;
        return PYTHON_SYNTAX_ERROR;
    }
    return PYTHON_OK;
}

/* Line and column of `module->offset`. */
static void locate(struct str source, struct python_module *module) {
    size_t start = str_starts_with(source, STR("\xEF\xBB\xBF")) ? 3 : 0;
    uint32_t line = 1;
    for (size_t i = start; i < module->offset; i++) {
        char byte = source.ptr[i];
        bool pair = byte == '\r' && i + 1 < source.len && source.ptr[i + 1] == '\n';
        if ((byte == '\n' || byte == '\r') && !pair) {
            line++;
            start = i + 1;
        }
    }
    module->line = line;
    module->column = 1;
    if (module->offset > start) {
        struct str before = {source.ptr + start, module->offset - start};
        module->column = (uint32_t)utf8_count(before) + 1;
    }
}

enum python_status python_parse(struct arena *arena, struct str source,
                                struct python_module *module) {
    *module = (struct python_module){.function_count = 0};
    enum python_status status = parse(arena, source, module);
    if (status == PYTHON_SYNTAX_ERROR) {
        locate(source, module);
    }
    return status;
}

const struct python_function *python_find(const struct python_module *module,
                                          struct str name) {
    for (size_t i = module->function_count; i > 0; i--) {
        if (str_equal(module->functions[i - 1].name, name)) {
            return &module->functions[i - 1];
        }
    }
    return NULL;
}
