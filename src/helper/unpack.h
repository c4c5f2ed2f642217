/* An artifact unpacked into a directory, with nothing taken on trust.
 *
 * Source: docs/formats.md, "Artifact": a gzip-compressed tar of regular files below one
 *   directory, `{name}-{version}`.
 * Shapes: at most LIMIT_PLUGIN_FILES files and LIMIT_UNPACKED_BYTES in all. Links,
 *   directories, devices, absolute paths, `.` and `..`, and a path that comes twice are
 *   refused before anything of them is written.
 * Errors: UNPACK_REFUSED and UNPACK_FAILED (this machine could not write) with a phrase
 *   in `*why`, which lives in the arena. What was unpacked so far stays. */
#ifndef HELPER_UNPACK_H
#define HELPER_UNPACK_H

#include "base/arena.h"

enum unpack_status { UNPACK_OK, UNPACK_REFUSED, UNPACK_FAILED, UNPACK_NO_MEMORY };

/* `directory` is absolute, without links, and the caller's alone. */
enum unpack_status unpack(struct arena *arena, struct str artifact, struct str top,
                          struct str directory, struct str *why);

#endif
