/* Writes what is derived from the option table: man page sources for scdoc and
 * completion scripts. Runs when building.
 *
 *     gen_docs man-COMMAND | bash | zsh | fish */
#include <stdio.h>
#include <string.h>

#include "cli/gen_docs.h"

/* Is `name` the words with `-` between? */
static bool is_page_of(const char *name, const char *words) {
    for (; *words != '\0' && *name == (*words == ' ' ? '-' : *words); words++) {
        name++;
    }
    return *words == '\0' && *name == '\0';
}

/* A page covers the command and, for `new`, its templates. */
static const struct command *page_of(const char *name) {
    if (strcmp(name, PROGRAM_NAME) == 0) {
        return &commands[COMMAND_ROOT];
    }
    for (size_t i = 1; i < COMMAND_COUNT; i++) {
        if (commands[i].parent != COMMAND_NEW && is_page_of(name, commands[i].words)) {
            return &commands[i];
        }
    }
    return NULL;
}

int main(int argc, char **argv) {
    if (argc != 2) {
        return 2;
    }
    const struct command *page = NULL;
    if (strncmp(argv[1], "man-", 4) == 0) {
        page = page_of(argv[1] + 4);
    }
    if (page != NULL) {
        gen_man(page);
    } else if (strcmp(argv[1], "bash") == 0) {
        gen_bash();
    } else if (strcmp(argv[1], "zsh") == 0) {
        gen_zsh();
    } else if (strcmp(argv[1], "fish") == 0) {
        gen_fish();
    } else {
        return 2;
    }
    return fflush(stdout) == 0 && !ferror(stdout) ? 0 : 1;
}
