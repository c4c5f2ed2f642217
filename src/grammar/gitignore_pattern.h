/* One exclude pattern: its parts, how it is read and how it is matched.
 *
 * Source: docs/formats.md, "Plugin directory"; gitignore(5).
 * Shapes: a pattern is bytes; wildcards and brackets match single bytes other than `/`.
 *   One without wildcards, or with one star, is compared as text; any other is a glob.
 * Ownership: everything lives in the arena, or views the pattern's text. */
#ifndef GRAMMAR_GITIGNORE_PATTERN_H
#define GRAMMAR_GITIGNORE_PATTERN_H

#include "grammar/glob.h"

enum pattern_shape {
    PATTERN_NOTHING, /* a comment, or empty */
    PATTERN_LITERAL, /* `head` */
    PATTERN_STAR,    /* `head`, a star, `tail` */
    PATTERN_GLOB,    /* `head`, then the rest of the glob */
};

struct pattern {
    enum pattern_shape shape;
    bool includes;         /* began with `!` */
    bool directories_only; /* ended in `/` */
    bool anchored;         /* against the whole path, else against its last component */
    struct str head;
    struct str tail;
    struct glob glob; /* of every shape but PATTERN_LITERAL */
};

enum grammar_status gitignore_read_pattern(struct arena *arena, struct str text,
                                           struct pattern *pattern,
                                           struct syntax_error *error);

/* Does it match this path, whose last component is the name, of a file or of a
 * directory? The root's path is empty. */
bool gitignore_pattern_matches(const struct pattern *pattern, struct str path,
                               struct str name, bool is_directory);

/* May it match something below this directory? True in doubt. */
bool gitignore_pattern_reaches(const struct pattern *pattern, struct str directory);

#endif
