/* One OpenSSH `sftp` child, told commands one after another over its standard input.
 *
 * Source: sftp(1), "-b": it echoes each line that it takes. A comment with a random
 *   number in it goes behind each command: once its echo comes, the command is over.
 * Ownership: the session owns child and output until sftp_session_end.
 * Threads: one at a time.
 * Errors: anything but SFTP_ANSWERED leaves the session of no use. */
#ifndef STORES_SFTP_SESSION_H
#define STORES_SFTP_SESSION_H

#include "stores/child.h"

struct sftp_session {
    struct child child;
    struct buf output; /* of the command that runs; after a break, all of it */
    uint64_t marker;
};

enum sftp_answer {
    SFTP_ANSWERED,
    SFTP_BROKEN, /* the child has ended, or says too much */
    SFTP_TIMED_OUT,
    SFTP_TOO_LARGE, /* the file that it fetches */
    SFTP_NO_MEMORY
};

/* A file that grows as the command runs; it is over when it grows no more for a while,
 * or grows too large. */
struct sftp_growth {
    const char *path; /* NULL: none */
    uint64_t max_bytes;
};

/* 0 or an errno value. It may still fail to connect: the first command tells. */
int sftp_session_start(struct sftp_session *session, const char *const *arguments,
                       char *const *environment);

/* `command` without a line end; nothing but a comment if empty. */
enum sftp_answer sftp_session_tell(struct sftp_session *session, struct str command,
                                   int64_t deadline_ms, uint32_t stall_timeout_ms,
                                   const struct sftp_growth *growth, struct str *reply);

void sftp_session_end(struct sftp_session *session);

#endif
