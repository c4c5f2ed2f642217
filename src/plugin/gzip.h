/* One gzip member, streamed through libdeflate.
 *
 * Source: RFC 1951, RFC 1952; docs/formats.md, "Artifact" (no time, no name).
 * Shapes: input is compressed in chunks of a fixed size, each by libdeflate as a stream
 * of its own; their final-block marks are cleared and the bits joined, so the whole is
 * one member. The bytes depend on the input alone, not on how it was cut into calls.
 * Errors, which stick: GZIP_NO_MEMORY; GZIP_STOPPED when the sink refused. */
#ifndef PLUGIN_GZIP_H
#define PLUGIN_GZIP_H

#include <stdint.h>

#include "base/str.h"

enum gzip_status { GZIP_OK, GZIP_STOPPED, GZIP_NO_MEMORY };

typedef bool (*gzip_sink)(void *context, struct str bytes);

struct gzip;

struct gzip *gzip_new(gzip_sink sink, void *context); /* NULL: memory is out */
enum gzip_status gzip_add(struct gzip *gzip, struct str bytes);

/* The same without a copy: where the next bytes may be put and how many, at least one;
 * then how many were put. */
enum gzip_status gzip_space(struct gzip *gzip, char **at, size_t *room);
void gzip_filled(struct gzip *gzip, size_t count);

enum gzip_status gzip_end(struct gzip *gzip);
void gzip_free(struct gzip *gzip);

#endif
