/* Tar headers, as the artifact format wants them.
 *
 * Source: docs/formats.md, "Artifact"; POSIX.1-1988 ustar, GNU long-name records. */
#ifndef PLUGIN_USTAR_H
#define PLUGIN_USTAR_H

#include <stdint.h>

#include "base/buf.h"

enum { USTAR_BLOCK = 512, USTAR_PATH_MAX = 255 };

enum ustar_status { USTAR_OK, USTAR_PATH_TOO_LONG, USTAR_TOO_LARGE, USTAR_NO_MEMORY };

/* Appends the record (with the long-name record where the path needs one) that stands
 * before a file's data. `path` has U+FFFD for bytes that are not UTF-8. */
enum ustar_status ustar_append_header(struct buf *out, struct str path, uint64_t size,
                                      bool executable);

/* Zero bytes that fill up the last block of a file of this size. */
size_t ustar_padding(uint64_t size);

/* The two zero blocks at the end. */
void ustar_append_end(struct buf *out);

#endif
