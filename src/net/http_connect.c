/* The client as a value, and its pool of easy handles. Each handle keeps its own
 * connections: libcurl cannot share them between threads. */
#include <stdlib.h>

#include "net/host.h"
#include "net/http_parts.h"

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;
static bool curl_is_ready;

static void start_curl(void) {
    curl_is_ready = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

static void share_lock(CURL *easy, curl_lock_data data, curl_lock_access access,
                       void *context) {
    (void)easy;
    (void)access;
    struct http *http = context;
    (void)pthread_mutex_lock(&http->share_mutexes[data]);
}

static void share_unlock(CURL *easy, curl_lock_data data, void *context) {
    (void)easy;
    struct http *http = context;
    (void)pthread_mutex_unlock(&http->share_mutexes[data]);
}

static bool start_share(struct http *http) {
    http->share = curl_share_init();
    return http->share != NULL &&
           curl_share_setopt(http->share, CURLSHOPT_USERDATA, http) == CURLSHE_OK &&
           curl_share_setopt(http->share, CURLSHOPT_LOCKFUNC, share_lock) ==
               CURLSHE_OK &&
           curl_share_setopt(http->share, CURLSHOPT_UNLOCKFUNC, share_unlock) ==
               CURLSHE_OK &&
           curl_share_setopt(http->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS) ==
               CURLSHE_OK &&
           curl_share_setopt(http->share, CURLSHOPT_SHARE,
                             CURL_LOCK_DATA_SSL_SESSION) == CURLSHE_OK;
}

/* The first of the variables that is set and not empty. */
static bool copy_variable(const char *const *names, char **copy) {
    for (; *names != NULL; names++) {
        const char *value = getenv(*names);
        if (value != NULL && *value != '\0') {
            size_t size = strlen(value) + 1;
            *copy = malloc(size);
            if (*copy == NULL) {
                return false;
            }
            memcpy(*copy, value, size);
            return true;
        }
    }
    return true;
}

static void set_options(struct http *http, const struct http_options *options) {
    http->options = *options;
    struct http_options *own = &http->options;
    own->connect_timeout_ms =
        own->connect_timeout_ms == 0 ? 10000 : own->connect_timeout_ms;
    own->stall_timeout_ms = own->stall_timeout_ms == 0 ? 30000 : own->stall_timeout_ms;
    own->max_tries = own->max_tries == 0 ? 5 : own->max_tries;
    http->deadline_ms = own->total_timeout_ms == 0
                            ? INT64_MAX
                            : host_monotonic_ms() + own->total_timeout_ms;
}

struct http *http_new(const struct http_options *options) {
    static const char *const file_names[] = {"CURL_CA_BUNDLE", "SSL_CERT_FILE", NULL};
    static const char *const directory_names[] = {"SSL_CERT_DIR", NULL};
    (void)pthread_once(&curl_once, start_curl);
    struct http *http = curl_is_ready ? calloc(1, sizeof *http) : NULL;
    if (http == NULL) {
        return NULL;
    }
    set_options(http, options);
    (void)pthread_mutex_init(&http->mutex, NULL);
    for (size_t i = 0; i < CURL_LOCK_DATA_LAST; i++) {
        (void)pthread_mutex_init(&http->share_mutexes[i], NULL);
    }
    if (!copy_variable(file_names, &http->ca_file) ||
        !copy_variable(directory_names, &http->ca_directory) || !start_share(http)) {
        http_free(http);
        return NULL;
    }
    return http;
}

void http_free(struct http *http) {
    if (http == NULL) {
        return;
    }
    while (http->idle != NULL) {
        struct http_slot *slot = http->idle;
        http->idle = slot->next;
        curl_easy_cleanup(slot->easy);
        free(slot);
    }
    (void)curl_share_cleanup(http->share);
    for (size_t i = 0; i < CURL_LOCK_DATA_LAST; i++) {
        (void)pthread_mutex_destroy(&http->share_mutexes[i]);
    }
    (void)pthread_mutex_destroy(&http->mutex);
    redact_release(&http->secrets);
    free(http->ca_file);
    free(http->ca_directory);
    free(http);
}

struct http_slot *http_slot_take(struct http *http) {
    (void)pthread_mutex_lock(&http->mutex);
    struct http_slot *slot = http->idle;
    if (slot != NULL) {
        http->idle = slot->next;
    }
    (void)pthread_mutex_unlock(&http->mutex);
    if (slot == NULL) {
        slot = calloc(1, sizeof *slot);
        if (slot == NULL) {
            return NULL;
        }
        slot->easy = curl_easy_init();
        if (slot->easy == NULL) {
            free(slot);
            return NULL;
        }
    }
    slot->next = NULL;
    slot->error[0] = '\0';
    return slot;
}

void http_slot_give(struct http *http, struct http_slot *slot) {
    /* Nothing of the request stays, credentials above all; connections do. */
    curl_easy_reset(slot->easy);
    (void)pthread_mutex_lock(&http->mutex);
    slot->next = http->idle;
    http->idle = slot;
    (void)pthread_mutex_unlock(&http->mutex);
}

bool http_hide(struct http *http, struct str secret) {
    (void)pthread_mutex_lock(&http->mutex);
    bool hidden = redact_add(&http->secrets, secret);
    (void)pthread_mutex_unlock(&http->mutex);
    return hidden;
}

void http_redact(struct http *http, char *text) {
    (void)pthread_mutex_lock(&http->mutex);
    redact_text(&http->secrets, text);
    (void)pthread_mutex_unlock(&http->mutex);
}

int64_t http_deadline_ms(const struct http *http) {
    return http->deadline_ms;
}
