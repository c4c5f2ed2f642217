/* A gzip file in memory, unpacked in memory.
 *
 * Source: RFC 1952: one or more members, nothing behind the last.
 * Shapes: at most `out->max` bytes come out, however little went in.
 * Errors: whatever the status, `out` holds some beginning of the content. */
#ifndef PLUGIN_GUNZIP_H
#define PLUGIN_GUNZIP_H

#include "base/buf.h"

enum gunzip_status {
    GUNZIP_OK,
    GUNZIP_INVALID,   /* no gzip file, or its check sum is wrong */
    GUNZIP_TOO_LARGE, /* more than `out->max` */
    GUNZIP_NO_MEMORY
};

enum gunzip_status gunzip(struct str bytes, struct buf *out);

#endif
