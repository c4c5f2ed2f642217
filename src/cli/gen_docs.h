/* The parts of gen_docs; each prints to standard output. */
#ifndef CLI_GEN_DOCS_H
#define CLI_GEN_DOCS_H

#include "cli/options.h"

void gen_man(const struct command *command); /* scdoc source */
void gen_bash(void);
void gen_zsh(void);
void gen_fish(void);

#endif
