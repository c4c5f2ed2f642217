#include "grammar/version_req.h"

#include "grammar/semver_scan.h"

static bool is_wildcard(char c) {
    return c == '*' || c == 'x' || c == 'X';
}

static void skip_spaces(struct str text, size_t *at) {
    while (*at < text.len && text.ptr[*at] == ' ') {
        (*at)++;
    }
}

/* Takes an operator; false if there is none, which means a caret. */
static bool scan_operator(struct str text, size_t *at, enum comparator_op *op) {
    *op = COMPARATOR_CARET;
    char c = *at < text.len ? text.ptr[*at] : '\0';
    if (c != '=' && c != '>' && c != '<' && c != '~' && c != '^') {
        return false;
    }
    (*at)++;
    bool equal = (c == '>' || c == '<') && *at < text.len && text.ptr[*at] == '=';
    *at += equal;
    switch (c) {
    case '=':
        *op = COMPARATOR_EXACT;
        break;
    case '>':
        *op = equal ? COMPARATOR_GREATER_EQUAL : COMPARATOR_GREATER;
        break;
    case '<':
        *op = equal ? COMPARATOR_LESS_EQUAL : COMPARATOR_LESS;
        break;
    case '~':
        *op = COMPARATOR_TILDE;
        break;
    default:
        break;
    }
    return true;
}

/* The dotted parts: one to three numbers, then wildcards up to three in all. */
static enum grammar_status scan_parts(struct str text, size_t *at,
                                      struct comparator *out, bool *wildcard,
                                      struct syntax_error *error) {
    uint64_t *numbers[] = {&out->major, &out->minor, &out->patch};
    *wildcard = false;
    for (unsigned given = 0;;) {
        if (given > 0 && *at < text.len && is_wildcard(text.ptr[*at])) {
            *wildcard = true;
            (*at)++;
        } else if (*wildcard) {
            return grammar_reject(error, "only wildcards may follow a wildcard", *at);
        } else if (semver_scan_number(text, at, numbers[given], error) != GRAMMAR_OK) {
            return GRAMMAR_INVALID;
        } else {
            out->parts = given + 1;
        }
        given++;
        if (given == 3 || *at == text.len || text.ptr[*at] != '.') {
            return GRAMMAR_OK;
        }
        (*at)++;
    }
}

static enum grammar_status scan_comparator(struct str text, size_t *at,
                                           struct comparator *out,
                                           struct syntax_error *error) {
    *out = (struct comparator){.pre = STR("")};
    bool has_operator = scan_operator(text, at, &out->op);
    skip_spaces(text, at);
    if (*at < text.len && is_wildcard(text.ptr[*at])) {
        return grammar_reject(
            error, "a wildcard for every version stands alone, without an operator",
            *at);
    }
    bool wildcard;
    if (scan_parts(text, at, out, &wildcard, error) != GRAMMAR_OK) {
        return GRAMMAR_INVALID;
    }
    if (wildcard && !has_operator) {
        out->op = COMPARATOR_WILDCARD;
    }
    struct str build;
    if (out->parts == 3 &&
        semver_scan_suffixes(text, at, &out->pre, &build, error) != GRAMMAR_OK) {
        return GRAMMAR_INVALID;
    }
    skip_spaces(text, at);
    return GRAMMAR_OK;
}

enum grammar_status version_req_parse(struct str text, struct version_req *req,
                                      struct syntax_error *error) {
    size_t at = 0;
    req->count = 0;
    skip_spaces(text, &at);
    if (at == text.len) {
        return grammar_reject(error, "empty requirement", at);
    }
    if (is_wildcard(text.ptr[at])) {
        size_t rest = at + 1;
        skip_spaces(text, &rest);
        if (rest == text.len) {
            return GRAMMAR_OK;
        }
    }
    for (;; at++) {
        if (req->count == VERSION_REQ_MAX_COMPARATORS) {
            return grammar_reject(error, "more than 32 comparators", at);
        }
        skip_spaces(text, &at);
        if (scan_comparator(text, &at, &req->comparators[req->count], error) !=
            GRAMMAR_OK) {
            return GRAMMAR_INVALID;
        }
        req->count++;
        if (at == text.len) {
            return GRAMMAR_OK;
        }
        if (text.ptr[at] != ',') {
            return grammar_reject(error, "expected a comma or the end", at);
        }
    }
}

/* How the version stands to the parts that the comparator gives: negative, zero or
 * positive. A pre-release tag counts only beside all three. */
static int compare_to(const struct semver *v, const struct comparator *c) {
    if (v->major != c->major) {
        return v->major < c->major ? -1 : 1;
    }
    if (c->parts > 1 && v->minor != c->minor) {
        return v->minor < c->minor ? -1 : 1;
    }
    if (c->parts > 2 && v->patch != c->patch) {
        return v->patch < c->patch ? -1 : 1;
    }
    return c->parts > 2 ? semver_compare_pre(v->pre, c->pre) : 0;
}

/* Of fewer than three parts no pre-release is the equal, though some may lie above: for
 * 1.2.3-a neither `=1.2` nor `>=1.2` holds, but `^1.2` does. */
static bool is_equal(const struct semver *v, const struct comparator *c) {
    return compare_to(v, c) == 0 && (c->parts == 3 || v->pre.len == 0);
}

static bool tilde_holds(const struct semver *v, const struct comparator *c) {
    return v->major == c->major && (c->parts < 2 || v->minor == c->minor) &&
           (compare_to(v, c) > 0 || is_equal(v, c));
}

/* Nothing left of the first part that is not zero may change. */
static bool caret_holds(const struct semver *v, const struct comparator *c) {
    if (v->major != c->major || compare_to(v, c) < 0) {
        return false;
    }
    if (c->parts == 1 || c->major > 0) {
        return true;
    }
    if (v->minor != c->minor) {
        return false;
    }
    return c->parts == 2 || c->minor > 0 || v->patch == c->patch;
}

static bool comparator_holds(const struct semver *v, const struct comparator *c) {
    switch (c->op) {
    case COMPARATOR_EXACT:
    case COMPARATOR_WILDCARD:
        return is_equal(v, c);
    case COMPARATOR_GREATER:
        return compare_to(v, c) > 0;
    case COMPARATOR_GREATER_EQUAL:
        return compare_to(v, c) > 0 || is_equal(v, c);
    case COMPARATOR_LESS:
        return compare_to(v, c) < 0;
    case COMPARATOR_LESS_EQUAL:
        return compare_to(v, c) < 0 || is_equal(v, c);
    case COMPARATOR_TILDE:
        return tilde_holds(v, c);
    case COMPARATOR_CARET:
        return caret_holds(v, c);
    }
    return false;
}

bool version_req_matches(const struct version_req *req, const struct semver *version) {
    /* A pre-release is wanted only where a comparator names one of the same version. */
    bool wanted = version->pre.len == 0;
    for (size_t i = 0; i < req->count; i++) {
        const struct comparator *c = &req->comparators[i];
        if (!comparator_holds(version, c)) {
            return false;
        }
        wanted = wanted || (c->pre.len > 0 && c->major == version->major &&
                            c->minor == version->minor && c->patch == version->patch);
    }
    return wanted;
}

static void format_comparator(const struct comparator *c, struct buf *out) {
    static const struct str operators[] = {
        [COMPARATOR_EXACT] = {"=", 1},          [COMPARATOR_GREATER] = {">", 1},
        [COMPARATOR_GREATER_EQUAL] = {">=", 2}, [COMPARATOR_LESS] = {"<", 1},
        [COMPARATOR_LESS_EQUAL] = {"<=", 2},    [COMPARATOR_TILDE] = {"~", 1},
        [COMPARATOR_CARET] = {"^", 1},          [COMPARATOR_WILDCARD] = {"", 0},
    };
    const uint64_t numbers[] = {c->major, c->minor, c->patch};
    buf_append(out, operators[c->op]);
    for (unsigned i = 0; i < c->parts; i++) {
        if (i > 0) {
            buf_append_byte(out, '.');
        }
        buf_append_u64(out, numbers[i]);
    }
    if (c->op == COMPARATOR_WILDCARD) {
        buf_append(out, STR(".*"));
    }
    if (c->pre.len > 0) {
        buf_append_byte(out, '-');
        buf_append(out, c->pre);
    }
}

void version_req_format(const struct version_req *req, struct buf *out) {
    if (req->count == 0) {
        buf_append_byte(out, '*');
        return;
    }
    for (size_t i = 0; i < req->count; i++) {
        if (i > 0) {
            buf_append(out, STR(", "));
        }
        format_comparator(&req->comparators[i], out);
    }
}
