/* For the oracles: one request a line, one answer a line. A request is a list of
 * patterns and a list of paths, each in hex digits and ended by a comma, the lists
 * apart by a space: `2a2e6d64,21612e6d64, 612e6d64,`. The answer has a letter a path,
 * `x` for excluded and `.` for not; or it is `invalid N OFFSET RULE`. */
#include <stdio.h>
#include <stdlib.h>

#include "grammar/gitignore.h"

static int hex_value(int c) {
    return c <= '9' ? c - '0' : c - 'a' + 10;
}

/* Takes the items of one list off the line, decoding them in place; returns how many.
 */
static size_t take_list(char **line, struct str *items) {
    size_t count = 0;
    char *at = *line;
    while (*at != ' ' && *at != '\n' && *at != '\0') {
        char *start = at;
        size_t len = 0;
        for (; *at != ','; at += 2) {
            start[len++] = (char)(hex_value(at[0]) * 16 + hex_value(at[1]));
        }
        items[count++] = (struct str){start, len};
        at++;
    }
    *line = at + 1;
    return count;
}

static void answer(struct arena *arena, char *line, size_t got) {
    struct str *items = arena_array(arena, got, sizeof *items);
    if (items == NULL) {
        exit(2);
    }
    size_t count = take_list(&line, items);
    struct gitignore *compiled;
    size_t bad = 0;
    struct syntax_error error = {"out of memory", 0};
    if (gitignore_compile(arena, items, count, &compiled, &bad, &error) != GRAMMAR_OK) {
        printf("invalid %zu %zu %s\n", bad, error.offset, error.rule);
        return;
    }
    struct str *paths = items + count;
    size_t path_count = take_list(&line, paths);
    for (size_t i = 0; i < path_count; i++) {
        putchar(gitignore_excludes(compiled, paths[i]) ? 'x' : '.');
    }
    putchar('\n');
}

int main(void) {
    char *line = NULL;
    size_t room = 0;
    ssize_t got;
    struct arena arena = {0};
    while ((got = getline(&line, &room, stdin)) > 0) {
        answer(&arena, line, (size_t)got);
        arena_release(&arena);
        fflush(stdout);
    }
    free(line);
    return 0;
}
