/* What the files of the Google Cloud Storage store share. */
#ifndef STORES_GCS_PARTS_H
#define STORES_GCS_PARTS_H

#include "net/auth_gcp.h"
#include "net/http.h"
#include "stores/objects.h"

struct gcs {
    struct store base; /* the first: a store is one of these */
    struct arena arena;
    struct http *http;
    struct auth_gcp *auth; /* NULL: an emulator, which takes none */
    struct str bucket;     /* as in the location */
    struct str prefix;     /* "" or ending in `/` */
    struct str api;        /* `…/storage/v1/b/BUCKET` */
    struct str uploads;    /* `…/upload/storage/v1/b/BUCKET/o` */
    struct str media;      /* `…/BUCKET`: objects by their plain names */
    struct str payer; /* the project that pays for requests; absent: the bucket's */
    bool writes;
};

enum { GCS_MAX_HEADERS = 4, GCS_ANSWER_BYTES = 1 << 20 };

/* Sends with credentials, again with others where these are not, or no longer, enough:
 * what comes of false is the call's failure. An absent URL: memory is out. */
bool gcs_send(struct gcs *gcs, struct store_call *call,
              const struct http_request *request, struct http_response *response,
              bool *may_have_happened);

/* `…/storage/v1/b/BUCKET/o/NAME` and a query with its `?`. Absent: memory is out. */
struct str gcs_object_url(const struct gcs *gcs, struct arena *arena, struct str name,
                          const char *query);

/* gcs_errors.c: what an answer that is no success says, as the call's failure. `doing`
 * is what was tried: "reading". */
void gcs_refused(const struct gcs *gcs, struct store_call *call,
                 const struct http_response *response, const char *doing,
                 struct str name);

/* Is it the bucket that is missing, not the object? */
bool gcs_bucket_is_missing(struct store_call *call,
                           const struct http_response *response);

/* gcs.c */
enum store_status gcs_get(struct store *store, struct store_call *call, struct str name,
                          uint64_t max_bytes, struct buf *bytes,
                          struct store_object *object);
enum store_status gcs_put_new(struct store *store, struct store_call *call,
                              const struct store_put *put,
                              struct store_object *created);
enum store_status gcs_replace(struct store *store, struct store_call *call,
                              const struct store_put *put,
                              const struct store_object *seen,
                              struct store_object *now);
enum store_status gcs_remove(struct store *store, struct store_call *call,
                             const struct store_object *seen);

/* gcs_list.c */
enum store_status gcs_list(struct store *store, struct store_call *call,
                           struct str prefix, struct store_list *list);
enum store_status gcs_prepare(struct store *store, struct store_call *call);

#endif
