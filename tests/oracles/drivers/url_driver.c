/* For the oracles: one text a line, as hex digits; one answer a line: `ok
 * RESULT-IN-HEX`, or `bad OFFSET RULE`. The text is a URL, or with the argument `host`
 * a host name. */
#include <stdio.h>
#include <stdlib.h>

#include "grammar/idna.h"
#include "grammar/url.h"

static int hex_value(int c) {
    return c <= '9' ? c - '0' : c - 'a' + 10;
}

/* Turns the line into the bytes that it spells. */
static size_t unhex(char *line, size_t got) {
    size_t len = 0;
    for (size_t i = 0; i + 1 < got && line[i] != '\n'; i += 2) {
        line[len++] = (char)(hex_value(line[i]) * 16 + hex_value(line[i + 1]));
    }
    return len;
}

static enum grammar_status judge(struct arena *arena, struct str text, int host,
                                 struct str *result, struct syntax_error *error) {
    if (host) {
        return idna_to_ascii(arena, text, result, error);
    }
    struct url url;
    enum grammar_status status = url_parse(arena, text, &url, error);
    *result = status == GRAMMAR_OK ? url.href : STR("");
    return status;
}

int main(int argc, char **argv) {
    int host = argc > 1 && strcmp(argv[1], "host") == 0;
    char *line = NULL;
    size_t room = 0;
    ssize_t got;
    struct arena arena = {0};
    while ((got = getline(&line, &room, stdin)) > 0) {
        struct str text = {line, unhex(line, (size_t)got)};
        struct str result = STR("");
        struct syntax_error error = {"out of memory", 0};
        if (judge(&arena, text, host, &result, &error) == GRAMMAR_OK) {
            fputs("ok ", stdout);
            for (size_t i = 0; i < result.len; i++) {
                printf("%02x", (unsigned)(unsigned char)result.ptr[i]);
            }
            putchar('\n');
        } else {
            printf("bad %zu %s\n", error.offset, error.rule);
        }
        arena_release(&arena);
    }
    free(line);
    return 0;
}
