/* Private directories for what is unpacked only to be looked at.
 *
 * All lie in one below TMPDIR (or /tmp), which nobody else can enter and which goes
 * when the program ends, also by a signal. Errors: an errno value. Threads: safe. */
#ifndef HELPER_SCRATCH_H
#define HELPER_SCRATCH_H

#include "base/arena.h"

/* An empty directory of its own; the path has no links in it. */
int scratch_make(struct arena *arena, struct str *directory);

/* With all that is in it. */
void scratch_remove(struct str directory);

/* All of them, at the end of a command. */
void scratch_end(void);

/* The same while threads may still be unpacking, for a program that a signal ends: from
 * now on none is made, and who fills one stops at scratch_check, to be ended. */
void scratch_abandon(void);
void scratch_check(void);

#endif
