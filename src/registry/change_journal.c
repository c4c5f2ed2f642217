#include "base/hash.h"
#include "registry/change_steps.h"

enum sameness { SAME, DIFFERENT, UNKNOWN };

uint64_t change_mark(struct str text) {
    static const struct hash_key key = {{0x6a6f75726e616c00, 0x696e646578000000}};
    if (text.ptr == NULL) {
        return 0;
    }
    uint64_t mark = hash_str(&key, text);
    return mark == 0 ? 1 : mark;
}

const struct store_object *change_index(const struct change_machine *machine) {
    for (size_t i = 0; i < machine->list.count; i++) {
        if (str_equal(machine->list.objects[i].name, STORE_INDEX_NAME)) {
            return &machine->list.objects[i];
        }
    }
    return NULL;
}

const struct store_object *change_entry(const struct change_machine *machine,
                                        uint64_t serial) {
    for (size_t i = 0; i < machine->list.count; i++) {
        const struct store_object *object = &machine->list.objects[i];
        if (change_history_serial(object->name) == serial) {
            return object;
        }
    }
    return NULL;
}

void change_wait(struct change_machine *machine) {
    machine->waits++;
    machine->state = CHANGE_STATE_WAIT;
}

void change_journal_waited(struct change_machine *machine, uint32_t waited_ms) {
    machine->watched_ms += waited_ms;
    machine->missing_ms += waited_ms;
    machine->state = CHANGE_STATE_LOOK;
}

bool change_is_stale(struct change_machine *machine, uint64_t mark) {
    if (machine->watched != mark) {
        machine->watched = mark;
        machine->watched_ms = 0;
    }
    return machine->watched_ms >= machine->options.stale_ms;
}

bool change_differ(uint64_t a, uint64_t b) {
    return a != 0 && b != 0 && a != b;
}

static bool has_base(const struct change_machine *machine) {
    const struct store_object *entry = change_entry(machine, machine->newest);
    return machine->base_serial != 0 && machine->base_serial == machine->newest &&
           (entry == NULL ||
            !change_differ(machine->base_mark, change_mark(entry->revision)));
}

static bool has_digest(const struct store_object *object, struct str text) {
    char digest[SHA256_TEXT_BYTES + 1];
    sha256_of(text, digest);
    return strcmp(object->digest, digest) == 0;
}

/* Is index.json the newest entry? */
static enum sameness compare(const struct change_machine *machine) {
    const struct store_object *index = change_index(machine);
    if (index == NULL || index->is_incomplete) {
        return DIFFERENT;
    }
    bool is_same;
    if (machine->has_found) {
        is_same = str_equal(machine->found, machine->base);
    } else if (index->digest[0] != '\0') {
        is_same = has_digest(index, machine->base);
    } else if (index->size_bytes == UINT64_MAX ||
               index->size_bytes == machine->base.len) {
        return UNKNOWN;
    } else {
        is_same = false;
    }
    return is_same ? SAME : DIFFERENT;
}

/* Nothing in the journal: there is no index, or one made by other means, which is the
 * base. */
static void consider_empty(struct change_machine *machine) {
    bool is_seeding = machine->options.seed.ptr != NULL;
    if (change_index(machine) == NULL && is_seeding) {
        machine->next = machine->options.seed;
        change_put_entry(machine);
    } else if (change_index(machine) == NULL) {
        change_stop(machine, CHANGE_END_NOT_FOUND);
    } else if (is_seeding) {
        change_stop(machine, CHANGE_END_EXISTS);
    } else {
        machine->state = CHANGE_STATE_GET_BASE;
    }
}

/* An index is to be made, and there is a journal: perhaps of a first try. */
static void consider_seeded(struct change_machine *machine) {
    if (machine->newest > 1 || (change_index(machine) != NULL && !machine->wrote)) {
        change_stop(machine, CHANGE_END_EXISTS);
        return;
    }
    machine->next = machine->options.seed;
    machine->next_serial = 1;
    machine->state = CHANGE_STATE_CHECK_ENTRY;
}

/* Entries among the newest `kept` are never removed. Where more have been made since,
 * the goal may have been made anew where a pruned one was before: the edit will tell.
 */
static void look_for_goal(struct change_machine *machine) {
    const struct store_object *entry = change_entry(machine, machine->goal);
    bool is_there = entry != NULL && !entry->is_incomplete &&
                    !change_differ(machine->goal_mark, change_mark(entry->revision));
    if (machine->is_ours && machine->newest >= machine->goal + machine->options.kept) {
        machine->is_rechecking = true;
    } else if (machine->newest < machine->goal || (entry != NULL && !is_there)) {
        machine->goal = 0;
        machine->is_ours = false;
        machine->is_rechecking = false;
        machine->base_serial = 0;
    }
}

/* Foreign for certain only if a list made after its content was read knows it neither.
 */
static void suspect(struct change_machine *machine, uint64_t mark) {
    if (machine->suspect != mark) {
        machine->suspect = mark;
        machine->state = CHANGE_STATE_LOOK;
    } else if (!machine->has_found) {
        machine->state = CHANGE_STATE_GET_FOUND;
    } else if (!machine->options.adopt) {
        change_stop(machine, CHANGE_END_FOREIGN);
    } else {
        machine->goal = 0;
        machine->is_ours = false;
        machine->is_foreign = true;
        machine->base = machine->found;
        machine->base_is_next = false;
        machine->base_serial = 0;
        change_attempt(machine);
    }
}

/* The index.json of the list is an entry of the journal. */
void change_vouch(struct change_machine *machine) {
    const struct store_object *index = change_index(machine);
    machine->is_entry = true;
    machine->vouched = index == NULL ? 0 : change_mark(index->revision);
    machine->suspect = 0;
}

static bool is_older_entry(const struct change_machine *machine,
                           const struct store_object *object) {
    uint64_t serial = change_history_serial(object->name);
    return serial != 0 && serial != machine->newest && !object->is_incomplete;
}

/* index.json is not the newest entry: which one is it? */
static void find_older(struct change_machine *machine, size_t from) {
    const struct store_object *index = change_index(machine);
    bool by_digest = index->digest[0] != '\0';
    for (size_t i = from; i < machine->list.count; i++) {
        const struct store_object *object = &machine->list.objects[i];
        if (!is_older_entry(machine, object)) {
            continue;
        }
        bool may_be = object->size_bytes == UINT64_MAX ||
                      index->size_bytes == UINT64_MAX || machine->has_found ||
                      object->size_bytes == index->size_bytes;
        if (by_digest && object->digest[0] != '\0') {
            if (strcmp(object->digest, index->digest) == 0) {
                change_vouch(machine);
                return;
            }
        } else if (may_be && !machine->has_found) {
            machine->state = CHANGE_STATE_GET_FOUND;
            return;
        } else if (may_be && (object->size_bytes == UINT64_MAX ||
                              object->size_bytes == machine->found.len)) {
            machine->cursor = i;
            machine->state = CHANGE_STATE_GET_OLDER;
            return;
        }
    }
    suspect(machine, by_digest ? change_mark(str_of(index->digest))
                               : change_mark(machine->found));
}

/* Does it matter what index.json is, and is that not known? */
static bool is_strange(const struct change_machine *machine) {
    const struct store_object *index = change_index(machine);
    return index != NULL && !index->is_incomplete && !machine->is_entry;
}

/* May index.json vanish, by a removal of which nothing was heard? Then another takes
 * its place. */
static bool is_doomed(const struct change_machine *machine) {
    const struct store_object *index = change_index(machine);
    return machine->doomed != 0 && index != NULL &&
           machine->doomed == change_mark(index->revision);
}

void change_consider(struct change_machine *machine) {
    if (machine->goal != 0) {
        look_for_goal(machine);
    }
    if (machine->newest == 0) {
        consider_empty(machine);
        return;
    }
    if (machine->goal == 0 && machine->options.seed.ptr != NULL) {
        consider_seeded(machine);
        return;
    }
    if (!has_base(machine)) {
        machine->state = CHANGE_STATE_GET_ENTRY;
        return;
    }
    enum sameness sameness = compare(machine);
    if (sameness == UNKNOWN) {
        machine->state = CHANGE_STATE_GET_FOUND;
        return;
    }
    if (sameness == SAME) {
        change_vouch(machine);
    } else if (is_strange(machine)) {
        find_older(machine, 0);
        if (!machine->is_entry) {
            return;
        }
    }
    if (machine->goal == 0 || machine->is_rechecking) {
        change_attempt(machine);
    } else if (sameness == SAME && !is_doomed(machine)) {
        change_agreed(machine);
    } else {
        change_refresh(machine);
    }
}

static void take_list(struct change_machine *machine,
                      const struct change_reply *reply) {
    machine->list = reply->list;
    machine->has_found = false;
    machine->is_foreign = false;
    machine->newest = 0;
    for (size_t i = 0; i < machine->list.count; i++) {
        const struct store_object *object = &machine->list.objects[i];
        uint64_t serial = change_history_serial(object->name);
        if (serial > machine->newest && !object->is_incomplete) {
            machine->newest = serial;
        }
    }
    const struct store_object *index = change_index(machine);
    machine->missing_ms = index == NULL ? machine->missing_ms : 0;
    machine->is_entry = index != NULL && machine->vouched != 0 &&
                        machine->vouched == change_mark(index->revision);
    if (machine->looks++ >= machine->options.max_looks) {
        change_stop(machine, CHANGE_END_BUSY);
    } else {
        change_consider(machine);
    }
}

/* Text of an object that the list had: gone meanwhile is a reason to look again. */
static void take_text(struct change_machine *machine,
                      const struct change_reply *reply) {
    if (reply->status != STORE_OK) {
        change_wait(machine);
        return;
    }
    if (machine->state == CHANGE_STATE_GET_FOUND) {
        machine->found = reply->bytes;
        machine->has_found = true;
        change_consider(machine);
        return;
    }
    const struct store_object *entry = change_entry(machine, machine->newest);
    machine->base = reply->bytes;
    machine->base_is_next = false;
    machine->base_serial = machine->newest;
    machine->base_mark = entry == NULL ? 0 : change_mark(entry->revision);
    if (machine->state == CHANGE_STATE_GET_BASE) {
        change_attempt(machine);
    } else {
        change_consider(machine);
    }
}

static void take_older(struct change_machine *machine,
                       const struct change_reply *reply) {
    if (reply->status == STORE_OK && str_equal(reply->bytes, machine->found)) {
        change_vouch(machine);
        change_consider(machine);
    } else {
        find_older(machine, machine->cursor + 1);
    }
}

void change_journal_take(struct change_machine *machine,
                         const struct change_reply *reply) {
    bool is_cleaning =
        machine->state == CHANGE_STATE_UNLOCK || machine->state == CHANGE_STATE_CLEAN;
    if (reply->status == STORE_FAILED && !is_cleaning) {
        change_stop(machine, CHANGE_END_STORE);
        return;
    }
    switch (machine->state) {
    case CHANGE_STATE_LOOK:
        take_list(machine, reply);
        break;
    case CHANGE_STATE_GET_ENTRY:
    case CHANGE_STATE_GET_BASE:
    case CHANGE_STATE_GET_FOUND:
        take_text(machine, reply);
        break;
    case CHANGE_STATE_GET_OLDER:
        take_older(machine, reply);
        break;
    case CHANGE_STATE_REMOVE_BLOCK:
        machine->state = CHANGE_STATE_LOOK;
        break;
    case CHANGE_STATE_PUT_BASE:
    case CHANGE_STATE_PUT_ENTRY:
    case CHANGE_STATE_CHECK_ENTRY:
    case CHANGE_STATE_REMOVE_STRAY:
        change_entry_take(machine, reply);
        break;
    default:
        change_refresh_take(machine, reply);
        break;
    }
}

static void ask_entry(struct change_request *request, enum change_ask ask,
                      uint64_t serial) {
    request->ask = ask;
    request->slot = CHANGE_SLOT_OTHER;
    change_name_history(request->name, serial);
}

void change_journal_next(const struct change_machine *machine,
                         struct change_request *request) {
    switch (machine->state) {
    case CHANGE_STATE_LOOK:
        request->ask = CHANGE_ASK_LIST;
        memcpy(request->name, "index", sizeof "index");
        break;
    case CHANGE_STATE_GET_ENTRY:
        ask_entry(request, CHANGE_ASK_GET, machine->newest);
        request->slot = CHANGE_SLOT_BASE;
        break;
    case CHANGE_STATE_GET_BASE:
        request->ask = CHANGE_ASK_GET;
        request->slot = CHANGE_SLOT_BASE;
        break;
    case CHANGE_STATE_GET_FOUND:
        request->ask = CHANGE_ASK_GET;
        request->slot = CHANGE_SLOT_FOUND;
        break;
    case CHANGE_STATE_GET_OLDER:
        ask_entry(request, CHANGE_ASK_GET,
                  change_history_serial(machine->list.objects[machine->cursor].name));
        break;
    case CHANGE_STATE_PUT_BASE:
        ask_entry(request, CHANGE_ASK_PUT_NEW, machine->newest + 1);
        request->bytes = machine->base;
        break;
    case CHANGE_STATE_PUT_ENTRY:
        ask_entry(request, CHANGE_ASK_PUT_NEW, machine->next_serial);
        request->bytes = machine->next;
        break;
    case CHANGE_STATE_CHECK_ENTRY:
        ask_entry(request, CHANGE_ASK_GET, machine->next_serial);
        break;
    case CHANGE_STATE_REMOVE_STRAY:
    case CHANGE_STATE_REMOVE_BLOCK:
        request->ask = CHANGE_ASK_REMOVE;
        request->seen = machine->seen;
        break;
    default:
        change_refresh_next(machine, request);
        break;
    }
}
