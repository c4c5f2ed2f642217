#include "cli/options_rows.h"

const char *const output_choices[] = {"human", "json", NULL};
static const char *const trigger_choices[] = {
    "process_writes", "process_scheduled_call", "process_request", NULL};

#define INDEX_OPTION(is_required, on_side, text)                                       \
    {                                                                                  \
        .id = OPTION_INDEX, .kind = OPTION_FILE, .name = "index",                      \
        .value_name = "INDEX", .required = (is_required), .side = (on_side),           \
        .help = (text)                                                                 \
    }

#define OUT_OPTION(on_side, text)                                                      \
    {                                                                                  \
        .id = OPTION_OUT, .kind = OPTION_FOLDER, .name = "out", .value_name = "OUT",   \
        .required = true, .side = (on_side), .help = (text)                            \
    }

#define PLUGIN_DIR_OPTION                                                              \
    {                                                                                  \
        .id = OPTION_POSITIONAL, .kind = OPTION_FOLDER, .value_name = "PLUGIN_DIR",    \
        .fallback = "the current directory",                                           \
        .help = "The plugin's directory, which holds `manifest.toml`"                  \
    }

#define NEW_PATH_OPTION                                                                \
    {                                                                                  \
        .id = OPTION_POSITIONAL, .kind = OPTION_FOLDER, .value_name = "PATH",          \
        .fallback = "the current directory",                                           \
        .help = "The directory to write to; made where missing"                        \
    }

#define FORCE_OPTION                                                                   \
    {                                                                                  \
        .id = OPTION_FORCE, .kind = OPTION_SWITCH, .name = "force",                    \
        .help = "Replace files that the template writes; no other file is touched"     \
    }

#define DATABASE_OPTION                                                                \
    {                                                                                  \
        .id = OPTION_DATABASE_VERSION, .kind = OPTION_TEXT,                            \
        .name = "database-version", .value_name = "DATABASE_VERSION",                  \
        .help = "The database that plugins are wanted for, as in 3.2.0: versions "     \
                "that do not support it are left out"                                  \
    }

#define INCLUDE_OPTIONS                                                                \
    {.id = OPTION_INCLUDE_YANKED,                                                      \
     .kind = OPTION_SWITCH,                                                            \
     .name = "include-yanked",                                                         \
     .help = "Take yanked versions too"},                                              \
    {                                                                                  \
        .id = OPTION_INCLUDE_INCOMPATIBLE, .kind = OPTION_SWITCH,                      \
        .name = "include-incompatible",                                                \
        .help = "Take versions too that --database-version would leave out"            \
    }

const struct option new_plugin_options[] = {
    NEW_PATH_OPTION,
    OUTPUT_OPTION,
    FORCE_OPTION,
    {.id = OPTION_NAME,
     .kind = OPTION_TEXT,
     .name = "name",
     .value_name = "NAME",
     .fallback = "the directory's name",
     .help = "The plugin's name"},
    {.id = OPTION_DATABASE_VERSION,
     .kind = OPTION_TEXT,
     .name = "database-version",
     .value_name = "DATABASE_VERSION",
     .fallback = "the newest one known to this build, or newer",
     .help = "The databases that the plugin supports, as in `>=3.2.0, <4.0.0`"},
};

const struct option new_index_options[] = {
    NEW_PATH_OPTION,
    OUTPUT_OPTION,
    FORCE_OPTION,
    {.id = OPTION_ARTIFACTS_URL,
     .kind = OPTION_TEXT,
     .name = "artifacts-url",
     .value_name = "ARTIFACTS_URL",
     .fallback = "the directory's file:// URL",
     .help = "Where the artifacts will lie: an https, http or file URL"},
};

const struct option new_list_options[] = {OUTPUT_OPTION};

const struct option validate_options[] = {
    PLUGIN_DIR_OPTION,
    OUTPUT_OPTION,
    INDEX_OPTION(false, SIDE_BOTH,
                 "Also check that this index does not hold the plugin's name "
                 "and version yet"),
};

const struct option package_options[] = {
    PLUGIN_DIR_OPTION,
    OUTPUT_OPTION,
    INDEX_OPTION(true, SIDE_BOTH, "The index to add to; it is read, never written"),
    OUT_OPTION(SIDE_BOTH,
               "The directory for the artifact and the new `index.json`; made where "
               "missing, and not the one that --index lies in"),
};

const struct option yank_options[] = {
    {.id = OPTION_POSITIONAL,
     .kind = OPTION_TARGET,
     .value_name = "NAME@VERSION",
     .required = true,
     .help = "The entry, name and version exactly as in the index"},
    OUTPUT_OPTION,
    INDEX_OPTION(true, SIDE_ONE, "The index that holds it; it is read, never written"),
    OUT_OPTION(SIDE_ONE,
               "The directory for the new `index.json`; made where missing, and not "
               "the one that --index lies in"),
    {.id = OPTION_UNDO,
     .kind = OPTION_SWITCH,
     .name = "undo",
     .help = "Clear the mark instead of setting it"},
    REGISTRY_OPTION(SIDE_OTHER),
    EXCLUSIVE_OPTION(SIDE_OTHER),
    ADOPT_OPTION(SIDE_OTHER),
    NETWORK_OPTIONS(SIDE_OTHER),
};

const struct option search_options[] = {
    {.id = OPTION_POSITIONAL,
     .kind = OPTION_TEXT,
     .value_name = "QUERY",
     .fallback = "every plugin",
     .help = "Part of the name or of the description, in any case"},
    OUTPUT_OPTION,
    INDEX_OPTION(true, SIDE_ONE, "The index to look in"),
    {.id = OPTION_TRIGGER_TYPE,
     .kind = OPTION_CHOICE,
     .name = "trigger-type",
     .value_name = "TRIGGER_TYPE",
     .choices = trigger_choices,
     .help = "Only plugins with this trigger"},
    DATABASE_OPTION,
    INCLUDE_OPTIONS,
    REGISTRY_OPTION(SIDE_OTHER),
    NETWORK_OPTIONS(SIDE_OTHER),
};

const struct option info_options[] = {
    {.id = OPTION_POSITIONAL,
     .kind = OPTION_TEXT,
     .value_name = "NAME",
     .required = true,
     .help = "The plugin's name; case does not matter, `-` and `_` are alike"},
    OUTPUT_OPTION,
    INDEX_OPTION(true, SIDE_ONE, "The index to look in"),
    {.id = OPTION_VERSION,
     .kind = OPTION_TEXT,
     .name = "version",
     .value_name = "VERSION",
     .fallback = "the newest",
     .help = "This version, exactly, also if it is yanked or incompatible"},
    DATABASE_OPTION,
    INCLUDE_OPTIONS,
    REGISTRY_OPTION(SIDE_OTHER),
    NETWORK_OPTIONS(SIDE_OTHER),
};

const struct option help_options[] = {
    {.id = OPTION_POSITIONAL,
     .kind = OPTION_TEXT,
     .value_name = "COMMAND",
     .fallback = "all commands",
     .help = "The command to explain"},
};

const struct example root_examples[] = {
    {"Start a plugin that sees every write, and check it",
     "new process_writes downsampler && " PROGRAM_NAME " validate downsampler"},
    {"Start a registry in a directory", "new index registry"},
    {"Build the plugin's artifact, and the index with its entry added",
     "package downsampler --index registry/index.json --out out"},
    {"Find plugins", "search downsampl --index out/index.json"},
    {"Publish every plugin below ./plugins, each version once",
     "publish --root plugins --registry ./registry"},
    {NULL, NULL}};

const struct example new_examples[] = {
    {"See the templates", "new list"},
    {"A plugin that runs on a schedule, in ./nightly-report",
     "new process_scheduled_call nightly-report"},
    {"An empty index whose artifacts will be served by a web server",
     "new index registry --artifacts-url https://plugins.example.com/artifacts"},
    {NULL, NULL}};

const struct example new_plugin_examples[] = {
    {"In the current directory, under a name of its own",
     "new process_writes --name downsampler"},
    {"For a range of databases",
     "new process_writes downsampler --database-version '>=3.2.0, <4.0.0'"},
    {NULL, NULL}};

const struct example new_index_examples[] = {
    {"A registry in a directory", "new index registry"},
    {"One that a web server will serve",
     "new index registry --artifacts-url https://plugins.example.com/artifacts"},
    {NULL, NULL}};

const struct example validate_examples[] = {
    {"The plugin in the current directory", "validate"},
    {"Would its version be new to this index?",
     "validate downsampler --index registry/index.json"},
    {"In a script: exit status 0 if valid, and all defects as JSON",
     "validate downsampler --output json"},
    {NULL, NULL}};

const struct example package_examples[] = {
    {"Write out/downsampler-1.0.0.tar.gz and out/index.json",
     "package downsampler --index registry/index.json --out out"},
    {NULL, NULL}};

const struct example yank_examples[] = {
    {"Nobody should install 1.0.0 any more",
     "yank downsampler@1.0.0 --index registry/index.json --out out"},
    {"It was fine after all",
     "yank downsampler@1.0.0 --undo --index registry/index.json --out out"},
    {"The same in a registry itself",
     "yank downsampler@1.0.0 --undo --registry ./registry"},
    {NULL, NULL}};

const struct example search_examples[] = {
    {"Everything in the index", "search --index registry/index.json"},
    {"Everything in a registry", "search --registry ./registry"},
    {"Scheduled plugins for database 3.2.0 that mention averages",
     "search average --trigger-type process_scheduled_call --database-version 3.2.0 "
     "--index registry/index.json"},
    {NULL, NULL}};

const struct example info_examples[] = {
    {"The newest version", "info downsampler --index registry/index.json"},
    {"One version", "info downsampler --version 1.0.0 --index registry/index.json"},
    {NULL, NULL}};
