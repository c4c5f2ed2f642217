/* For the oracles: snippets, each after its length (four bytes, least first); one
 * answer a line: `ok NAME…` with the top-level functions, or `bad LINE COLUMN MESSAGE`.
 */
#include <stdio.h>
#include <stdlib.h>

#include "plugin/python.h"

static char *read_snippet(size_t *len) {
    unsigned char head[4];
    if (fread(head, 1, sizeof head, stdin) != sizeof head) {
        return NULL;
    }
    *len = (size_t)head[0] | (size_t)head[1] << 8 | (size_t)head[2] << 16 |
           (size_t)head[3] << 24;
    char *text = malloc(*len == 0 ? 1 : *len);
    if (text == NULL || fread(text, 1, *len, stdin) != *len) {
        fputs("python_driver: broken input\n", stderr);
        exit(2);
    }
    return text;
}

static void answer(struct arena *arena, struct str source) {
    struct python_module module;
    switch (python_parse(arena, source, &module)) {
    case PYTHON_OK:
        fputs("ok", stdout);
        for (size_t i = 0; i < module.function_count; i++) {
            const struct python_function *f = &module.functions[i];
            printf(" %.*s:%s%zu:%zu:%zu%s%s", STR_ARG(f->name),
                   f->is_async ? "async:" : "", f->positional, f->positional_required,
                   f->keyword_required, f->has_var_positional ? ":*" : "",
                   f->has_var_keyword ? ":**" : "");
        }
        putchar('\n');
        break;
    case PYTHON_SYNTAX_ERROR:
        printf("bad %u %u %.*s\n", module.line, module.column, STR_ARG(module.message));
        break;
    case PYTHON_NO_MEMORY:
        puts("out of memory");
        break;
    }
}

int main(void) {
    struct arena arena = {0};
    size_t len;
    for (char *text; (text = read_snippet(&len)) != NULL; free(text)) {
        answer(&arena, (struct str){text, len});
        arena_release(&arena);
    }
    return 0;
}
