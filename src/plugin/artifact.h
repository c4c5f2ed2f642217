/* The artifact: source files through ustar, gzip and SHA-256, streamed.
 *
 * Source: docs/formats.md, "Artifact".
 * Shapes: the tar stream equals the reference's; the gzip bytes are the same on every
 *   machine for one release of this project. Memory is a few MiB whatever the sizes.
 * Errors: ARTIFACT_FAILED with `*failure` (package::path_too_long, found before a byte
 * is produced; package::io_failed for a file that cannot be read or changed meanwhile;
 *   package::archive_failed for one over 8 GiB); ARTIFACT_STOPPED when the sink
 * refused. */
#ifndef PLUGIN_ARTIFACT_H
#define PLUGIN_ARTIFACT_H

#include "base/diag.h"
#include "base/sha256.h"
#include "plugin/source.h"

enum artifact_status {
    ARTIFACT_OK,
    ARTIFACT_FAILED,
    ARTIFACT_STOPPED,
    ARTIFACT_NO_MEMORY
};

typedef bool (*artifact_sink)(void *context, struct str bytes);

struct artifact {
    uint64_t size_bytes;
    char hash[SHA256_TEXT_BYTES + 1];
};

/* `prefix` is `{name}-{version}`. */
enum artifact_status artifact_build(struct arena *arena, struct str root,
                                    struct str prefix, const struct source_list *files,
                                    artifact_sink sink, void *context,
                                    struct artifact *artifact, struct diag **failure);

#endif
