/* Punycode: a label of code points in ASCII, and back.
 *
 * Source: RFC 3492 with the parameters of section 5.
 * Shapes: without the prefix `xn--`; decoding takes digits of either case and rejects
 *   what is no scalar value.
 * Ownership: results lie in the arena.
 * Cost: n log n, where the procedures of the RFC are quadratic: labels have no limit.
 */
#ifndef GRAMMAR_PUNYCODE_H
#define GRAMMAR_PUNYCODE_H

#include "base/arena.h"
#include "grammar/code_points.h"
#include "grammar/grammar.h"

/* `error->offset` counts from the start of `ascii`. */
enum grammar_status punycode_decode(struct arena *arena, struct str ascii,
                                    struct code_points *label,
                                    struct syntax_error *error);

/* A `ptr` of NULL when memory is out. */
struct str punycode_encode(struct arena *arena, struct code_points label);

#endif
