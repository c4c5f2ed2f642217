/* `new`: a plugin or an index to start from.
 *
 * Source: docs/cli.md, "new <template> [path]": templates, order of checks, results.
 * Errors: SCAFFOLD_FAILED with `*failure`; nothing is then written or left behind. */
#ifndef PLUGIN_SCAFFOLD_H
#define PLUGIN_SCAFFOLD_H

#include "base/diag.h"

enum scaffold_status { SCAFFOLD_OK, SCAFFOLD_FAILED, SCAFFOLD_NO_MEMORY };

enum scaffold_template {
    SCAFFOLD_PROCESS_WRITES,
    SCAFFOLD_PROCESS_SCHEDULED_CALL,
    SCAFFOLD_PROCESS_REQUEST,
    SCAFFOLD_INDEX
};

struct scaffold_request {
    enum scaffold_template kind;
    struct str path;             /* as typed */
    struct str absolute;         /* path_absolute of it */
    struct str name;             /* --name, or absent */
    struct str database_version; /* --database-version, or absent: the default */
    struct str default_database_version;
    struct str artifacts_url; /* --artifacts-url, or absent: the file URL of the path */
    bool force;
};

struct scaffold_result {
    struct str name; /* absent for an index */
    struct str files[3];
    size_t file_count;
};

enum scaffold_status scaffold_write(struct arena *arena,
                                    const struct scaffold_request *request,
                                    struct scaffold_result *result,
                                    struct diag **failure);

/* The template's identifiers: `process_writes`, "Process Writes Plugin". */
const char *scaffold_short_name(enum scaffold_template kind);
const char *scaffold_title(enum scaffold_template kind);

#endif
