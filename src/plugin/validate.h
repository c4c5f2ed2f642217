/* A plugin directory: manifest, files, entry point, triggers.
 *
 * Source: docs/formats.md, "Plugin directory"; docs/cli.md, "validate".
 * Ownership: the value and its diagnostics live in the arena; `document` and `python`
 * are the texts that places in diagnostics view, kept there too. Errors: PLUGIN_INVALID
 * with diagnostics (a bad manifest alone; else all others, in the contract's order);
 * PLUGIN_FAILED with one error in `*failure`, of the command's own code (see
 * plugin_codes). Warnings are collected beside them and change nothing. */
#ifndef PLUGIN_VALIDATE_H
#define PLUGIN_VALIDATE_H

#include "plugin/source.h"
#include "schema/index.h"
#include "schema/manifest.h"

enum plugin_status { PLUGIN_OK, PLUGIN_INVALID, PLUGIN_FAILED, PLUGIN_NO_MEMORY };

struct plugin {
    struct str root; /* the directory as given */
    struct manifest manifest;
    struct source_list files;
    struct str entry_point; /* of `files` */
    struct diag_list defects;
    struct diag_list warnings;
    struct diag *failure;
};

/* Which rows report a file that cannot be read and a bad exclude pattern. */
struct plugin_codes {
    enum error_id io_failed;
    enum error_id invalid_exclude;
};
extern const struct plugin_codes plugin_codes_validate;
extern const struct plugin_codes plugin_codes_package;

/* `shown` is how the directory should be named in human output. `want_warnings` false
 * skips what only warnings need. */
enum plugin_status plugin_validate(struct arena *arena, struct str root,
                                   struct str shown, const struct plugin_codes *codes,
                                   bool want_warnings, struct plugin *plugin);

/* validate::name_version_conflict against an index: added to `plugin->defects`. */
enum plugin_status plugin_check_conflict(struct arena *arena, struct plugin *plugin,
                                         const struct index *index);

#endif
