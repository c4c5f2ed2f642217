#include "cli/run.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fs.h"

/* A closed standard stream would lend its number to the next file opened. One opened
 * the wrong way round fails instead, as the closed one would. */
static bool hold_standard_streams(void) {
    for (int fd = 0; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) == -1 && errno == EBADF &&
            open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd) {
            return false;
        }
    }
    return true;
}

/* So that a closed pipe is an error like others. */
static void ignore_broken_pipes(void) {
    struct sigaction action = {.sa_handler = SIG_IGN};
    sigemptyset(&action.sa_mask);
    (void)sigaction(SIGPIPE, &action, NULL);
}

static int run_command(struct invocation *invocation) {
    switch (invocation->arguments->command->id) {
    case COMMAND_NEW_PROCESS_WRITES:
    case COMMAND_NEW_PROCESS_SCHEDULED_CALL:
    case COMMAND_NEW_PROCESS_REQUEST:
    case COMMAND_NEW_INDEX:
        return cmd_new(invocation);
    case COMMAND_NEW_LIST:
        return cmd_new_list(invocation);
    case COMMAND_VALIDATE:
        return cmd_validate(invocation);
    case COMMAND_PACKAGE:
        return cmd_package(invocation);
    case COMMAND_YANK:
        return cmd_yank(invocation);
    case COMMAND_SEARCH:
        return cmd_search(invocation);
    case COMMAND_INFO:
        return cmd_info(invocation);
    default:
        break; /* `help`; what only a network does is not run here */
    }
    return cmd_help(invocation);
}

static int run(struct invocation *invocation, enum parse_outcome outcome, char **argv,
               run_network network) {
    const struct arguments *arguments = invocation->arguments;
    switch (outcome) {
    case PARSE_COMMAND:
        return arguments->needs_network ? network(invocation, argv)
                                        : run_command(invocation);
    case PARSE_HELP:
        return cmd_help(invocation);
    case PARSE_VERSION:
        return cmd_version(invocation);
    case PARSE_ERROR:
        return report_usage(invocation->output, arguments->command, arguments->error,
                            arguments->is_incomplete);
    case PARSE_NO_MEMORY:
        break;
    }
    invocation->output->is_memory_out = true;
    return 1;
}

int run_main(int argc, char **argv, run_network network) {
    if (!hold_standard_streams()) {
        return 1;
    }
    ignore_broken_pipes();
    struct arena arena = {0};
    struct arguments arguments;
    enum parse_outcome outcome =
        arguments_parse(&arena, argc, argv, getenv(REGISTRY_VARIABLE), &arguments);
    struct output output;
    output_init(&output, str_of(arguments.values[OPTION_OUTPUT]),
                arguments_scan_output(argc, argv));
    struct invocation invocation = {&arena, &arguments, &output};
    if (fs_working_directory(&arena, &output.cwd) != 0) {
        output.cwd = STR("");
    }
    int status = run(&invocation, outcome, argv, network);
    status = output_finish(&output, status);
    output_release(&output);
    arena_release(&arena);
    return status;
}
