/* Exclude patterns: gitignore patterns rooted at the plugin directory, with `{a,b}`.
 *
 * Source: docs/formats.md, "Plugin directory"; gitignore(5).
 * Shapes: patterns are UTF-8; paths are bytes, relative, `/` between components.
 * Ownership: the compiled list lives in the arena and views the patterns' text.
 * Cost: matching is pattern length times path length at worst, whatever the stars and
 *   braces; names and `*.x` are compared as text. A pattern with wildcards is at most
 *   8 KiB. */
#ifndef GRAMMAR_GITIGNORE_H
#define GRAMMAR_GITIGNORE_H

#include "base/arena.h"
#include "grammar/grammar.h"

struct gitignore;

/* Compiles the patterns in order. On GRAMMAR_INVALID `*bad` is the index of the first
 * invalid pattern, and the error's offset counts within it. */
enum grammar_status gitignore_compile(struct arena *arena, const struct str *patterns,
                                      size_t count, struct gitignore **compiled,
                                      size_t *bad, struct syntax_error *error);

/* Is the file at this path left out? The last pattern that matches the file decides;
 * where none does, the nearest ancestor directory that some pattern matches. The plugin
 * directory itself is one, with an empty path: a lone star matches it. */
bool gitignore_excludes(const struct gitignore *compiled, struct str path);

/* May every file below this directory be skipped unseen? True only when no pattern
 * could bring one back: for pruning walks. */
bool gitignore_prunes(const struct gitignore *compiled, struct str directory);

#endif
