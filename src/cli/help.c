#include "cli/help.h"

#include "base/utf8.h"

enum { HELP_WIDTH = 80 };

static void append_text(struct buf *out, const char *text) {
    buf_append(out, str_of(text));
}

static void append_value_name(struct buf *out, const struct option *option) {
    if (option->name != NULL) {
        append_text(out, "--");
        append_text(out, option->name);
        if (option->kind == OPTION_SWITCH) {
            return;
        }
        append_text(out, " ");
    }
    bool is_optional = option->name == NULL && !option->required;
    append_text(out, is_optional ? "[" : "<");
    append_text(out, option->value_name);
    append_text(out, is_optional ? "]" : ">");
    if (option->name == NULL && option->is_repeatable) {
        append_text(out, "...");
    }
}

/* Breaks prose into lines; the first begins at column `at`, others at `indent`. */
static void append_wrapped(struct buf *out, const char *prose, size_t indent) {
    size_t column = indent;
    bool is_first = true;
    while (*prose != '\0') {
        if (*prose == '\n') {
            append_text(out, prose[1] == '\n' ? "\n\n" : "\n");
            prose += prose[1] == '\n' ? 2 : 1;
            buf_append_fill(out, ' ', indent);
            column = indent;
            is_first = true;
            continue;
        }
        struct str word = {prose, strcspn(prose, " \n")};
        size_t width = utf8_count(word);
        if (!is_first && column + 1 + width > HELP_WIDTH) {
            append_text(out, "\n");
            buf_append_fill(out, ' ', indent);
            column = indent;
            is_first = true;
        }
        append_text(out, is_first ? "" : " ");
        buf_append(out, word);
        column += width + !is_first;
        is_first = false;
        prose += word.len;
        prose += *prose == ' ';
    }
}

static bool has_plain_options(const struct command *command) {
    for (size_t i = 0; i < command->option_count; i++) {
        if (command->options[i].name != NULL && !command->options[i].required) {
            return true;
        }
    }
    return false;
}

static void append_leaf_usage(struct buf *out, const struct command *command,
                              enum option_side side) {
    append_text(out, PROGRAM_NAME " ");
    append_text(out, command->words);
    if (has_plain_options(command)) {
        append_text(out, " [OPTIONS]");
    }
    for (size_t i = 0; i < command->option_count; i++) {
        const struct option *option = &command->options[i];
        if (option->name != NULL && option->required &&
            (option->side == SIDE_BOTH || option->side == side)) {
            append_text(out, " ");
            append_value_name(out, option);
        }
    }
    const struct option *positional = command_option(command, OPTION_POSITIONAL);
    if (positional != NULL) {
        append_text(out, " ");
        append_value_name(out, positional);
    }
}

void help_append_usage(struct buf *out, const struct command *command, size_t indent) {
    switch (command->id) {
    case COMMAND_NEW:
        append_text(out, PROGRAM_NAME " new <TEMPLATE> [OPTIONS] [PATH]\n");
        buf_append_fill(out, ' ', indent);
        append_text(out, PROGRAM_NAME " new list [OPTIONS]");
        return;
    case COMMAND_ROOT:
        append_text(out, PROGRAM_NAME " <COMMAND>");
        return;
    case COMMAND_REGISTRY:
        append_text(out, PROGRAM_NAME " registry <COMMAND> [OPTIONS]");
        return;
    case COMMAND_HELP:
        append_text(out, PROGRAM_NAME " help [COMMAND]...");
        return;
    case COMMAND_NEW_HELP:
        append_text(out, PROGRAM_NAME " new help [TEMPLATE]");
        return;
    case COMMAND_REGISTRY_HELP:
        append_text(out, PROGRAM_NAME " registry help [COMMAND]");
        return;
    default:
        break;
    }
    append_leaf_usage(out, command, SIDE_ONE);
    if (command_has_sides(command)) {
        append_text(out, "\n");
        buf_append_fill(out, ' ', indent);
        append_leaf_usage(out, command, SIDE_OTHER);
    }
}

static void append_children(struct buf *out, const struct command *command) {
    append_text(out, command->id == COMMAND_NEW ? "\nTemplates:\n" : "\nCommands:\n");
    size_t width = 0;
    for (size_t i = 1; i < COMMAND_COUNT; i++) {
        if (commands[i].parent == command->id && strlen(commands[i].name) > width) {
            width = strlen(commands[i].name);
        }
    }
    for (size_t i = 1; i < COMMAND_COUNT; i++) {
        if (commands[i].parent == command->id) {
            buf_printf(out, "  %-*s  %s\n", (int)width, commands[i].name,
                       commands[i].summary);
        }
    }
}

static void append_option(struct buf *out, const struct option *option) {
    append_text(out, "  ");
    append_value_name(out, option);
    append_text(out, "\n          ");
    append_wrapped(out, option->help, 10);
    append_text(out, "\n");
    if (option->choices != NULL) {
        append_text(out, "          [one of:");
        for (size_t i = 0; option->choices[i] != NULL; i++) {
            append_text(out, i == 0 ? " " : ", ");
            append_text(out, option->choices[i]);
        }
        append_text(out, "]\n");
    }
    if (option->fallback != NULL) {
        buf_printf(out, "          [default: %s]\n", option->fallback);
    }
}

static void append_options(struct buf *out, const struct command *command) {
    const struct option *positional = command_option(command, OPTION_POSITIONAL);
    if (positional != NULL) {
        append_text(out, "\nArguments:\n");
        append_option(out, positional);
    }
    append_text(out, "\nOptions:\n");
    for (size_t i = 0; i < command->option_count; i++) {
        if (command->options[i].name != NULL) {
            append_option(out, &command->options[i]);
        }
    }
    append_text(out, "  -h, --help\n          Print this help\n");
    if (command->id == COMMAND_ROOT) {
        append_text(out, "  -V, --version\n          Print the version and the source "
                         "revision it was built from\n");
    }
}

static void append_examples(struct buf *out, const struct example *examples) {
    append_text(out, "\nExamples:\n");
    for (; examples->what != NULL; examples++) {
        buf_printf(out, "  %s:\n      " PROGRAM_NAME " %s\n", examples->what,
                   examples->line);
    }
}

void help_append(struct buf *out, const struct command *command) {
    append_text(out, command->summary);
    append_text(out, ".\n\nUsage: ");
    help_append_usage(out, command, strlen("Usage: "));
    append_text(out, "\n\n");
    append_wrapped(out, command->description, 0);
    append_text(out, "\n");
    if (command_is_group(command)) {
        append_children(out, command);
    }
    append_options(out, command);
    if (command->examples != NULL) {
        append_examples(out, command->examples);
    }
    if (command_is_group(command)) {
        buf_printf(out, "\nRun `" PROGRAM_NAME "%s%s <%s> --help` for its options.\n",
                   command->id == COMMAND_ROOT ? "" : " ", command->words,
                   command->id == COMMAND_NEW ? "TEMPLATE" : "COMMAND");
    }
}
