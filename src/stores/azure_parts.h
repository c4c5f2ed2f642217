/* What the files of the Azure Blob Storage store share. */
#ifndef STORES_AZURE_PARTS_H
#define STORES_AZURE_PARTS_H

#include "net/auth_azure.h"
#include "net/http.h"
#include "stores/objects.h"

struct azure {
    struct store base; /* the first: a store is one of these */
    struct arena arena;
    struct http *http;
    struct auth_azure *auth;
    struct str account;
    struct str container; /* its name */
    struct str place;     /* `…/CONTAINER` */
    struct str prefix;    /* "" or ending in `/` */
    bool writes;
};

enum { AZURE_MAX_HEADERS = 8, AZURE_ANSWER_BYTES = 1 << 20 };

/* What every request carries, `x-ms-version`, is added; sends with credentials, again
 * with others where these are not, or no longer, enough: what comes of false is the
 * call's failure. An absent URL: memory is out. */
bool azure_send(struct azure *azure, struct store_call *call,
                const struct http_request *request, struct http_response *response,
                bool *may_have_happened);

/* azure_errors.c: what an answer that is no success says, as the call's failure.
 * `doing` is what was tried: "reading". */
void azure_refused(const struct azure *azure, struct store_call *call,
                   const struct http_response *response, const char *doing,
                   struct str name);

/* The host's word for what is wrong: "BlobNotFound"; "": it says none. */
struct str azure_error_code(const struct http_response *response);

/* azure.c */
enum store_status azure_get(struct store *store, struct store_call *call,
                            struct str name, uint64_t max_bytes, struct buf *bytes,
                            struct store_object *object);
enum store_status azure_put_new(struct store *store, struct store_call *call,
                                const struct store_put *put,
                                struct store_object *created);
enum store_status azure_replace(struct store *store, struct store_call *call,
                                const struct store_put *put,
                                const struct store_object *seen,
                                struct store_object *now);
enum store_status azure_remove(struct store *store, struct store_call *call,
                               const struct store_object *seen);

/* azure_list.c */
enum store_status azure_list(struct store *store, struct store_call *call,
                             struct str prefix, struct store_list *list);
enum store_status azure_prepare(struct store *store, struct store_call *call);

#endif
