/* What every grammar of this room returns.
 *
 * Grammars are pure: text in, verdict out. They know rules and byte offsets, no error
 * codes, no files. */
#ifndef GRAMMAR_GRAMMAR_H
#define GRAMMAR_GRAMMAR_H

#include <stddef.h>

enum grammar_status {
    GRAMMAR_OK,
    GRAMMAR_INVALID,  /* the text breaks a rule; see syntax_error */
    GRAMMAR_NO_MEMORY /* only from grammars that take an arena */
};

/* The broken rule, and where. */
struct syntax_error {
    const char *rule; /* a static phrase, lowercase, no full stop */
    size_t offset; /* bytes from the start of the text; its length for "at the end" */
};

/* Fills an error, for `return grammar_reject(...)`. */
static inline enum grammar_status grammar_reject(struct syntax_error *error,
                                                 const char *rule, size_t offset) {
    error->rule = rule;
    error->offset = offset;
    return GRAMMAR_INVALID;
}

#endif
