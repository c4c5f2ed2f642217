/* One value of the command line against what its option takes.
 *
 * Ownership: the note may live in the arena.
 * Errors: false with the row and what its message ends with; an absent note: memory is
 *   out. */
#ifndef CLI_PARSE_VALUE_H
#define CLI_PARSE_VALUE_H

#include "base/diag.h"
#include "cli/options.h"

bool value_is_good(struct arena *arena, const struct option *option, struct str value,
                   enum error_id *id, struct str *note);

/* Of an OPTION_NUMBER that is good; 0 if it was not given. */
uint32_t value_number(const char *value);

#endif
