/* Environment markers: the condition after `;` in a Python dependency specifier.
 *
 * Source: PEP 508; docs/formats.md, "PEP 508", which says where this project's dialect
 *   is narrower or wider. Only the form is checked: no compared value is an error.
 * Shapes: parentheses nest as deep as they like, at no cost in memory.
 * Threads: pure. */
#ifndef GRAMMAR_MARKER_H
#define GRAMMAR_MARKER_H

#include "base/str.h"
#include "grammar/grammar.h"

/* Parses from offset `at` to the end of the text. `marker` views it there, without
 * whitespace around it; error offsets count from the start of the text. */
enum grammar_status marker_parse(struct str text, size_t at, struct str *marker,
                                 struct syntax_error *error);

#endif
