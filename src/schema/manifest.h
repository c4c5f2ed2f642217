/* manifest.toml: from text to checked fields.
 *
 * Source: docs/formats.md, "Manifest"; TOML 1.0.
 * Ownership: the result views the document and lives in the arena.
 * Errors: defects join the list (one of variant TomlParse for structure, else all field
 *   defects in order), located in `file`; MANIFEST_INVALID then. */
#ifndef SCHEMA_MANIFEST_H
#define SCHEMA_MANIFEST_H

#include "schema/fields.h"

enum manifest_status { MANIFEST_OK, MANIFEST_INVALID, MANIFEST_NO_MEMORY };

struct manifest {
    struct fields fields;
    const struct field_text *excludes; /* `plugin.exclude`, unchecked */
    size_t exclude_count;
    const struct field_text *triggers; /* `fields.triggers` with their places */
    /* Keys that this format does not know, for warnings; dotted from the root. */
    struct unknown_key {
        struct str path;
        struct str nearest; /* a known key that it may have meant, or absent */
        size_t offset;
    } * unknown_keys;
    size_t unknown_key_count;
    size_t python_offset; /* of `dependencies.python`, or DIAG_NOWHERE */
};

/* `document` is UTF-8; `file` is how its path should be shown. */
enum manifest_status manifest_parse(struct arena *arena, struct str document,
                                    struct str file, struct manifest *manifest,
                                    struct diag_list *defects);

#endif
