#include "grammar/pep440.h"

#include <stdint.h>

struct scan {
    struct str text;
    size_t at;
    struct syntax_error *error;
};

static char peek(const struct scan *scan, size_t ahead) {
    size_t left = scan->text.len - scan->at;
    return ahead < left ? scan->text.ptr[scan->at + ahead] : '\0';
}

static bool is_separator(char c) {
    return c == '.' || c == '-' || c == '_';
}

static enum grammar_status read_number(struct scan *scan, const char *missing) {
    if (!ascii_is_digit(peek(scan, 0))) {
        return grammar_reject(scan->error, missing, scan->at);
    }
    size_t start = scan->at;
    uint64_t value = 0;
    for (; ascii_is_digit(peek(scan, 0)); scan->at++) {
        unsigned digit = (unsigned)(scan->text.ptr[scan->at] - '0');
        if (value > (UINT64_MAX - digit) / 10) {
            return grammar_reject(scan->error, "a number must fit 64 bits", start);
        }
        value = value * 10 + digit;
    }
    return GRAMMAR_OK;
}

static bool take_word(struct scan *scan, const char *const *words, size_t count) {
    struct str rest = str_skip(scan->text, scan->at);
    for (size_t i = 0; i < count; i++) {
        size_t len = strlen(words[i]);
        if (rest.len >= len &&
            str_equal_ignore_case(str_first(rest, len), str_of(words[i]))) {
            scan->at += len;
            return true;
        }
    }
    return false;
}

/* `.word.7`: the separators and the number may be missing, each by itself. A part that
 * is not there at all is no error. */
static enum grammar_status read_part(struct scan *scan, const char *const *words,
                                     size_t count) {
    size_t start = scan->at;
    if (is_separator(peek(scan, 0))) {
        scan->at++;
    }
    if (!take_word(scan, words, count)) {
        scan->at = start;
        return GRAMMAR_OK;
    }
    if (is_separator(peek(scan, 0))) {
        scan->at++;
    }
    return ascii_is_digit(peek(scan, 0)) ? read_number(scan, "") : GRAMMAR_OK;
}

static enum grammar_status read_release(struct scan *scan, struct pep440 *version) {
    if (ascii_lower(peek(scan, 0)) == 'v') {
        scan->at++;
    }
    enum grammar_status status =
        read_number(scan, "a version must start with a number");
    if (status == GRAMMAR_OK && peek(scan, 0) == '!') {
        scan->at++;
        status = read_number(scan, "a number must follow the epoch");
    }
    version->release_numbers = 1;
    while (status == GRAMMAR_OK && peek(scan, 0) == '.' &&
           ascii_is_digit(peek(scan, 1))) {
        scan->at++;
        status = read_number(scan, "");
        version->release_numbers++;
    }
    if (status == GRAMMAR_OK && peek(scan, 0) == '.' && peek(scan, 1) == '*') {
        scan->at += 2;
        version->wildcard = true;
    }
    return status;
}

static enum grammar_status read_suffixes(struct scan *scan) {
    /* Of two words where one begins the other the longer comes first. */
    static const char *const pre[] = {
        "alpha", "beta", "preview", "pre", "rc", "a", "b", "c",
    };
    static const char *const post[] = {"post", "rev", "r"};
    static const char *const dev[] = {"dev"};
    enum grammar_status status = read_part(scan, pre, sizeof pre / sizeof pre[0]);
    if (status == GRAMMAR_OK && peek(scan, 0) == '-' && ascii_is_digit(peek(scan, 1))) {
        scan->at++;
        status = read_number(scan, "");
    } else if (status == GRAMMAR_OK) {
        status = read_part(scan, post, sizeof post / sizeof post[0]);
    }
    if (status == GRAMMAR_OK) {
        status = read_part(scan, dev, sizeof dev / sizeof dev[0]);
    }
    return status;
}

static enum grammar_status read_local(struct scan *scan, struct pep440 *version) {
    if (peek(scan, 0) != '+') {
        return GRAMMAR_OK;
    }
    do {
        scan->at++;
        if (!ascii_is_alnum(peek(scan, 0))) {
            return grammar_reject(
                scan->error, "a letter or digit must follow in a local part", scan->at);
        }
        while (ascii_is_alnum(peek(scan, 0))) {
            scan->at++;
        }
    } while (is_separator(peek(scan, 0)));
    version->local = true;
    return GRAMMAR_OK;
}

enum grammar_status pep440_parse(struct str text, struct pep440 *version,
                                 struct syntax_error *error) {
    struct scan scan = {.text = text, .error = error};
    *version = (struct pep440){0};
    enum grammar_status status = read_release(&scan, version);
    if (status == GRAMMAR_OK && !version->wildcard) {
        status = read_suffixes(&scan);
        if (status == GRAMMAR_OK) {
            status = read_local(&scan, version);
        }
    }
    if (status == GRAMMAR_OK && scan.at != text.len) {
        return grammar_reject(error,
                              version->wildcard ? "nothing may follow `.*`"
                                                : "this is no part of a version",
                              scan.at);
    }
    return status;
}
