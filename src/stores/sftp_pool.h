/* A few `sftp` children for one store, started when they are wanted.
 *
 * Source: docs/locations/sftp.md.
 * Shapes: a connection that the host closes before anything was asked is tried again,
 *   after growing random waits: SSH servers turn some away when many come at once.
 * Ownership: the pool owns sessions and the directory for files on their way.
 * Threads: any number; who finds all sessions at work waits.
 * Errors: false with the failure set. */
#ifndef STORES_SFTP_POOL_H
#define STORES_SFTP_POOL_H

#include "stores/sftp_session.h"
#include "stores/stores.h"

enum { SFTP_SESSIONS = 4 };

struct sftp_pool;

/* Looks into ssh's configuration; connects to nobody yet. `requests` counts commands.
 */
struct sftp_pool *sftp_pool_new(const struct location *location,
                                const struct stores_options *options,
                                atomic_uint_fast64_t *requests,
                                struct failure *failure);
void sftp_pool_free(struct sftp_pool *pool);

/* A session that is connected, for this thread alone until it is given back. */
struct sftp_session *sftp_pool_take(struct sftp_pool *pool, struct failure *failure);
void sftp_pool_give(struct sftp_pool *pool, struct sftp_session *session,
                    bool is_usable);

/* Counts and tells. `size_bytes` go out with it. */
enum sftp_answer sftp_pool_tell(struct sftp_pool *pool, struct sftp_session *session,
                                struct str command, size_t size_bytes,
                                const struct sftp_growth *growth, struct str *reply);

/* A name for a file on its way, in a directory of this process alone. Absent: failed.
 */
struct str sftp_pool_file(struct sftp_pool *pool, struct arena *arena,
                          struct failure *failure);

int64_t sftp_pool_deadline_ms(const struct sftp_pool *pool);

#endif
