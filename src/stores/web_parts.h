/* What the files of the web store share.
 *
 * Source: RFC 9110, RFC 4918 (WebDAV); docs/locations/web.md.
 * Ownership: the store's texts live in its own arena.
 * Threads: nothing changes after opening but the two flags, which are atomic. */
#ifndef STORES_WEB_PARTS_H
#define STORES_WEB_PARTS_H

#include "net/http.h"
#include "stores/objects.h"

/* Files that are on their way. No dot in front: servers are often told to hide those.
 */
#define WEB_TEMPORARY STR("influxdb3-plugin-")

enum { WEB_LIST_BYTES = 64 << 20 };

struct web {
    struct store store;
    struct store_ops ops;
    struct arena arena;
    struct http *http;
    struct str base;       /* of the directory, without a `/` at its end */
    struct str index_url;  /* where it was given; absent: in the directory */
    struct http_auth auth; /* HTTP_AUTH_NONE: no credentials */
    const char *source;    /* where they come from */
    bool is_writer;
    atomic_bool was_asked;   /* reading: the server wants to know who it is */
    atomic_bool cannot_move; /* the server has no MOVE */
};

/* One exchange; the response is to be released where an answer came. */
struct web_exchange {
    struct http_response response;
    bool may_have_happened;
};

/* STORE_OK: an answer of whatever status. An absent URL: STORE_FAILED, and whoever made
 * it has set the failure. */
enum store_status web_send(struct web *web, struct store_call *call,
                           struct http_request *request, struct web_exchange *exchange);

/* Of an object. Absent: memory is out, and the failure is set. */
struct str web_url(struct web *web, struct store_call *call, struct str name);

/* An answer that is no success: sets the failure. STORE_UNCERTAIN where a write may
 * have taken effect all the same. `what` is the method. */
enum store_status web_fail(struct web *web, struct store_call *call, struct str name,
                           const char *what, const struct web_exchange *exchange);

/* Does it answer with a page for people? */
bool web_is_page(const struct http_response *response);

enum store_status web_get(struct store *store, struct store_call *call, struct str name,
                          uint64_t max_bytes, struct buf *bytes,
                          struct store_object *object);
enum store_status web_put_new(struct store *store, struct store_call *call,
                              const struct store_put *put,
                              struct store_object *created);
enum store_status web_replace(struct store *store, struct store_call *call,
                              const struct store_put *put,
                              const struct store_object *seen,
                              struct store_object *now);
enum store_status web_remove(struct store *store, struct store_call *call,
                             const struct store_object *seen);
enum store_status web_list(struct store *store, struct store_call *call,
                           struct str prefix, struct store_list *list);
enum store_status web_prepare(struct store *store, struct store_call *call);

#endif
