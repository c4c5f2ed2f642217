/* How the `sftp` program is called for a location.
 *
 * Source: sftp(1), ssh_config(5); docs/locations/sftp.md.
 * Shapes: never asks for anything (BatchMode); a host key is always verified: what the
 *   user's configuration says of StrictHostKeyChecking counts only where it is `yes` or
 *   `accept-new`.
 * Ownership: everything lies in the arena, or views the environment. */
#ifndef STORES_SFTP_ARGUMENTS_H
#define STORES_SFTP_ARGUMENTS_H

#include "stores/stores.h"

enum { SFTP_MAX_WORDS = 32 };

struct sftp_arguments {
    const char *words[SFTP_MAX_WORDS]; /* NULL at the end */
    char **environment;
};

bool sftp_arguments_make(struct arena *arena, const struct location *location,
                         uint32_t connect_timeout_ms, struct sftp_arguments *arguments,
                         struct failure *failure);

#endif
