/* HTTP over libcurl; http*.c are the only files that know it.
 *
 * Source: RFC 9110; docs/publishing.md, "Network".
 * Shapes: TLS is always verified (the system's certificates, or CURL_CA_BUNDLE,
 *   SSL_CERT_FILE, SSL_CERT_DIR). `http:` beyond loopback and link-local addresses
 * (where metadata services live) is refused for requests that carry credentials, hidden
 * texts among them, or write, unless allow_insecure. Proxies come from the usual
 * variables, but never for those addresses. Ownership: the client owns its connections;
 * a response's texts live in the arena, its body belongs to the caller. Errors: false
 * with the failure set, when no answer came: store::unreachable, ::timeout,
 *   ::certificate, ::bad_response, ::too_large, ::insecure, ::redirect_refused. An
 * answer of any status is no failure here. Texts never hold a secret: what was given to
 *   http_hide is replaced.
 * Repeats: 429 and 503 with Retry-After, other 5xx, 408, and broken connections are
 * tried again, with exponential backoff and full jitter, at most `max_tries` and never
 * past the deadline; a request that is not `is_repeatable` only where it is certain
 * that it took no effect (no connection; 429; 503). Threads: any number may send at
 * once; connections are shared. Cost: a response is read up to `max_bytes` and never
 * decompressed. */
#ifndef NET_HTTP_H
#define NET_HTTP_H

#include <stdatomic.h>

#include "base/failure.h"

struct http;

struct http_options {
    uint32_t connect_timeout_ms; /* 0: 10,000 */
    uint32_t stall_timeout_ms;   /* below 500 bytes a second for so long; 0: 30,000 */
    uint32_t total_timeout_ms;   /* for all requests of the client together; 0: none */
    unsigned max_tries;          /* 0: 5 */
    bool allow_insecure;
    atomic_uint_fast64_t *requests; /* counts what is sent, repeats too; may be NULL */
};

struct http *http_new(const struct http_options *options); /* NULL: memory is out */
void http_free(struct http *http);

/* From now on this text never shows in a failure. Empty ones are passed over. */
bool http_hide(struct http *http, struct str secret);

/* Replaces what is hidden in a text of its own making, in place. */
void http_redact(struct http *http, char *text);

/* When --timeout is over, on the monotonic clock; INT64_MAX: never. */
int64_t http_deadline_ms(const struct http *http);

struct http_header {
    struct str name;
    struct str value;
};

enum http_auth_kind {
    HTTP_AUTH_NONE,
    HTTP_AUTH_BEARER, /* token */
    HTTP_AUTH_BASIC,  /* user, secret */
    HTTP_AUTH_SIGV4,  /* user is the key id; also token (session), region, service */
    HTTP_AUTH_HEADER  /* `header` with `token`, as PRIVATE-TOKEN */
};

struct http_auth {
    enum http_auth_kind kind;
    struct str user;
    struct str secret;
    struct str token;
    struct str region;
    struct str service;
    struct str header;
};

enum http_follow {
    HTTP_FOLLOW_NONE, /* a 3xx is the answer */
    HTTP_FOLLOW_READ /* GET and HEAD: up to five times; credentials and own headers stay
                        with the first host, and https never becomes http */
};

struct http_request {
    const char *method;
    struct str url; /* complete, percent-encoded, without credentials */
    const struct http_header *headers;
    size_t header_count;
    struct str body; /* absent: none */
    struct http_auth auth;
    enum http_follow follow;
    uint64_t max_bytes; /* of the response's body; 0: what is past 64 KiB is dropped */
    bool is_repeatable; /* also where it may have taken effect; GET and HEAD always */
    unsigned max_tries; /* 0: the client's */
    uint32_t connect_timeout_ms; /* 0: the client's */
};

struct http_response {
    long status;
    struct buf body;
    const struct http_header *headers; /* of the last answer; names in lowercase */
    size_t header_count;
    unsigned tries;
    bool was_repeated; /* an earlier try may have taken effect */
};

/* False and `*may_have_happened` (if not NULL): the request was sent, its effect
 * unknown. */
bool http_send(struct http *http, struct arena *arena,
               const struct http_request *request, struct http_response *response,
               bool *may_have_happened, struct failure *failure);
void http_response_release(struct http_response *response);

/* Absent: there is none. The name in lowercase. */
struct str http_header_of(const struct http_response *response, struct str name);

/* Appends `text` percent-encoded: all but unreserved characters, and `/` where kept. */
bool http_append_encoded(struct buf *out, struct str text, bool keep_slashes);

#endif
