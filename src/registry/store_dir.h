/* A directory as a registry's host, also a mounted or synced one.
 *
 * Source: docs/publishing.md, "Changing the index".
 * Shapes: STORE_CAS. Objects are regular files; their revision is the hash of their
 *   content, or, from a listing, what stat says of them. Creating is a hard link of a
 *   synced temporary file (where there are no hard links: a rename under the lock);
 *   replacing and removing hold a lock file, compare, rename. A link at an object's
 *   name is read through and, replaced, stays a link; what is no regular file is no
 *   object. What interrupted writes left shows in listings as incomplete. The number of
 *   index.json is that of its newest history copy, or one more where it is no longer
 *   that one's content.
 * Errors: store::not_found (no such directory), store::access_denied,
 *   store::read_only, store::no_space, store::timeout (the lock is held), else
 *   store::io_failed. */
#ifndef REGISTRY_STORE_DIR_H
#define REGISTRY_STORE_DIR_H

#include "registry/store.h"

/* The directory need not be there yet: see prepare. NULL: failed. */
struct store *store_dir_open(struct str absolute_path, struct failure *failure);

#endif
