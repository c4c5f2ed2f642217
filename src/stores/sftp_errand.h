/* What the operations of an sftp store are made of: one command after another over a
 * session of the pool, and what its outcome means.
 *
 * Source: docs/locations/sftp.md.
 * Ownership: an errand holds a session from its first command until sftp_finish; texts
 *   lie in the call's arena.
 * Errors: with SFTP_FAILED the call's failure is set; the functions that return a
 *   status have set it. */
#ifndef STORES_SFTP_ERRAND_H
#define STORES_SFTP_ERRAND_H

#include "stores/sftp_pool.h"
#include "stores/sftp_text.h"

/* Files that are not complete yet, or no longer wanted. */
#define SFTP_TEMPORARY STR(".influxdb3-plugin-")

enum { SFTP_MAX_TRIES = 3, SFTP_NAME_BYTES_MOST = 200 };

struct sftp_store {
    struct store store;
    struct arena arena;
    struct sftp_pool *pool;
    struct str directory; /* without a slash at its end, unless it is the root */
};

/* One operation as it goes. */
struct sftp_errand {
    struct sftp_store *sftp;
    struct store_call *call;
    struct sftp_session *session; /* NULL: none at present */
    struct str object;            /* that it is about, for errors */
    struct str why;               /* what the program said of a failure */
};

enum sftp_outcome {
    SFTP_DONE,
    SFTP_SAID,         /* it says why not: `said` */
    SFTP_DISCONNECTED, /* what was under way may have been done */
    SFTP_FAILED
};

struct sftp_command {
    const char *verb;    /* with its options */
    struct str paths[2]; /* absent: none */
    size_t size_bytes;   /* that go out with it */
    struct sftp_growth growth;
};

struct sftp_errand sftp_errand_of(struct store *store, struct store_call *call,
                                  struct str object);

/* The reply is for the caller to judge; it lies in the session until the next command.
 */
enum sftp_outcome sftp_converse(struct sftp_errand *errand,
                                const struct sftp_command *command, struct str *reply);

enum sftp_outcome sftp_tell(struct sftp_errand *errand,
                            const struct sftp_command *command, enum sftp_said *said);

/* With one path or two; `second` may be absent. */
enum sftp_outcome sftp_tell_paths(struct sftp_errand *errand, const char *verb,
                                  struct str first, struct str second,
                                  enum sftp_said *said);

/* On the host. Absent: it is no name, or memory is out, and the failure is set. */
struct str sftp_path_of(struct sftp_errand *errand, struct str name);
struct str sftp_temporary_path(struct sftp_errand *errand);

bool sftp_is_there(struct sftp_errand *errand, struct str path);

/* Is gone, or will be found as an incomplete object. */
void sftp_discard(struct sftp_errand *errand, struct str path);

enum store_status sftp_out_of_memory(struct sftp_errand *errand);

/* What was said, of an object that "cannot be `what`". */
enum store_status sftp_fail(struct sftp_errand *errand, const char *what,
                            enum sftp_said said);

enum store_status sftp_broken(struct sftp_errand *errand, bool is_uncertain);

/* Gives the session back for others, or up. */
void sftp_give_back(struct sftp_errand *errand, bool is_usable);
enum store_status sftp_finish(struct sftp_errand *errand, enum store_status status);

/* The bytes under a temporary name on the host. */
enum store_status sftp_upload(struct sftp_errand *errand, struct str bytes,
                              struct str *temporary);

#endif
