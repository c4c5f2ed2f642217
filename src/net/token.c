#include "net/token.h"

#include <stdlib.h>

#include "net/host.h"
#include "net/redact.h"

#define LIFETIME_S UINT64_C(3600)
#define EARLY_S UINT64_C(300)
#define REMEMBER_FAILURE_MS 10000

bool token_cache_init(struct token_cache *cache) {
    *cache = (struct token_cache){0};
    return pthread_mutex_init(&cache->mutex, NULL) == 0;
}

static void drop(struct token_cache *cache) {
    if (cache->token != NULL) {
        redact_wipe(cache->token, cache->len);
        free(cache->token);
    }
    cache->token = NULL;
    cache->len = 0;
}

void token_cache_release(struct token_cache *cache) {
    drop(cache);
    (void)pthread_mutex_destroy(&cache->mutex);
}

static bool keep(struct token_cache *cache, const struct token_grant *grant) {
    char *copy = malloc(grant->token.len + 1);
    if (copy == NULL) {
        return false;
    }
    memcpy(copy, grant->token.ptr, grant->token.len);
    copy[grant->token.len] = '\0';
    drop(cache);
    cache->token = copy;
    cache->len = grant->token.len;
    uint64_t life_s = grant->lifetime_s == 0 ? LIFETIME_S : grant->lifetime_s;
    life_s = life_s > UINT32_MAX ? UINT32_MAX : life_s;
    uint64_t fresh_s = life_s >= 2 * EARLY_S ? life_s - EARLY_S : life_s / 2;
    int64_t now_ms = host_monotonic_ms();
    cache->renew_ms = now_ms + (int64_t)fresh_s * 1000;
    cache->end_ms = now_ms + (int64_t)life_s * 1000;
    return true;
}

/* Fetches, unless it just failed. */
static bool renew(struct token_cache *cache, token_fetch fetch, void *context,
                  struct arena *arena) {
    if (cache->failure.is_set &&
        host_monotonic_ms() - cache->failed_ms < REMEMBER_FAILURE_MS) {
        return false;
    }
    cache->failure = (struct failure){0};
    struct token_grant grant = {0};
    if (!fetch(context, arena, &grant, &cache->failure)) {
        cache->failed_ms = host_monotonic_ms();
        return false;
    }
    if (!keep(cache, &grant)) {
        failure_memory(&cache->failure);
        cache->failed_ms = host_monotonic_ms();
        return false;
    }
    return true;
}

bool token_get(struct token_cache *cache, token_fetch fetch, void *context,
               struct arena *arena, struct str *token, struct failure *failure) {
    (void)pthread_mutex_lock(&cache->mutex);
    bool is_fresh = cache->token != NULL && host_monotonic_ms() < cache->renew_ms;
    bool is_there = is_fresh || renew(cache, fetch, context, arena) ||
                    (cache->token != NULL && host_monotonic_ms() < cache->end_ms);
    if (!is_there) {
        if (!failure->is_set) {
            *failure = cache->failure;
        }
    } else {
        *token = arena_copy(arena, (struct str){cache->token, cache->len});
        is_there = token->ptr != NULL;
        if (!is_there) {
            failure_memory(failure);
        }
    }
    (void)pthread_mutex_unlock(&cache->mutex);
    return is_there;
}

void token_forget(struct token_cache *cache, struct str token) {
    (void)pthread_mutex_lock(&cache->mutex);
    if (cache->token != NULL &&
        str_equal((struct str){cache->token, cache->len}, token)) {
        drop(cache);
    }
    (void)pthread_mutex_unlock(&cache->mutex);
}
