/* `package`: a plugin directory and an index in, an artifact and a new index out.
 *
 * Source: docs/cli.md, "package" (order of checks); docs/formats.md, "Artifact".
 * Shapes: the artifact is `<out>/<name>-<version>.tar.gz`, the index
 * `<out>/index.json`; both are written and synced under temporary names, then renamed,
 * the artifact first. If the second rename fails, the artifact stays: no index names
 * it. Ownership: everything in the result lies in the arena, or views `index`, which is
 * to be released after it, in every case. Errors: REGISTRY_FAILED with one error in
 * `*failure`. Warnings come with success and with failure. */
#ifndef REGISTRY_PACKAGE_H
#define REGISTRY_PACKAGE_H

#include "plugin/artifact.h"
#include "plugin/validate.h"
#include "registry/index_file.h"

struct package_request {
    struct str plugin_dir; /* as typed */
    struct typed_path index;
    struct typed_path out;
    bool want_warnings;
    int64_t published_at; /* seconds since 1970 */
};

struct package_result {
    struct plugin plugin;
    struct index_record record; /* the new entry */
    struct artifact artifact;
    struct str artifact_path; /* absolute */
    struct str index_path;
};

enum registry_status package_run(struct arena *arena,
                                 const struct package_request *request,
                                 struct index *index, struct package_result *result,
                                 struct diag **failure);

#endif
