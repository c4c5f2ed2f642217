#include "registry/registry_probe.h"

#include <inttypes.h>

#include "base/parallel.h"
#include "registry/change_drive.h"

enum { RACERS = 6, ROUNDS = 3, PROBE_MAX_BYTES = 4096 };

enum finding {
    PROBE_HOLDS,
    PROBE_NAMES_IGNORED,     /* put_new overwrites */
    PROBE_NAMES_RACE,        /* several put_new of one name succeed at once */
    PROBE_REVISIONS_IGNORED, /* replace overwrites what was not seen */
    PROBE_REVISIONS_RACE,
    PROBE_IDENTITY_IGNORED, /* one object may be removed twice */
    PROBE_FAILED            /* `problem` */
};

struct probe {
    struct arena *arena;
    struct store *store;
    struct failure problem;
    uint64_t token;
    unsigned names;
};

/* A name never used before. */
static struct str fresh_name(struct probe *probe) {
    return arena_printf(probe->arena, "index-probe-%016" PRIx64 "-%u.json",
                        probe->token, ++probe->names);
}

static enum finding fail(struct probe *probe, const struct store_call *call) {
    probe->problem = call->failure;
    return PROBE_FAILED;
}

/* An answer that is neither yes nor the refusal that was hoped for. */
static bool is_trouble(enum store_status status) {
    return status == STORE_FAILED || status == STORE_UNCERTAIN;
}

static enum store_status put(struct probe *probe, struct store_call *call,
                             struct str name, struct str bytes) {
    struct store_put what = {.name = name, .bytes = bytes};
    return probe->store->ops->put_new(probe->store, call, &what, NULL);
}

static enum store_status get(struct probe *probe, struct store_call *call,
                             struct str name, struct store_object *object) {
    struct buf bytes;
    enum store_status status = probe->store->ops->get(probe->store, call, name,
                                                      PROBE_MAX_BYTES, &bytes, object);
    object->name = name;
    buf_release(&bytes);
    return status;
}

static enum store_status replace(struct probe *probe, struct store_call *call,
                                 struct str name, struct str bytes,
                                 const struct store_object *seen) {
    struct store_put what = {.name = name, .bytes = bytes};
    return probe->store->ops->replace(probe->store, call, &what, seen, NULL);
}

static enum finding probe_names(struct probe *probe, struct str name) {
    struct store_call call = {.arena = probe->arena};
    if (name.ptr == NULL) {
        failure_memory(&call.failure);
        return fail(probe, &call);
    }
    enum store_status status = put(probe, &call, name, STR("{\"probe\":1}\n"));
    if (status != STORE_OK) {
        failure_set(&call.failure, ERROR_STORE_BAD_RESPONSE, name,
                    "an object of a name never used is said to be there");
        return fail(probe, &call);
    }
    status = put(probe, &call, name, STR("{\"probe\":2}\n"));
    if (is_trouble(status)) {
        return fail(probe, &call);
    }
    return status == STORE_OK ? PROBE_NAMES_IGNORED : PROBE_HOLDS;
}

/* Once with the revision seen, and then with the same, which is no longer true. */
static enum finding probe_revisions(struct probe *probe, struct str name) {
    struct store_call call = {.arena = probe->arena};
    struct store_object seen = {0};
    enum store_status status = get(probe, &call, name, &seen);
    if (status == STORE_OK) {
        status = replace(probe, &call, name, STR("{\"probe\":3}\n"), &seen);
    }
    if (status != STORE_OK) {
        failure_set(&call.failure, ERROR_STORE_BAD_RESPONSE, name,
                    "an object just made cannot be replaced");
        return fail(probe, &call);
    }
    status = replace(probe, &call, name, STR("{\"probe\":4}\n"), &seen);
    if (is_trouble(status)) {
        return fail(probe, &call);
    }
    return status == STORE_OK ? PROBE_REVISIONS_IGNORED : PROBE_HOLDS;
}

/* As a list has it: with its identity, which a host of releases tells nowhere else. */
static enum store_status find(struct probe *probe, struct store_call *call,
                              struct str name, struct store_object *object) {
    struct store *store = probe->store;
    struct store_list list = {0};
    enum store_status status = store->ops->list == NULL
                                   ? STORE_ABSENT
                                   : store->ops->list(store, call, name, &list);
    if (status == STORE_OK && list.count == 0) {
        status = STORE_ABSENT;
    }
    if (status == STORE_OK) {
        *object = list.objects[0];
    }
    return status;
}

static enum finding probe_identity(struct probe *probe, struct str name) {
    struct store_call call = {.arena = probe->arena};
    struct store_object seen = {0};
    enum store_status status = find(probe, &call, name, &seen);
    if (status == STORE_OK) {
        status = probe->store->ops->remove(probe->store, &call, &seen);
    }
    if (status != STORE_OK) {
        failure_set(&call.failure, ERROR_STORE_BAD_RESPONSE, name,
                    "an object just made cannot be removed");
        return fail(probe, &call);
    }
    status = probe->store->ops->remove(probe->store, &call, &seen);
    if (is_trouble(status)) {
        return fail(probe, &call);
    }
    return status == STORE_OK ? PROBE_IDENTITY_IGNORED : PROBE_HOLDS;
}

/* All at once over one object: one of them may succeed. */
struct race {
    struct probe *probe;
    struct str name;
    const struct store_object *seen; /* NULL: a creation */
    struct arena arenas[RACERS];
    struct store_call calls[RACERS];
    enum store_status statuses[RACERS];
};

static bool race_one(void *context, size_t item, unsigned thread) {
    struct race *race = context;
    struct store_call *call = &race->calls[item];
    (void)thread;
    /* Never what is there: a host may know an object's revision by its content. */
    struct str bytes = arena_printf(call->arena, "{\"probe\":%d,\"racer\":%zu}\n",
                                    race->seen == NULL ? 5 : 6, item);
    if (bytes.ptr == NULL) {
        failure_memory(&call->failure);
        race->statuses[item] = STORE_FAILED;
    } else if (race->seen == NULL) {
        race->statuses[item] = put(race->probe, call, race->name, bytes);
    } else {
        race->statuses[item] =
            replace(race->probe, call, race->name, bytes, race->seen);
    }
    return true;
}

static enum finding run_race(struct probe *probe, struct str name,
                             const struct store_object *seen, enum finding finding) {
    struct race race = {.probe = probe, .name = name, .seen = seen};
    size_t winners = 0;
    enum finding found = PROBE_HOLDS;
    for (size_t i = 0; i < RACERS; i++) {
        race.calls[i].arena = &race.arenas[i];
    }
    (void)parallel_run(RACERS, RACERS, race_one, &race);
    for (size_t i = 0; i < RACERS; i++) {
        winners += race.statuses[i] == STORE_OK;
        if (race.statuses[i] == STORE_FAILED) {
            found = fail(probe, &race.calls[i]);
        }
        arena_release(&race.arenas[i]);
    }
    return winners > 1 ? finding : found;
}

static enum finding race_names(struct probe *probe, struct str *name) {
    *name = fresh_name(probe);
    if (name->ptr == NULL) {
        failure_memory(&probe->problem);
        return PROBE_FAILED;
    }
    return run_race(probe, *name, NULL, PROBE_NAMES_RACE);
}

static enum finding race_revisions(struct probe *probe, struct str name) {
    struct store_call call = {.arena = probe->arena};
    struct store_object seen = {0};
    if (get(probe, &call, name, &seen) != STORE_OK) {
        failure_set(&call.failure, ERROR_STORE_BAD_RESPONSE, name,
                    "an object just made is not there");
        return fail(probe, &call);
    }
    return run_race(probe, name, &seen, PROBE_REVISIONS_RACE);
}

/* A host of releases is asked once: its creations are slow, and counted. */
static enum finding probe_all(struct probe *probe) {
    enum store_mode mode = probe->store->mode;
    struct str name = fresh_name(probe);
    enum finding found = probe_names(probe, name);
    if (found == PROBE_HOLDS && mode == STORE_CAS) {
        found = probe_revisions(probe, name);
    }
    if (found == PROBE_HOLDS && mode == STORE_JOURNAL) {
        found = probe_identity(probe, name);
    }
    for (unsigned i = 0; found == PROBE_HOLDS && i < ROUNDS; i++) {
        found = race_names(probe, &name);
        if (found == PROBE_HOLDS && mode == STORE_CAS) {
            found = race_revisions(probe, name);
        }
        if (mode == STORE_JOURNAL) {
            break;
        }
    }
    return found;
}

/* Those of this probe and of one that was cut off. */
static void clean(struct probe *probe) {
    struct store *store = probe->store;
    struct store_call call = {.arena = probe->arena};
    struct store_list list;
    if (store->ops->list == NULL || store->ops->remove == NULL ||
        store->ops->list(store, &call, STR("index-probe-"), &list) != STORE_OK) {
        return;
    }
    for (size_t i = 0; i < list.count; i++) {
        struct store_call one = {.arena = probe->arena};
        (void)store->ops->remove(store, &one, &list.objects[i]);
    }
}

static struct str describe(enum finding finding) {
    switch (finding) {
    case PROBE_NAMES_IGNORED:
        return STR("the host lets an object be created over another; write "
                   "`?mode=overwrite` into the location, and publish with "
                   "--assume-exclusive");
    case PROBE_NAMES_RACE:
        return STR("the host refuses to create an object over another, but not where "
                   "two do so at the same time; write `?mode=overwrite` into the "
                   "location, and publish with --assume-exclusive");
    case PROBE_REVISIONS_IGNORED:
        return STR("the host replaces an object whatever revision is asked for; write "
                   "`?mode=journal` into the location");
    case PROBE_REVISIONS_RACE:
        return STR(
            "the host looks at the revision asked for, but not where two replace "
            "an object at the same time; write `?mode=journal` into the "
            "location");
    default:
        return STR("the host says twice of one object that it removed it, so that no "
                   "publisher knows that it was the one");
    }
}

enum registry_status registry_probe(struct arena *arena, struct store *store,
                                    const struct registry_host *host,
                                    struct diag **failure) {
    struct probe probe = {
        .arena = arena, .store = store, .token = host->random(host->context)};
    if (store->mode == STORE_OVERWRITE) {
        return REGISTRY_OK; /* it promises nothing */
    }
    enum finding found = probe_all(&probe);
    clean(&probe);
    if (found == PROBE_HOLDS) {
        return REGISTRY_OK;
    }
    if (found == PROBE_FAILED) {
        return change_store_failure(arena, store, &probe.problem, failure);
    }
    return change_fail(arena, ERROR_REGISTRY_CONDITION_IGNORED, store->location,
                       describe(found), failure);
}
