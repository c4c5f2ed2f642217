#include <stdio.h>

#include "base/hash.h"
#include "change_model.h"

static struct memory_state state_of(const struct world *world) {
    return (struct memory_state){(struct memory_object *)(uintptr_t)world->objects,
                                 world->count, MODEL_OBJECTS};
}

/* "-", then letters that differ, each with a digit. */
static bool is_complete(struct str text) {
    if (text.len % 2 == 0 || text.ptr[0] != '-') {
        return false;
    }
    for (size_t i = 1; i < text.len; i += 2) {
        if (!ascii_is_alpha(text.ptr[i]) || !ascii_is_digit(text.ptr[i + 1]) ||
            str_find(str_skip(text, i + 1), text.ptr[i]) < text.len - i - 1) {
            return false;
        }
    }
    return true;
}

const char *model_check(const struct world *world, const struct model_rules *rules) {
    struct memory_state state = state_of(world);
    for (size_t i = 0; i < world->count; i++) {
        uint64_t serial;
        const struct memory_object *object = &world->objects[i];
        enum change_kind kind = change_kind_of(object->name, &serial);
        if (kind != CHANGE_KIND_LOCK && !is_complete(object->bytes)) {
            return "an index has an entry twice";
        }
    }
    const struct memory_object *index = memory_find(&state, STORE_INDEX_NAME);
    if (index == NULL && (rules->mode == STORE_CAS && !rules->is_seeding)) {
        return "index.json is missing";
    }
    struct str seen = index == NULL ? world->shown : index->bytes;
    if (!str_starts_with(seen, world->shown)) {
        return "index.json went backwards";
    }
    ((struct world *)(uintptr_t)world)->shown = seen;
    for (size_t i = 0; i < MODEL_PUBLISHERS + 1; i++) {
        const struct model_publisher *publisher = &world->publishers[i];
        if (publisher->life == LIFE_FAILED &&
            publisher->machine.end != CHANGE_END_STORE &&
            !(rules->is_seeding && (publisher->machine.end == CHANGE_END_EXISTS ||
                                    publisher->machine.end == CHANGE_END_NOT_FOUND))) {
            return "a publisher gave up";
        }
        if (publisher->life != LIFE_DONE || rules->is_seeding) {
            continue;
        }
        if (!publisher->machine.changed) {
            return "a publisher does not know that it published";
        }
        if (str_find(seen, (char)('a' + i)) == seen.len) {
            return "what was published is lost";
        }
    }
    return NULL;
}

static struct str newest_entry(const struct world *world) {
    struct str newest = STR_NONE;
    uint64_t highest = 0;
    for (size_t i = 0; i < world->count; i++) {
        uint64_t serial = change_history_serial(world->objects[i].name);
        if (serial > highest && !world->objects[i].is_incomplete) {
            highest = serial;
            newest = world->objects[i].bytes;
        }
    }
    return newest;
}

/* Every earlier index is in the history. */
static bool has_history(const struct world *world, struct str index) {
    for (size_t len = 1; len < index.len; len += 2) {
        bool is_there = false;
        for (size_t i = 0; i < world->count; i++) {
            is_there =
                is_there || (change_history_serial(world->objects[i].name) != 0 &&
                             str_equal(world->objects[i].bytes, str_first(index, len)));
        }
        if (!is_there) {
            return false;
        }
    }
    return true;
}

static const char *check_rest(const struct world *world,
                              const struct model_rules *rules) {
    struct memory_state state = state_of(world);
    const struct memory_object *index = memory_find(&state, STORE_INDEX_NAME);
    bool has_journal =
        rules->mode == STORE_JOURNAL || rules->mode == STORE_JOURNAL_LOCKED;
    if (index == NULL) {
        return "index.json is missing at the end";
    }
    if (has_journal && !str_equal(index->bytes, newest_entry(world))) {
        return "index.json is not the newest entry at the end";
    }
    if (rules->kept == 0 && rules->mode != STORE_OVERWRITE &&
        !has_history(world, index->bytes)) {
        return "an index is missing in the history";
    }
    return NULL;
}

const char *model_check_end(struct world *world, const struct model_rules *rules) {
    bool all_done = true;
    for (size_t i = 0; i < rules->publishers; i++) {
        all_done = all_done && world->publishers[i].life == LIFE_DONE;
    }
    const char *wrong = all_done ? check_rest(world, rules) : NULL;
    if (wrong != NULL) {
        return wrong;
    }
    /* Somebody runs the command again. */
    struct model_rules again = *rules;
    again.publishers = 1;
    again.is_seeding = false;
    struct world fresh;
    model_start(&fresh, &again);
    size_t last = MODEL_PUBLISHERS;
    world->publishers[last] = fresh.publishers[0];
    world->publishers[last].machine.options.token = last + 1;
    for (unsigned i = 0; model_is_running(world, last); i++) {
        model_step(world, &again, last, FAULT_NONE);
        wrong = model_check(world, rules);
        if (wrong != NULL || i == 1000) {
            return wrong != NULL ? wrong : "a repair does not end";
        }
    }
    if (world->publishers[last].life == LIFE_DONE) {
        return check_rest(world, rules);
    }
    /* Where all who wanted to make an index failed, there is none. */
    return rules->is_seeding ? NULL : "a repair failed";
}

const char *model_describe(const struct world *world, size_t publisher) {
    static const char *const asks[] = {"get",    "put_new", "replace", "list", "rename",
                                       "remove", "edit",    "wait",    "end"};
    static char text[160];
    struct change_request request;
    change_next(&world->publishers[publisher].machine, &request);
    struct str seen = request.seen.name.ptr == NULL ? STR("") : request.seen.name;
    struct str bytes = request.bytes.ptr == NULL ? STR("") : request.bytes;
    (void)snprintf(text, sizeof text, "%c: %s %s [%.*s] %.*s", (char)('a' + publisher),
                   asks[request.ask], request.name, STR_ARG(seen), STR_ARG(bytes));
    return text;
}

/* Only what steps look at: counters without a limit and stale views do not count. */
static void blank(struct model_publisher *publisher, const struct model_rules *rules) {
    struct change_machine *machine = &publisher->machine;
    if (publisher->life != LIFE_RUNNING) {
        bool changed = machine->changed;
        enum change_end end = machine->end;
        memset(machine, 0, sizeof *machine);
        machine->changed = changed;
        machine->end = end;
        return;
    }
    machine->attempts = machine->looks = machine->waits = 0;
    machine->missing_ms = 0;
    machine->watched_ms =
        rules->mode == STORE_JOURNAL_LOCKED ? machine->watched_ms != 0 : 0;
    if (!machine->has_found) {
        machine->found = STR_NONE;
    }
}

struct world_mark model_mark(const struct world *world,
                             const struct model_rules *rules) {
    static const struct hash_key keys[2] = {{{5, 6}}, {{7, 8}}};
    struct {
        struct model_publisher publishers[MODEL_PUBLISHERS];
        struct change_request late;
        struct str shown;
        struct memory_object objects[MODEL_OBJECTS];
    } image;
    struct world_mark mark = {{0}};
    size_t publishers = rules->publishers * sizeof *image.publishers;
    memcpy(image.publishers, world->publishers, publishers);
    for (size_t i = 0; i < rules->publishers; i++) {
        blank(&image.publishers[i], rules);
    }
    memcpy(&image.late, &world->late, sizeof image.late);
    memcpy(&image.shown, &world->shown, sizeof image.shown);
    size_t objects = world->count * sizeof *image.objects;
    memcpy(image.objects, world->objects, objects);
    /* The numbers in a place of their own, beside the parts hashed together. */
    uint64_t parts[] = {world->late_identity, world->faults, world->deaths, 0, 0};
    for (size_t i = 0; i < 2; i++) {
        parts[3] =
            hash_str(&keys[i], (struct str){(char *)image.publishers, publishers});
        parts[4] = hash_str(
            &keys[i], (struct str){(char *)&image.late,
                                   sizeof image.late + sizeof image.shown + objects});
        mark.half[i] = hash_str(&keys[i], (struct str){(char *)parts, sizeof parts});
    }
    return mark;
}
