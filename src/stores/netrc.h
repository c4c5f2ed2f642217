/* Credentials from a netrc file.
 *
 * Source: the format as curl and ftp(1) read it: `machine NAME`, `default`, `login`,
 *   `password`, `account`, `macdef`; words may stand in double quotes with `\` in them;
 *   `#` at the start of a word begins a comment.
 * Ownership: texts lie in the arena. */
#ifndef STORES_NETRC_H
#define STORES_NETRC_H

#include "base/arena.h"

enum netrc_status { NETRC_FOUND, NETRC_NONE, NETRC_NO_MEMORY };

/* Of the first entry for the host (without its port), or of `default`. */
enum netrc_status netrc_find(struct arena *arena, struct str text, struct str host,
                             struct str *login, struct str *password);

#endif
