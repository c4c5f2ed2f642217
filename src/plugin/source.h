/* A plugin's source files: one walk, then selection by `plugin.exclude`.
 *
 * Source: docs/formats.md, "Plugin directory".
 * Shapes: regular files only, hidden ones too; paths relative, `/` between components;
 *   in byte order of the paths as an archive shows them; at most LIMIT_PLUGIN_FILES.
 * Ownership: the list lives in the arena; a NUL follows every path.
 * Errors: 0 or an errno value, `*failed_path` then names the file or directory, below
 *   `root`; EFBIG: more files than the limit.
 * Cost: one directory read and one stat a file; one directory is open at a time, so
 *   depth is bounded by the length that the system allows a path. */
#ifndef PLUGIN_SOURCE_H
#define PLUGIN_SOURCE_H

#include <stdint.h>

#include "base/arena.h"
#include "grammar/gitignore.h"

struct source_file {
    struct str path;  /* bytes, as on disk */
    struct str shown; /* with U+FFFD for bytes that are not UTF-8 */
    uint64_t size;    /* when walked */
    bool executable;  /* any execute bit */
    uint64_t device;
    uint64_t inode;
    int64_t modified_ns; /* with size and inode: has it changed since? */
};

struct source_list {
    struct source_file *files;
    size_t count;
};

/* `excludes` may be NULL. */
int source_select(struct arena *arena, struct str root,
                  const struct gitignore *excludes, struct source_list *list,
                  struct str *failed_path);

/* The file at that path, or NULL. */
const struct source_file *source_find(const struct source_list *list, struct str path);

/* The absolute path of `path` below `root`, for diagnostics; absent: memory is out. */
struct str source_absolute(struct arena *arena, struct str root, struct str path);

/* What a stat says of a file, as far as a source file keeps it. */
struct stat;
struct source_file source_of_stat(const struct stat *info);

/* Is it still the file that was walked, unchanged? */
bool source_same(const struct source_file *file, const struct stat *info);

#endif
