/* The rows of options that the table of commands is made of, and what several share.
 *
 * For options*.c alone; options.h is what others read. */
#ifndef CLI_OPTIONS_ROWS_H
#define CLI_OPTIONS_ROWS_H

#include "cli/options.h"

extern const char *const output_choices[];

#define OUTPUT_OPTION                                                                  \
    {                                                                                  \
        .id = OPTION_OUTPUT, .kind = OPTION_CHOICE, .name = "output",                  \
        .value_name = "OUTPUT", .choices = output_choices,                             \
        .fallback = "human on a terminal; json elsewhere, and where CI is true",       \
        .help = "Text for people, or one JSON document on standard output"             \
    }

/* What every command that talks to a registry takes. */
#define REGISTRY_OPTION(on_side)                                                       \
    {                                                                                  \
        .id = OPTION_REGISTRY, .kind = OPTION_LOCATION, .name = "registry",            \
        .value_name = "LOCATION", .required = true, .side = (on_side),                 \
        .help = "Where the registry is: a directory, or `s3://`, `gs://`, `az://`, "   \
                "`github://`, `gitlab://`, `https://`, `sftp://` or `exec:` and what " \
                "follows. Or set it as " REGISTRY_VARIABLE                             \
    }

#define NETWORK_OPTIONS(on_side)                                                       \
    {.id = OPTION_TIMEOUT,                                                             \
     .kind = OPTION_NUMBER,                                                            \
     .name = "timeout",                                                                \
     .value_name = "SECONDS",                                                          \
     .side = (on_side),                                                                \
     .max = 1000000,                                                                   \
     .fallback = "none for all together; 10 to connect, 30 without a byte",            \
     .help = "Give up when all requests together take longer"},                        \
    {                                                                                  \
        .id = OPTION_ALLOW_INSECURE, .kind = OPTION_SWITCH, .name = "allow-insecure",  \
        .side = (on_side),                                                             \
        .help = "Send credentials and write over `http:` beyond this machine, too"     \
    }

/* And every one that writes to it. */
#define EXCLUSIVE_OPTION(on_side)                                                      \
    {                                                                                  \
        .id = OPTION_ASSUME_EXCLUSIVE, .kind = OPTION_SWITCH,                          \
        .name = "assume-exclusive", .side = (on_side),                                 \
        .help = "Your word that nobody else writes to the registry meanwhile, for "    \
                "hosts that cannot keep two publishers apart"                          \
    }

#define ADOPT_OPTION(on_side)                                                          \
    {                                                                                  \
        .id = OPTION_ADOPT, .kind = OPTION_SWITCH, .name = "adopt", .side = (on_side), \
        .help = "Take an `index.json` that was written by other means as the new base" \
    }

#define DRY_RUN_OPTION(text)                                                           \
    { .id = OPTION_DRY_RUN, .kind = OPTION_SWITCH, .name = "dry-run", .help = (text) }

#define JOBS_OPTION(text)                                                              \
    {                                                                                  \
        .id = OPTION_JOBS, .kind = OPTION_NUMBER, .name = "jobs", .value_name = "N",   \
        .max = 256, .fallback = "as many as suit the machine and the host",            \
        .help = (text)                                                                 \
    }

/* Their lengths stand here, for the table takes them from here. */
extern const struct option new_plugin_options[5];
extern const struct option new_index_options[4];
extern const struct option new_list_options[1];
extern const struct option validate_options[3];
extern const struct option package_options[4];
extern const struct option yank_options[10];
extern const struct option search_options[10];
extern const struct option info_options[10];
extern const struct option help_options[1];
extern const struct option publish_options[14];
extern const struct option registry_init_options[6];
extern const struct option registry_verify_options[6];
extern const struct option registry_repair_options[8];
extern const struct option registry_history_options[4];
extern const struct option registry_rollback_options[8];
extern const struct option registry_sync_options[10];

extern const struct example root_examples[];
extern const struct example new_examples[];
extern const struct example new_plugin_examples[];
extern const struct example new_index_examples[];
extern const struct example validate_examples[];
extern const struct example package_examples[];
extern const struct example yank_examples[];
extern const struct example search_examples[];
extern const struct example info_examples[];
extern const struct example publish_examples[];
extern const struct example registry_examples[];
extern const struct example registry_init_examples[];
extern const struct example registry_verify_examples[];
extern const struct example registry_repair_examples[];
extern const struct example registry_history_examples[];
extern const struct example registry_rollback_examples[];
extern const struct example registry_sync_examples[];

#endif
