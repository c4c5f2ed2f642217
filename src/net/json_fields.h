/* Reading single members out of a JSON answer.
 *
 * Shapes: values are views of their JSON text, valid while the arena is. Of members
 *   with the same name the first counts; names written with escapes match nothing.
 * Ownership: everything lies in the arena.
 * Errors: what is not there, or of another type, is absent. `no_memory` says that
 *   memory was out; it stays set.
 * Cost: a lookup reads the object up to the member. */
#ifndef NET_JSON_FIELDS_H
#define NET_JSON_FIELDS_H

#include <stdint.h>

#include "base/arena.h"

struct json_fields {
    struct arena *arena;
    struct str root; /* the whole value */
    bool no_memory;
};

/* Copies the text. False: it is not one JSON value in UTF-8, or memory is out. */
bool json_fields_begin(struct json_fields *fields, struct arena *arena,
                       struct str text);

bool json_fields_is_object(struct str value);
bool json_fields_is_array(struct str value);

/* The member's value as JSON text; `null` is absent. */
struct str json_fields_get(struct json_fields *fields, struct str object,
                           const char *name);

/* A value's, or a member's, text; absent if it is no string. */
struct str json_fields_string(struct json_fields *fields, struct str value);
struct str json_fields_text(struct json_fields *fields, struct str object,
                            const char *name);

/* A whole number from 0 on, also one within quotes as Google writes them. */
bool json_fields_u64(struct json_fields *fields, struct str object, const char *name,
                     uint64_t *number);

/* Is the member `true`? */
bool json_fields_is_true(struct json_fields *fields, struct str object,
                         const char *name);

/* Steps through an array: `*at` starts at 0, `*item` is the next value. False: the end,
 * or no array. */
bool json_fields_next(struct json_fields *fields, struct str array, size_t *at,
                      struct str *item);

#endif
