/* Python dependency specifiers.
 *
 * Source: PEP 508, PEP 440; docs/formats.md, "PEP 508", which says where this project's
 *   dialect is narrower or wider.
 * Ownership: views into the parsed text. `name` and `extras` never need memory.
 * Threads: pure. */
#ifndef GRAMMAR_PEP508_H
#define GRAMMAR_PEP508_H

#include "base/arena.h"
#include "grammar/grammar.h"

struct pep508 {
    struct str name;       /* as written */
    struct str extras;     /* between the brackets, or absent */
    struct str specifiers; /* as written, without parentheses, or absent */
    struct str url;        /* after `@`, or absent */
    struct str marker;     /* after `;`, or absent */
};

/* The arena is scratch space (URL parsing), rewound before return. */
enum grammar_status pep508_parse(struct arena *scratch, struct str text,
                                 struct pep508 *requirement,
                                 struct syntax_error *error);

/* PEP 503: are these the names of one distribution (`-`, `_`, `.` alike, any case)? */
bool pep508_same_name(struct str a, struct str b);

/* Writes the normalized form of a name (PEP 503) and returns its length, which is at
 * most the name's own. */
size_t pep508_normalize_name(struct str name, char *out);

#endif
