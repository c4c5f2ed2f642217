/* A registry host in memory, for tests: any mode, any trouble on script.
 *
 * Shapes: a state is a sorted array of objects and may be copied; the store is one such
 *   state behind a lock.
 * Ownership: a state views names and bytes; the store copies what it is given and owns
 *   it until it is closed.
 * Errors: as store.h says; store::server_error where the script fails a request.
 * Threads: as with any store; the script is called by several threads at once. */
#ifndef REGISTRY_STORE_MEMORY_H
#define REGISTRY_STORE_MEMORY_H

#include "registry/store.h"

struct memory_object {
    struct str name;
    struct str bytes;
    uint64_t identity; /* of what was written under the name, never used again */
    uint64_t serial;
    bool is_incomplete;
};

struct memory_state {
    struct memory_object *objects; /* in byte order of names */
    size_t count;
    size_t room; /* enough for one more, where one is put */
};

struct memory_object *memory_find(const struct memory_state *state, struct str name);
struct memory_object *memory_identify(const struct memory_state *state,
                                      uint64_t identity);
enum store_status memory_put_new(struct memory_state *state,
                                 const struct memory_object *object);
/* Over the object of that identity; 0: over anything or nothing. */
enum store_status memory_replace(struct memory_state *state,
                                 const struct memory_object *object, uint64_t identity);
enum store_status memory_rename(struct memory_state *state, uint64_t identity,
                                struct str to);
enum store_status memory_remove(struct memory_state *state, uint64_t identity);

enum memory_verb {
    MEMORY_GET,
    MEMORY_PUT_NEW,
    MEMORY_REPLACE,
    MEMORY_LIST,
    MEMORY_RENAME,
    MEMORY_REMOVE,
    MEMORY_VERB_COUNT
};

enum memory_trouble {
    MEMORY_NO_TROUBLE,
    MEMORY_FAIL_BEFORE,      /* STORE_FAILED, nothing done */
    MEMORY_FAIL_AFTER,       /* STORE_FAILED, done */
    MEMORY_UNCERTAIN_BEFORE, /* STORE_UNCERTAIN, nothing done (reads: failed) */
    MEMORY_UNCERTAIN_AFTER,  /* STORE_UNCERTAIN, done (reads: failed) */
    MEMORY_REPEAT,           /* done twice; the second answer */
    MEMORY_HALF              /* put_new: failed, and an incomplete object is left */
};

struct memory_event {
    enum memory_verb verb;
    struct str name;
    uint64_t number; /* of the request, from 1 */
};

struct memory_options {
    enum store_mode mode;
    bool has_digests; /* tells digests */
    bool has_serials; /* keeps serials beside index.json */
    bool cannot_list;
    bool needs_exclusive;
    bool waits_for_index;
    /* Lies. */
    bool ignores_names;     /* put_new overwrites */
    bool ignores_revisions; /* replace overwrites */
    bool ignores_identity;  /* what was removed may be removed again */
    bool loses_races;       /* conditions are looked at, and then forgotten */
    /* Called before each request, without the lock: it may use the store. */
    enum memory_trouble (*script)(void *context, struct store *store,
                                  const struct memory_event *event);
    void *context;
};

struct store *memory_store_new(const struct memory_options *options); /* NULL: memory */

/* Beside the protocol: what is there (views until the next write; absent: nothing), and
 * writing without a condition. */
struct str memory_store_peek(struct store *store, struct str name);
bool memory_store_poke(struct store *store, struct str name, struct str bytes);
bool memory_store_erase(struct store *store, struct str name);
size_t memory_store_count(struct store *store); /* objects */
struct str memory_store_name(struct store *store, size_t at);
uint64_t memory_store_calls(struct store *store, enum memory_verb verb);

#endif
