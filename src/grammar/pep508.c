#include "grammar/pep508.h"

#include "grammar/marker.h"
#include "grammar/pep440.h"
#include "grammar/space.h"
#include "grammar/url.h"

struct scan {
    struct str text;
    size_t at;
    struct syntax_error *error;
};

static bool at_end(const struct scan *scan) {
    return scan->at == scan->text.len;
}

static bool at_byte(const struct scan *scan, char byte) {
    return !at_end(scan) && scan->text.ptr[scan->at] == byte;
}

static void skip_space(struct scan *scan) {
    scan->at = space_skip(scan->text, scan->at);
}

static enum grammar_status reject(const struct scan *scan, const char *rule) {
    return grammar_reject(scan->error, rule, scan->at);
}

static bool is_name_byte(char c) {
    return ascii_is_alnum(c) || c == '-' || c == '_' || c == '.';
}

static enum grammar_status read_identifier(struct scan *scan, const char *missing,
                                           struct str *identifier) {
    if (at_end(scan) || !ascii_is_alnum(scan->text.ptr[scan->at])) {
        return reject(scan, missing);
    }
    size_t start = scan->at;
    while (!at_end(scan) && is_name_byte(scan->text.ptr[scan->at])) {
        scan->at++;
    }
    if (!ascii_is_alnum(scan->text.ptr[scan->at - 1])) {
        scan->at--;
        return reject(scan, "a name must end in a letter or digit");
    }
    *identifier = (struct str){scan->text.ptr + start, scan->at - start};
    return GRAMMAR_OK;
}

/* From the opening bracket to behind the closing one. */
static enum grammar_status read_extras(struct scan *scan, struct str *extras) {
    size_t start = ++scan->at;
    skip_space(scan);
    while (!at_byte(scan, ']')) {
        struct str extra;
        enum grammar_status status =
            read_identifier(scan, "an extra must start with a letter or digit", &extra);
        if (status != GRAMMAR_OK) {
            return status;
        }
        skip_space(scan);
        if (at_byte(scan, ',')) {
            scan->at++;
            skip_space(scan);
            if (at_byte(scan, ']')) {
                return reject(scan, "an extra must follow the comma");
            }
        } else if (!at_byte(scan, ']')) {
            return reject(scan, "`,` or `]` must follow an extra");
        }
    }
    *extras = (struct str){scan->text.ptr + start, scan->at - start};
    scan->at++;
    return GRAMMAR_OK;
}

enum comparison {
    COMPARISON_UNKNOWN,
    COMPARISON_ORDERED,    /* < <= > >= */
    COMPARISON_EQUAL,      /* == != */
    COMPARISON_COMPATIBLE, /* ~= */
    COMPARISON_ARBITRARY,  /* === */
};

static bool is_sign(char c) {
    return c == '<' || c == '>' || c == '=' || c == '!' || c == '~';
}

static enum comparison read_operator(struct scan *scan) {
    static const struct {
        const char *signs;
        enum comparison comparison;
    } operators[] = {
        {"==", COMPARISON_EQUAL},      {"!=", COMPARISON_EQUAL},
        {">=", COMPARISON_ORDERED},    {"<=", COMPARISON_ORDERED},
        {">", COMPARISON_ORDERED},     {"<", COMPARISON_ORDERED},
        {"~=", COMPARISON_COMPATIBLE}, {"===", COMPARISON_ARBITRARY},
    };
    size_t start = scan->at;
    while (!at_end(scan) && is_sign(scan->text.ptr[scan->at])) {
        scan->at++;
    }
    struct str signs = {scan->text.ptr + start, scan->at - start};
    for (size_t i = 0; i < sizeof operators / sizeof operators[0]; i++) {
        if (str_equal(signs, str_of(operators[i].signs))) {
            return operators[i].comparison;
        }
    }
    scan->at = start;
    return COMPARISON_UNKNOWN;
}

/* The rule that the version breaks behind the operator, or NULL. */
static const char *broken_rule(enum comparison comparison,
                               const struct pep440 *version) {
    if (version->wildcard && comparison != COMPARISON_EQUAL) {
        return "`.*` stands only behind `==` and `!=`";
    }
    if (version->local && comparison != COMPARISON_EQUAL &&
        comparison != COMPARISON_ARBITRARY) {
        return "a local part stands only behind `==`, `!=` and `===`";
    }
    if (comparison == COMPARISON_COMPATIBLE && version->release_numbers < 2) {
        return "`~=` needs two release numbers";
    }
    return NULL;
}

/* One comparison with the whitespace around it, up to `end`. */
static enum grammar_status read_specifier(struct scan *scan, size_t end) {
    skip_space(scan);
    enum comparison comparison = read_operator(scan);
    if (comparison == COMPARISON_UNKNOWN) {
        return reject(scan, "a version operator must stand here");
    }
    skip_space(scan);
    size_t start = scan->at;
    while (scan->at < end && space_at(scan->text, scan->at) == 0) {
        scan->at++;
    }
    struct pep440 version;
    enum grammar_status status = pep440_parse(
        (struct str){scan->text.ptr + start, scan->at - start}, &version, scan->error);
    if (status != GRAMMAR_OK) {
        scan->error->offset += start;
        return status;
    }
    const char *rule = broken_rule(comparison, &version);
    if (rule != NULL) {
        return grammar_reject(scan->error, rule, start);
    }
    skip_space(scan);
    return scan->at == end ? GRAMMAR_OK : reject(scan, "a comma must stand here");
}

/* The offset of the first such byte from `at` on and below `end`, or `end`. */
static size_t find_before(struct str text, size_t at, size_t end, char byte) {
    return at + str_find((struct str){text.ptr + at, end - at}, byte);
}

/* From the opening parenthesis, or the first operator, to behind the last version or
 * the closing parenthesis. */
static enum grammar_status read_specifiers(struct scan *scan, struct str *specifiers) {
    bool enclosed = at_byte(scan, '(');
    if (enclosed) {
        scan->at++;
    }
    size_t end =
        find_before(scan->text, scan->at, scan->text.len, enclosed ? ')' : ';');
    if (enclosed && end == scan->text.len) {
        return grammar_reject(scan->error, "a parenthesis must be closed", end);
    }
    skip_space(scan);
    size_t start = scan->at;
    for (;;) {
        size_t comma = find_before(scan->text, scan->at, end, ',');
        enum grammar_status status = read_specifier(scan, comma);
        if (status != GRAMMAR_OK) {
            return status;
        }
        if (comma == end) {
            break;
        }
        scan->at++;
    }
    *specifiers = space_trim_end((struct str){scan->text.ptr + start, end - start});
    scan->at = enclosed ? end + 1 : end;
    return GRAMMAR_OK;
}

/* Schemes that installers know, in lowercase only. */
static bool has_known_scheme(struct str url) {
    static const char *const schemes[] = {
        "http",      "https",          "file",     "git+git",  "git+http",
        "git+https", "git+ssh",        "git+file", "hg+http",  "hg+https",
        "hg+ssh",    "hg+static-http", "hg+file",  "svn+svn",  "svn+http",
        "svn+https", "svn+ssh",        "svn+file", "bzr+http", "bzr+https",
        "bzr+ssh",   "bzr+sftp",       "bzr+ftp",  "bzr+lp",   "bzr+file",
    };
    size_t colon = str_find(url, ':');
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
        if (str_equal(str_first(url, colon), str_of(schemes[i]))) {
            return colon < url.len;
        }
    }
    return false;
}

/* Finds where the URL at `scan->at` ends: before the whitespace that `;`, `#` or the
 * end follows, or that holds a line break. */
static enum grammar_status find_url_end(struct scan *scan, size_t *end) {
    struct str text = scan->text;
    size_t at = scan->at;
    while (at < text.len) {
        if (space_at(text, at) == 0) {
            at++;
            continue;
        }
        size_t next = space_skip(text, at);
        if (next == text.len || text.ptr[next] == ';' || text.ptr[next] == '#' ||
            find_before(text, at, next, '\n') < next ||
            find_before(text, at, next, '\r') < next) {
            break;
        }
        if (text.ptr[at - 1] == ';' || text.ptr[at - 1] == '#') {
            return grammar_reject(
                scan->error, "whitespace must stand before the end of a URL", at - 1);
        }
        at = next;
    }
    *end = at;
    return GRAMMAR_OK;
}

/* From `@` to the end of the URL. */
static enum grammar_status read_url(struct scan *scan, struct arena *scratch,
                                    struct str *url) {
    scan->at++;
    skip_space(scan);
    size_t end = scan->at;
    enum grammar_status status = find_url_end(scan, &end);
    if (status != GRAMMAR_OK) {
        return status;
    }
    *url = (struct str){scan->text.ptr + scan->at, end - scan->at};
    /* URL parsing drops control characters before the scheme. */
    size_t lead = 0;
    while (lead < url->len && (unsigned char)url->ptr[lead] <= ' ') {
        lead++;
    }
    if (!has_known_scheme(str_skip(*url, lead))) {
        return reject(scan, "a URL with a known scheme must follow `@`");
    }
    struct arena_mark mark = arena_mark(scratch);
    struct url parsed;
    status = url_parse(scratch, *url, &parsed, scan->error);
    arena_rewind(scratch, mark);
    if (status == GRAMMAR_INVALID) {
        scan->error->offset += scan->at;
    }
    scan->at = end;
    return status;
}

/* A name alone that ends like an archive is a file that lacks its `name @`. */
static bool is_archive_name(struct str name) {
    static const char *const endings[] = {
        ".whl", ".zip",    ".tar",     ".tgz",    ".tbz",    ".txz",
        ".tlz", ".tar.gz", ".tar.bz2", ".tar.xz", ".tar.lz", ".tar.lzma",
    };
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        if (str_ends_with(name, str_of(endings[i]))) {
            return true;
        }
    }
    return false;
}

/* What stands between the extras and the marker. */
static enum grammar_status read_constraint(struct scan *scan, struct arena *scratch,
                                           struct pep508 *requirement) {
    enum grammar_status status = GRAMMAR_OK;
    if (at_byte(scan, '@')) {
        status = read_url(scan, scratch, &requirement->url);
    } else if (at_byte(scan, '(') ||
               (!at_end(scan) && is_sign(scan->text.ptr[scan->at]))) {
        status = read_specifiers(scan, &requirement->specifiers);
    } else if (is_archive_name(requirement->name)) {
        return reject(scan, "a file must be given as `name @ URL`");
    }
    skip_space(scan);
    return status;
}

enum grammar_status pep508_parse(struct arena *scratch, struct str text,
                                 struct pep508 *requirement,
                                 struct syntax_error *error) {
    struct scan scan = {.text = text, .error = error};
    *requirement = (struct pep508){0};
    skip_space(&scan);
    enum grammar_status status = read_identifier(
        &scan, "a name must start with a letter or digit", &requirement->name);
    skip_space(&scan);
    if (status == GRAMMAR_OK && at_byte(&scan, '[')) {
        status = read_extras(&scan, &requirement->extras);
        skip_space(&scan);
    }
    if (status == GRAMMAR_OK) {
        status = read_constraint(&scan, scratch, requirement);
    }
    if (status != GRAMMAR_OK || at_end(&scan)) {
        return status;
    }
    if (!at_byte(&scan, ';')) {
        return reject(&scan, "this cannot follow here");
    }
    return marker_parse(text, scan.at + 1, &requirement->marker, error);
}

/* The next byte of the normalized name; 0 at the end. */
static char next_normalized(struct str name, size_t *at) {
    if (*at == name.len) {
        return '\0';
    }
    char c = name.ptr[(*at)++];
    if (ascii_is_alnum(c) || !is_name_byte(c)) {
        return ascii_lower(c);
    }
    while (*at < name.len && is_name_byte(name.ptr[*at]) &&
           !ascii_is_alnum(name.ptr[*at])) {
        (*at)++;
    }
    return '-';
}

bool pep508_same_name(struct str a, struct str b) {
    size_t at_a = 0;
    size_t at_b = 0;
    while (at_a < a.len && at_b < b.len) {
        if (next_normalized(a, &at_a) != next_normalized(b, &at_b)) {
            return false;
        }
    }
    return at_a == a.len && at_b == b.len;
}

size_t pep508_normalize_name(struct str name, char *out) {
    size_t len = 0;
    size_t at = 0;
    while (at < name.len) {
        out[len++] = next_normalized(name, &at);
    }
    return len;
}
