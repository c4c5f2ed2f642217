#include "schema/toml_scan.h"

#include "base/limits.h"

struct scan {
    struct str text;
    size_t at;
    size_t depth; /* brackets and braces that are open */
    /* At each depth: the dots since the last separator, and the key before a `=`. */
    size_t dots[TOML_NESTING_CAP];
    size_t parts[TOML_NESTING_CAP];
    size_t total; /* of depth and parts, over all that is open */
    toml_leap_second report;
    void *context;
};

static bool starts_with(const struct scan *scan, const char *prefix) {
    return str_starts_with(str_skip(scan->text, scan->at), str_of(prefix));
}

/* Over a string, its delimiters included. One of a single line ends with the line: a
 * parser stops there. */
static void skip_string(struct scan *scan) {
    char quote = scan->text.ptr[scan->at];
    const char *triple = quote == '"' ? "\"\"\"" : "'''";
    bool multi_line = starts_with(scan, triple);
    scan->at += multi_line ? 3 : 1;
    while (scan->at < scan->text.len) {
        char c = scan->text.ptr[scan->at];
        if (c == '\\' && quote == '"' && scan->at + 1 < scan->text.len) {
            scan->at += 2;
        } else if (multi_line && starts_with(scan, triple)) {
            scan->at += 3;
            /* Up to two more belong to the content. */
            for (int i = 0; i < 2 && scan->at < scan->text.len; i++) {
                scan->at += scan->text.ptr[scan->at] == quote;
            }
            return;
        } else if (!multi_line && (c == quote || c == '\n')) {
            scan->at++;
            return;
        } else {
            scan->at++;
        }
    }
}

/* `HH:MM:60`; only the first digit of the second is looked at from here. */
static void check_second(struct scan *scan) {
    size_t at = scan->at;
    struct str rest = str_skip(scan->text, at);
    bool is_second = at >= 6 && str_starts_with(rest, STR("60")) &&
                     (rest.len == 2 || !ascii_is_digit(rest.ptr[2]));
    const char *p = scan->text.ptr + at - (is_second ? 6 : 0);
    if (is_second && ascii_is_digit(p[0]) && ascii_is_digit(p[1]) && p[2] == ':' &&
        ascii_is_digit(p[3]) && ascii_is_digit(p[4]) && p[5] == ':') {
        scan->report(scan->context, at);
    }
}

static void end_item(struct scan *scan) {
    scan->dots[scan->depth] = 0;
    scan->total -= scan->parts[scan->depth];
    scan->parts[scan->depth] = 0;
}

/* One byte outside of strings and comments; the broken rule, or NULL. */
static const char *step(struct scan *scan, char c) {
    switch (c) {
    case '[':
    case '{':
        if (scan->depth + 1 >= TOML_NESTING_CAP) {
            return "arrays and inline tables are nested too deeply";
        }
        scan->depth++;
        scan->total++;
        scan->dots[scan->depth] = 0;
        scan->parts[scan->depth] = 0;
        break;
    case ']':
    case '}':
        if (scan->depth > 0) {
            end_item(scan);
            scan->depth--;
            scan->total--;
        }
        break;
    case '.':
        if (++scan->dots[scan->depth] + 1 >= TOML_NESTING_CAP) {
            return "a key has too many parts";
        }
        break;
    case '=':
        scan->total += scan->dots[scan->depth] - scan->parts[scan->depth];
        scan->parts[scan->depth] = scan->dots[scan->depth];
        scan->dots[scan->depth] = 0;
        break;
    case ',':
        end_item(scan);
        break;
    case '\n':
        if (scan->depth == 0) {
            end_item(scan);
        }
        break;
    case '6':
        check_second(scan);
        break;
    default:
        break;
    }
    return scan->total > LIMIT_TOML_DEPTH ? "tables are nested too deeply" : NULL;
}

const char *toml_scan(struct str document, toml_leap_second report, void *context,
                      size_t *offset) {
    struct scan scan = {.text = document, .report = report, .context = context};
    while (scan.at < document.len) {
        char c = document.ptr[scan.at];
        if (c == '#') {
            scan.at += str_find(str_skip(document, scan.at), '\n');
        } else if (c == '"' || c == '\'') {
            skip_string(&scan);
        } else {
            const char *rule = step(&scan, c);
            if (rule != NULL) {
                *offset = scan.at;
                return rule;
            }
            scan.at++;
        }
    }
    return NULL;
}
