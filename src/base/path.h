/* Paths, lexically: no symbolic link is looked at.
 *
 * Source: docs/cli.md, "Output modes" (paths in JSON).
 * Shapes: bytes without NUL, `/` between components. */
#ifndef BASE_PATH_H
#define BASE_PATH_H

#include "base/arena.h"

/* Joined to `cwd` (absolute) unless absolute; `.` components and repeated slashes
 * dropped (two at the very start stay), `..` and one trailing slash kept. Absent when
 * memory is out. */
struct str path_absolute(struct arena *arena, struct str cwd, struct str path);

/* `base/name`, without doubling a slash; `name` itself if `base` is empty. */
struct str path_join(struct arena *arena, struct str base, struct str name);

/* The last component that is not empty, `.` or the root; absent for `/`, and for a path
 * that ends in `..`. */
struct str path_last(struct str path);

/* All before the last component; "." if there is nothing before it. */
struct str path_parent(struct str path);

/* Relative to `cwd` if below it, else the path itself; a view. */
struct str path_shown(struct str cwd, struct str path);

#endif
