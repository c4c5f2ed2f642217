/* The whole of the command, for the offline executable and for the network helper.
 *
 * Both read the same table and take the same arguments. They differ in what they do
 * with a command that talks to a registry's host: one starts the other.
 * Source: docs/cli.md. */
#ifndef CLI_RUN_H
#define CLI_RUN_H

#include "cli/commands.h"

/* Runs a command that needs a network; returns the exit status. */
typedef int (*run_network)(struct invocation *invocation, char **argv);

/* From arguments to the exit status. */
int run_main(int argc, char **argv, run_network network);

/* Becomes the helper: the one beside this executable, or else the installed one.
 * Returns only if there is none (registry::helper_missing). */
int network_start_helper(struct invocation *invocation, char **argv);

#endif
