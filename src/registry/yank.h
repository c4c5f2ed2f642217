/* `yank`: one entry's mark set or cleared, in a new index file.
 *
 * Source: docs/cli.md, "yank".
 * Ownership: as with package_run.
 * Errors: REGISTRY_FAILED with one error in `*failure`. */
#ifndef REGISTRY_YANK_H
#define REGISTRY_YANK_H

#include "registry/edit.h"
#include "registry/index_file.h"

struct yank_request {
    struct str name;
    struct str version;
    struct typed_path index;
    struct typed_path out;
    bool undo;
};

struct yank_result {
    enum yank_outcome outcome;
    struct index_record record; /* the entry as it is now */
    struct str index_path;      /* absolute */
};

enum registry_status yank_run(struct arena *arena, const struct yank_request *request,
                              struct index *index, struct yank_result *result,
                              struct diag **failure);

#endif
