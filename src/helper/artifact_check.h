/* What is in an artifact: for `verify --deep`, and for the orphans that `repair` finds.
 *
 * Source: docs/formats.md, "Artifact", "Plugin directory".
 * Ownership: records and diagnostics live in the arena given.
 * Errors: false: memory is out. What is wrong with the artifact is a
 *   registry::artifact_invalid, a plugin's own defects nested in it.
 * Threads: safe. */
#ifndef HELPER_ARTIFACT_CHECK_H
#define HELPER_ARTIFACT_CHECK_H

#include "registry/verify.h"

/* A verify_unpack: the artifact is a valid plugin, and what its entry says it is. */
bool artifact_check_entry(void *context, struct arena *arena, struct str artifact,
                          const struct index_record *record, struct diag_list *defects);

/* A repair_read_artifact: the entry that it would have, published now. */
bool artifact_check_orphan(void *context, struct arena *arena, struct str name,
                           struct str artifact, struct index_record *record,
                           struct diag **defect);

#endif
