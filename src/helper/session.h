/* One command of the helper: the stores it opens, its memory, and how it ends.
 *
 * Ownership: a session owns a result, in whose arena and index everything of the
 *   command lies, and its stores; session_end releases all.
 * Errors: the functions that end a command print, and return the exit status. */
#ifndef HELPER_SESSION_H
#define HELPER_SESSION_H

#include "api/result.h"
#include "cli/commands.h"
#include "cli/parse_value.h"
#include "helper/ci.h"
#include "registry/registry.h"
#include "registry/verify.h"
#include "stores/stores.h"

struct session {
    struct invocation *invocation;
    struct output *output;
    struct i3p_result *result; /* NULL: memory is out */
    struct arena *arena;       /* the result's */
    struct store *store;
    struct store *other; /* sync: where to */
    struct ci ci;
};

/* `option` holds the location. False: `*status` is the exit status, all is told. */
bool session_begin(struct session *session, struct invocation *invocation,
                   enum option_id option, bool writes, int *status);
bool session_open_other(struct session *session, enum option_id option, bool writes,
                        int *status);
void session_end(struct session *session);

/* A call of the registry room that did not succeed. */
int session_fail(struct session *session, enum registry_status status,
                 const struct diag *failure);

/* The warnings of one that did, for people. */
void session_warn(struct session *session, const struct diag_list *warnings);

extern const struct registry_host session_host;

/* From --assume-exclusive and --adopt. */
struct registry_write session_write(const struct invocation *invocation);

/* The value of an option, absent if it was not given. */
struct str session_text(const struct session *session, enum option_id option);

/* `"index_url":…,"serial":…,"attempts":…,"requests":…` of a command that changes an
 * index. */
void session_json_written(struct session *session,
                          const struct registry_written *written);
void session_json_requests(struct session *session, bool is_first);

/* `,"key":[{"name":…,"version":…},…]` */
void session_json_versions(struct buf *out, const char *key,
                           const struct name_version *items, size_t count);

#endif
