/* A registry and its publishers as one value: every request is a step.
 *
 * Source: docs/publishing.md, "Changing the index".
 * Shapes: an index is a text, "-" at first, to which each publisher appends its letter
 *   and the number of its edit ("-a1b2"): a later index begins with every earlier one.
 *   Texts, names, revisions and lists are interned, so that worlds that are the same
 * have the same bytes. */
#ifndef CHANGE_MODEL_H
#define CHANGE_MODEL_H

#include "registry/change_machine.h"
#include "registry/store_memory.h"

enum { MODEL_PUBLISHERS = 5, MODEL_OBJECTS = 40 };

/* What may go wrong with one request. */
enum model_fault {
    FAULT_NONE,
    FAULT_LOST,        /* a write: uncertain, nothing done */
    FAULT_TOOK,        /* uncertain, done */
    FAULT_LATE,        /* uncertain, and done at some time later, or never */
    FAULT_REPEAT,      /* done by a first try, answered by a second */
    FAULT_FAIL_BEFORE, /* failed; the publisher gives up */
    FAULT_FAIL_AFTER,
    FAULT_HALF, /* a creation failed and left an incomplete object */
    FAULT_COUNT
};

struct model_rules {
    enum store_mode mode;
    size_t publishers;
    bool has_digests;
    bool has_serials;
    bool is_seeding;        /* there is no index at first; all want to make one */
    bool is_made_otherwise; /* an index without a journal */
    unsigned faults;        /* in all */
    unsigned deaths;
    unsigned kept; /* 0: the usual */
    /* Hosts that lie, for the checker to catch. */
    bool ignores_names;
    bool ignores_revisions;
    bool ignores_identity;
    bool renames_over;
};

enum model_life { LIFE_RUNNING, LIFE_DONE, LIFE_FAILED, LIFE_DEAD };

struct model_publisher {
    struct change_machine machine;
    enum model_life life;
    unsigned edits;
};

struct world {
    struct memory_object objects[MODEL_OBJECTS];
    size_t count;
    struct model_publisher publishers[MODEL_PUBLISHERS + 1]; /* the last one repairs */
    struct change_request late;                              /* CHANGE_ASK_END: none */
    uint64_t late_identity;
    struct str shown; /* the index that readers saw last */
    unsigned faults;
    unsigned deaths;
};

void model_start(struct world *world, const struct model_rules *rules);

/* Is there anything for it to do? */
bool model_is_running(const struct world *world, size_t publisher);

/* May this go wrong with its next request? */
bool model_may(const struct world *world, const struct model_rules *rules,
               size_t publisher, enum model_fault fault);

void model_step(struct world *world, const struct model_rules *rules, size_t publisher,
                enum model_fault fault);
void model_kill(struct world *world, size_t publisher);

/* The delayed request takes effect. */
bool model_is_late(const struct world *world);
void model_arrive(struct world *world, const struct model_rules *rules);

/* What is wrong with the world; NULL: nothing. */
const char *model_check(const struct world *world, const struct model_rules *rules);

/* The same of one in which nobody runs any more; another publisher comes along and must
 * succeed. Changes the world. */
const char *model_check_end(struct world *world, const struct model_rules *rules);

/* Of what is next, for traces. */
const char *model_describe(const struct world *world, size_t publisher);

/* Two halves of a hash of all that matters. */
struct world_mark {
    uint64_t half[2];
};
struct world_mark model_mark(const struct world *world,
                             const struct model_rules *rules);

void model_release(void); /* all that was interned */

#endif
