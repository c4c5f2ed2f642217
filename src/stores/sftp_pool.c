#include "stores/sftp_pool.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fs.h"
#include "net/host.h"
#include "net/retry.h"
#include "stores/sftp_arguments.h"
#include "stores/sftp_text.h"

enum {
    MAX_TRIES = 10,
    USUAL_STALL_MS = 30000,
    USUAL_CONNECT_MS = 10000,
    LOGIN_FACTOR =
        3, /* keys, second factors and slow directories come after connecting */
    SLOWEST_BYTES_A_SECOND = 500
};

struct sftp_pool {
    struct arena arena;
    struct sftp_arguments arguments;
    atomic_uint_fast64_t *requests;
    int64_t deadline_ms;
    uint32_t stall_ms;
    uint32_t connect_ms;
    pthread_mutex_t mutex;
    pthread_cond_t given_back;
    struct sftp_session sessions[SFTP_SESSIONS];
    bool is_started[SFTP_SESSIONS];
    bool is_taken[SFTP_SESSIONS];
    bool is_connecting; /* one after another: a server may turn a crowd away */
    size_t limit;       /* sessions that the server lets us have */
    char *folder;       /* NULL: not made yet */
    unsigned files;
};

struct sftp_pool *sftp_pool_new(const struct location *location,
                                const struct stores_options *options,
                                atomic_uint_fast64_t *requests,
                                struct failure *failure) {
    struct sftp_pool *pool = calloc(1, sizeof *pool);
    if (pool == NULL) {
        failure_memory(failure);
        return NULL;
    }
    (void)pthread_mutex_init(&pool->mutex, NULL);
    (void)pthread_cond_init(&pool->given_back, NULL);
    pool->requests = requests;
    pool->limit = SFTP_SESSIONS;
    pool->stall_ms =
        options->stall_timeout_ms == 0 ? USUAL_STALL_MS : options->stall_timeout_ms;
    pool->connect_ms = options->connect_timeout_ms == 0 ? USUAL_CONNECT_MS
                                                        : options->connect_timeout_ms;
    pool->deadline_ms = options->timeout_ms == 0
                            ? INT64_MAX
                            : host_monotonic_ms() + (int64_t)options->timeout_ms;
    if (!sftp_arguments_make(&pool->arena, location, pool->connect_ms, &pool->arguments,
                             failure)) {
        sftp_pool_free(pool);
        return NULL;
    }
    return pool;
}

void sftp_pool_free(struct sftp_pool *pool) {
    for (size_t i = 0; i < SFTP_SESSIONS; i++) {
        if (pool->is_started[i]) {
            sftp_session_end(&pool->sessions[i]);
        }
    }
    if (pool->folder != NULL) {
        (void)rmdir(pool->folder);
        free(pool->folder);
    }
    (void)pthread_cond_destroy(&pool->given_back);
    (void)pthread_mutex_destroy(&pool->mutex);
    arena_release(&pool->arena);
    free(pool);
}

int64_t sftp_pool_deadline_ms(const struct sftp_pool *pool) {
    return pool->deadline_ms;
}

/* One try. `*again`: another may help. */
static bool connect_once(struct sftp_pool *pool, struct sftp_session *session,
                         bool *again, struct failure *failure) {
    *again = false;
    int error =
        sftp_session_start(session, pool->arguments.words, pool->arguments.environment);
    if (error == ENOMEM) {
        failure_memory(failure);
    } else if (error != 0) {
        failure_set(
            failure, ERROR_STORE_COMMAND_FAILED, STR_NONE,
            "the program `sftp` (of OpenSSH), which sftp locations need, cannot "
            "be started: %s",
            fs_error_text(error));
    }
    if (error != 0) {
        buf_release(&session->output);
        return false;
    }
    uint32_t patience_ms = pool->connect_ms * LOGIN_FACTOR;
    int64_t end_ms = host_monotonic_ms() + patience_ms;
    end_ms = end_ms < pool->deadline_ms ? end_ms : pool->deadline_ms;
    struct str reply;
    atomic_fetch_add(pool->requests, 1);
    enum sftp_answer answer =
        sftp_session_tell(session, STR(""), end_ms, patience_ms, NULL, &reply);
    if (answer == SFTP_ANSWERED) {
        return true;
    }
    if (answer == SFTP_NO_MEMORY) {
        failure_memory(failure);
    } else if (answer == SFTP_TIMED_OUT) {
        failure_set(failure, ERROR_STORE_TIMEOUT, STR_NONE,
                    "no SSH connection after %u seconds", patience_ms / 1000);
    } else {
        *again = sftp_connect_failure(reply, failure);
    }
    sftp_session_end(session);
    return false;
}

static bool connect(struct sftp_pool *pool, struct sftp_session *session,
                    struct failure *failure) {
    for (unsigned tries = 1;; tries++) {
        struct failure reason = {0};
        bool again = false;
        if (connect_once(pool, session, &again, &reason)) {
            return true;
        }
        uint32_t wait_ms = retry_backoff_ms(tries, host_random(NULL));
        if (!again || tries == MAX_TRIES ||
            host_monotonic_ms() + wait_ms >= pool->deadline_ms) {
            if (!failure->is_set) {
                *failure = reason;
            }
            return false;
        }
        host_sleep_ms(NULL, wait_ms);
    }
}

static size_t count_started(const struct sftp_pool *pool) {
    size_t count = 0;
    for (size_t i = 0; i < SFTP_SESSIONS; i++) {
        count += pool->is_started[i];
    }
    return count;
}

/* The place of a started session that nobody has, or else, if another one may be
 * started, of none; SFTP_SESSIONS: neither. */
static size_t free_place(const struct sftp_pool *pool) {
    size_t empty = SFTP_SESSIONS;
    for (size_t i = SFTP_SESSIONS; i-- > 0;) {
        if (pool->is_started[i] && !pool->is_taken[i]) {
            return i;
        }
        empty = !pool->is_started[i] && !pool->is_taken[i] ? i : empty;
    }
    return !pool->is_connecting && count_started(pool) < pool->limit ? empty
                                                                     : SFTP_SESSIONS;
}

/* With the mutex held, which is given up meanwhile. False with no failure: there are
 * others, which have to do. */
static bool start_session(struct sftp_pool *pool, size_t place,
                          struct failure *failure) {
    struct failure reason = {0};
    pool->is_connecting = true;
    (void)pthread_mutex_unlock(&pool->mutex);
    bool is_good = connect(pool, &pool->sessions[place], &reason);
    (void)pthread_mutex_lock(&pool->mutex);
    pool->is_connecting = false;
    pool->is_started[place] = is_good;
    if (!is_good) {
        size_t others = count_started(pool);
        pool->is_taken[place] = false;
        pool->limit = others > 0 ? others : pool->limit;
        if (others == 0 && !failure->is_set) {
            *failure = reason;
        }
    }
    (void)pthread_cond_broadcast(&pool->given_back);
    return is_good;
}

struct sftp_session *sftp_pool_take(struct sftp_pool *pool, struct failure *failure) {
    struct sftp_session *session = NULL;
    (void)pthread_mutex_lock(&pool->mutex);
    while (session == NULL) {
        size_t place = free_place(pool);
        if (place == SFTP_SESSIONS) {
            (void)pthread_cond_wait(&pool->given_back, &pool->mutex);
            continue;
        }
        pool->is_taken[place] = true;
        if (pool->is_started[place] || start_session(pool, place, failure)) {
            session = &pool->sessions[place];
        } else if (count_started(pool) == 0) {
            break;
        }
    }
    (void)pthread_mutex_unlock(&pool->mutex);
    return session;
}

void sftp_pool_give(struct sftp_pool *pool, struct sftp_session *session,
                    bool is_usable) {
    size_t place = (size_t)(session - pool->sessions);
    if (!is_usable) {
        sftp_session_end(session);
    }
    (void)pthread_mutex_lock(&pool->mutex);
    pool->is_started[place] = is_usable;
    pool->is_taken[place] = false;
    (void)pthread_cond_broadcast(&pool->given_back);
    (void)pthread_mutex_unlock(&pool->mutex);
}

enum sftp_answer sftp_pool_tell(struct sftp_pool *pool, struct sftp_session *session,
                                struct str command, size_t size_bytes,
                                const struct sftp_growth *growth, struct str *reply) {
    size_t more_ms = size_bytes / SLOWEST_BYTES_A_SECOND * 1000;
    more_ms = more_ms > UINT32_MAX / 2 ? UINT32_MAX / 2 : more_ms;
    atomic_fetch_add(pool->requests, 1);
    return sftp_session_tell(session, command, pool->deadline_ms,
                             pool->stall_ms + (uint32_t)more_ms, growth, reply);
}

/* With the mutex held. */
static bool make_folder(struct sftp_pool *pool, struct failure *failure) {
    if (pool->folder != NULL) {
        return true;
    }
    const char *place = getenv("TMPDIR");
    char path[512];
    int len = snprintf(path, sizeof path, "%s/influxdb3-plugin-XXXXXX",
                       place == NULL || place[0] != '/' ? "/tmp" : place);
    if (len < 0 || (size_t)len >= sizeof path || mkdtemp(path) == NULL) {
        failure_set(failure, ERROR_STORE_IO_FAILED, STR_NONE,
                    "no directory for files on their way can be made in `%s`: %s",
                    place == NULL ? "/tmp" : place, fs_error_text(errno));
        return false;
    }
    pool->folder = strdup(path);
    if (pool->folder == NULL) {
        (void)rmdir(path);
        failure_memory(failure);
    }
    return pool->folder != NULL;
}

struct str sftp_pool_file(struct sftp_pool *pool, struct arena *arena,
                          struct failure *failure) {
    (void)pthread_mutex_lock(&pool->mutex);
    bool is_good = make_folder(pool, failure);
    struct str name = STR_NONE;
    if (is_good) {
        name = arena_printf(arena, "%s/%u", pool->folder, pool->files++);
        if (name.ptr == NULL) {
            failure_memory(failure);
        }
    }
    (void)pthread_mutex_unlock(&pool->mutex);
    return name;
}
