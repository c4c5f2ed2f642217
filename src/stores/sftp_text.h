/* What the OpenSSH `sftp` program is told, and what it says.
 *
 * Source: sftp(1); the program's own words, which have no other form than these.
 * Shapes: paths are bytes without controls. A reply is what it put out for one command,
 *   the echo of the command left out; a command that succeeds says nothing, or what it
 *   is doing. */
#ifndef STORES_SFTP_TEXT_H
#define STORES_SFTP_TEXT_H

#include "registry/store.h"

/* The program reads lines of 2,048 bytes; a command has two paths at most. */
enum { SFTP_PATH_MAX = 900 };

/* In double quotes, so that nothing in it is special. */
void sftp_append_quoted(struct buf *out, struct str path);

enum sftp_said {
    SFTP_SAID_NOTHING, /* it was done */
    SFTP_SAID_ABSENT,  /* no such file or directory */
    SFTP_SAID_DENIED,
    SFTP_SAID_UNSUPPORTED, /* the server lacks an extension */
    SFTP_SAID_FAILURE      /* anything else */
};

/* `why`: the first line that tells of a failure; a view. */
enum sftp_said sftp_judge(struct str reply, struct str *why);

/* The objects of a long listing whose names begin with `prefix`, sorted; times, which
 * come without a year or without a time of day, against `now_s`. False: memory. */
bool sftp_list_parse(struct arena *arena, struct str reply, struct str prefix,
                     struct str temporary_prefix, int64_t now_s,
                     struct store_list *list);

/* Why there is no connection, from all that the program said. True: another try may
 * help. */
bool sftp_connect_failure(struct str output, struct failure *failure);

#endif
