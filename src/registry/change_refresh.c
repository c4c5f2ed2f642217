#include <inttypes.h>
#include <stdio.h>

#include "registry/change_steps.h"

/* A copy of the newest entry, ready to become index.json: of several the one whose name
 * comes first, so that all who look choose the same. */
static const struct store_object *find_copy(const struct change_machine *machine) {
    const struct store_object *entry = change_entry(machine, machine->newest);
    const struct store_object *first = NULL;
    for (size_t i = 0; i < machine->list.count; i++) {
        const struct store_object *object = &machine->list.objects[i];
        uint64_t serial;
        bool is_copy = change_kind_of(object->name, &serial) == CHANGE_KIND_COPY &&
                       serial == machine->newest && !object->is_incomplete;
        bool is_other = entry != NULL && entry->digest[0] != '\0' &&
                        object->digest[0] != '\0' &&
                        strcmp(entry->digest, object->digest) != 0;
        if (is_copy && !is_other &&
            (first == NULL || str_compare(object->name, first->name) < 0)) {
            first = object;
        }
    }
    return first;
}

static bool is_own(const struct change_machine *machine,
                   const struct store_object *copy) {
    char name[CHANGE_NAME_BYTES];
    change_name_copy(name, machine->newest, machine->options.token);
    return str_equal(copy->name, str_of(name));
}

/* index.json is missing: once every other copy is gone, the chosen one is renamed. */
static void remove_others(struct change_machine *machine, size_t from) {
    for (size_t i = from; i < machine->list.count; i++) {
        const struct store_object *object = &machine->list.objects[i];
        uint64_t serial;
        if (change_kind_of(object->name, &serial) == CHANGE_KIND_COPY &&
            !str_equal(object->name, machine->seen.name)) {
            machine->cursor = i;
            machine->state = CHANGE_STATE_REMOVE_COPY;
            return;
        }
    }
    machine->state = CHANGE_STATE_PLACE;
}

/* Whoever removed it may be about to put another into its place. */
static void rescue(struct change_machine *machine) {
    const struct store_object *copy = find_copy(machine);
    if (copy == NULL) {
        machine->state = CHANGE_STATE_PUT_COPY;
    } else if (!is_own(machine, copy) &&
               machine->missing_ms < machine->options.rescue_ms) {
        change_wait(machine);
    } else {
        machine->seen = *copy;
        remove_others(machine, 0);
    }
}

/* A stalled holder's lock may have been broken: `stale_ms` is for the others to wait.
 */
static bool holds_for_long(const struct change_machine *machine) {
    return (machine->now_s - machine->locked_s) * 2000 >
           (int64_t)machine->options.stale_ms;
}

static void to_lock(struct change_machine *machine) {
    (void)snprintf(machine->lock, sizeof machine->lock,
                   "{\"owner\":\"%016" PRIx64 "\",\"time\":%" PRId64 "}\n",
                   machine->options.token, machine->now_s);
    machine->state = CHANGE_STATE_LOCK;
}

void change_refresh(struct change_machine *machine) {
    if (machine->options.mode == STORE_JOURNAL_LOCKED) {
        if (!machine->holds_lock) {
            to_lock(machine);
        } else {
            machine->state = holds_for_long(machine) ? CHANGE_STATE_CHECK_OWN_LOCK
                                                     : CHANGE_STATE_OVERWRITE;
        }
        return;
    }
    if (change_index(machine) == NULL) {
        rescue(machine);
        return;
    }
    const struct store_object *copy = find_copy(machine);
    if (copy == NULL) {
        machine->state = CHANGE_STATE_PUT_COPY;
    } else {
        machine->seen = *copy;
        machine->state = CHANGE_STATE_REMOVE_INDEX;
    }
}

/* What nobody needs any more: copies of older entries, entries that are too old, and
 * this publisher's own copy, where that of another became index.json. */
static bool is_litter(const struct change_machine *machine,
                      const struct store_object *object) {
    uint64_t serial;
    switch (change_kind_of(object->name, &serial)) {
    case CHANGE_KIND_COPY:
        return serial < machine->newest || is_own(machine, object);
    case CHANGE_KIND_HISTORY:
        return machine->is_ours && serial + machine->options.kept <= machine->newest &&
               machine->newest % machine->options.prune_every == 0;
    default:
        return false;
    }
}

/* Another may just now rename this publisher's own copy into place, from where it is
 * removed then: hence another look. */
static void clean(struct change_machine *machine, size_t from) {
    for (size_t i = from; machine->wrote && i < machine->list.count; i++) {
        const struct store_object *object = &machine->list.objects[i];
        if (is_litter(machine, object)) {
            machine->looks_again = machine->looks_again || is_own(machine, object);
            machine->cursor = i;
            machine->state = CHANGE_STATE_CLEAN;
            return;
        }
    }
    if (machine->looks_again) {
        machine->state = CHANGE_STATE_LOOK;
    } else {
        change_stop(machine, CHANGE_END_DONE);
    }
    machine->looks_again = false;
    machine->is_agreed = false;
}

void change_agreed(struct change_machine *machine) {
    machine->changed = machine->changed || machine->is_ours;
    machine->next_serial = machine->newest;
    machine->is_agreed = true;
    if (machine->holds_lock) {
        machine->state = CHANGE_STATE_UNLOCK;
    } else {
        clean(machine, 0);
    }
}

static void take_copy(struct change_machine *machine,
                      const struct change_reply *reply) {
    const struct store_object *index = change_index(machine);
    machine->wrote = true;
    /* Where index.json was missing, only a look after the copy was made may tell that
     * it still is. */
    if (reply->status == STORE_OK && index != NULL &&
        reply->object.revision.ptr != NULL) {
        machine->seen = reply->object;
        machine->state = CHANGE_STATE_REMOVE_INDEX;
    } else {
        machine->state = CHANGE_STATE_LOOK;
    }
}

static void take_locked(struct change_machine *machine,
                        const struct change_reply *reply) {
    machine->wrote = true;
    if (reply->status != STORE_OK) {
        machine->state = CHANGE_STATE_CHECK_LOCK;
        return;
    }
    machine->holds_lock = true;
    machine->lock_object = reply->object;
    machine->lock_object.name = STR(CHANGE_LOCK_NAME);
    machine->locked_s = machine->now_s;
    machine->state = CHANGE_STATE_LOOK;
}

/* Whose lock is it? One's own first try, perhaps. */
static void take_lock_text(struct change_machine *machine,
                           const struct change_reply *reply) {
    if (reply->status == STORE_OK && str_equal(reply->bytes, str_of(machine->lock))) {
        struct change_reply locked = *reply;
        take_locked(machine, &locked);
    } else if (reply->status == STORE_OK &&
               change_is_stale(machine, change_mark(reply->bytes))) {
        machine->seen = reply->object;
        machine->seen.name = STR(CHANGE_LOCK_NAME);
        machine->state = CHANGE_STATE_BREAK_LOCK;
    } else {
        change_wait(machine);
    }
}

/* Held for so long that it may be another's by now. */
static void take_own_lock(struct change_machine *machine,
                          const struct change_reply *reply) {
    if (reply->status == STORE_OK && str_equal(reply->bytes, str_of(machine->lock))) {
        machine->state = CHANGE_STATE_UNLOCK;
    } else {
        machine->holds_lock = false;
        machine->state = CHANGE_STATE_LOOK;
    }
}

static void take_unlocked(struct change_machine *machine) {
    bool is_stopping = machine->end != CHANGE_END_DONE;
    machine->holds_lock = false;
    if (is_stopping) {
        machine->state = CHANGE_STATE_END;
    } else if (machine->is_agreed) {
        clean(machine, 0);
    } else {
        machine->state = CHANGE_STATE_LOOK;
    }
}

/* An uncertain removal may take effect at any time, and its object be index.json by
 * then. */
static void note_doomed(struct change_machine *machine,
                        const struct change_reply *reply) {
    struct change_request request;
    change_next(machine, &request);
    if (request.ask == CHANGE_ASK_REMOVE && reply->status == STORE_UNCERTAIN) {
        machine->doomed = change_mark(request.seen.revision);
    }
}

void change_refresh_take(struct change_machine *machine,
                         const struct change_reply *reply) {
    note_doomed(machine, reply);
    switch (machine->state) {
    case CHANGE_STATE_PUT_COPY:
        take_copy(machine, reply);
        break;
    case CHANGE_STATE_REMOVE_INDEX:
        /* Only who removed it, and knows, may go on. */
        if (reply->status == STORE_OK) {
            machine->state = CHANGE_STATE_PLACE;
        } else {
            change_wait(machine);
        }
        break;
    case CHANGE_STATE_REMOVE_COPY:
        if (reply->status == STORE_OK) {
            remove_others(machine, machine->cursor + 1);
        } else {
            change_wait(machine);
        }
        break;
    case CHANGE_STATE_LOCK:
        take_locked(machine, reply);
        break;
    case CHANGE_STATE_CHECK_LOCK:
        take_lock_text(machine, reply);
        break;
    case CHANGE_STATE_BREAK_LOCK:
        machine->watched = 0;
        to_lock(machine);
        break;
    case CHANGE_STATE_CHECK_OWN_LOCK:
        take_own_lock(machine, reply);
        break;
    case CHANGE_STATE_UNLOCK:
        take_unlocked(machine);
        break;
    case CHANGE_STATE_CLEAN:
        clean(machine, reply->status == STORE_FAILED ? machine->list.count
                                                     : machine->cursor + 1);
        break;
    default: /* CHANGE_STATE_PLACE, CHANGE_STATE_OVERWRITE: whatever came of it */
        machine->state = CHANGE_STATE_LOOK;
        break;
    }
}

static void ask_remove(struct change_request *request,
                       const struct store_object *seen) {
    request->ask = CHANGE_ASK_REMOVE;
    request->seen = *seen;
}

static void ask_lock(const struct change_machine *machine,
                     struct change_request *request, enum change_ask ask) {
    request->ask = ask;
    request->slot = CHANGE_SLOT_OTHER;
    memcpy(request->name, CHANGE_LOCK_NAME, sizeof CHANGE_LOCK_NAME);
    memcpy(request->lock, machine->lock, sizeof request->lock);
}

void change_refresh_next(const struct change_machine *machine,
                         struct change_request *request) {
    switch (machine->state) {
    case CHANGE_STATE_PUT_COPY:
        request->ask = CHANGE_ASK_PUT_NEW;
        request->bytes = machine->base;
        change_name_copy(request->name, machine->newest, machine->options.token);
        break;
    case CHANGE_STATE_REMOVE_INDEX:
        ask_remove(request, change_index(machine));
        break;
    case CHANGE_STATE_REMOVE_COPY:
    case CHANGE_STATE_CLEAN:
        ask_remove(request, &machine->list.objects[machine->cursor]);
        break;
    case CHANGE_STATE_PLACE:
        request->ask = CHANGE_ASK_RENAME;
        request->seen = machine->seen;
        break;
    case CHANGE_STATE_LOCK:
        ask_lock(machine, request, CHANGE_ASK_PUT_NEW);
        break;
    case CHANGE_STATE_CHECK_LOCK:
    case CHANGE_STATE_CHECK_OWN_LOCK:
        ask_lock(machine, request, CHANGE_ASK_GET);
        break;
    case CHANGE_STATE_BREAK_LOCK:
        ask_remove(request, &machine->seen);
        break;
    case CHANGE_STATE_UNLOCK:
        ask_remove(request, &machine->lock_object);
        break;
    default: /* CHANGE_STATE_OVERWRITE */
        request->ask = CHANGE_ASK_REPLACE;
        request->bytes = machine->base;
        request->serial = machine->newest;
        break;
    }
}
