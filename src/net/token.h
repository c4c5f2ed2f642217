/* An access token: fetched when it is first needed, kept until shortly before it ends.
 *
 * Shapes: lifetimes in seconds. A token is fetched anew five minutes before its end, or
 *   at half of a life of less than ten; one that cannot be fetched anew is used to its
 *   end. What failed once fails again at once, for ten seconds.
 * Ownership: the cache holds its copy, wiped when it is released; what token_get gives
 *   lies in the caller's arena.
 * Threads: any number; one fetches, the others wait for it. */
#ifndef NET_TOKEN_H
#define NET_TOKEN_H

#include <pthread.h>

#include "base/failure.h"

struct token_grant {
    struct str token;
    uint64_t lifetime_s; /* 0: unknown, taken for an hour */
};

typedef bool (*token_fetch)(void *context, struct arena *arena,
                            struct token_grant *grant, struct failure *failure);

struct token_cache {
    pthread_mutex_t mutex;
    char *token; /* NULL: there is none */
    size_t len;
    int64_t renew_ms; /* on the monotonic clock */
    int64_t end_ms;
    struct failure failure; /* of the last fetch */
    int64_t failed_ms;
};

bool token_cache_init(struct token_cache *cache);
void token_cache_release(struct token_cache *cache);

bool token_get(struct token_cache *cache, token_fetch fetch, void *context,
               struct arena *arena, struct str *token, struct failure *failure);

/* The host refused this one: the next call fetches, unless somebody else has already.
 */
void token_forget(struct token_cache *cache, struct str token);

#endif
