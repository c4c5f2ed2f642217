/* The parts that versions and version requirements are made of.
 *
 * Source: semver.org 2.0.0, clauses 2, 9 and 10.
 * Shapes: each function scans from `*at`, leaves `*at` behind what it took, and stops
 *   at the first byte that cannot belong to the part.
 * Ownership: identifiers are views into the text. */
#ifndef GRAMMAR_SEMVER_SCAN_H
#define GRAMMAR_SEMVER_SCAN_H

#include <stdint.h>

#include "base/str.h"
#include "grammar/grammar.h"

/* Decimal, no leading zero, fits 64 bits. */
enum grammar_status semver_scan_number(struct str text, size_t *at, uint64_t *number,
                                       struct syntax_error *error);

/* `-pre` and `+build` from `*at`, both optional; empty views where they are absent. */
enum grammar_status semver_scan_suffixes(struct str text, size_t *at, struct str *pre,
                                         struct str *build, struct syntax_error *error);

/* The precedence of two pre-release tags; an absent one is larger than any. */
int semver_compare_pre(struct str a, struct str b);

#endif
