/* What the files of the HTTP client share.
 *
 * Ownership: a try owns its buffers until http_try_release.
 * Threads: `secrets` and `idle` under the mutex, everything else is set once. */
#ifndef NET_HTTP_PARTS_H
#define NET_HTTP_PARTS_H

#include <curl/curl.h>
#include <pthread.h>

#include "net/http.h"
#include "net/redact.h"

enum {
    HTTP_SHORT_BODY_BYTES = 64 << 10, /* of answers that nobody asked the body of */
    HTTP_HEADER_BYTES = 64 << 10,     /* of one answer, interim ones before it too */
    HTTP_MAX_REDIRECTS = 5,
    HTTP_SLOWEST_BYTES_A_SECOND = 500
};

/* An easy handle and the connections that it keeps. */
struct http_slot {
    CURL *easy;
    char error[CURL_ERROR_SIZE];
    struct http_slot *next;
};

struct http {
    struct http_options options; /* no zeros left that stand for a default */
    int64_t deadline_ms;
    char *ca_file;
    char *ca_directory;
    CURLSH *share; /* names and TLS sessions */
    pthread_mutex_t share_mutexes[CURL_LOCK_DATA_LAST];
    pthread_mutex_t mutex;
    struct http_slot *idle; /* the last used first: its connection is the likeliest
                               to be open still */
    struct redact secrets;
};

/* http_connect.c: the pool. */
struct http_slot *http_slot_take(struct http *http); /* NULL: memory is out */
void http_slot_give(struct http *http, struct http_slot *slot);

/* http_url.c */
struct http_url {
    bool is_secure;
    bool is_near; /* a loopback or link-local address, or localhost */
    char host[256];
    char origin[300]; /* host and, if it is not the scheme's own, port: for texts */
    unsigned port;
};
bool http_url_parse(const char *text, struct http_url *url);
bool http_url_same_origin(const struct http_url *a, const struct http_url *b);
/* The address that a Location header leads to; NULL: none. To be freed by curl_free. */
char *http_url_resolve(const char *base, const char *location, bool *no_memory);

/* One try of one request to one address. */
enum http_try_end {
    HTTP_TRY_ANSWERED,
    HTTP_TRY_BROKEN, /* another try may go better; `failure` is set */
    HTTP_TRY_FAILED  /* it would not; `failure` is set */
};

struct http_try {
    struct http *http;
    const struct http_request *request;
    const char *url;
    const struct http_url *parts;
    bool with_credentials; /* and own headers */

    enum http_try_end end;
    bool may_have_happened; /* it was sent, and no answer came */
    struct failure failure;
    long status;
    struct buf headers; /* lines of the last answer, as they came */
    struct buf body;

    /* While it runs. */
    CURL *easy;
    const char *error;
    size_t header_bytes;
    uint64_t declared_bytes; /* UINT64_MAX: not */
    size_t uploaded;
    unsigned sends;
    int64_t window_start_ms; /* of the watch for stalls */
    curl_off_t window_bytes;
    bool is_cut; /* enough of the body is there */
    bool is_too_large;
    bool is_stalled;
    bool is_bad; /* headers without end or that contradict each other */
    bool no_memory;
};

void http_try_run(struct http_try *attempt);
void http_try_release(struct http_try *attempt);

/* http_outcome.c: what libcurl's verdict means. */
void http_try_judge(struct http_try *attempt, CURLcode code);

/* http_text.c: the lines as headers in the arena. */
bool http_parse_headers(struct arena *arena, struct str lines,
                        struct http_response *response);

#endif
