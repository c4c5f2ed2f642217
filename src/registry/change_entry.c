#include "registry/change_steps.h"

/* An upload that failed half-way may have the number; it is removed once it is certain
 * that nobody is at it any more. */
static void put_number(struct change_machine *machine, uint64_t serial,
                       enum change_state state) {
    const struct store_object *object = change_entry(machine, serial);
    if (object == NULL || !object->is_incomplete) {
        machine->state = state;
    } else if (change_is_stale(machine, change_mark(object->revision))) {
        machine->seen = *object;
        machine->state = CHANGE_STATE_REMOVE_BLOCK;
    } else {
        change_wait(machine);
    }
}

void change_put_entry(struct change_machine *machine) {
    machine->next_serial = machine->newest + 1;
    put_number(machine, machine->next_serial, CHANGE_STATE_PUT_ENTRY);
}

/* This publisher's entry is in the journal. */
static void own(struct change_machine *machine, const struct store_object *object) {
    machine->goal = machine->next_serial;
    machine->goal_mark = change_mark(object->revision);
    machine->is_ours = true;
    machine->newest = machine->next_serial;
    machine->base = machine->next;
    machine->base_serial = machine->newest;
    machine->base_mark = machine->goal_mark;
    machine->base_is_next = true;
    machine->waits = 0;
    if (change_index(machine) != NULL) {
        change_refresh(machine);
    } else {
        machine->state = CHANGE_STATE_LOOK;
    }
}

static void take_put_entry(struct change_machine *machine,
                           const struct change_reply *reply) {
    machine->wrote = true;
    if (reply->status == STORE_OK) {
        own(machine, &reply->object);
        return;
    }
    machine->was_uncertain = machine->was_uncertain || reply->status == STORE_UNCERTAIN;
    machine->state = CHANGE_STATE_CHECK_ENTRY;
}

/* Is the entry that has the number this publisher's own first try? */
static void take_check_entry(struct change_machine *machine,
                             const struct change_reply *reply) {
    bool is_seeding = machine->options.seed.ptr != NULL;
    if (reply->status == STORE_OK && str_equal(reply->bytes, machine->next)) {
        machine->wrote = true;
        own(machine, &reply->object);
    } else if (reply->status == STORE_OK && is_seeding) {
        change_stop(machine, CHANGE_END_EXISTS);
    } else {
        /* Gone already: it may have been this publisher's. */
        machine->was_uncertain = machine->was_uncertain || reply->status != STORE_OK;
        change_wait(machine);
    }
}

/* The base, an index.json made by other means, becomes an entry. */
static void take_put_base(struct change_machine *machine,
                          const struct change_reply *reply) {
    bool wants_more = machine->next_serial != machine->newest + 1;
    machine->wrote = true;
    if (reply->status != STORE_OK) {
        change_wait(machine);
        return;
    }
    machine->newest++;
    machine->is_foreign = false;
    machine->base_serial = machine->newest;
    machine->base_mark = change_mark(reply->object.revision);
    change_vouch(machine);
    if (wants_more) {
        change_put_entry(machine);
    } else {
        machine->state = CHANGE_STATE_LOOK;
    }
}

/* The goal was this publisher's entry, but what is newest lacks it: it was made below
 * numbers that had been pruned, and nobody built upon it. */
static void remake(struct change_machine *machine) {
    const struct store_object *stray = change_entry(machine, machine->goal);
    uint64_t mark = machine->goal_mark;
    machine->goal = 0;
    machine->is_ours = false;
    if (stray != NULL && !change_differ(mark, change_mark(stray->revision))) {
        machine->seen = *stray;
        machine->state = CHANGE_STATE_REMOVE_STRAY;
    } else {
        change_put_entry(machine);
    }
}

/* An edit that wants nothing still wants index.json to be the newest entry. */
static void want_newest(struct change_machine *machine) {
    const struct store_object *entry = change_entry(machine, machine->newest);
    machine->goal = machine->newest;
    machine->goal_mark = entry == NULL ? 0 : change_mark(entry->revision);
    change_consider(machine);
}

void change_journal_edited(struct change_machine *machine,
                           enum change_verdict verdict) {
    bool is_rechecking = machine->is_rechecking;
    bool puts_base = machine->is_foreign || machine->newest == 0;
    machine->is_rechecking = false;
    if (verdict == CHANGE_WRITE) {
        /* The slot has the new text now. */
        machine->base_serial = machine->base_is_next ? 0 : machine->base_serial;
        machine->next_serial = machine->newest + 1 + puts_base;
        if (puts_base) {
            put_number(machine, machine->newest + 1, CHANGE_STATE_PUT_BASE);
        } else if (is_rechecking) {
            remake(machine);
        } else {
            change_put_entry(machine);
        }
        return;
    }
    if (!machine->is_ours) {
        machine->changed = machine->was_uncertain;
    }
    if (machine->is_foreign) {
        machine->next_serial = machine->newest + 1;
        put_number(machine, machine->next_serial, CHANGE_STATE_PUT_BASE);
    } else if (machine->newest == 0) {
        change_stop(machine, CHANGE_END_DONE);
    } else {
        want_newest(machine);
    }
}

void change_entry_take(struct change_machine *machine,
                       const struct change_reply *reply) {
    switch (machine->state) {
    case CHANGE_STATE_PUT_BASE:
        take_put_base(machine, reply);
        break;
    case CHANGE_STATE_PUT_ENTRY:
        take_put_entry(machine, reply);
        break;
    case CHANGE_STATE_CHECK_ENTRY:
        take_check_entry(machine, reply);
        break;
    default: /* CHANGE_STATE_REMOVE_STRAY */
        change_put_entry(machine);
        break;
    }
}
