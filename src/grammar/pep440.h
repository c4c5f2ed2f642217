/* Python versions.
 *
 * Source: PEP 440; docs/formats.md, "PEP 508" (numbers fit 64 bits, except in a local
 * part). */
#ifndef GRAMMAR_PEP440_H
#define GRAMMAR_PEP440_H

#include "base/str.h"
#include "grammar/grammar.h"

struct pep440 {
    size_t release_numbers; /* how many numbers the release has */
    bool wildcard;          /* ends in `.*` */
    bool local;             /* has a `+local` part */
};

/* The whole text must be a version (surrounding whitespace is not allowed). A trailing
 * `.*` is recognized and reported, for the caller's operator to allow or refuse. */
enum grammar_status pep440_parse(struct str text, struct pep440 *version,
                                 struct syntax_error *error);

#endif
