/* The fields that a manifest and an index entry share: one set of rules for both.
 *
 * Source: docs/formats.md, "Manifest" and "Index"; fields.def holds a row a field.
 * Shapes: values come as written, with their byte offset in the document; they leave in
 *   the form that is written to an index (URLs serialized, requirements in display
 * form; the description as written: NFC is index_write's). Ownership: checked values
 * live in the arena, or are the given views where nothing changes. Errors: defects join
 * the list, in the contract's order, with their place's offset set; false only when
 * memory is out. Cost: no allocation for values that are already in their written form.
 */
#ifndef SCHEMA_FIELDS_H
#define SCHEMA_FIELDS_H

#include "base/diag.h"

enum { DESCRIPTION_MAX_CHARACTERS = 200 };

/* A string value as it stands in the document. */
struct field_text {
    struct str text; /* unescaped; absent if the key is */
    size_t offset;   /* of the value in the document */
};

struct raw_dependency {
    struct field_text index_url;
    struct field_text name;
    struct field_text version;
    size_t offset; /* of the table */
};

struct raw_fields {
    struct field_text name;
    struct field_text version;
    struct field_text description;
    const struct field_text *triggers;
    size_t trigger_count;
    size_t triggers_offset;
    struct field_text homepage;
    struct field_text repository;
    struct field_text documentation;
    const struct field_text *exclude; /* a manifest's only; not checked here */
    size_t exclude_count;
    struct field_text database_version;
    const struct field_text *python;
    size_t python_count;
    const struct raw_dependency *plugins;
    size_t plugin_count;
};

struct plugin_dependency {
    struct str index_url;
    struct str name;
    struct str version;
};

struct fields {
    struct str name;
    struct str version;
    struct str description;
    const struct str *triggers;
    size_t trigger_count;
    struct str homepage; /* absent if not given; so the next two */
    struct str repository;
    struct str documentation;
    const struct str *exclude; /* as written; an index entry has none */
    size_t exclude_count;
    struct str database_version;
    const struct str *python;
    size_t python_count;
    const struct plugin_dependency *plugins;
    size_t plugin_count;
};

/* A copy that views nothing but the arena. False: memory is out. */
bool fields_copy(struct arena *arena, const struct fields *from, struct fields *copy);

/* A row of fields.def: where the field stands and what it holds. */
enum field_table { FIELD_PLUGIN, FIELD_DEPENDENCIES, FIELD_DEPENDENCY };
enum field_type { FIELD_TEXT, FIELD_TEXTS, FIELD_TABLES };
enum field_presence { FIELD_REQUIRED, FIELD_OPTIONAL, FIELD_MANIFEST_ONLY };

struct field_row {
    const char *key;
    enum field_table table;
    enum field_type type;
    enum field_presence presence;
    /* Offsets of the value in `struct raw_fields` or `struct raw_dependency`, and of
     * the count beside an array. */
    size_t raw_value;
    size_t raw_count;
};

/* All rows, in the order of the checks; `*count` of them. */
const struct field_row *field_rows(size_t *count);

/* How field paths begin: in a manifest `plugin.name`, `dependencies.python[0]`; in
 * entry 3 of an index `plugins[3].name`, `plugins[3].dependencies.python[0]`. */
struct field_scope {
    bool in_index;
    size_t entry;
    struct arena *arena;
    struct diag_list *defects;
};

/* `plugins[3].` or `plugin.` before `key`; for diagnostics of the callers' own. */
struct str field_path(const struct field_scope *scope, const char *key);

/* Name, then version. */
bool fields_check_identity(const struct field_scope *scope,
                           const struct raw_fields *raw, struct fields *checked);

/* Description, triggers, homepage, repository, documentation, database_version, python,
 * plugins (each: index_url, name, version, then duplicate). */
bool fields_check_rest(const struct field_scope *scope, const struct raw_fields *raw,
                       struct fields *checked);

/* The schema version of a manifest (supported major 1) or an index (2): adds the one
 * defect if it is malformed or of another major; `*minor` is set if it is neither. */
bool schema_version_check(struct arena *arena, struct diag_list *defects, bool in_index,
                          const struct field_text *value, uint32_t *minor);

/* `artifacts_url` of an index: serialized into `*href`. The same rule serves
 * `--artifacts-url`. */
bool artifacts_url_check(struct arena *arena, struct diag_list *defects,
                         const struct field_text *value, struct str *href);

/* The trigger types, in the contract's order; the last is NULL. */
extern const char *const trigger_types[];
bool trigger_type_is_known(struct str text);

#endif
