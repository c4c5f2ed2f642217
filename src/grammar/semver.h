/* Semantic Versioning 2.0.0.
 *
 * Source: semver.org 2.0.0; docs/formats.md, "SemVer".
 * Shapes: numeric parts fit 64 bits; numeric pre-release identifiers are of any length.
 * Ownership: `pre` and `build` are views into the parsed text; empty if absent. */
#ifndef GRAMMAR_SEMVER_H
#define GRAMMAR_SEMVER_H

#include <stdint.h>

#include "base/str.h"
#include "grammar/grammar.h"

struct semver {
    uint64_t major;
    uint64_t minor;
    uint64_t patch;
    struct str pre;
    struct str build;
};

enum grammar_status semver_parse(struct str text, struct semver *version,
                                 struct syntax_error *error);

/* SemVer precedence: build metadata has no say. Negative, zero or positive. */
int semver_precedence(const struct semver *a, const struct semver *b);

/* Precedence, then build metadata: which of several tying versions is the newest. */
int semver_compare(const struct semver *a, const struct semver *b);

#endif
