/* A bar on the terminal while something takes long.
 *
 * Only for people: with human output, where standard error is a terminal that can move
 * its cursor, and not in CI.
 * Threads: one draws at a time; the callers see to that. progress_clear may also be
 *   called when a signal ends the program. */
#ifndef HELPER_PROGRESS_H
#define HELPER_PROGRESS_H

#include "cli/output.h"

/* From now on progress_show draws, where it is wanted. */
void progress_begin(const struct output *output);

/* `verb` as in "Uploading"; `what` may be absent. Draws some ten times a second. */
void progress_show(const char *verb, size_t done, size_t total, struct str what);

/* Takes the bar away. */
void progress_clear(void);

#endif
