#include "cli/parse.h"

#include "base/nearest.h"
#include "base/utf8.h"
#include "cli/parse_value.h"

struct parser {
    struct arena *arena;
    struct arguments *arguments;
    const char *registry; /* of the environment, or NULL */
    char *const *words;
    int count;
    int at;
    const struct option *pending; /* its value is still to come, or to be looked at */
    const char *pending_value;
    bool has_positional;
    bool is_trailing; /* after `--` */
    enum parse_outcome outcome;
};

/* Every step returns whether parsing goes on; if not, `outcome` says why. */

static bool stop(struct parser *parser, enum parse_outcome outcome) {
    parser->outcome = outcome;
    return false;
}

static bool fail(struct parser *parser, struct diag *error, struct str note) {
    if (error == NULL || note.ptr == NULL) {
        return stop(parser, PARSE_NO_MEMORY);
    }
    error->note = note;
    parser->arguments->error = error;
    return stop(parser, PARSE_ERROR);
}

static bool fail_about(struct parser *parser, enum error_id id, struct str argument,
                       struct str note) {
    struct detail details[] = {DETAIL_TEXT(argument)};
    return fail(parser, diag_new(parser->arena, id, STR_NONE, details, 1), note);
}

static bool fail_value(struct parser *parser, enum error_id id,
                       const struct option *option, struct str value, struct str note) {
    struct str shown = option_shown(parser->arena, option);
    if (shown.ptr == NULL) {
        return stop(parser, PARSE_NO_MEMORY);
    }
    struct detail details[] = {DETAIL_TEXT(shown), DETAIL_TEXT(value)};
    return fail(parser, diag_new(parser->arena, id, STR_NONE, details, 2), note);
}

struct str option_shown(struct arena *arena, const struct option *option) {
    if (option->name == NULL) {
        return arena_printf(arena, option->required ? "<%s>%s" : "[%s]%s",
                            option->value_name, option->is_repeatable ? "..." : "");
    }
    if (option->kind == OPTION_SWITCH) {
        return arena_printf(arena, "--%s", option->name);
    }
    return arena_printf(arena, "--%s <%s>", option->name, option->value_name);
}

/* "; did you mean …?", or nothing. */
static struct str suggestion(struct arena *arena, const char *prefix, struct str word,
                             const char *const *candidates, size_t count) {
    struct str best;
    if (!nearest_word(word, candidates, count, &best)) {
        return STR("");
    }
    return arena_printf(arena, "; did you mean `%s%.*s`?", prefix, STR_ARG(best));
}

static const struct option *find_flag(const struct command *command, struct str name) {
    for (size_t i = 0; i < command->option_count; i++) {
        const struct option *option = &command->options[i];
        if (option->name != NULL && str_equal(name, str_of(option->name))) {
            return option;
        }
    }
    return NULL;
}

/* Is it an option of a command in this group? */
static bool belongs_below(const struct command *group, struct str name) {
    for (size_t i = 1; i < COMMAND_COUNT; i++) {
        if (commands[i].parent == group->id && find_flag(&commands[i], name) != NULL) {
            return true;
        }
    }
    return false;
}

static struct str flag_note(struct arena *arena, const struct command *command,
                            struct str name) {
    const char *names[OPTION_COUNT + 2];
    size_t count = 0;
    if (command_is_group(command) && belongs_below(command, name)) {
        return arena_printf(arena, "; it follows the %s's name", command->holds);
    }
    for (size_t i = 0; i < command->option_count; i++) {
        if (command->options[i].name != NULL) {
            names[count++] = command->options[i].name;
        }
    }
    names[count++] = "help";
    if (command->id == COMMAND_ROOT) {
        names[count++] = "version";
    }
    return suggestion(arena, "--", name, names, count);
}

static bool unknown_flag(struct parser *parser, struct str name) {
    struct str note = STR("");
    if (str_starts_with(name, STR("--"))) {
        note = flag_note(parser->arena, parser->arguments->command, str_skip(name, 2));
    }
    return fail_about(parser, ERROR_USAGE_UNKNOWN_ARGUMENT, name, note);
}

static const struct command *child(const struct command *group, struct str name) {
    for (size_t i = 1; i < COMMAND_COUNT; i++) {
        if (commands[i].parent == group->id &&
            str_equal(str_of(commands[i].name), name)) {
            return &commands[i];
        }
    }
    return NULL;
}

static bool unknown_command(struct parser *parser, struct str name) {
    const struct command *group = parser->arguments->command;
    const char *names[COMMAND_COUNT];
    size_t count = 0;
    for (size_t i = 1; i < COMMAND_COUNT; i++) {
        if (commands[i].parent == group->id) {
            names[count++] = commands[i].name;
        }
    }
    return fail_about(parser, ERROR_USAGE_INVALID_SUBCOMMAND, name,
                      suggestion(parser->arena, "", name, names, count));
}

/* ---- values ---- */

static bool check_value(struct parser *parser, const struct option *option,
                        struct str value) {
    enum error_id id;
    struct str note = STR("");
    return value_is_good(parser->arena, option, value, &id, &note) ||
           fail_value(parser, id, option, value, note);
}

/* One more of a repeatable option. */
static bool keep(struct parser *parser, enum option_id id, const char *value) {
    struct word_list *list = &parser->arguments->lists[id];
    if (list->words == NULL) {
        list->words = arena_array(parser->arena, (size_t)parser->count, sizeof value);
    }
    if (list->words == NULL) {
        return stop(parser, PARSE_NO_MEMORY);
    }
    list->words[list->count++] = value;
    return true;
}

/* `value` NULL: it never came. */
static bool store(struct parser *parser, const struct option *option,
                  const char *value) {
    if (value == NULL) {
        return fail_value(parser, ERROR_USAGE_INVALID_VALUE, option, STR(""),
                          STR(": a value is missing"));
    }
    if (parser->arguments->values[option->id] != NULL && !option->is_repeatable) {
        struct detail details[] = {DETAIL_TEXT(STR("ArgumentConflict"))};
        return fail(
            parser,
            diag_new(parser->arena, ERROR_USAGE_PARSE_ERROR, STR_NONE, details, 1),
            arena_printf(parser->arena, "`--%s` is given twice", option->name));
    }
    if (!check_value(parser, option, str_of(value))) {
        return false;
    }
    parser->arguments->values[option->id] = value;
    return !option->is_repeatable || keep(parser, option->id, value);
}

static bool resolve_pending(struct parser *parser) {
    const struct option *option = parser->pending;
    const char *value = parser->pending_value;
    parser->pending = NULL;
    parser->pending_value = NULL;
    return option == NULL || store(parser, option, value);
}

/* ---- flags ---- */

static bool too_many_values(struct parser *parser, struct str flag, struct str value) {
    struct detail details[] = {DETAIL_TEXT(flag), DETAIL_TEXT(value)};
    return fail(
        parser,
        diag_new(parser->arena, ERROR_USAGE_TOO_MANY_VALUES, STR_NONE, details, 2),
        STR(""));
}

static bool act(struct parser *parser, enum parse_outcome outcome) {
    return resolve_pending(parser) && stop(parser, outcome);
}

static bool long_flag(struct parser *parser, const char *word) {
    const struct command *command = parser->arguments->command;
    size_t equals = strcspn(word, "=");
    const char *value = word[equals] == '=' ? word + equals + 1 : NULL;
    struct str flag = {word, equals};
    struct str name = str_skip(flag, 2);
    const struct option *option = find_flag(command, name);
    bool is_help = str_equal(name, STR("help"));
    bool is_version = command->id == COMMAND_ROOT && str_equal(name, STR("version"));
    if (option == NULL && !is_help && !is_version) {
        return unknown_flag(parser, flag);
    }
    if (option == NULL || option->kind == OPTION_SWITCH) {
        if (value != NULL) {
            return too_many_values(parser, flag, str_of(value));
        }
        if (option == NULL) {
            return act(parser, is_help ? PARSE_HELP : PARSE_VERSION);
        }
        return resolve_pending(parser) && store(parser, option, "");
    }
    if (!resolve_pending(parser)) {
        return false;
    }
    if (value != NULL) {
        return store(parser, option, value);
    }
    parser->pending = option;
    return true;
}

/* Of `-abc` only the first letter matters: none takes a value, and each ends all. */
static bool short_flag(struct parser *parser, const char *word) {
    if (word[1] == 'h') {
        return act(parser, PARSE_HELP);
    }
    if (word[1] == 'V' && parser->arguments->command->id == COMMAND_ROOT) {
        return act(parser, PARSE_VERSION);
    }
    struct str text = str_of(word);
    size_t end = 1;
    uint32_t c = utf8_next(text, &end);
    return unknown_flag(parser,
                        str_first(text, c == UTF8_REPLACEMENT ? text.len : end));
}

/* ---- commands ---- */

static bool leaf_word(struct parser *parser, const char *word) {
    if (!parser->is_trailing && word[0] == '-' && word[1] != '\0') {
        if (strcmp(word, "--") == 0) {
            parser->is_trailing = true;
            return true;
        }
        return word[1] == '-' ? long_flag(parser, word) : short_flag(parser, word);
    }
    if (!parser->is_trailing && parser->pending != NULL &&
        parser->pending_value == NULL) {
        parser->pending_value = word;
        return true;
    }
    const struct option *positional =
        command_option(parser->arguments->command, OPTION_POSITIONAL);
    if (positional == NULL || (parser->has_positional && !positional->is_repeatable)) {
        return (resolve_pending(parser) || parser->outcome == PARSE_ERROR) &&
               fail_about(parser, ERROR_USAGE_UNKNOWN_ARGUMENT, str_of(word), STR(""));
    }
    if (!resolve_pending(parser)) {
        return false;
    }
    parser->has_positional = true;
    parser->pending = positional;
    parser->pending_value = word;
    return true;
}

/* The first option given of a side, NULL if there is none. */
static const struct option *given_of(const struct arguments *arguments,
                                     enum option_side side) {
    for (size_t i = 0; i < arguments->command->option_count; i++) {
        const struct option *option = &arguments->command->options[i];
        if (option->side == side && arguments->values[option->id] != NULL) {
            return option;
        }
    }
    return NULL;
}

static bool check_sides(struct parser *parser) {
    const struct option *one = given_of(parser->arguments, SIDE_ONE);
    const struct option *other = given_of(parser->arguments, SIDE_OTHER);
    if (one == NULL || other == NULL) {
        return true;
    }
    struct detail details[] = {DETAIL_TEXT(option_shown(parser->arena, other)),
                               DETAIL_TEXT(option_shown(parser->arena, one))};
    if (details[0].text.ptr == NULL || details[1].text.ptr == NULL) {
        return stop(parser, PARSE_NO_MEMORY);
    }
    return fail(parser,
                diag_new(parser->arena, ERROR_USAGE_CONFLICT, STR_NONE, details, 2),
                STR(""));
}

/* What is missing on the side that is meant; absent if memory is out. */
static struct str missing_of(struct parser *parser, enum option_side meant) {
    const struct arguments *arguments = parser->arguments;
    struct str missing = STR("");
    for (size_t i = 0; i < arguments->command->option_count; i++) {
        const struct option *option = &arguments->command->options[i];
        if (!option->required || arguments->values[option->id] != NULL ||
            (option->side != SIDE_BOTH && option->side != meant)) {
            continue;
        }
        struct str shown = option_shown(parser->arena, option);
        if (shown.ptr == NULL) {
            return STR_NONE;
        }
        missing = arena_printf(
            parser->arena, "%.*s%s`%.*s`%s", STR_ARG(missing),
            missing.len == 0 ? "" : ", ", STR_ARG(shown),
            option->id == OPTION_REGISTRY ? " (or set " REGISTRY_VARIABLE ")" : "");
        if (missing.ptr == NULL) {
            return STR_NONE;
        }
    }
    return missing;
}

static bool check_required(struct parser *parser) {
    const struct arguments *arguments = parser->arguments;
    bool is_open = given_of(arguments, SIDE_ONE) == NULL &&
                   given_of(arguments, SIDE_OTHER) == NULL;
    struct str missing = missing_of(
        parser, given_of(arguments, SIDE_OTHER) == NULL ? SIDE_ONE : SIDE_OTHER);
    if (missing.len > 0 && is_open && command_has_sides(arguments->command)) {
        missing = arena_printf(parser->arena, "%.*s (or `--registry <LOCATION>`)",
                               STR_ARG(missing));
    }
    return (missing.ptr != NULL && missing.len == 0) ||
           fail(
               parser,
               diag_new(parser->arena, ERROR_USAGE_MISSING_ARGUMENT, STR_NONE, NULL, 0),
               missing);
}

/* The environment's registry, where the command takes one and nothing else was given.
 */
static void take_registry(struct parser *parser) {
    struct arguments *arguments = parser->arguments;
    const struct option *option = command_option(arguments->command, OPTION_REGISTRY);
    bool is_free = option != NULL && arguments->values[OPTION_REGISTRY] == NULL &&
                   (option->side == SIDE_BOTH || given_of(arguments, SIDE_ONE) == NULL);
    if (is_free && parser->registry != NULL && *parser->registry != '\0') {
        arguments->values[OPTION_REGISTRY] = parser->registry;
    }
    arguments->needs_network = arguments->values[OPTION_REGISTRY] != NULL ||
                               arguments->values[OPTION_FROM] != NULL;
}

static bool parse_leaf(struct parser *parser) {
    while (parser->at < parser->count) {
        if (!leaf_word(parser, parser->words[parser->at++])) {
            return false;
        }
    }
    if (!resolve_pending(parser) || !check_sides(parser)) {
        return false;
    }
    take_registry(parser);
    return check_required(parser) && stop(parser, PARSE_COMMAND);
}

/* `help new index`: every word names a command. */
static bool parse_help(struct parser *parser) {
    struct arguments *arguments = parser->arguments;
    const struct command *help = arguments->command;
    const struct command *shown = &commands[help->parent];
    arguments->command = shown;
    for (; parser->at < parser->count; parser->at++) {
        struct str word = str_of(parser->words[parser->at]);
        if (str_equal(word, STR("-h")) || str_equal(word, STR("--help"))) {
            arguments->command = shown == &commands[help->parent] ? help : shown;
            return stop(parser, PARSE_HELP);
        }
        const struct command *next = child(shown, word);
        if (next == NULL) {
            return unknown_command(parser, word);
        }
        shown = next;
        arguments->command = shown;
    }
    return stop(parser, PARSE_HELP);
}

static bool group_word(struct parser *parser, const char *word) {
    struct arguments *arguments = parser->arguments;
    const struct command *command = child(arguments->command, str_of(word));
    if (parser->is_trailing) {
        if (command == NULL) {
            return unknown_command(parser, str_of(word));
        }
        return fail_about(parser, ERROR_USAGE_UNKNOWN_ARGUMENT, str_of(word),
                          STR("; a command cannot follow `--`"));
    }
    if (command != NULL) {
        arguments->command = command;
        return true;
    }
    if (strcmp(word, "--") == 0) {
        parser->is_trailing = true;
        return true;
    }
    if (word[0] == '-' && word[1] != '\0') {
        return word[1] == '-' ? long_flag(parser, word) : short_flag(parser, word);
    }
    return unknown_command(parser, str_of(word));
}

static void parse_group(struct parser *parser) {
    struct arguments *arguments = parser->arguments;
    while (parser->at < parser->count) {
        if (!group_word(parser, parser->words[parser->at++])) {
            return;
        }
        if (command_is_help(arguments->command)) {
            (void)parse_help(parser);
            return;
        }
        if (!command_is_group(arguments->command)) {
            (void)parse_leaf(parser);
            return;
        }
    }
    struct detail details[] = {
        DETAIL_TEXT(STR("DisplayHelpOnMissingArgumentOrSubcommand"))};
    arguments->is_incomplete = true;
    (void)fail(
        parser, diag_new(parser->arena, ERROR_USAGE_PARSE_ERROR, STR_NONE, details, 1),
        arena_printf(parser->arena, "a %s is missing", arguments->command->holds));
}

enum parse_outcome arguments_parse(struct arena *arena, int argc, char *const *argv,
                                   const char *registry, struct arguments *arguments) {
    *arguments = (struct arguments){.command = &commands[COMMAND_ROOT]};
    struct parser parser = {.arena = arena,
                            .arguments = arguments,
                            .registry = registry,
                            .words = argv,
                            .count = argc,
                            .at = 1};
    parse_group(&parser);
    return parser.outcome;
}

struct str arguments_scan_output(int argc, char *const *argv) {
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--output") == 0) {
            return i + 1 < argc ? str_of(argv[i + 1]) : STR_NONE;
        }
        if (strncmp(argv[i], "--output=", 9) == 0) {
            return str_of(argv[i] + 9);
        }
    }
    return STR_NONE;
}
