#include "change_model.h"

#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "registry/change_steps.h"

/* Equal bytes, one address: an open table. */
struct interned {
    struct interned *next;
    uint64_t hash;
    size_t len;
    _Alignas(8) char bytes[];
};

enum { BUCKETS = 1 << 14 };
static struct interned *buckets[BUCKETS];
static const struct hash_key keys[2] = {{{1, 2}}, {{3, 4}}};

static const void *intern(const void *bytes, size_t len) {
    uint64_t hash = hash_str(&keys[0], (struct str){bytes, len});
    struct interned **bucket = &buckets[hash % BUCKETS];
    for (struct interned *at = *bucket; at != NULL; at = at->next) {
        if (at->hash == hash && at->len == len && memcmp(at->bytes, bytes, len) == 0) {
            return at->bytes;
        }
    }
    struct interned *made = calloc(1, sizeof *made + len + 1);
    assert(made != NULL);
    *made = (struct interned){.next = *bucket, .hash = hash, .len = len};
    memcpy(made->bytes, bytes, len);
    *bucket = made;
    return made->bytes;
}

static struct str intern_str(struct str text) {
    return (struct str){intern(text.ptr, text.len), text.len};
}

void model_release(void) {
    for (size_t i = 0; i < BUCKETS; i++) {
        while (buckets[i] != NULL) {
            struct interned *next = buckets[i]->next;
            free(buckets[i]);
            buckets[i] = next;
        }
    }
}

static struct memory_state state_of(struct world *world) {
    return (struct memory_state){world->objects, world->count, MODEL_OBJECTS};
}

static struct str revision_of(uint64_t identity) {
    char revision[32];
    (void)snprintf(revision, sizeof revision, "r%llu", (unsigned long long)identity);
    return intern_str(str_of(revision));
}

static struct store_object show(const struct memory_object *object,
                                const struct model_rules *rules) {
    struct store_object shown;
    memset(&shown, 0, sizeof shown);
    shown.name = object->name;
    shown.revision = revision_of(object->identity);
    shown.size_bytes = object->bytes.len;
    shown.serial = rules->has_serials ? object->serial : 0;
    shown.is_incomplete = object->is_incomplete;
    if (rules->has_digests) {
        struct sha256 sha;
        sha256_begin(&sha);
        sha256_add(&sha, object->bytes);
        sha256_end(&sha, shown.digest);
    }
    return shown;
}

/* Does the machine remember it in any way? */
static bool remembers(const struct change_machine *machine, struct str revision) {
    uint64_t mark = change_mark(revision);
    for (size_t i = 0; i < machine->list.count; i++) {
        if (machine->list.objects[i].revision.ptr == revision.ptr) {
            return true;
        }
    }
    return machine->seen.revision.ptr == revision.ptr ||
           machine->lock_object.revision.ptr == revision.ptr ||
           machine->goal_mark == mark || machine->base_mark == mark ||
           machine->vouched == mark || machine->doomed == mark ||
           machine->watched == mark;
}

/* The lowest that nobody knows: so that what happens again is the same again. */
static uint64_t free_identity(const struct world *world, size_t publisher) {
    for (uint64_t identity = (publisher + 1) * 1000;; identity++) {
        struct str revision = revision_of(identity);
        bool is_known = identity == world->late_identity ||
                        world->late.seen.revision.ptr == revision.ptr;
        for (size_t i = 0; i < world->count; i++) {
            is_known = is_known || world->objects[i].identity == identity;
        }
        for (size_t i = 0; i < MODEL_PUBLISHERS + 1; i++) {
            is_known = is_known || remembers(&world->publishers[i].machine, revision);
        }
        if (!is_known) {
            return identity;
        }
    }
}

static uint64_t identity_of(const struct store_object *seen) {
    return seen->revision.ptr == NULL ? 0 : strtoull(seen->revision.ptr + 1, NULL, 10);
}

static void do_list(struct world *world, const struct model_rules *rules,
                    struct str prefix, struct change_reply *reply) {
    struct store_object objects[MODEL_OBJECTS];
    size_t count = 0;
    memset(objects, 0, sizeof objects);
    for (size_t i = 0; i < world->count; i++) {
        if (str_starts_with(world->objects[i].name, prefix)) {
            objects[count++] = show(&world->objects[i], rules);
        }
    }
    const void *kept = intern(objects, count * sizeof *objects);
    reply->list = (struct store_list){(struct store_object *)(uintptr_t)kept, count};
    reply->status = STORE_OK;
}

static void do_write(struct world *world, const struct model_rules *rules,
                     const struct change_request *request, uint64_t identity,
                     struct change_reply *reply) {
    struct memory_state state = state_of(world);
    struct memory_object object;
    memset(&object, 0, sizeof object);
    object.name = intern_str(str_of(request->name));
    object.bytes =
        request->bytes.ptr == NULL ? intern_str(str_of(request->lock)) : request->bytes;
    object.identity = identity;
    object.serial = request->serial;
    assert(state.count < state.room);
    if (request->ask == CHANGE_ASK_PUT_NEW) {
        reply->status = rules->ignores_names ? memory_replace(&state, &object, 0)
                                             : memory_put_new(&state, &object);
    } else {
        bool is_conditional = rules->mode == STORE_CAS && !rules->ignores_revisions;
        reply->status = memory_replace(
            &state, &object, is_conditional ? identity_of(&request->seen) : 0);
    }
    world->count = state.count;
    if (reply->status == STORE_OK) {
        reply->object = show(&object, rules);
    }
}

static void do_move(struct world *world, const struct model_rules *rules,
                    const struct change_request *request, struct change_reply *reply) {
    struct memory_state state = state_of(world);
    uint64_t identity = identity_of(&request->seen);
    struct str name = intern_str(str_of(request->name));
    if (request->ask == CHANGE_ASK_REMOVE) {
        reply->status = memory_remove(&state, identity);
        if (rules->ignores_identity) {
            reply->status = STORE_OK;
        }
    } else {
        struct memory_object *there = memory_find(&state, name);
        if (rules->renames_over && there != NULL &&
            memory_identify(&state, identity) != NULL && there->identity != identity) {
            (void)memory_remove(&state, there->identity);
        }
        reply->status = memory_rename(&state, identity, name);
    }
    world->count = state.count;
}

static void apply(struct world *world, const struct model_rules *rules,
                  const struct change_request *request, uint64_t identity,
                  struct change_reply *reply) {
    struct memory_state state = state_of(world);
    const struct memory_object *there;
    switch (request->ask) {
    case CHANGE_ASK_GET:
        there = memory_find(&state, str_of(request->name));
        reply->status = there == NULL || there->is_incomplete ? STORE_ABSENT : STORE_OK;
        if (reply->status == STORE_OK) {
            reply->bytes = there->bytes;
            reply->object = show(there, rules);
        }
        break;
    case CHANGE_ASK_LIST:
        do_list(world, rules, str_of(request->name), reply);
        break;
    case CHANGE_ASK_PUT_NEW:
    case CHANGE_ASK_REPLACE:
        do_write(world, rules, request, identity, reply);
        break;
    default:
        do_move(world, rules, request, reply);
        break;
    }
}

static bool has_letter(struct str text, size_t publisher) {
    return str_find(text, (char)('a' + publisher)) < text.len;
}

static void edit(struct model_publisher *publisher, size_t number,
                 const struct change_request *request, struct change_reply *reply) {
    if (has_letter(request->bytes, number)) {
        reply->verdict = CHANGE_NOTHING;
        return;
    }
    char text[64];
    publisher->edits += publisher->edits < 4;
    (void)snprintf(text, sizeof text, "%.*s%c%u", STR_ARG(request->bytes),
                   (char)('a' + number), publisher->edits);
    reply->verdict = CHANGE_WRITE;
    reply->bytes = intern_str(str_of(text));
}

/* Does whoever made the lock still run? Then waiting is not for long enough. */
static bool is_lock_alive(const struct world *world) {
    struct memory_state state = state_of((struct world *)(uintptr_t)world);
    const struct memory_object *there = memory_find(&state, STR("index.lock"));
    return there != NULL &&
           world->publishers[there->identity / 1000 - 1].life == LIFE_RUNNING;
}

/* Up to the next request of the store. */
static void settle(struct world *world, size_t number) {
    struct model_publisher *publisher = &world->publishers[number];
    while (publisher->life == LIFE_RUNNING) {
        struct change_request request;
        struct change_reply reply;
        memset(&reply, 0, sizeof reply);
        change_next(&publisher->machine, &request);
        if (request.ask == CHANGE_ASK_EDIT) {
            edit(publisher, number, &request, &reply);
        } else if (request.ask == CHANGE_ASK_WAIT) {
            reply.waited_ms = is_lock_alive(world) ? 0 : 1;
        } else if (request.ask == CHANGE_ASK_END) {
            publisher->life =
                publisher->machine.end == CHANGE_END_DONE ? LIFE_DONE : LIFE_FAILED;
            break;
        } else {
            break;
        }
        change_take(&publisher->machine, &reply);
    }
}

static void begin(struct world *world, const struct model_rules *rules, size_t number) {
    struct change_options options;
    memset(&options, 0, sizeof options);
    change_defaults(&options);
    options.mode = rules->mode;
    options.token = number + 1;
    options.max_attempts = UINT_MAX;
    options.max_looks = UINT_MAX;
    options.rescue_ms = 0; /* any time is long enough: safety may not depend on it */
    options.stale_ms = rules->mode == STORE_JOURNAL_LOCKED ? 1 : 0;
    if (rules->kept != 0) {
        options.kept = rules->kept;
        options.prune_every = 1;
    }
    if (rules->is_seeding) {
        options.seed = intern_str(STR("-"));
    }
    world->publishers[number].life = LIFE_RUNNING;
    change_begin(&world->publishers[number].machine, &options);
    settle(world, number);
}

static void seed(struct world *world, const char *name, uint64_t identity) {
    struct memory_state state = state_of(world);
    struct memory_object object;
    memset(&object, 0, sizeof object);
    object.name = intern_str(str_of(name));
    object.bytes = intern_str(STR("-"));
    object.identity = identity;
    object.serial = 1;
    (void)memory_put_new(&state, &object);
    world->count = state.count;
}

void model_start(struct world *world, const struct model_rules *rules) {
    memset(world, 0, sizeof *world);
    world->faults = rules->faults;
    world->deaths = rules->deaths;
    world->late.ask = CHANGE_ASK_END;
    world->shown = intern_str(STR(""));
    bool has_journal =
        rules->mode == STORE_JOURNAL || rules->mode == STORE_JOURNAL_LOCKED;
    if (!rules->is_seeding) {
        seed(world, "index.json", 1);
        if (has_journal && !rules->is_made_otherwise) {
            seed(world, "index-000001.json", 2);
        }
    }
    for (size_t i = 0; i < MODEL_PUBLISHERS + 1; i++) {
        world->publishers[i].life = LIFE_DEAD;
    }
    for (size_t i = 0; i < rules->publishers; i++) {
        begin(world, rules, i);
    }
}

bool model_is_running(const struct world *world, size_t publisher) {
    return world->publishers[publisher].life == LIFE_RUNNING;
}

bool model_is_late(const struct world *world) {
    return world->late.ask != CHANGE_ASK_END;
}

bool model_may(const struct world *world, const struct model_rules *rules,
               size_t publisher, enum model_fault fault) {
    struct change_request request;
    if (fault == FAULT_NONE) {
        return true;
    }
    if (world->faults == 0) {
        return false;
    }
    change_next(&world->publishers[publisher].machine, &request);
    bool is_read = request.ask == CHANGE_ASK_GET || request.ask == CHANGE_ASK_LIST;
    switch (fault) {
    case FAULT_FAIL_BEFORE:
        return true;
    case FAULT_LATE: /* without a condition nothing can help against it */
        return !is_read && !model_is_late(world) &&
               (rules->mode == STORE_CAS || rules->mode == STORE_JOURNAL);
    case FAULT_HALF:
        return request.ask == CHANGE_ASK_PUT_NEW && rules->mode == STORE_JOURNAL;
    default:
        return !is_read;
    }
}

static enum store_status repeated(const struct change_request *request,
                                  enum store_status status) {
    if (status != STORE_OK) {
        return status;
    }
    switch (request->ask) {
    case CHANGE_ASK_PUT_NEW:
    case CHANGE_ASK_RENAME:
        return STORE_EXISTS;
    case CHANGE_ASK_REMOVE:
        return STORE_ABSENT;
    default:
        return STORE_CONFLICT;
    }
}

static void halve(struct world *world, const struct change_request *request) {
    struct memory_state state = state_of(world);
    struct memory_object *there = memory_find(&state, str_of(request->name));
    there->is_incomplete = true;
}

void model_step(struct world *world, const struct model_rules *rules, size_t number,
                enum model_fault fault) {
    struct model_publisher *publisher = &world->publishers[number];
    struct change_request request;
    struct change_reply reply;
    memset(&reply, 0, sizeof reply);
    change_next(&publisher->machine, &request);
    bool is_write =
        request.ask == CHANGE_ASK_PUT_NEW || request.ask == CHANGE_ASK_REPLACE;
    uint64_t identity = is_write ? free_identity(world, number) : 0;
    world->faults -= fault != FAULT_NONE;
    if (fault == FAULT_LATE) {
        world->late = request;
        world->late_identity = identity;
    } else if (fault != FAULT_LOST && fault != FAULT_FAIL_BEFORE) {
        apply(world, rules, &request, identity, &reply);
    }
    if (fault == FAULT_HALF && reply.status == STORE_OK) {
        halve(world, &request);
    }
    bool is_uncertain =
        fault == FAULT_LATE || fault == FAULT_LOST || fault == FAULT_TOOK;
    if (fault == FAULT_REPEAT) {
        reply.status = repeated(&request, reply.status);
    } else if (fault != FAULT_NONE) {
        reply.status = is_uncertain ? STORE_UNCERTAIN : STORE_FAILED;
    }
    if (reply.status != STORE_OK) {
        memset(&reply.object, 0, sizeof reply.object);
    }
    change_take(&publisher->machine, &reply);
    settle(world, number);
}

void model_kill(struct world *world, size_t publisher) {
    world->deaths--;
    world->publishers[publisher].life = LIFE_DEAD;
    memset(&world->publishers[publisher].machine, 0, sizeof(struct change_machine));
}

void model_arrive(struct world *world, const struct model_rules *rules) {
    struct change_reply reply;
    struct change_request request = world->late;
    memset(&reply, 0, sizeof reply);
    apply(world, rules, &request, world->late_identity, &reply);
    memset(&world->late, 0, sizeof world->late);
    world->late.ask = CHANGE_ASK_END;
    world->late_identity = 0;
}
