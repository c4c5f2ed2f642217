#include "grammar/marker.h"

#include "grammar/space.h"

struct scan {
    struct str text;
    size_t at;
    struct syntax_error *error;
};

static const char *const VARIABLES[] = {
    "os_name",
    "sys_platform",
    "platform_machine",
    "platform_python_implementation",
    "platform_release",
    "platform_system",
    "platform_version",
    "python_version",
    "python_full_version",
    "implementation_name",
    "implementation_version",
    "extra",
    /* The spellings of PEP 345 and of old setuptools. */
    "os.name",
    "sys.platform",
    "platform.version",
    "platform.machine",
    "platform.python_implementation",
    "python_implementation",
};

static const char *const OPERATORS[] = {
    "==", "!=", "<", "<=", ">", ">=", "~=",
};

static bool is_one_of(struct str word, const char *const *words, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (str_equal(word, str_of(words[i]))) {
            return true;
        }
    }
    return false;
}

static bool is_sign(char c) {
    return c == '<' || c == '>' || c == '=' || c == '!' || c == '~';
}

static bool at_byte(const struct scan *scan, char byte) {
    return scan->at < scan->text.len && scan->text.ptr[scan->at] == byte;
}

static bool at_quote(const struct scan *scan) {
    return at_byte(scan, '\'') || at_byte(scan, '"');
}

static bool take(struct scan *scan, struct str word) {
    if (!str_starts_with(str_skip(scan->text, scan->at), word)) {
        return false;
    }
    scan->at += word.len;
    return true;
}

static void skip_space(struct scan *scan) {
    scan->at = space_skip(scan->text, scan->at);
}

static enum grammar_status read_string(struct scan *scan) {
    struct str inside = str_skip(scan->text, scan->at + 1);
    size_t len = str_find(inside, scan->text.ptr[scan->at]);
    if (len == inside.len) {
        return grammar_reject(scan->error, "a string must be closed", scan->at);
    }
    scan->at += len + 2;
    return GRAMMAR_OK;
}

static enum grammar_status read_value(struct scan *scan) {
    skip_space(scan);
    if (at_quote(scan)) {
        return read_string(scan);
    }
    size_t start = scan->at;
    while (scan->at < scan->text.len && !is_sign(scan->text.ptr[scan->at]) &&
           !at_byte(scan, ')') && space_at(scan->text, scan->at) == 0) {
        scan->at++;
    }
    struct str word = {scan->text.ptr + start, scan->at - start};
    if (!is_one_of(word, VARIABLES, sizeof VARIABLES / sizeof VARIABLES[0])) {
        return grammar_reject(
            scan->error, "a marker variable or a quoted string must stand here", start);
    }
    return GRAMMAR_OK;
}

static enum grammar_status read_operator(struct scan *scan) {
    static const char rule[] = "a marker operator must stand here";
    skip_space(scan);
    size_t start = scan->at;
    while (scan->at < scan->text.len && is_sign(scan->text.ptr[scan->at])) {
        scan->at++;
    }
    struct str signs = {scan->text.ptr + start, scan->at - start};
    if (signs.len > 0) {
        return is_one_of(signs, OPERATORS, sizeof OPERATORS / sizeof OPERATORS[0])
                   ? GRAMMAR_OK
                   : grammar_reject(scan->error, rule, start);
    }
    if (take(scan, STR("not"))) {
        if (space_at(scan->text, scan->at) == 0) {
            return grammar_reject(scan->error, rule, start);
        }
        skip_space(scan);
        return take(scan, STR("in")) ? GRAMMAR_OK
                                     : grammar_reject(scan->error, rule, start);
    }
    if (take(scan, STR("in")) && (scan->at == scan->text.len || at_quote(scan) ||
                                  space_at(scan->text, scan->at) > 0)) {
        return GRAMMAR_OK;
    }
    return grammar_reject(scan->error, rule, start);
}

static enum grammar_status read_comparison(struct scan *scan) {
    enum grammar_status status = read_value(scan);
    if (status == GRAMMAR_OK) {
        status = read_operator(scan);
    }
    return status == GRAMMAR_OK ? read_value(scan) : status;
}

/* `and` or `or`, with the whitespace that must follow. */
static bool take_connective(struct scan *scan) {
    size_t start = scan->at;
    if ((take(scan, STR("and")) || take(scan, STR("or"))) &&
        space_at(scan->text, scan->at) > 0) {
        return true;
    }
    scan->at = start;
    return false;
}

static void open_parentheses(struct scan *scan, size_t *open) {
    skip_space(scan);
    for (; at_byte(scan, '('); skip_space(scan)) {
        scan->at++;
        (*open)++;
    }
}

/* Precedence decides what a marker means, not what is one; so a count of open
 * parentheses is all that must be remembered. */
enum grammar_status marker_parse(struct str text, size_t at, struct str *marker,
                                 struct syntax_error *error) {
    struct scan scan = {.text = text, .at = space_skip(text, at), .error = error};
    size_t start = scan.at;
    size_t open = 0;
    do {
        open_parentheses(&scan, &open);
        enum grammar_status status = read_comparison(&scan);
        if (status != GRAMMAR_OK) {
            return status;
        }
        *marker = (struct str){text.ptr + start, scan.at - start};
        skip_space(&scan);
        for (; open > 0 && at_byte(&scan, ')'); skip_space(&scan)) {
            scan.at++;
            open--;
            *marker = (struct str){text.ptr + start, scan.at - start};
        }
    } while (take_connective(&scan));
    if (scan.at != text.len) {
        return grammar_reject(error, "only `and` or `or` may follow", scan.at);
    }
    if (open > 0) {
        return grammar_reject(error, "a parenthesis must be closed", scan.at);
    }
    return GRAMMAR_OK;
}
