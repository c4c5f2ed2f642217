/* What each command does: one file a command.
 *
 * Each prints its result or error and returns the exit status. */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include "base/arena.h"
#include "cli/parse.h"
#include "cli/report.h"

struct invocation {
    struct arena *arena;
    const struct arguments *arguments;
    struct output *output;
};

int cmd_new(struct invocation *invocation);
int cmd_new_list(struct invocation *invocation);
int cmd_validate(struct invocation *invocation);
int cmd_package(struct invocation *invocation);
int cmd_yank(struct invocation *invocation);
int cmd_search(struct invocation *invocation);
int cmd_info(struct invocation *invocation);
int cmd_help(struct invocation *invocation);
int cmd_version(struct invocation *invocation);

/* Where search and info look: a status and a result as i3p_index_open gives them. */
typedef i3p_status (*index_opener)(struct invocation *invocation, i3p_index **index,
                                   i3p_result **result);
i3p_status open_index_file(struct invocation *invocation, i3p_index **index,
                           i3p_result **result);
int cmd_search_in(struct invocation *invocation, index_opener open);
int cmd_info_in(struct invocation *invocation, index_opener open);

/* For all of them: the value of an option, NULL if it was not given. */
static inline const char *value_of(const struct invocation *invocation,
                                   enum option_id id) {
    return invocation->arguments->values[id];
}

static inline bool is_given(const struct invocation *invocation, enum option_id id) {
    return value_of(invocation, id) != NULL;
}

/* The end of a call that did not succeed: warnings, error, exit status. */
int cmd_fail(struct invocation *invocation, i3p_status status,
             const i3p_result *result);

/* The query that search and info share, without its text. */
struct i3p_query query_of(const struct invocation *invocation);

/* `"visibility":{…}`, and the same in words: "yanked", "incompatible: requires …". */
void append_visibility(struct buf *out, const i3p_plugin *plugin);
void append_reason_json(struct buf *out, const i3p_plugin *plugin, size_t at);
void append_reason_text(struct buf *out, const i3p_plugin *plugin, size_t at);

/* `"triggers":[…]`, and the same joined by commas. */
void append_triggers_json(struct buf *out, const i3p_plugin *plugin);
void append_triggers_text(struct buf *out, const i3p_plugin *plugin);

#endif
