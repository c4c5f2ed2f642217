/* What the object stores (S3, Google Cloud Storage, Azure Blob) have in common.
 *
 * Shapes: the objects of a registry lie flat below a prefix, which is "" or ends in
 * `/`. Ownership: texts made here live in the arena given. */
#ifndef STORES_OBJECTS_H
#define STORES_OBJECTS_H

#include "stores/stores.h"

/* Of an object, by its name: JSON, a gzip file, or bytes. */
struct str objects_content_type(struct str name);

/* index.json is looked at anew each time; whatever else there is never changes. */
struct str objects_cache_control(struct str name);

/* `base/NAME`, percent-encoded; `base` is complete and encoded, and ends in no `/`.
 * Absent: memory is out. */
struct str objects_url(struct arena *arena, struct str base, struct str prefix,
                       struct str name);

/* Percent-encoded, slashes too if they are not kept. Absent: memory is out. */
struct str objects_encoded(struct arena *arena, struct str text, bool keep_slashes);

/* The prefix of a location: "" or ending in `/`. Absent: memory is out. */
struct str objects_prefix(struct arena *arena, const struct location *location);

/* A base address as it was given, without the slashes at its end. */
struct str objects_base(struct str address);

/* A decimal number; 0: it is none. */
uint64_t objects_number(struct str text);

/* Grows, in the arena. */
struct objects_found {
    struct store_object *objects;
    size_t count;
    size_t room;
};

/* Adds one; false: memory is out. */
bool objects_add(struct arena *arena, struct objects_found *found,
                 const struct store_object *object);

/* In byte order of names, as list promises. */
void objects_sort(struct objects_found *found);

#endif
