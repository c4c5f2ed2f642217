/* The parts of the GitHub store.
 *
 * Source: docs/locations/github.md, which names the pages of GitHub's documentation.
 * Shapes: an object is an asset of one release; its revision is the asset's id, which
 *   stays its own when it is renamed and is never given again.
 * Threads: what changes is behind a mutex. */
#ifndef STORES_GITHUB_PARTS_H
#define STORES_GITHUB_PARTS_H

#include "net/json_fields.h"
#include "stores/forge.h"
#include "stores/forge_known.h"

enum {
    GITHUB_ASSETS_MAX = 1000, /* of a release */
    GITHUB_ASSETS_WARN = 900,
};
#define GITHUB_ASSET_BYTES_MAX (((uint64_t)2 << 30) - 1)

struct github {
    struct forge forge;
    struct str repo;     /* OWNER/REPO */
    struct str tag;      /* decoded */
    struct str repo_url; /* of the API */
    struct str tag_url;  /* its release */
    struct forge_known known;
    pthread_mutex_t mutex; /* guards what follows */
    bool is_explained;     /* why index.json may be absent to who has no token */
    struct str upload_url; /* in the forge's arena; absent: not seen yet */
};

static inline struct github *github_of(struct store *store) {
    return (struct github *)(void *)store;
}

/* --- github_release.c --- */

/* All assets as they are now, over as many requests as it takes; in no order. Not
 * found, or not to be written any more: STORE_FAILED. */
enum store_status github_look(struct github *github, struct store_call *call,
                              struct objects_found *found);

/* The asset of that name as it is now: STORE_OK, STORE_ABSENT, STORE_FAILED. */
enum store_status github_find(struct github *github, struct store_call *call,
                              struct str name, struct store_object *object);

/* An asset out of an answer. False: it is none, or memory is out. */
bool github_asset(struct json_fields *fields, struct str json,
                  struct store_object *object);

/* Says why something is not found: no such repository, or none that the token may see,
 * or no such release. */
void github_not_found(struct github *github, struct store_call *call);

/* Says what an answer refuses. */
void github_refuse(struct github *github, struct store_call *call,
                   const struct http_response *response, struct str object,
                   const char *doing);

/* The release is made where there is none. */
enum store_status github_prepare(struct store *store, struct store_call *call);

/* --- github_asset.c --- */

enum store_status github_get(struct store *store, struct store_call *call,
                             struct str name, uint64_t max_bytes, struct buf *bytes,
                             struct store_object *object);
enum store_status github_rename(struct store *store, struct store_call *call,
                                const struct store_object *seen, struct str to);
enum store_status github_remove(struct store *store, struct store_call *call,
                                const struct store_object *seen);

/* --- github_upload.c --- */

enum store_status github_put_new(struct store *store, struct store_call *call,
                                 const struct store_put *put,
                                 struct store_object *created);

#endif
