/* The texts that `new` writes.
 *
 * Ownership: in the arena. Errors: false when memory is out.
 * Private to the scaffold. */
#ifndef PLUGIN_SCAFFOLD_TEXT_H
#define PLUGIN_SCAFFOLD_TEXT_H

#include "plugin/scaffold.h"

struct scaffold_texts {
    struct str manifest;
    struct str handler;
    struct str readme;
};

/* `name` and `database_version` are checked: nothing in them needs escaping. */
bool scaffold_plugin_texts(struct arena *arena, enum scaffold_template kind,
                           struct str name, struct str database_version,
                           struct scaffold_texts *texts);

bool scaffold_index_text(struct arena *arena, struct str artifacts_url,
                         struct str *text);

#endif
