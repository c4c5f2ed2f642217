/* What the parts of the machine of change_machine.h share.
 *
 * Shapes: a step looks at the machine alone; `take` functions end by setting its next
 * state. */
#ifndef REGISTRY_CHANGE_STEPS_H
#define REGISTRY_CHANGE_STEPS_H

#include "registry/change_machine.h"

static inline bool change_has_journal(const struct change_machine *machine) {
    return machine->options.mode == STORE_JOURNAL ||
           machine->options.mode == STORE_JOURNAL_LOCKED;
}

void change_stop(struct change_machine *machine, enum change_end end);

/* On to the edit, unless there were too many. */
void change_attempt(struct change_machine *machine);

/* Names of this publisher's making. */
void change_name_history(char *name, uint64_t serial);
void change_name_copy(char *name, uint64_t serial, uint64_t token);

#define CHANGE_LOCK_NAME "index.lock"

/* The journal's steps; change_next and change_take hand theirs over. */
void change_journal_next(const struct change_machine *machine,
                         struct change_request *request);
void change_journal_take(struct change_machine *machine,
                         const struct change_reply *reply);
void change_journal_edited(struct change_machine *machine, enum change_verdict verdict);
void change_journal_waited(struct change_machine *machine, uint32_t waited_ms);

/* What the last look and what was read since are a reason to do. */
void change_consider(struct change_machine *machine);

/* The index.json of the list is an entry of the journal. */
void change_vouch(struct change_machine *machine);

/* Of them, those that make an entry: `next`, of the number after the newest. */
void change_put_entry(struct change_machine *machine);
void change_entry_take(struct change_machine *machine,
                       const struct change_reply *reply);

/* Of them, those that bring index.json forward. */
void change_refresh(struct change_machine *machine);
void change_refresh_next(const struct change_machine *machine,
                         struct change_request *request);
void change_refresh_take(struct change_machine *machine,
                         const struct change_reply *reply);
void change_agreed(struct change_machine *machine);

/* Looks again after a while. */
void change_wait(struct change_machine *machine);

/* Has the thing of this mark been watched for long enough? Else watches it. */
bool change_is_stale(struct change_machine *machine, uint64_t mark);

uint64_t change_mark(struct str text);
bool change_differ(uint64_t a, uint64_t b); /* both known, and not the same */

/* Of the list; NULL: not there. */
const struct store_object *change_index(const struct change_machine *machine);
const struct store_object *change_entry(const struct change_machine *machine,
                                        uint64_t serial);

#endif
