/* TOML 1.0 documents as a plain tree.
 *
 * Source: TOML 1.0.0; docs/formats.md, "Manifest" (nesting under 80, numbers in range,
 *   second 60 and year 0000 are valid).
 * Ownership: the tree lives in the arena; strings are views of the document, or lie in
 *   the arena where they hold escapes.
 * Errors: TOML_INVALID with a message and offset in `error`; the first defect ends it.
 * Cost: linear, without recursion. */
#ifndef SCHEMA_TOML_H
#define SCHEMA_TOML_H

#include "base/arena.h"

enum toml_status { TOML_OK, TOML_INVALID, TOML_NO_MEMORY };

enum toml_type { TOML_TABLE, TOML_ARRAY, TOML_STRING, TOML_OTHER };

struct toml_node {
    enum toml_type type;
    const char *type_name; /* "string", "integer", … for messages */
    struct str key;        /* in a table */
    size_t key_offset;
    size_t offset;           /* of the value in the document */
    struct str text;         /* of a string */
    struct toml_node *first; /* children of a table or an array, in document order */
    struct toml_node *next;
    size_t count;
};

struct toml_error {
    struct str message;
    size_t offset;
};

/* `document` is UTF-8, with or without a byte order mark. */
enum toml_status toml_parse(struct arena *arena, struct str document,
                            struct toml_node **root, struct toml_error *error);

const struct toml_node *toml_find(const struct toml_node *table, const char *key);

#endif
