/* What is not wrong, but worth a word: for human output, without a say in the outcome.
 *
 * Ownership: warnings and what they point to live in the arena, or view the inputs.
 * Errors: false when memory is out. */
#ifndef PLUGIN_WARNINGS_H
#define PLUGIN_WARNINGS_H

#include "plugin/python.h"
#include "plugin/validate.h"

struct warnings_input {
    const struct plugin *plugin;
    struct str shown; /* the directory, as it should be named */
    struct str manifest_file;
    struct str manifest_document;
    struct str entry_file; /* absent: there is none that parses */
    struct str entry_source;
    const struct python_module *module;
};

/* Unknown keys of the manifest, a requirements.txt that says something else, handlers
 * that do not take what the database passes, handlers that no trigger names. */
bool warnings_collect(struct arena *arena, const struct warnings_input *input,
                      struct diag_list *warnings);

/* For an artifact over LIMIT_ARTIFACT_WARNING_BYTES, with the largest files in it. */
bool warnings_large_artifact(struct arena *arena, uint64_t size_bytes,
                             const struct source_list *files,
                             struct diag_list *warnings);

#endif
