/* Globs: `*`, `?`, `**`, brackets, braces and escapes, compiled to a program of steps.
 *
 * Source: docs/formats.md, "Plugin directory".
 * Shapes: bytes; the wildcards and brackets match single bytes other than `/`. Every
 *   step that takes no byte leads forward.
 * Ownership: the program lives in the arena.
 * Cost: matching follows all states at once and goes back nowhere: program length times
 *   text length at worst, for braces and any number of stars. */
#ifndef GRAMMAR_GLOB_H
#define GRAMMAR_GLOB_H

#include <stdint.h>

#include "base/arena.h"
#include "grammar/grammar.h"

/* The longest glob; matching keeps two flags a step on the stack. No byte of a glob
 * needs more than two steps. */
enum { GLOB_MAX_BYTES = 8192, GLOB_MAX_STEPS = 2 * GLOB_MAX_BYTES + 1 };

enum step_kind {
    STEP_BYTE,    /* this byte */
    STEP_ANY,     /* a byte that is not `/` */
    STEP_CLASS,   /* a byte of the set `target` */
    STEP_STAR,    /* any number of bytes that are not `/` */
    STEP_ALL,     /* any number of bytes */
    STEP_SPLIT,   /* the next step, or the step `target` */
    STEP_JUMP,    /* the step `target` */
    STEP_MATCHED, /* the end */
};

struct step {
    uint8_t kind;
    uint8_t byte;
    uint16_t target;
};

/* The bytes that a bracket expression matches. */
struct byte_set {
    uint64_t bits[4];
};

struct glob {
    const struct step *steps;
    size_t count;
    const struct byte_set *sets;
};

enum grammar_status glob_compile(struct arena *arena, struct str text,
                                 struct glob *glob, struct syntax_error *error);

bool glob_matches(const struct glob *glob, struct str text);

/* May it match a text that begins with this one and a `/`, and goes on? */
bool glob_reaches(const struct glob *glob, struct str directory);

#endif
