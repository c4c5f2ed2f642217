#include "cli/options.h"

#include <string.h>

static const char *const output_choices[] = {"human", "json", NULL};
static const char *const trigger_choices[] = {
    "process_writes", "process_scheduled_call", "process_request", NULL};

#define OUTPUT_OPTION                                                                  \
    {                                                                                  \
        .id = OPTION_OUTPUT, .kind = OPTION_CHOICE, .name = "output",                  \
        .value_name = "OUTPUT", .choices = output_choices,                             \
        .fallback = "human on a terminal; json elsewhere, and where CI is true",       \
        .help = "Text for people, or one JSON document on standard output"             \
    }

#define INDEX_OPTION(is_required, text)                                                \
    {                                                                                  \
        .id = OPTION_INDEX, .kind = OPTION_FILE, .name = "index",                      \
        .value_name = "INDEX", .required = (is_required), .help = (text)               \
    }

#define OUT_OPTION(text)                                                               \
    {                                                                                  \
        .id = OPTION_OUT, .kind = OPTION_FOLDER, .name = "out", .value_name = "OUT",   \
        .required = true, .help = (text)                                               \
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

static const struct option new_plugin_options[] = {
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

static const struct option new_index_options[] = {
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

static const struct option new_list_options[] = {OUTPUT_OPTION};

static const struct option validate_options[] = {
    PLUGIN_DIR_OPTION,
    OUTPUT_OPTION,
    INDEX_OPTION(false, "Also check that this index does not hold the plugin's name "
                        "and version yet"),
};

static const struct option package_options[] = {
    PLUGIN_DIR_OPTION,
    OUTPUT_OPTION,
    INDEX_OPTION(true, "The index to add to; it is read, never written"),
    OUT_OPTION("The directory for the artifact and the new `index.json`; made where "
               "missing, and not the one that --index lies in"),
};

static const struct option yank_options[] = {
    {.id = OPTION_POSITIONAL,
     .kind = OPTION_TARGET,
     .value_name = "NAME@VERSION",
     .required = true,
     .help = "The entry, name and version exactly as in the index"},
    OUTPUT_OPTION,
    INDEX_OPTION(true, "The index that holds it; it is read, never written"),
    OUT_OPTION("The directory for the new `index.json`; made where missing, and not "
               "the one that --index lies in"),
    {.id = OPTION_UNDO,
     .kind = OPTION_SWITCH,
     .name = "undo",
     .help = "Clear the mark instead of setting it"},
};

static const struct option search_options[] = {
    {.id = OPTION_POSITIONAL,
     .kind = OPTION_TEXT,
     .value_name = "QUERY",
     .fallback = "every plugin",
     .help = "Part of the name or of the description, in any case"},
    OUTPUT_OPTION,
    INDEX_OPTION(true, "The index to look in"),
    {.id = OPTION_TRIGGER_TYPE,
     .kind = OPTION_CHOICE,
     .name = "trigger-type",
     .value_name = "TRIGGER_TYPE",
     .choices = trigger_choices,
     .help = "Only plugins with this trigger"},
    DATABASE_OPTION,
    INCLUDE_OPTIONS,
};

static const struct option info_options[] = {
    {.id = OPTION_POSITIONAL,
     .kind = OPTION_TEXT,
     .value_name = "NAME",
     .required = true,
     .help = "The plugin's name; case does not matter, `-` and `_` are alike"},
    OUTPUT_OPTION,
    INDEX_OPTION(true, "The index to look in"),
    {.id = OPTION_VERSION,
     .kind = OPTION_TEXT,
     .name = "version",
     .value_name = "VERSION",
     .fallback = "the newest",
     .help = "This version, exactly, also if it is yanked or incompatible"},
    DATABASE_OPTION,
    INCLUDE_OPTIONS,
};

static const struct option help_options[] = {
    {.id = OPTION_POSITIONAL,
     .kind = OPTION_TEXT,
     .value_name = "COMMAND",
     .fallback = "all commands",
     .help = "The command to explain"},
};

static const struct example root_examples[] = {
    {"Start a plugin that sees every write, and check it",
     "new process_writes downsampler && " PROGRAM_NAME " validate downsampler"},
    {"Start a registry in a directory", "new index registry"},
    {"Build the plugin's artifact, and the index with its entry added",
     "package downsampler --index registry/index.json --out out"},
    {"Find plugins", "search downsampl --index out/index.json"},
    {NULL, NULL}};

static const struct example new_examples[] = {
    {"See the templates", "new list"},
    {"A plugin that runs on a schedule, in ./nightly-report",
     "new process_scheduled_call nightly-report"},
    {"An empty index whose artifacts will be served by a web server",
     "new index registry --artifacts-url https://plugins.example.com/artifacts"},
    {NULL, NULL}};

static const struct example new_plugin_examples[] = {
    {"In the current directory, under a name of its own",
     "new process_writes --name downsampler"},
    {"For a range of databases",
     "new process_writes downsampler --database-version '>=3.2.0, <4.0.0'"},
    {NULL, NULL}};

static const struct example new_index_examples[] = {
    {"A registry in a directory", "new index registry"},
    {"One that a web server will serve",
     "new index registry --artifacts-url https://plugins.example.com/artifacts"},
    {NULL, NULL}};

static const struct example validate_examples[] = {
    {"The plugin in the current directory", "validate"},
    {"Would its version be new to this index?",
     "validate downsampler --index registry/index.json"},
    {"In a script: exit status 0 if valid, and all defects as JSON",
     "validate downsampler --output json"},
    {NULL, NULL}};

static const struct example package_examples[] = {
    {"Write out/downsampler-1.0.0.tar.gz and out/index.json",
     "package downsampler --index registry/index.json --out out"},
    {NULL, NULL}};

static const struct example yank_examples[] = {
    {"Nobody should install 1.0.0 any more",
     "yank downsampler@1.0.0 --index registry/index.json --out out"},
    {"It was fine after all",
     "yank downsampler@1.0.0 --undo --index registry/index.json --out out"},
    {NULL, NULL}};

static const struct example search_examples[] = {
    {"Everything in the index", "search --index registry/index.json"},
    {"Scheduled plugins for database 3.2.0 that mention averages",
     "search average --trigger-type process_scheduled_call --database-version 3.2.0 "
     "--index registry/index.json"},
    {NULL, NULL}};

static const struct example info_examples[] = {
    {"The newest version", "info downsampler --index registry/index.json"},
    {"One version", "info downsampler --version 1.0.0 --index registry/index.json"},
    {NULL, NULL}};

static const char plugin_template_text[] =
    "Writes `manifest.toml`, `<name>.py` with a handler to fill in, and `README.md`; "
    "all of them or none. The result validates as it stands.\n"
    "\n"
    "Files that exist are an error unless --force is given. Another Python file "
    "beside them is always one, since it would make the entry point ambiguous, and so "
    "is a neighbouring directory whose name is another spelling of the plugin's.";

#define OPTIONS(rows) .options = (rows), .option_count = sizeof(rows) / sizeof *(rows)

const struct command commands[COMMAND_COUNT] = {
    [COMMAND_ROOT] =
        {.id = COMMAND_ROOT,
         .name = PROGRAM_NAME,
         .words = "",
         .summary = "Write, check and package plugins for InfluxDB 3",
         .description =
             "Starts plugins from templates, checks them, builds their artifacts and "
             "keeps the index of a registry, without a network connection. Nothing is "
             "read but the files named in the arguments, and nothing ever asks a "
             "question.",
         .examples = root_examples},
    [COMMAND_NEW] = {.id = COMMAND_NEW,
                     .name = "new",
                     .words = "new",
                     .summary = "Start a plugin or an index from a template",
                     .description =
                         "Writes the files of a template into a directory, all of them "
                         "or none. `new list` lists the templates. Options follow the "
                         "template's name.",
                     .examples = new_examples},
    [COMMAND_NEW_PROCESS_WRITES] =
        {.id = COMMAND_NEW_PROCESS_WRITES,
         .parent = COMMAND_NEW,
         .name = "process_writes",
         .words = "new process_writes",
         .summary = "Start a plugin that runs on rows written to a database",
         .description = plugin_template_text,
         OPTIONS(new_plugin_options),
         .examples = new_plugin_examples},
    [COMMAND_NEW_PROCESS_SCHEDULED_CALL] =
        {.id = COMMAND_NEW_PROCESS_SCHEDULED_CALL,
         .parent = COMMAND_NEW,
         .name = "process_scheduled_call",
         .words = "new process_scheduled_call",
         .summary = "Start a plugin that runs on a schedule",
         .description = plugin_template_text,
         OPTIONS(new_plugin_options)},
    [COMMAND_NEW_PROCESS_REQUEST] = {.id = COMMAND_NEW_PROCESS_REQUEST,
                                     .parent = COMMAND_NEW,
                                     .name = "process_request",
                                     .words = "new process_request",
                                     .summary =
                                         "Start a plugin that answers HTTP requests",
                                     .description = plugin_template_text,
                                     OPTIONS(new_plugin_options)},
    [COMMAND_NEW_INDEX] = {.id = COMMAND_NEW_INDEX,
                           .parent = COMMAND_NEW,
                           .name = "index",
                           .words = "new index",
                           .summary = "Start the index of a registry",
                           .description = "Writes an `index.json` without plugins.",
                           OPTIONS(new_index_options),
                           .examples = new_index_examples},
    [COMMAND_NEW_LIST] = {.id = COMMAND_NEW_LIST,
                          .parent = COMMAND_NEW,
                          .name = "list",
                          .words = "new list",
                          .summary = "List the templates",
                          .description = "Lists the templates that `new` knows.",
                          OPTIONS(new_list_options)},
    [COMMAND_VALIDATE] =
        {.id = COMMAND_VALIDATE,
         .name = "validate",
         .words = "validate",
         .summary = "Check a plugin",
         .description =
             "Checks the manifest, the choice of files, the entry point's Python and "
             "that it defines every declared trigger; reports all defects at once "
             "and writes nothing. What is not wrong but unlikely to be meant, as a "
             "misspelt key, is a warning, which changes no exit status.",
         OPTIONS(validate_options),
         .examples = validate_examples},
    [COMMAND_PACKAGE] =
        {.id = COMMAND_PACKAGE,
         .name = "package",
         .words = "package",
         .summary = "Build a plugin's artifact and its index entry",
         .description =
             "Checks the plugin as `validate` does, builds "
             "`<name>-<version>.tar.gz`, and writes the index with the new entry "
             "added. The artifact's bytes depend on nothing but the files' paths, "
             "contents and execute bits. Each file appears complete or not at all, "
             "the artifact first.\n"
             "\n"
             "A published version never changes: a name and version that the index "
             "holds is refused.",
         OPTIONS(package_options),
         .examples = package_examples},
    [COMMAND_YANK] =
        {.id = COMMAND_YANK,
         .name = "yank",
         .words = "yank",
         .summary = "Mark a version in the index as not to be used",
         .description =
             "Sets the entry's `yanked` mark and writes the new index. The version "
             "stays available to who asks for it exactly; `search` and `info` pass "
             "over it. The index is written also where nothing changes.",
         OPTIONS(yank_options),
         .examples = yank_examples},
    [COMMAND_SEARCH] =
        {.id = COMMAND_SEARCH,
         .name = "search",
         .words = "search",
         .summary = "Find plugins in an index",
         .description = "Prints one line a plugin, sorted by name: its newest version "
                        "that is neither yanked nor incompatible, and that matches.",
         OPTIONS(search_options),
         .examples = search_examples},
    [COMMAND_INFO] = {.id = COMMAND_INFO,
                      .name = "info",
                      .words = "info",
                      .summary = "Show a plugin of an index",
                      .description =
                          "Prints all that the index holds about one version: the one "
                          "named, or the newest that is neither yanked nor "
                          "incompatible. Finding none is no failure.",
                      OPTIONS(info_options),
                      .examples = info_examples},
    [COMMAND_HELP] = {.id = COMMAND_HELP,
                      .name = "help",
                      .words = "help",
                      .summary = "Explain a command",
                      .description = "Prints the help of a command, as --help does "
                                     "after its name.",
                      OPTIONS(help_options)},
    [COMMAND_NEW_HELP] = {.id = COMMAND_NEW_HELP,
                          .parent = COMMAND_NEW,
                          .name = "help",
                          .words = "new help",
                          .summary = "Explain a template",
                          .description = "Prints the help of a template.",
                          OPTIONS(help_options)},
};

const struct prose_row exit_status_rows[] = {
    {"0", "Success; also when `info` finds nothing."},
    {"1", "The input is not valid, or a file cannot be read or written."},
    {"2", "The arguments are wrong."},
    {NULL, NULL}};

const struct prose_row environment_rows[] = {
    {"CI", "`true` or `1`: JSON unless --output says otherwise."},
    {"NO_COLOR", "Not empty: no colours."},
    {"FORCE_COLOR", "Not empty: colours also where the output is no terminal."},
    {"TERM", "`dumb`: no colours."},
    {NULL, NULL}};

bool command_is_group(const struct command *command) {
    return command->id == COMMAND_ROOT || command->id == COMMAND_NEW;
}

const struct option *command_option(const struct command *command, enum option_id id) {
    for (size_t i = 0; i < command->option_count; i++) {
        if (command->options[i].id == id) {
            return &command->options[i];
        }
    }
    return NULL;
}
