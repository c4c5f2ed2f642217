#include <stdio.h>
#include <string.h>

#include "cli/gen_docs.h"

/* Prose in scdoc's form: code in backquotes becomes bold. */
static void put_prose(const char *prose) {
    for (; *prose != '\0'; prose++) {
        if (*prose == '`') {
            putchar('*');
        } else {
            if (strchr("\\*_<>#[]", *prose) != NULL) {
                putchar('\\');
            }
            putchar(*prose);
        }
    }
}

static void put_option(const struct option *option) {
    if (option->name == NULL) {
        printf("_%s_\n", option->value_name);
    } else if (option->kind == OPTION_SWITCH) {
        printf("*--%s*\n", option->name);
    } else {
        printf("*--%s* _%s_\n", option->name, option->value_name);
    }
    printf("\t");
    put_prose(option->help);
    printf(".");
    if (option->required && option->id != OPTION_REGISTRY) {
        printf(option->side == SIDE_BOTH ? " Required."
                                         : " Required without *--registry*.");
    }
    if (option->choices != NULL) {
        printf(" One of ");
        for (size_t i = 0; option->choices[i] != NULL; i++) {
            printf("%s*", i == 0 ? "" : ", ");
            put_prose(option->choices[i]);
            printf("*");
        }
        printf(".");
    }
    if (option->fallback != NULL) {
        printf(" Default: ");
        put_prose(option->fallback);
        printf(".");
    }
    printf("\n\n");
}

static void put_words(const struct command *command) {
    printf("*" PROGRAM_NAME);
    if (command->words[0] != '\0') {
        printf(" ");
        put_prose(command->words);
    }
    printf("*");
}

/* `influxdb3-plugin-registry-init`: the page of a command. */
static void put_page_name(const struct command *command) {
    printf(PROGRAM_NAME "%s", command->words[0] == '\0' ? "" : "-");
    for (const char *at = command->words; *at != '\0'; at++) {
        putchar(*at == ' ' ? '-' : *at);
    }
}

static void put_leaf_synopsis(const struct command *command, enum option_side side) {
    put_words(command);
    printf(" \\[_OPTIONS_\\]");
    for (size_t i = 0; i < command->option_count; i++) {
        const struct option *option = &command->options[i];
        if (option->name != NULL && option->required &&
            (option->side == SIDE_BOTH || option->side == side)) {
            printf(" *--%s* _%s_", option->name, option->value_name);
        }
    }
    const struct option *positional = command_option(command, OPTION_POSITIONAL);
    if (positional != NULL) {
        printf(positional->required ? " _%s_" : " \\[_%s_\\]", positional->value_name);
        printf(positional->is_repeatable ? "..." : "");
    }
    printf("\n\n");
}

static void put_synopsis(const struct command *command) {
    if (command_is_group(command)) {
        put_words(command);
        printf(command->id == COMMAND_ROOT ? " _COMMAND_ \\[...\\]\n\n"
               : command->id == COMMAND_NEW
                   ? " _TEMPLATE_ \\[_OPTIONS_\\] \\[_PATH_\\]\n\n"
                   : " _COMMAND_ \\[_OPTIONS_\\]\n\n");
        return;
    }
    put_leaf_synopsis(command, SIDE_ONE);
    if (command_has_sides(command)) {
        put_leaf_synopsis(command, SIDE_OTHER);
    }
}

static void put_examples(const struct command *command) {
    if (command->examples == NULL) {
        return;
    }
    printf("# EXAMPLES\n\n");
    for (const struct example *at = command->examples; at->what != NULL; at++) {
        put_prose(at->what);
        printf(":\n\n```\n" PROGRAM_NAME " %s\n```\n\n", at->line);
    }
}

static void put_rows(const char *title, const struct prose_row *rows) {
    printf("# %s\n\n", title);
    for (; rows->term != NULL; rows++) {
        printf("*");
        put_prose(rows->term);
        printf("*\n\t");
        put_prose(rows->text);
        printf("\n\n");
    }
}

static void put_children(const struct command *group) {
    printf(group->id == COMMAND_NEW ? "# TEMPLATES\n\n" : "# COMMANDS\n\n");
    for (size_t i = 1; i < COMMAND_COUNT; i++) {
        const struct command *command = &commands[i];
        bool has_page = group->id != COMMAND_NEW && !command_is_help(command);
        if (command->parent != group->id) {
            continue;
        }
        printf("*");
        put_prose(command->name);
        printf("*");
        if (has_page) {
            printf(", see *");
            put_page_name(command);
            printf("*(1)");
        }
        printf("\n\t");
        put_prose(command->summary);
        printf(".\n\n");
    }
}

static void put_options(const struct command *command) {
    for (size_t i = 0; i < command->option_count; i++) {
        put_option(&command->options[i]);
    }
}

/* The templates' options: those of all plugin templates are the same. */
static void put_template_options(void) {
    printf("# OPTIONS OF PLUGIN TEMPLATES\n\n");
    put_options(&commands[COMMAND_NEW_PROCESS_WRITES]);
    put_prose(commands[COMMAND_NEW_PROCESS_WRITES].description);
    printf("\n\n# OPTIONS OF THE INDEX TEMPLATE\n\n");
    put_options(&commands[COMMAND_NEW_INDEX]);
    put_prose(commands[COMMAND_NEW_INDEX].description);
    printf("\n\n");
}

void gen_man(const struct command *command) {
    bool is_root = command->id == COMMAND_ROOT;
    put_page_name(command);
    printf("(1)\n\n# NAME\n\n");
    put_page_name(command);
    printf(" - ");
    put_prose(command->summary);
    printf("\n\n# SYNOPSIS\n\n");
    put_synopsis(command);
    printf("# DESCRIPTION\n\n");
    put_prose(command->description);
    printf("\n\n");
    if (command_is_group(command)) {
        put_children(command);
    }
    if (command->id == COMMAND_NEW) {
        put_template_options();
    }
    printf("# OPTIONS\n\n");
    put_options(command);
    printf("*-h*, *--help*\n\tPrint help.\n\n");
    if (is_root) {
        printf("*-V*, *--version*\n\tPrint the version and the source revision it was "
               "built from.\n\n");
        put_rows("ENVIRONMENT", environment_rows);
    }
    put_rows("EXIT STATUS", exit_status_rows);
    put_examples(command);
    if (!is_root) {
        printf("# SEE ALSO\n\n*");
        put_page_name(&commands[command->parent]);
        printf("*(1)\n");
    }
}
