#include <stdio.h>
#include <string.h>

#include "cli/gen_docs.h"

/* Text inside single quotes, for a shell in which `escape` ends and reopens them. */
static void put_quoted(const char *text, const char *quote_escape,
                       const char *backslashed) {
    for (; *text != '\0'; text++) {
        if (*text == '\'') {
            fputs(quote_escape, stdout);
        } else if (*text != '`') {
            if (strchr(backslashed, *text) != NULL) {
                putchar('\\');
            }
            putchar(*text);
        }
    }
}

static bool is_leaf(const struct command *command) {
    return !command_is_group(command) && !command_is_help(command);
}

static void put_children(const struct command *group) {
    const char *space = "";
    for (size_t i = 1; i < COMMAND_COUNT; i++) {
        if (commands[i].parent == group->id) {
            printf("%s%s", space, commands[i].name);
            space = " ";
        }
    }
}

static void put_choices(const struct option *option) {
    for (size_t i = 0; option->choices[i] != NULL; i++) {
        printf("%s%s", i == 0 ? "" : " ", option->choices[i]);
    }
}

static bool has_value(const struct option *option) {
    return option->name != NULL && option->kind != OPTION_SWITCH;
}

/* ---- bash ---- */

static void bash_values(const struct option *option) {
    switch (option->kind) {
    case OPTION_CHOICE:
        printf("COMPREPLY=($(compgen -W '");
        put_choices(option);
        printf("' -- \"$cur\"))\n");
        break;
    case OPTION_FILE:
        printf("_influxdb3_plugin_files -f\n");
        break;
    case OPTION_FOLDER:
    case OPTION_LOCATION:
        printf("_influxdb3_plugin_files -d\n");
        break;
    case OPTION_SWITCH:
    case OPTION_TEXT:
    case OPTION_TARGET:
    case OPTION_NUMBER:
        printf("COMPREPLY=()\n");
    }
}

static void bash_leaf(const struct command *command) {
    printf("    '%s')\n        case \"$prev\" in\n", command->words);
    for (size_t i = 0; i < command->option_count; i++) {
        const struct option *option = &command->options[i];
        if (has_value(option)) {
            printf("        --%s) ", option->name);
            bash_values(option);
            printf("            return ;;\n");
        }
    }
    printf("        esac\n        if [[ $cur == -* ]]; then\n"
           "            COMPREPLY=($(compgen -W '");
    for (size_t i = 0; i < command->option_count; i++) {
        if (command->options[i].name != NULL) {
            printf("--%s ", command->options[i].name);
        }
    }
    printf("--help' -- \"$cur\"))\n");
    const struct option *positional = command_option(command, OPTION_POSITIONAL);
    if (positional != NULL) {
        printf("        else\n            ");
        bash_values(positional);
    }
    printf("        fi\n        ;;\n");
}

static void bash_group(const struct command *command, const char *more) {
    printf("    '%s') COMPREPLY=($(compgen -W '", command->words);
    put_children(command);
    printf(" --help%s' -- \"$cur\")) ;;\n", more);
}

void gen_bash(void) {
    printf("# bash completion for " PROGRAM_NAME "\n\n"
           "_influxdb3_plugin_files() {\n"
           "    compopt -o filenames 2>/dev/null\n"
           "    mapfile -t COMPREPLY < <(compgen \"$1\" -- \"$cur\")\n"
           "}\n\n"
           "_influxdb3_plugin() {\n"
           "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
           "    if [[ $cur == = ]]; then\n"
           "        cur=\n"
           "    elif [[ $prev == = ]]; then\n"
           "        prev=${COMP_WORDS[COMP_CWORD-2]}\n"
           "    fi\n"
           "    local command=\n"
           "    if ((COMP_CWORD > 1)); then\n"
           "        command=${COMP_WORDS[1]}\n"
           "    fi\n"
           "    if [[ $command == @(new|registry) ]] && ((COMP_CWORD > 2)); then\n"
           "        command=\"$command ${COMP_WORDS[2]}\"\n"
           "    fi\n"
           "    COMPREPLY=()\n"
           "    case $command in\n");
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (is_leaf(&commands[i])) {
            bash_leaf(&commands[i]);
        } else if (command_is_group(&commands[i])) {
            bash_group(&commands[i], i == COMMAND_ROOT ? " --version" : "");
        }
    }
    printf("    help) COMPREPLY=($(compgen -W '");
    put_children(&commands[COMMAND_ROOT]);
    printf(
        "' -- \"$cur\")) ;;\n    esac\n}\n\ncomplete -F _influxdb3_plugin " PROGRAM_NAME
        "\n");
}

/* ---- zsh ---- */

static void zsh_action(const struct option *option) {
    switch (option->kind) {
    case OPTION_CHOICE:
        printf("(");
        put_choices(option);
        printf(")");
        break;
    case OPTION_FILE:
        printf("_files");
        break;
    case OPTION_FOLDER:
    case OPTION_LOCATION:
        printf("_files -/");
        break;
    case OPTION_SWITCH:
    case OPTION_TEXT:
    case OPTION_TARGET:
    case OPTION_NUMBER:
        printf(" ");
    }
}

static void zsh_leaf(const struct command *command) {
    printf("    (%s)\n        _arguments \\\n", command->name);
    for (size_t i = 0; i < command->option_count; i++) {
        const struct option *option = &command->options[i];
        if (option->name == NULL) {
            printf("            '%s:%s:",
                   option->is_repeatable ? "*"
                   : option->required    ? "1"
                                         : ":",
                   option->value_name);
            zsh_action(option);
            printf("' \\\n");
            continue;
        }
        printf("            '%s--%s%s[", option->is_repeatable ? "*" : "", option->name,
               has_value(option) ? "=" : "");
        put_quoted(option->help, "'\\''", "[]:\\");
        printf("]");
        if (has_value(option)) {
            printf(":%s:", option->value_name);
            zsh_action(option);
        }
        printf("' \\\n");
    }
    printf("            '(- *)'{-h,--help}'[Print help]'\n        ;;\n");
}

static void zsh_describe(const struct command *group, const char *variable) {
    printf("    local -a %s=(\n", variable);
    for (size_t i = 1; i < COMMAND_COUNT; i++) {
        if (commands[i].parent == group->id) {
            printf("        '%s:", commands[i].name);
            put_quoted(commands[i].summary, "'\\''", ":\\");
            printf("'\n");
        }
    }
    printf("    )\n");
}

static void zsh_leaves(const struct command *group) {
    for (size_t i = 1; i < COMMAND_COUNT; i++) {
        if (commands[i].parent == group->id && is_leaf(&commands[i])) {
            zsh_leaf(&commands[i]);
        }
    }
}

/* A function for the words after a group's name; `noun` is what they are. */
static void zsh_group(const struct command *group) {
    const char *noun = group->id == COMMAND_NEW ? "templates" : "subcommands";
    zsh_describe(group, noun);
    printf("    if ((CURRENT == 2)); then\n        _describe %s %s\n"
           "        return\n    fi\n"
           "    shift words\n    ((CURRENT--))\n    case $words[1] in\n",
           group->holds, noun);
}

void gen_zsh(void) {
    printf("#compdef " PROGRAM_NAME "\n\n");
    for (size_t i = 1; i < COMMAND_COUNT; i++) {
        if (command_is_group(&commands[i])) {
            printf("_influxdb3_plugin_%s() {\n", commands[i].name);
            zsh_group(&commands[i]);
            zsh_leaves(&commands[i]);
            printf("    esac\n}\n\n");
        }
    }
    printf("_influxdb3_plugin() {\n");
    zsh_group(&commands[COMMAND_ROOT]);
    for (size_t i = 1; i < COMMAND_COUNT; i++) {
        if (command_is_group(&commands[i])) {
            printf("    (%s) _influxdb3_plugin_%s ;;\n", commands[i].name,
                   commands[i].name);
        }
    }
    printf("    (help) _describe command subcommands ;;\n");
    zsh_leaves(&commands[COMMAND_ROOT]);
    printf("    esac\n}\n\n_influxdb3_plugin \"$@\"\n");
}

/* ---- fish ---- */

static void fish_begin(const char *condition, const char *words) {
    printf("complete -c " PROGRAM_NAME " -n '%s%s%s'", condition,
           words[0] == '\0' ? "" : " ", words);
}

static void fish_text(const char *text) {
    printf(" -d '");
    put_quoted(text, "\\'", "\\");
    printf("'\n");
}

static void fish_values(const struct option *option) {
    switch (option->kind) {
    case OPTION_CHOICE:
        printf(" -a '");
        put_choices(option);
        printf("'");
        break;
    case OPTION_FILE:
        printf(" -F");
        break;
    case OPTION_FOLDER:
    case OPTION_LOCATION:
        printf(" -a '(__fish_complete_directories)'");
        break;
    case OPTION_SWITCH:
    case OPTION_TEXT:
    case OPTION_TARGET:
    case OPTION_NUMBER:
        break;
    }
}

static void fish_leaf(const struct command *command) {
    for (size_t i = 0; i < command->option_count; i++) {
        const struct option *option = &command->options[i];
        if (option->name == NULL && option->kind != OPTION_FOLDER) {
            continue;
        }
        fish_begin("__influxdb3_plugin_in", command->words);
        if (option->name != NULL) {
            printf(" -l %s%s", option->name, has_value(option) ? " -r" : "");
        }
        fish_values(option);
        fish_text(option->help);
    }
}

static void fish_children(const struct command *group) {
    for (size_t i = 1; i < COMMAND_COUNT; i++) {
        if (commands[i].parent == group->id) {
            fish_begin("__influxdb3_plugin_at", group->words);
            printf(" -a %s", commands[i].name);
            fish_text(commands[i].summary);
        }
    }
}

void gen_fish(void) {
    printf("# fish completion for " PROGRAM_NAME "\n\n"
           "# Do the words so far begin with these?\n"
           "function __influxdb3_plugin_in\n"
           "    set -l words (commandline -opc)\n"
           "    set -e words[1]\n"
           "    test (count $words) -ge (count $argv)\n"
           "    and test \"$words[1..(count $argv)]\" = \"$argv\"\n"
           "end\n\n"
           "# Are they these and no more?\n"
           "function __influxdb3_plugin_at\n"
           "    set -l words (commandline -opc)\n"
           "    set -e words[1]\n"
           "    test \"$words\" = \"$argv\"\n"
           "end\n\n"
           "complete -c " PROGRAM_NAME " -f\n"
           "complete -c " PROGRAM_NAME " -s h -l help -d 'Print help'\n"
           "complete -c " PROGRAM_NAME " -n __influxdb3_plugin_at -s V -l version -d "
           "'Print the version'\n");
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (command_is_group(&commands[i])) {
            fish_children(&commands[i]);
        } else if (is_leaf(&commands[i])) {
            fish_leaf(&commands[i]);
        }
    }
}
