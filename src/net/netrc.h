/* User names and passwords by host, from the netrc file.
 *
 * Source: the GNU inetutils manual, "The .netrc file"; curl's documentation of its own.
 * Shapes: words between white space: `machine HOST` or `default`, then `login`,
 *   `password`, `account` with a word each; a word may stand in double quotes, with
 *   backslashes; `#` begins a comment; `macdef` runs to the next empty line. The first
 *   machine that fits counts, with `default` at the latest.
 * Ownership: texts lie in the arena. */
#ifndef NET_NETRC_H
#define NET_NETRC_H

#include "base/failure.h"

enum netrc_status { NETRC_FOUND, NETRC_NONE, NETRC_FAILED };

/* In the file that NETRC names, else ~/.netrc; NONE where it is not there. Errors:
 * auth::invalid_credentials for one that cannot be read. */
enum netrc_status netrc_find(struct arena *arena, struct str host, struct str *user,
                             struct str *password, struct failure *failure);

/* In a text. */
enum netrc_status netrc_look(struct arena *arena, struct str text, struct str host,
                             struct str *user, struct str *password);

#endif
