#include "cli/options_rows.h"

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
         .summary = "Write, check, package and publish plugins for InfluxDB 3",
         .description =
             "Starts plugins from templates, checks them, builds their artifacts and "
             "keeps the index of a registry. Only `publish`, `registry` and what is "
             "given --registry use a network, through `influxdb3-plugin-registry` "
             "beside this command; for the others nothing is read but the files named "
             "in the arguments. Nothing ever asks a question.",
         .holds = "command",
         .examples = root_examples},
    [COMMAND_NEW] = {.id = COMMAND_NEW,
                     .name = "new",
                     .words = "new",
                     .holds = "template",
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
             "over it. The index is written also where nothing changes.\n"
             "\n"
             "With --registry the registry's own index is changed, whoever else writes "
             "to it at the same time, and not written where nothing changes.",
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
    [COMMAND_PUBLISH] =
        {.id = COMMAND_PUBLISH,
         .name = "publish",
         .words = "publish",
         .summary = "Publish plugins to a registry",
         .description =
             "Checks the plugins as `validate` does, builds their artifacts, uploads "
             "those that the registry does not have, and adds all of them to its index "
             "at once. What is published with the same content is passed over, so the "
             "same command can run after every change. A version that is published "
             "with other content is an error: published versions never change.\n"
             "\n"
             "All defects of all plugins are reported before anything is written. Any "
             "number may publish at the same time. Whenever it is cut off, the "
             "registry is as before or complete, and running it again finishes the "
             "work.",
         OPTIONS(publish_options),
         .examples = publish_examples},
    [COMMAND_REGISTRY] =
        {.id = COMMAND_REGISTRY,
         .name = "registry",
         .words = "registry",
         .holds = "command",
         .summary = "Start, check, mend and copy registries",
         .description =
             "A registry is an `index.json` and an artifact for each of its entries, "
             "on any host: a directory, an object store, the releases of a code host, "
             "a web server. Options follow the command's name.",
         .examples = registry_examples},
    [COMMAND_REGISTRY_INIT] =
        {.id = COMMAND_REGISTRY_INIT,
         .parent = COMMAND_REGISTRY,
         .name = "init",
         .words = "registry init",
         .summary = "Start a registry",
         .description =
             "Makes the host ready, finds out whether it keeps two publishers apart, "
             "and writes an index without plugins. Where there is a registry already, "
             "it is left as it is and that is an error.",
         OPTIONS(registry_init_options),
         .examples = registry_init_examples},
    [COMMAND_REGISTRY_VERIFY] =
        {.id = COMMAND_REGISTRY_VERIFY,
         .parent = COMMAND_REGISTRY,
         .name = "verify",
         .words = "registry verify",
         .summary = "Check a registry",
         .description =
             "Checks that the index is valid and in canonical form, that every "
             "artifact is there with its hash, and that no other is. Reports all "
             "defects and writes nothing.",
         OPTIONS(registry_verify_options),
         .examples = registry_verify_examples},
    [COMMAND_REGISTRY_REPAIR] =
        {.id = COMMAND_REGISTRY_REPAIR,
         .parent = COMMAND_REGISTRY,
         .name = "repair",
         .words = "registry repair",
         .summary = "Mend what an interrupted command left",
         .description =
             "Brings the index forward to the newest of its history, writes it in "
             "canonical form, and adds artifacts that no entry names to it where they "
             "are complete plugins. Tells every step before the first one is taken. "
             "Artifacts that are named are never touched.",
         OPTIONS(registry_repair_options),
         .examples = registry_repair_examples},
    [COMMAND_REGISTRY_HISTORY] =
        {.id = COMMAND_REGISTRY_HISTORY,
         .parent = COMMAND_REGISTRY,
         .name = "history",
         .words = "registry history",
         .summary = "List a registry's earlier indexes",
         .description =
             "Lists the indexes that `registry rollback` can go back to, the "
             "newest first.",
         OPTIONS(registry_history_options),
         .examples = registry_history_examples},
    [COMMAND_REGISTRY_ROLLBACK] =
        {.id = COMMAND_REGISTRY_ROLLBACK,
         .parent = COMMAND_REGISTRY,
         .name = "rollback",
         .words = "registry rollback",
         .summary = "Go back to an earlier index",
         .description =
             "Publishes a new index with the content of an earlier one. Lists the "
             "entries that go and come back before anything is written. Artifacts are "
             "never removed, so going forward again is a rollback, too.",
         OPTIONS(registry_rollback_options),
         .examples = registry_rollback_examples},
    [COMMAND_REGISTRY_SYNC] =
        {.id = COMMAND_REGISTRY_SYNC,
         .parent = COMMAND_REGISTRY,
         .name = "sync",
         .words = "registry sync",
         .summary = "Copy a registry to another host",
         .description =
             "Copies the artifacts that the second registry does not have, each "
             "checked by its hash, then adds their entries to its index. What it has "
             "more of stays; what it has otherwise is an error before anything is "
             "written. Cut off, it goes on where it stopped when it is run again.",
         OPTIONS(registry_sync_options),
         .examples = registry_sync_examples},
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
    [COMMAND_REGISTRY_HELP] = {.id = COMMAND_REGISTRY_HELP,
                               .parent = COMMAND_REGISTRY,
                               .name = "help",
                               .words = "registry help",
                               .summary = "Explain a command",
                               .description = "Prints the help of a command.",
                               OPTIONS(help_options)},
};

const struct prose_row exit_status_rows[] = {
    {"0", "Success; also when `info` finds nothing."},
    {"1", "The input is not valid, a file cannot be read or written, or a registry "
          "cannot be reached or has defects."},
    {"2", "The arguments are wrong."},
    {NULL, NULL}};

const struct prose_row environment_rows[] = {
    {"CI", "`true` or `1`: JSON unless --output says otherwise."},
    {"NO_COLOR", "Not empty: no colours."},
    {"FORCE_COLOR", "Not empty: colours also where the output is no terminal."},
    {"TERM", "`dumb`: no colours."},
    {REGISTRY_VARIABLE, "The registry where neither --registry nor --index is given."},
    {NULL, NULL}};

bool command_is_group(const struct command *command) {
    return command->holds != NULL;
}

bool command_is_help(const struct command *command) {
    return command->id == COMMAND_HELP || command->id == COMMAND_NEW_HELP ||
           command->id == COMMAND_REGISTRY_HELP;
}

bool command_has_sides(const struct command *command) {
    bool has[] = {[SIDE_BOTH] = false, [SIDE_ONE] = false, [SIDE_OTHER] = false};
    for (size_t i = 0; i < command->option_count; i++) {
        if (command->options[i].required) {
            has[command->options[i].side] = true;
        }
    }
    return has[SIDE_ONE] && has[SIDE_OTHER];
}

const struct option *command_option(const struct command *command, enum option_id id) {
    for (size_t i = 0; i < command->option_count; i++) {
        if (command->options[i].id == id) {
            return &command->options[i];
        }
    }
    return NULL;
}
