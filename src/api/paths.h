/* Paths that callers give, as the rooms below want them. */
#ifndef API_PATHS_H
#define API_PATHS_H

#include "api/result.h"
#include "registry/index_file.h"

/* Made absolute against the working directory, which is asked for once: `paths` of
 * `count` pairs, of which `typed` is set. path::resolution_failed if there is none. A
 * NULL in `*failure` with false: memory is out. */
bool paths_resolve(struct arena *arena, enum error_id id, struct typed_path *paths,
                   size_t count, struct diag **failure);

/* usage::missing_required_argument for an option that is NULL; NULL: memory is out. */
struct diag *missing_option(struct arena *arena, const char *name);

#endif
