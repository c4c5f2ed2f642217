/* Private to the TOML parser: its state, and what its files call of each other.
 *
 * Source: TOML 1.0.0.
 * Errors: functions return false after toml_reject, or with `status` TOML_NO_MEMORY. */
#ifndef SCHEMA_TOML_PARTS_H
#define SCHEMA_TOML_PARTS_H

#include <stdint.h>

#include "base/hash.h"
#include "schema/toml.h"

/* Nesting of this many is a defect: of arrays and inline tables, of parts of a key. */
enum { TOML_NESTING_CAP = 80 };

/* How a table or an array came to be, which says who may add to it. */
enum toml_origin {
    TOML_BY_VALUE,    /* anything after `=` or in an array */
    TOML_BY_HEADER,   /* `[a]`, or an element of `[[a]]` */
    TOML_BY_SUBTABLE, /* `a` of `[a.b]` while there is no `[a]` */
    TOML_BY_DOTS,     /* `a` of `a.b = 1` */
    TOML_BY_ELEMENTS  /* the array of `[[a]]` */
};

struct toml_item {
    struct toml_node node; /* first: a node is its item */
    enum toml_origin origin;
    struct toml_item *parent;
    struct toml_item *last; /* child */
    uint64_t hash;          /* of parent and key */
};

struct toml_key {
    struct str text;
    size_t offset;
};

struct toml_parser {
    struct arena *arena;
    struct str text;
    size_t at;
    enum toml_status status;
    struct toml_error *error;
    struct toml_item *root;
    struct toml_key path[TOML_NESTING_CAP - 1]; /* the key that was read last */
    size_t path_len;
    struct toml_item **slots; /* an open hash table of all that has a key */
    size_t slot_count;
    size_t slots_used;
    struct hash_key hash_key;
};

/* False, with the message as printf makes it. */
bool toml_reject(struct toml_parser *parser, size_t offset, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
bool toml_no_memory(struct toml_parser *parser);

/* The byte `ahead` of the position, or NUL at the end (which no rule wants either). */
static inline char toml_peek(const struct toml_parser *parser, size_t ahead) {
    return ahead < parser->text.len - parser->at ? parser->text.ptr[parser->at + ahead]
                                                 : '\0';
}

static inline bool toml_at_end(const struct toml_parser *parser) {
    return parser->at == parser->text.len;
}

/* A byte that may stand nowhere but as a line's end. */
static inline bool toml_is_control(char c) {
    return ((unsigned char)c < 0x20 && c != '\t') || c == 0x7F;
}

/* toml_text.c: a string at its opening quote. */
bool toml_read_string(struct toml_parser *parser, bool may_span_lines,
                      struct str *text);

/* toml_scalar.c: a boolean, number, date or time; sets the node's type name. */
bool toml_read_scalar(struct toml_parser *parser, struct toml_node *node);

/* toml_tree.c. A table, the last child of its parent; NULL when memory is out. */
struct toml_item *toml_new_item(struct toml_parser *parser, struct toml_item *parent,
                                const struct toml_key *key, enum toml_origin origin,
                                size_t offset);
void toml_set_type(struct toml_item *item, enum toml_type type);

/* `[path]` or `[[path]]` with `parser->path`: the table that follows, or NULL. */
struct toml_item *toml_open_table(struct toml_parser *parser, size_t offset,
                                  bool is_element);

/* `path =` in a table: the item for the value, or NULL. */
struct toml_item *toml_open_value(struct toml_parser *parser, struct toml_item *table);

#endif
