/* The checks that fields.def names: one value each. Private to fields.
 *
 * Ownership: checked values lie in the scope's arena, or are the given views.
 * Errors: a defect joins the scope's list and `*checked` is the text as written; false
 *   only when memory is out. */
#ifndef SCHEMA_FIELD_CHECKS_H
#define SCHEMA_FIELD_CHECKS_H

#include "schema/fields.h"

/* Where a value stands, for the path of its defects. */
struct spot {
    const struct field_scope *scope;
    const struct field_row *row;
    size_t item;                    /* of an array, or SPOT_NO_ITEM */
    const struct field_row *member; /* of a table in an array, or NULL */
};

#define SPOT_NO_ITEM SIZE_MAX

/* `dependencies.plugins[0].name` and the like. Absent when memory is out. */
struct str spot_path(const struct spot *spot);

/* Adds a defect to the list; false when memory is out, also for an absent path. */
bool field_defect(struct arena *arena, struct diag_list *defects,
                  enum variant_id variant, struct str path, size_t offset,
                  const struct detail *details, size_t count);

typedef bool (*text_check)(const struct spot *spot, const struct field_text *value,
                           struct str *checked);

bool check_name(const struct spot *spot, const struct field_text *value,
                struct str *checked);
bool check_version(const struct spot *spot, const struct field_text *value,
                   struct str *checked);
bool check_description(const struct spot *spot, const struct field_text *value,
                       struct str *checked);
bool check_trigger(const struct spot *spot, const struct field_text *value,
                   struct str *checked);
bool check_web_url(const struct spot *spot, const struct field_text *value,
                   struct str *checked);
bool check_index_url(const struct spot *spot, const struct field_text *value,
                     struct str *checked);
bool check_database_version(const struct spot *spot, const struct field_text *value,
                            struct str *checked);
bool check_dependency_version(const struct spot *spot, const struct field_text *value,
                              struct str *checked);
bool check_python(const struct spot *spot, const struct field_text *value,
                  struct str *checked);

#endif
