/* The command line: from words to a command and its values, or one usage error.
 *
 * Source: docs/cli.md, "Arguments". Flags and positionals in any order; a value is
 *   looked at when the next argument that is known begins, so of several errors the one
 *   reported is the one that the contract's cases name.
 * Ownership: values are the words of `argv` or point into them; errors live in the
 *   arena and view them.
 * Errors: PARSE_ERROR with `error`, a row of `usage::`. */
#ifndef CLI_PARSE_H
#define CLI_PARSE_H

#include "base/diag.h"
#include "cli/options.h"

enum parse_outcome {
    PARSE_COMMAND,
    PARSE_HELP,
    PARSE_VERSION,
    PARSE_ERROR,
    PARSE_NO_MEMORY
};

struct word_list {
    const char **words;
    size_t count;
};

struct arguments {
    const struct command *command;        /* also for help and errors: where it stood */
    const char *values[OPTION_COUNT];     /* NULL: not given; "" for a switch */
    struct word_list lists[OPTION_COUNT]; /* all values of what may be repeated */
    bool needs_network;                   /* the command talks to a registry's host */
    struct diag *error;
    bool is_incomplete; /* the error is a missing command: help is due */
};

/* `registry` is the environment's, which may be NULL: the value of --registry where
 * that is not given, nor an option of the command's other side. */
enum parse_outcome arguments_parse(struct arena *arena, int argc, char *const *argv,
                                   const char *registry, struct arguments *arguments);

/* The value of the first `--output` anywhere, also after `--`: it sets the mode of
 * errors. Absent if there is none, or none with a value. */
struct str arguments_scan_output(int argc, char *const *argv);

/* `--index <INDEX>`, `[PLUGIN_DIR]`, `--undo`: as help and errors name it. */
struct str option_shown(struct arena *arena, const struct option *option);

#endif
