/* A release of a code host as a registry's place: what either host does with the
 * objects of one.
 *
 * Source, Ownership, Errors, Threads: as in stores/forge.h. */
#ifndef STORES_FORGE_RELEASE_H
#define STORES_FORGE_RELEASE_H

#include "stores/forge.h"

/* All objects as they are now, over as many requests as it takes, remembered; in no
 * order. Not found: STORE_FAILED. */
enum store_status forge_look(struct forge *forge, struct store_call *call,
                             struct objects_found *found);

/* The object of that name as it is now: STORE_OK, STORE_ABSENT, STORE_FAILED. `url` may
 * be NULL. */
enum store_status forge_find(struct forge *forge, struct store_call *call,
                             struct str name, struct store_object *object,
                             struct str *url);

/* What an answer about the release shows; further pages are asked for where it may be
 * cut. `fields` is begun here, for what else the caller looks for. */
enum store_status forge_take_release(struct forge *forge, struct store_call *call,
                                     const struct http_response *response,
                                     struct json_fields *fields);

/* Says why something is not found: no such repository or project, or none that the
 * token may see, or no such release. */
void forge_not_found(struct forge *forge, struct store_call *call);

/* An answer about the release that is none: always STORE_FAILED. */
enum store_status forge_not_understood(struct forge *forge, struct store_call *call);

/* `objects_url/REVISION`. Absent: memory is out. */
struct str forge_object_url(struct forge *forge, struct arena *arena,
                            struct str revision);

/* The bytes, as long as they are the object's; `request` says from where. 404:
 * STORE_ABSENT. */
enum store_status forge_download(struct forge *forge, struct store_call *call,
                                 const struct store_object *object,
                                 const struct forge_request *request,
                                 struct buf *bytes);

/* --- of struct store_ops --- */

enum store_status forge_list(struct store *store, struct store_call *call,
                             struct str prefix, struct store_list *list);
/* The release is made where there is none. */
enum store_status forge_prepare(struct store *store, struct store_call *call);
enum store_status forge_remove(struct store *store, struct store_call *call,
                               const struct store_object *seen);

#endif
