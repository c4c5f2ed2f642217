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

#endif
