#include "registry/change_steps.h"

void change_journal_next(const struct change_machine *machine,
                         struct change_request *request) {
    (void)machine;
    request->ask = CHANGE_ASK_END;
}

void change_journal_take(struct change_machine *machine,
                         const struct change_reply *reply) {
    (void)reply;
    change_stop(machine, CHANGE_END_STORE);
}

void change_journal_edited(struct change_machine *machine,
                           enum change_verdict verdict) {
    (void)verdict;
    change_stop(machine, CHANGE_END_STORE);
}

void change_journal_waited(struct change_machine *machine, uint32_t waited_ms) {
    (void)waited_ms;
    change_stop(machine, CHANGE_END_STORE);
}
