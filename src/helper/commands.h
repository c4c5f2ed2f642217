/* The commands that talk to a registry's host: one file a command, or a few alike.
 *
 * Each prints its result or error and returns the exit status. */
#ifndef HELPER_COMMANDS_H
#define HELPER_COMMANDS_H

#include "cli/commands.h"

int registry_cmd_publish(struct invocation *invocation);
int registry_cmd_init(struct invocation *invocation);
int registry_cmd_verify(struct invocation *invocation);
int registry_cmd_repair(struct invocation *invocation);
int registry_cmd_history(struct invocation *invocation);
int registry_cmd_rollback(struct invocation *invocation);
int registry_cmd_sync(struct invocation *invocation);
int registry_cmd_yank(struct invocation *invocation);
int registry_cmd_search(struct invocation *invocation);
int registry_cmd_info(struct invocation *invocation);

#endif
