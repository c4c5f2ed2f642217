/* The steps of a write, shared by fswrite.c (one file) and fswrite_all.c (several).
 *
 * Private to these two. Errors: 0 or an errno value. */
#ifndef BASE_FSWRITE_PARTS_H
#define BASE_FSWRITE_PARTS_H

#include "base/fswrite.h"

/* A name in the directory that nobody else uses; NULL: memory is out. */
const char *fswrite_temporary_name(struct arena *arena, const char *directory,
                                   unsigned attempt);

/* The directory of a path; NULL: memory is out. */
const char *fswrite_parent(struct arena *arena, const char *path);

int fswrite_write(int fd, struct str bytes);

/* Sync and close; closed in any case. */
int fswrite_settle(int fd);

int fswrite_sync_directory(const char *directory);

/* Gives what stands at the final name a second one; EISDIR for a directory. */
int fswrite_keep_old(struct fswrite *write);

/* The temporary file gets the final name, which is free unless `replace`. */
int fswrite_put(struct fswrite *write, bool replace);

/* Undoes fswrite_put as far as it was done, and gives the file up. */
void fswrite_take_back(struct fswrite *write);

#endif
