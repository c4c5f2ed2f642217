/* The members of a tar archive in memory.
 *
 * Source: POSIX.1-1988 ustar; GNU long names; the `path` of POSIX.1-2001 headers, whose
 *   other records are passed over.
 * Shapes: paths as they stand, of any bytes; nothing is trusted. A file without the two
 *   zero blocks at its end is read as far as it goes.
 * Ownership: members view the archive. */
#ifndef PLUGIN_UNTAR_H
#define PLUGIN_UNTAR_H

#include <stdint.h>

#include "base/str.h"

enum { UNTAR_PATH_MAX = 256 };

struct untar_member {
    struct str path; /* in the archive, or in `room` of the reader: until the next */
    struct str content;
    bool is_file; /* a regular one */
    bool is_executable;
};

struct untar {
    struct str rest;
    char room[UNTAR_PATH_MAX + 1];
};

enum untar_status { UNTAR_MEMBER, UNTAR_END, UNTAR_INVALID };

static inline void untar_begin(struct untar *untar, struct str archive) {
    untar->rest = archive;
}

enum untar_status untar_next(struct untar *untar, struct untar_member *member);

#endif
