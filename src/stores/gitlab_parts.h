/* The parts of the GitLab store.
 *
 * Source: docs/locations/gitlab.md, which names the pages of GitLab's documentation.
 * Shapes: an object is a link of one release; its revision is the link's id. The bytes
 *   lie in the project's generic package registry, each under a version that is the
 *   hash of them, so that nothing there ever changes: a link's URL tells the digest of
 * what it leads to.
 * Threads: what changes is behind a mutex. */
#ifndef STORES_GITLAB_PARTS_H
#define STORES_GITLAB_PARTS_H

#include "stores/forge_release.h"

#define GITLAB_PACKAGE "influxdb3-plugins"

enum {
    GITLAB_PATH_MAX = 128, /* of a direct asset path, its slash included */
    GITLAB_URL_MAX = 2048
};

struct gitlab {
    struct forge forge;
    struct str package_url; /* versions are below it */
    bool has_job_token;
    /* The forge's mutex guards what follows. */
    char last_digest[SHA256_TEXT_BYTES + 1]; /* what was uploaded last, … */
    char last_url[GITLAB_URL_MAX];           /* … and where it lies */
};

static inline struct gitlab *gitlab_of(struct store *store) {
    return (struct gitlab *)(void *)store;
}

/* --- gitlab_release.c: of struct forge_host --- */

bool gitlab_take_release(struct forge *forge, struct json_fields *fields,
                         struct str *objects, struct str *list_url);
bool gitlab_link(struct json_fields *fields, struct str json,
                 struct store_object *object, struct str *url);
enum store_status gitlab_create_release(struct forge *forge, struct store_call *call,
                                        bool *is_raced);
void gitlab_explain(struct forge *forge, struct store_call *call,
                    const struct http_response *response, struct str object,
                    const char *doing);

/* Can this be the name of a link, and the path it is downloaded by? Else the failure is
 * set. */
bool gitlab_name_is_good(struct gitlab *gitlab, struct store_call *call,
                         struct str name);

/* --- gitlab_link.c --- */

enum store_status gitlab_get(struct store *store, struct store_call *call,
                             struct str name, uint64_t max_bytes, struct buf *bytes,
                             struct store_object *object);
enum store_status gitlab_rename(struct store *store, struct store_call *call,
                                const struct store_object *seen, struct str to);

/* --- gitlab_upload.c --- */

enum store_status gitlab_put_new(struct store *store, struct store_call *call,
                                 const struct store_put *put,
                                 struct store_object *created);

#endif
