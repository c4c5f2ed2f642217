/* The caps on every input, and why. */
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

#include <stdint.h>

/* A manifest is written by hand; the largest known is under 10 KiB. */
#define LIMIT_MANIFEST_BYTES ((uint64_t)1 << 20)

/* Three million entries; keeps offsets within 32 bits. */
#define LIMIT_INDEX_BYTES ((uint64_t)2 << 30)

/* Far above any plugin's, and read within a second. */
#define LIMIT_ENTRY_POINT_BYTES ((uint64_t)64 << 20)

/* What an artifact may come to when it is unpacked to be looked at. */
#define LIMIT_UNPACKED_BYTES ((uint64_t)1 << 30)

/* Keeps one plugin's file list small in memory. */
#define LIMIT_PLUGIN_FILES 100000

/* A file in a ustar archive: eleven octal digits. */
#define LIMIT_ARCHIVED_FILE_BYTES (((uint64_t)1 << 33) - 1)

/* Reading requirements.txt, for a warning. */
#define LIMIT_REQUIREMENTS_BYTES ((uint64_t)1 << 20)

/* One that is larger is worth a warning: it is fetched by every database that installs
 * it. */
#define LIMIT_ARTIFACT_WARNING_BYTES ((uint64_t)10 << 20)

/* An artifact is held in memory while it is published, and in a database's to be
 * unpacked. */
#define LIMIT_ARTIFACT_BYTES ((uint64_t)1 << 30)

/* What is unpacked of a published artifact, to compare it: beyond this it is another
 * than one's own, unless that is as large. */
#define LIMIT_COMPARED_BYTES ((uint64_t)256 << 20)

#endif
