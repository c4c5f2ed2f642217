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

/* All of them. None can be made afterwards but after the next scratch_make. */
void scratch_end(void);

#endif
