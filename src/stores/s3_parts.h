/* What the files of the S3 store share.
 *
 * Ownership: the store's texts live in its own arena.
 * Threads: nothing changes after opening but what auth and http guard. */
#ifndef STORES_S3_PARTS_H
#define STORES_S3_PARTS_H

#include "net/auth_aws.h"
#include "net/http.h"
#include "stores/objects.h"

enum {
    S3_PAGE_BYTES =
        8 << 20, /* 1,000 names of a kilobyte, and markup, many times over */
    S3_MAX_PAGES = 10000,
    S3_CONFLICT_TRIES = 5
};

struct s3 {
    struct store store;
    struct arena arena;
    struct http *http;
    struct auth_aws *auth;
    struct str bucket;
    struct str region;
    struct str prefix; /* "" or with a `/` at its end */
    struct str base;   /* the bucket's address, without a `/` at its end */
    bool is_amazon;    /* not a server of somebody else's */
};

/* One exchange with the host. */
struct s3_exchange {
    struct http_response response;
    const char *source; /* of the credentials; NULL: without */
    bool may_have_happened;
};

/* Signs where there are credentials. STORE_OK: an answer of whatever status came; to be
 * released. STORE_UNCERTAIN and STORE_FAILED: with the failure set. */
enum store_status s3_send(struct s3 *s3, struct store_call *call,
                          struct http_request *request, struct s3_exchange *exchange);

/* The `<Code>` of an error answer; "" if it has none. */
struct str s3_code(struct store_call *call, const struct s3_exchange *exchange);

/* An answer that is no success: sets the failure. `name` is the object, "" for the
 * bucket. STORE_UNCERTAIN where a write may have taken effect all the same. */
enum store_status s3_fail(struct s3 *s3, struct store_call *call, struct str name,
                          bool is_write, const struct s3_exchange *exchange);

/* s3_objects.c */
enum store_status s3_get(struct store *store, struct store_call *call, struct str name,
                         uint64_t max_bytes, struct buf *bytes,
                         struct store_object *object);
enum store_status s3_put_new(struct store *store, struct store_call *call,
                             const struct store_put *put, struct store_object *created);
enum store_status s3_replace(struct store *store, struct store_call *call,
                             const struct store_put *put,
                             const struct store_object *seen, struct store_object *now);
enum store_status s3_remove(struct store *store, struct store_call *call,
                            const struct store_object *seen);
enum store_status s3_admit(struct store *store, struct store_call *call,
                           const struct str *names, size_t count);

/* s3_list.c */
enum store_status s3_list(struct store *store, struct store_call *call,
                          struct str prefix, struct store_list *list);
enum store_status s3_prepare(struct store *store, struct store_call *call);

#endif
