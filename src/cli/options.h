/* The commands and their options: the one table behind the parser, `--help`, usage
 * lines, man pages and completions.
 *
 * Source: docs/cli.md.
 * Shapes: all texts are static. Prose may mark code with backquotes; paragraphs are
 *   separated by an empty line. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where a value goes in `struct arguments`. */
enum option_id {
    OPTION_OUTPUT,
    OPTION_POSITIONAL,
    OPTION_INDEX,
    OPTION_OUT,
    OPTION_FORCE,
    OPTION_NAME,
    OPTION_DATABASE_VERSION,
    OPTION_ARTIFACTS_URL,
    OPTION_UNDO,
    OPTION_TRIGGER_TYPE,
    OPTION_INCLUDE_YANKED,
    OPTION_INCLUDE_INCOMPATIBLE,
    OPTION_VERSION,
    OPTION_REGISTRY,
    OPTION_ROOT,
    OPTION_EXCLUDE,
    OPTION_RECURSIVE,
    OPTION_DRY_RUN,
    OPTION_CHANGED,
    OPTION_REPLACE_ORPHANS,
    OPTION_REMOVE_ORPHANS,
    OPTION_ASSUME_EXCLUSIVE,
    OPTION_ADOPT,
    OPTION_JOBS,
    OPTION_DEEP,
    OPTION_TO_NUMBER,
    OPTION_FROM,
    OPTION_TO,
    OPTION_TIMEOUT,
    OPTION_ALLOW_INSECURE,
    OPTION_COUNT
};

enum option_kind {
    OPTION_SWITCH,   /* takes no value */
    OPTION_TEXT,     /* any text, the empty one too */
    OPTION_FILE,     /* a path, not empty; completed with files */
    OPTION_FOLDER,   /* a path, not empty; completed with directories */
    OPTION_CHOICE,   /* one of `choices` */
    OPTION_TARGET,   /* NAME@VERSION */
    OPTION_NUMBER,   /* from 1 to `max`, decimal digits */
    OPTION_LOCATION, /* of a registry, not empty; completed with directories */
};

/* Options of one side of a command cannot be given with those of the other, and what is
 * required of a side is so only where that side is meant. */
enum option_side { SIDE_BOTH, SIDE_ONE, SIDE_OTHER };

struct option {
    enum option_id id;
    enum option_kind kind;
    const char *name;       /* without `--`; NULL for the positional argument */
    const char *value_name; /* as in help; NULL for a switch */
    bool required;
    bool is_repeatable; /* may be given any number of times */
    enum option_side side;
    uint32_t max;               /* of a number */
    const char *const *choices; /* NULL-terminated, or NULL */
    const char *fallback;       /* what holds without it, or NULL */
    const char *help;
};

enum command_id {
    COMMAND_ROOT,
    COMMAND_NEW,
    COMMAND_NEW_PROCESS_WRITES,
    COMMAND_NEW_PROCESS_SCHEDULED_CALL,
    COMMAND_NEW_PROCESS_REQUEST,
    COMMAND_NEW_INDEX,
    COMMAND_NEW_LIST,
    COMMAND_VALIDATE,
    COMMAND_PACKAGE,
    COMMAND_YANK,
    COMMAND_SEARCH,
    COMMAND_INFO,
    COMMAND_PUBLISH,
    COMMAND_REGISTRY,
    COMMAND_REGISTRY_INIT,
    COMMAND_REGISTRY_VERIFY,
    COMMAND_REGISTRY_REPAIR,
    COMMAND_REGISTRY_HISTORY,
    COMMAND_REGISTRY_ROLLBACK,
    COMMAND_REGISTRY_SYNC,
    COMMAND_HELP,          /* `help`, below the root */
    COMMAND_NEW_HELP,      /* `new help` */
    COMMAND_REGISTRY_HELP, /* `registry help` */
    COMMAND_COUNT
};

struct example {
    const char *what;
    const char *line; /* without the program's name */
};

struct command {
    enum command_id id;
    enum command_id parent; /* the root is its own */
    const char *name;       /* the last word of the command */
    const char *words;      /* all of them, as in "new index"; "" for the root */
    const char *holds;      /* of a group, what its commands are called; else NULL */
    const char *summary;    /* one line, no full stop */
    const char *description;
    const struct option *options; /* the positional first, if there is one */
    size_t option_count;
    const struct example *examples; /* ends with a row of NULLs, or NULL */
};

#define PROGRAM_NAME "influxdb3-plugin"

/* In the order of help; indexed by command_id. */
extern const struct command commands[COMMAND_COUNT];

#define REGISTRY_VARIABLE "INFLUXDB3_PLUGIN_REGISTRY"

/* Is it one that only holds others? */
bool command_is_group(const struct command *command);

/* `help` of the root or of a group? */
bool command_is_help(const struct command *command);

/* Can it be given in two ways, each with required options of its own? */
bool command_has_sides(const struct command *command);

const struct option *command_option(const struct command *command, enum option_id id);

/* Exit statuses, environment variables and files: rows for the man page. */
struct prose_row {
    const char *term;
    const char *text;
};
extern const struct prose_row exit_status_rows[];
extern const struct prose_row environment_rows[];

#endif
