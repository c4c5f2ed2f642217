/* Version requirements as Cargo writes them.
 *
 * Source: docs/formats.md, "Version requirements".
 * Shapes: at most 32 comparators; numbers fit 64 bits.
 * Ownership: `pre` is a view into the parsed text. */
#ifndef GRAMMAR_VERSION_REQ_H
#define GRAMMAR_VERSION_REQ_H

#include "base/buf.h"
#include "grammar/semver.h"

enum { VERSION_REQ_MAX_COMPARATORS = 32 };

enum comparator_op {
    COMPARATOR_EXACT,
    COMPARATOR_GREATER,
    COMPARATOR_GREATER_EQUAL,
    COMPARATOR_LESS,
    COMPARATOR_LESS_EQUAL,
    COMPARATOR_TILDE,
    COMPARATOR_CARET,
    COMPARATOR_WILDCARD /* `1.*`, `1.2.*`; a lone `*` is a requirement of none */
};

struct comparator {
    enum comparator_op op;
    unsigned parts; /* numeric parts given: 1 to 3 */
    uint64_t major;
    uint64_t minor;
    uint64_t patch;
    struct str pre;
};

struct version_req {
    size_t count; /* 0: everything matches */
    struct comparator comparators[VERSION_REQ_MAX_COMPARATORS];
};

enum grammar_status version_req_parse(struct str text, struct version_req *req,
                                      struct syntax_error *error);

bool version_req_matches(const struct version_req *req, const struct semver *version);

/* Appends the display form; the result shows in `out->failed`. */
void version_req_format(const struct version_req *req, struct buf *out);

#endif
