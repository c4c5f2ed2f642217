/* Changing an index: add an entry, yank one.
 *
 * Source: docs/formats.md, "Adding an entry"; docs/cli.md, "package" and "yank".
 * Errors: a refusal is a diagnostic in `*refused` (arena `diag_arena`); false: memory.
 */
#ifndef REGISTRY_EDIT_H
#define REGISTRY_EDIT_H

#include "schema/index.h"

/* package::already_published or package::canonical_collision, and no change; else the
 * entry is appended (`record` must outlive the index). */
bool edit_add(struct index *index, const struct index_record *record,
              struct arena *diag_arena, struct diag **refused);

/* The same verdict without a change. */
bool edit_may_add(const struct index *index, struct str name, struct str version,
                  struct arena *diag_arena, struct diag **refused);

enum yank_outcome {
    YANK_YANKED,
    YANK_UNYANKED,
    YANK_ALREADY_YANKED,
    YANK_ALREADY_UNYANKED
};
struct str yank_outcome_text(enum yank_outcome outcome); /* "already_yanked", … */

/* yank::entry_not_found (its note names near misses: other versions of the plugin, or
 * another spelling), or the outcome and the entry. */
bool edit_yank(struct index *index, struct str name, struct str version, bool undo,
               struct arena *diag_arena, enum yank_outcome *outcome, size_t *entry,
               struct diag **refused);

#endif
