#include "registry/change_machine.h"

#include "registry/change_steps.h"

void change_defaults(struct change_options *options) {
    *options = (struct change_options){
        .can_list = true,
        .kept = 20,
        .prune_every = 10,
        .max_attempts = 100,
        .max_looks = 300,
        .rescue_ms = 3000,
        .stale_ms = 60000,
    };
}

void change_begin(struct change_machine *machine,
                  const struct change_options *options) {
    memset(machine, 0, sizeof *machine);
    machine->options = *options;
    machine->state = change_has_journal(machine) ? CHANGE_STATE_LOOK : CHANGE_STATE_GET;
}

void change_stop(struct change_machine *machine, enum change_end end) {
    machine->end = end;
    machine->state = machine->holds_lock ? CHANGE_STATE_UNLOCK : CHANGE_STATE_END;
}

void change_attempt(struct change_machine *machine) {
    if (machine->attempts == machine->options.max_attempts) {
        change_stop(machine, CHANGE_END_BUSY);
        return;
    }
    machine->attempts++;
    machine->state = CHANGE_STATE_EDIT;
}

/* Longer with each time that others were faster. */
static uint32_t wait_of(const struct change_machine *machine) {
    unsigned doubled = machine->waits < 5 ? machine->waits : 5;
    return (uint32_t)50 << doubled;
}

static bool is_exhausted(const struct change_machine *machine) {
    return machine->looks >= machine->options.max_looks;
}

static void wait_and_get(struct change_machine *machine) {
    machine->waits++;
    machine->state = CHANGE_STATE_WAIT;
}

/* The change is in force. */
static void succeed(struct change_machine *machine, uint64_t serial) {
    machine->changed = true;
    machine->base_serial = serial;
    machine->next_serial = serial;
    bool prunes = serial != 0 && machine->options.can_list &&
                  serial % machine->options.prune_every == 0;
    if (prunes) {
        machine->state = CHANGE_STATE_PRUNE_LIST;
    } else {
        change_stop(machine, CHANGE_END_DONE);
    }
}

static void take_index(struct change_machine *machine,
                       const struct change_reply *reply) {
    bool has_seed = machine->options.seed.ptr != NULL;
    if (reply->status == STORE_ABSENT) {
        if (has_seed) {
            machine->state = CHANGE_STATE_SEED;
        } else {
            change_stop(machine, CHANGE_END_NOT_FOUND);
        }
        return;
    }
    machine->base = reply->bytes;
    machine->seen = reply->object;
    machine->base_serial = reply->object.serial;
    /* A repeated request of its own may have been refused: the first had done it. */
    if (machine->wrote && str_equal(reply->bytes, machine->next)) {
        succeed(machine, has_seed ? 1 : machine->base_serial);
    } else if (has_seed) {
        change_stop(machine, CHANGE_END_EXISTS);
    } else if (machine->looks++ >= machine->options.max_looks) {
        change_stop(machine, CHANGE_END_BUSY);
    } else {
        change_attempt(machine);
    }
}

static void to_history(struct change_machine *machine, uint64_t serial) {
    machine->base_serial = serial;
    machine->next_serial = serial;
    machine->state = CHANGE_STATE_HISTORY;
}

/* Nothing to do any more: was it this publisher who did it, before others went on? Then
 * they have kept its bytes in the history. */
static void take_nothing(struct change_machine *machine) {
    machine->changed = machine->was_uncertain;
    bool may_tell = machine->options.can_list && machine->next_serial != 0;
    if (machine->wrote && !machine->was_uncertain && may_tell) {
        machine->state = CHANGE_STATE_CONFIRM;
    } else {
        change_stop(machine, CHANGE_END_DONE);
    }
}

static void take_confirm(struct change_machine *machine,
                         const struct change_reply *reply) {
    machine->changed =
        reply->status == STORE_OK && str_equal(reply->bytes, machine->next);
    if (machine->changed || reply->status != STORE_OK || is_exhausted(machine)) {
        machine->next_serial = machine->base_serial;
        change_stop(machine, CHANGE_END_DONE);
    } else {
        machine->looks++;
        machine->next_serial++;
    }
}

static void take_edit(struct change_machine *machine,
                      const struct change_reply *reply) {
    if (reply->verdict != CHANGE_NOTHING && reply->verdict != CHANGE_WRITE) {
        change_stop(machine, CHANGE_END_EDIT);
        return;
    }
    if (reply->verdict == CHANGE_WRITE) {
        machine->next = reply->bytes;
    }
    if (change_has_journal(machine)) {
        change_journal_edited(machine, reply->verdict);
    } else if (reply->verdict == CHANGE_NOTHING) {
        take_nothing(machine);
    } else if (machine->base_serial != 0 && machine->options.can_list) {
        to_history(machine, machine->base_serial);
    } else {
        machine->state =
            machine->options.can_list ? CHANGE_STATE_NUMBER : CHANGE_STATE_REPLACE;
    }
}

/* One more than the highest number kept. */
static void take_number(struct change_machine *machine,
                        const struct change_reply *reply) {
    uint64_t highest = 0;
    for (size_t i = 0; i < reply->list.count; i++) {
        uint64_t serial = change_history_serial(reply->list.objects[i].name);
        highest = serial > highest ? serial : highest;
    }
    to_history(machine, highest + 1);
}

static void take_history(struct change_machine *machine,
                         const struct change_reply *reply) {
    machine->state =
        reply->status == STORE_OK ? CHANGE_STATE_REPLACE : CHANGE_STATE_HISTORY_CHECK;
}

/* The number was taken: by these bytes, as a rule; else the next one is tried. */
static void take_history_check(struct change_machine *machine,
                               const struct change_reply *reply) {
    if (reply->status == STORE_OK && str_equal(reply->bytes, machine->base)) {
        machine->state = CHANGE_STATE_REPLACE;
    } else if (is_exhausted(machine)) {
        change_stop(machine, CHANGE_END_BUSY);
    } else {
        machine->looks++;
        to_history(machine, machine->base_serial + (reply->status == STORE_OK));
    }
}

static void take_replaced(struct change_machine *machine,
                          const struct change_reply *reply) {
    machine->wrote = true;
    machine->next_serial = machine->base_serial == 0 ? 0 : machine->base_serial + 1;
    if (reply->status == STORE_UNCERTAIN) {
        machine->was_uncertain = true;
    }
    if (reply->status != STORE_OK) {
        wait_and_get(machine);
    } else if (machine->options.mode == STORE_OVERWRITE) {
        machine->state = CHANGE_STATE_CHECK;
    } else {
        succeed(machine, machine->next_serial);
    }
}

/* Where no condition holds, at least what was written must be there. */
static void take_check(struct change_machine *machine,
                       const struct change_reply *reply) {
    if (reply->status == STORE_OK && str_equal(reply->bytes, machine->next)) {
        succeed(machine, machine->next_serial);
    } else {
        machine->was_uncertain = true;
        wait_and_get(machine);
    }
}

static void take_seeded(struct change_machine *machine,
                        const struct change_reply *reply) {
    machine->wrote = true;
    machine->next = machine->options.seed;
    if (reply->status == STORE_OK) {
        succeed(machine, 1);
    } else if (is_exhausted(machine)) {
        change_stop(machine, CHANGE_END_BUSY);
    } else {
        machine->looks++;
        machine->state = CHANGE_STATE_GET;
    }
}

/* On to the next copy of history that is too old; what fails here fails nothing. */
static void prune_on(struct change_machine *machine, size_t from) {
    for (size_t i = from; i < machine->list.count; i++) {
        uint64_t serial = change_history_serial(machine->list.objects[i].name);
        if (serial != 0 && serial + machine->options.kept < machine->next_serial) {
            machine->cursor = i;
            machine->state = CHANGE_STATE_PRUNE;
            return;
        }
    }
    change_stop(machine, CHANGE_END_DONE);
}

static void take_cas(struct change_machine *machine, const struct change_reply *reply) {
    switch (machine->state) {
    case CHANGE_STATE_GET:
        take_index(machine, reply);
        break;
    case CHANGE_STATE_NUMBER:
        take_number(machine, reply);
        break;
    case CHANGE_STATE_HISTORY:
        take_history(machine, reply);
        break;
    case CHANGE_STATE_HISTORY_CHECK:
        take_history_check(machine, reply);
        break;
    case CHANGE_STATE_CONFIRM:
        take_confirm(machine, reply);
        break;
    case CHANGE_STATE_REPLACE:
        take_replaced(machine, reply);
        break;
    case CHANGE_STATE_CHECK:
        take_check(machine, reply);
        break;
    case CHANGE_STATE_SEED:
        take_seeded(machine, reply);
        break;
    case CHANGE_STATE_PRUNE_LIST:
        machine->list = reply->list;
        prune_on(machine, 0);
        break;
    case CHANGE_STATE_PRUNE:
        prune_on(machine, machine->cursor + 1);
        break;
    default:
        change_journal_take(machine, reply);
        break;
    }
}

void change_take(struct change_machine *machine, const struct change_reply *reply) {
    bool is_pruning = machine->state == CHANGE_STATE_PRUNE ||
                      machine->state == CHANGE_STATE_PRUNE_LIST;
    machine->now_s = reply->now_s;
    if (machine->state == CHANGE_STATE_EDIT) {
        take_edit(machine, reply);
    } else if (machine->state == CHANGE_STATE_WAIT) {
        machine->state = CHANGE_STATE_GET;
        if (change_has_journal(machine)) {
            change_journal_waited(machine, reply->waited_ms);
        }
    } else if (reply->status == STORE_FAILED && !change_has_journal(machine)) {
        change_stop(machine, is_pruning ? CHANGE_END_DONE : CHANGE_END_STORE);
    } else {
        take_cas(machine, reply);
    }
}

static void ask_write(struct change_request *request, enum change_ask ask,
                      struct str bytes, uint64_t serial) {
    request->ask = ask;
    request->bytes = bytes;
    request->serial = serial;
}

static void ask_history(struct change_request *request, enum change_ask ask,
                        const struct change_machine *machine) {
    request->ask = ask;
    request->slot = CHANGE_SLOT_OTHER;
    request->bytes = machine->base;
    change_name_history(request->name, machine->base_serial);
}

/* Serials are kept where they count: with index.json. */
static void next_cas(const struct change_machine *machine,
                     struct change_request *request) {
    switch (machine->state) {
    case CHANGE_STATE_GET:
        request->ask = CHANGE_ASK_GET;
        request->slot = CHANGE_SLOT_BASE;
        break;
    case CHANGE_STATE_CHECK:
        request->ask = CHANGE_ASK_GET;
        request->slot = CHANGE_SLOT_FOUND;
        break;
    case CHANGE_STATE_HISTORY:
        ask_history(request, CHANGE_ASK_PUT_NEW, machine);
        break;
    case CHANGE_STATE_HISTORY_CHECK:
        ask_history(request, CHANGE_ASK_GET, machine);
        break;
    case CHANGE_STATE_CONFIRM:
        ask_history(request, CHANGE_ASK_GET, machine);
        change_name_history(request->name, machine->next_serial);
        break;
    case CHANGE_STATE_REPLACE:
        ask_write(request, CHANGE_ASK_REPLACE, machine->next,
                  machine->base_serial == 0 ? 0 : machine->base_serial + 1);
        request->seen = machine->seen;
        break;
    case CHANGE_STATE_SEED:
        ask_write(request, CHANGE_ASK_PUT_NEW, machine->options.seed, 1);
        break;
    case CHANGE_STATE_NUMBER:
    case CHANGE_STATE_PRUNE_LIST:
        request->ask = CHANGE_ASK_LIST;
        memcpy(request->name, "index-", sizeof "index-");
        break;
    case CHANGE_STATE_PRUNE:
        request->ask = CHANGE_ASK_REMOVE;
        request->seen = machine->list.objects[machine->cursor];
        break;
    default:
        change_journal_next(machine, request);
        break;
    }
}

void change_next(const struct change_machine *machine, struct change_request *request) {
    memset(request, 0, sizeof *request);
    memcpy(request->name, "index.json", sizeof "index.json");
    switch (machine->state) {
    case CHANGE_STATE_END:
        request->ask = CHANGE_ASK_END;
        break;
    case CHANGE_STATE_EDIT:
        ask_write(request, CHANGE_ASK_EDIT, machine->base, machine->base_serial);
        request->slot = CHANGE_SLOT_NEXT;
        break;
    case CHANGE_STATE_WAIT:
        request->ask = CHANGE_ASK_WAIT;
        request->wait_ms = wait_of(machine);
        break;
    default:
        next_cas(machine, request);
        break;
    }
}
