/* The parts of the GitHub store.
 *
 * Source: docs/locations/github.md, which names the pages of GitHub's documentation.
 * Shapes: an object is an asset of one release; its revision is the asset's id, which
 *   stays its own when it is renamed and is never given again.
 * Threads: what changes is behind a mutex. */
#ifndef STORES_GITHUB_PARTS_H
#define STORES_GITHUB_PARTS_H

#include "stores/forge_release.h"

enum {
    GITHUB_ASSETS_MAX = 1000, /* of a release */
    GITHUB_ASSETS_WARN = 900,
};
#define GITHUB_ASSET_BYTES_MAX (((uint64_t)2 << 30) - 1)

struct github {
    struct forge forge;
    /* The forge's mutex guards what follows. */
    bool is_explained;     /* why index.json may be absent to who has no token */
    struct str upload_url; /* in the forge's arena; absent: not seen yet */
};

static inline struct github *github_of(struct store *store) {
    return (struct github *)(void *)store;
}

/* --- github_release.c: of struct forge_host --- */

bool github_take_release(struct forge *forge, struct json_fields *fields,
                         struct str *objects, struct str *list_url);
/* An asset out of an answer. False: it is none, or memory is out. */
bool github_asset(struct json_fields *fields, struct str json,
                  struct store_object *object, struct str *url);
enum store_status github_create_release(struct forge *forge, struct store_call *call,
                                        bool *is_raced);
void github_explain(struct forge *forge, struct store_call *call,
                    const struct http_response *response, struct str object,
                    const char *doing);

/* --- github_asset.c --- */

enum store_status github_get(struct store *store, struct store_call *call,
                             struct str name, uint64_t max_bytes, struct buf *bytes,
                             struct store_object *object);
enum store_status github_rename(struct store *store, struct store_call *call,
                                const struct store_object *seen, struct str to);

/* --- github_upload.c --- */

enum store_status github_put_new(struct store *store, struct store_call *call,
                                 const struct store_put *put,
                                 struct store_object *created);

#endif
