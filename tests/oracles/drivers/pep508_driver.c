/* For the oracles: one text a line, as hex digits; one answer a line: `bad OFFSET
 * RULE`, or `ok` and name, extras, specifiers, URL and marker, in hex, `-` for an
 * absent one. With the argument `version` the text is a PEP 440 version, with `marker`
 * a marker. */
#include <stdio.h>
#include <stdlib.h>

#include "grammar/marker.h"
#include "grammar/pep440.h"
#include "grammar/pep508.h"

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

static enum grammar_status judge(struct arena *arena, struct str text, const char *what,
                                 struct pep508 *parts, struct syntax_error *error) {
    *parts = (struct pep508){0};
    if (strcmp(what, "version") == 0) {
        struct pep440 version;
        return pep440_parse(text, &version, error);
    }
    if (strcmp(what, "marker") == 0) {
        return marker_parse(text, 0, &parts->marker, error);
    }
    return pep508_parse(arena, text, parts, error);
}

static void show(struct str part) {
    putchar(' ');
    if (part.ptr == NULL) {
        putchar('-');
    }
    for (size_t i = 0; i < part.len; i++) {
        printf("%02x", (unsigned)(unsigned char)part.ptr[i]);
    }
}

int main(int argc, char **argv) {
    const char *what = argc > 1 ? argv[1] : "requirement";
    char *line = NULL;
    size_t room = 0;
    ssize_t got;
    struct arena arena = {0};
    while ((got = getline(&line, &room, stdin)) > 0) {
        struct str text = {line, unhex(line, (size_t)got)};
        struct pep508 parts;
        struct syntax_error error = {"out of memory", 0};
        if (judge(&arena, text, what, &parts, &error) == GRAMMAR_OK) {
            fputs("ok", stdout);
            show(parts.name);
            show(parts.extras);
            show(parts.specifiers);
            show(parts.url);
            show(parts.marker);
            putchar('\n');
        } else {
            printf("bad %zu %s\n", error.offset, error.rule);
        }
    }
    arena_release(&arena);
    free(line);
    return 0;
}
