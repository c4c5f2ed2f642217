/* Data files of tests: a claim per line, columns between tabs.
 *
 * Shapes: in a column `\t \n \r \\ \xHH \u{HEX}` (UTF-8) stand for what they say. Empty
 *   lines and lines that begin with `# ` are skipped. */
#ifndef CLAIMS_H
#define CLAIMS_H

#include <stdio.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "unit.h"

struct claims {
    FILE *file;
    const char *name;
    int line_number;
    int failed;
    char line[1 << 16];
};

static inline void claims_open(struct claims *claims, const char *path) {
    claims->file = fopen(path, "rb");
    claims->name = path;
    claims->line_number = 0;
    claims->failed = 0;
    if (claims->file == NULL) {
        fail_msg("%s cannot be opened", path);
    }
}

/* Decodes one escape at `*from` (behind the backslash), returns the place behind. */
static inline char *claims_escape(char *from, char **out) {
    switch (*from++) {
    case 't':
        *(*out)++ = '\t';
        return from;
    case 'n':
        *(*out)++ = '\n';
        return from;
    case 'r':
        *(*out)++ = '\r';
        return from;
    case 'x': {
        char digits[3] = {from[0], from[0] == '\0' ? '\0' : from[1], '\0'};
        *(*out)++ = (char)strtoul(digits, NULL, 16);
        return from + 2;
    }
    case 'u': {
        char *end;
        unsigned long code_point = strtoul(from + 1, &end, 16);
        *out += utf8_encode((uint32_t)code_point, *out);
        return end + 1;
    }
    default:
        *(*out)++ = from[-1];
        return from;
    }
}

/* The next claim's columns; exactly `count`, or the test fails. False at the end, where
 * the test fails if a claim did. */
static inline bool claims_next(struct claims *claims, struct str *columns,
                               size_t count) {
    do {
        if (fgets(claims->line, sizeof claims->line, claims->file) == NULL) {
            fclose(claims->file);
            assert_true(claims->line_number > 0);
            assert_int_equal(claims->failed, 0);
            return false;
        }
        claims->line_number++;
        claims->line[strcspn(claims->line, "\n")] = '\0';
    } while (claims->line[0] == '\0' || strncmp(claims->line, "# ", 2) == 0);
    char *out = claims->line;
    char *from = claims->line;
    size_t column = 0;
    columns[0] = (struct str){out, 0};
    while (*from != '\0') {
        if (*from == '\t') {
            columns[column].len = (size_t)(out - columns[column].ptr);
            from++;
            if (++column == count) {
                break;
            }
            columns[column].ptr = out;
        } else if (*from == '\\') {
            from = claims_escape(from + 1, &out);
        } else {
            *out++ = *from++;
        }
    }
    if (column + 1 != count) {
        fail_msg("%s:%d: wrong number of columns", claims->name, claims->line_number);
    }
    columns[column].len = (size_t)(out - columns[column].ptr);
    return true;
}

/* Reports a claim that does not hold; the test fails when the file is at its end. */
static inline void claims_fail(struct claims *claims, struct str got) {
    print_error("%s:%d: got `%.*s`\n", claims->name, claims->line_number, STR_ARG(got));
    claims->failed++;
}

static inline void claims_equal(struct claims *claims, struct str got,
                                struct str want) {
    if (!str_equal(got, want)) {
        claims_fail(claims, got);
    }
}

#endif
