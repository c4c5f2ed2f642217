/* What a code host showed last, so that what never changes need not be looked for anew.
 *
 * Shapes: an object's revision is its identity on the host. Any name but index.json
 *   stands for one object as long as that is there; so a use that finds it gone looks
 *   again. Ownership: copies, in an arena of its own. Errors: what memory does not hold
 * is not known; that is no failure. Threads: any number. */
#ifndef STORES_FORGE_KNOWN_H
#define STORES_FORGE_KNOWN_H

#include <pthread.h>

#include "stores/objects.h"

struct forge_known_object;

struct forge_known {
    pthread_mutex_t mutex;
    struct arena arena;
    struct forge_known_object *objects;
    size_t count;
    size_t room;
    bool is_seen; /* something was shown */
};

bool forge_known_init(struct forge_known *known);
void forge_known_release(struct forge_known *known);

/* All that is there; `urls` may be NULL. Incomplete ones are left out. */
void forge_known_set(struct forge_known *known, const struct objects_found *found,
                     const struct str *urls);
/* `url` may be absent. */
void forge_known_add(struct forge_known *known, const struct store_object *object,
                     struct str url);
void forge_known_forget(struct forge_known *known, struct str revision);

/* False: not known. The texts are copies in the arena, `url` may be NULL. */
bool forge_known_find(struct forge_known *known, struct arena *arena, struct str name,
                      struct store_object *object, struct str *url);

/* How many there would be with these names, too; 0: nothing was shown so far. */
size_t forge_known_count_with(struct forge_known *known, const struct str *names,
                              size_t count);

#endif
