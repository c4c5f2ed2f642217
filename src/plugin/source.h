/* A plugin's source files: one walk, then selection by `plugin.exclude`.
 *
 * Source: docs/formats.md, "Plugin directory".
 * Shapes: regular files only, hidden ones too; paths relative, `/` between components,
 * in byte order; at most LIMIT_PLUGIN_FILES (EFBIG... reported as a clear failure).
 * Ownership: the list lives in the arena.
 * Errors: 0 or an errno value, `*failed_path` then names the file or directory.
 * Cost: one directory read and one stat a file; no recursion; depth is bounded by the
 *   file system (directories are opened relative to their parents). */
#ifndef PLUGIN_SOURCE_H
#define PLUGIN_SOURCE_H

#include <stdint.h>

#include "base/arena.h"
#include "grammar/gitignore.h"

struct source_file {
    struct str path;
    uint64_t size;   /* when walked */
    bool executable; /* any execute bit */
    uint64_t device;
    uint64_t inode;
    int64_t modified_ns; /* with size and inode: has it changed since? */
};

struct source_list {
    struct source_file *files;
    size_t count;
};

int source_select(struct arena *arena, struct str root,
                  const struct gitignore *excludes, struct source_list *list,
                  struct str *failed_path);

const struct source_file *source_find(const struct source_list *list, struct str path);

#endif
