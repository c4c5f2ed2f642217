/* Writing files so that a name never shows part of one: temporary file in the same
 * directory, sync, rename, sync of the directory.
 *
 * Source: docs/architecture.md, "How a file is written".
 * Shapes: files get mode 0666 less the umask. Temporary names start with
 *   `.influxdb3-plugin-` and a random part; a name that is taken is tried again.
 * Errors: 0 or an errno value, the first wins. A failed or abandoned write leaves the
 *   final name as it was and removes its temporary file: what was there is kept under a
 *   second name until the directory is synced.
 * A link at the final name is replaced, not followed (but see fswrite_all). */
#ifndef BASE_FSWRITE_H
#define BASE_FSWRITE_H

#include "base/arena.h"

struct fswrite {
    int fd;                /* -1: not open */
    const char *temporary; /* NULL: there is none any more */
    const char *final;
    const char *directory;
    const char *backup; /* a second name of what stood at the final one, or NULL */
    const char *spare;  /* the name for that */
    bool replaces;      /* something stood at the final name */
    bool renamed;
};

/* Opens the temporary file for `path`; names live in the arena. */
int fswrite_open(struct fswrite *write, struct arena *arena, struct str path);

int fswrite_append(struct fswrite *write, struct str bytes);

/* Sync and close: all that can fail before the rename. */
int fswrite_sync(struct fswrite *write);

/* Rename to the final name and sync of the directory. After fswrite_sync. */
int fswrite_rename(struct fswrite *write);

/* Instead of fswrite_rename: gives the file a name that is free, by a hard link;
 * EEXIST, or ENOTSUP where there are no hard links. After either the file may still be
 * renamed.
 */
int fswrite_create(struct fswrite *write);

/* Sync of the directory, for names that must be there before another. */
int fswrite_sync_names(struct fswrite *write);

/* Gives the file up; no effect once renamed. */
void fswrite_abort(struct fswrite *write);

/* Open, append, sync, rename. */
int fswrite_file(struct arena *scratch, struct str path, struct str bytes);

/* Several files below one directory, all or none. */
struct fswrite_member {
    struct str name; /* relative to the directory, no `/` in it */
    struct str content;
};

/* Writes the members into `directory`, which is made with its parents where missing.
 * A directory that did not exist appears at once, complete, by one rename. In one that
 * exists every member is written and synced first; then they are renamed, the last
 * member last, and what was replaced comes back if a rename fails. `*failed_path` is
 * the path of the failure: the directory or a member in it. A name that exists is
 * replaced only if `replace`; else it is EEXIST. A link at a member's name is followed:
 * what it points to, there or not, is the file that is written. */
int fswrite_all(struct arena *scratch, struct str directory,
                const struct fswrite_member *members, size_t count, bool replace,
                struct str *failed_path);

#endif
