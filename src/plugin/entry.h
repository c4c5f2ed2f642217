/* The entry point among a plugin's files.
 *
 * Source: docs/formats.md, "Plugin directory".
 * Ownership: what the choice points to lives in the list, `candidates` in the arena. */
#ifndef PLUGIN_ENTRY_H
#define PLUGIN_ENTRY_H

#include "plugin/source.h"

enum entry_status { ENTRY_FOUND, ENTRY_NONE, ENTRY_AMBIGUOUS, ENTRY_NO_MEMORY };

struct entry {
    const struct source_file *file; /* ENTRY_FOUND */
    const struct str *candidates;   /* ENTRY_AMBIGUOUS: their names, in byte order */
    size_t candidate_count;
};

/* `__init__.py` at the root, else the only `*.py` there. */
enum entry_status entry_choose(struct arena *arena, const struct source_list *files,
                               struct entry *entry);

#endif
