/* SHA-256, as the text that an index holds.
 *
 * Source: FIPS 180-4 (the digest is nettle's); docs/formats.md, "Index". */
#ifndef BASE_SHA256_H
#define BASE_SHA256_H

#include <nettle/sha2.h>

#include "base/str.h"

enum { SHA256_TEXT_BYTES = 71 }; /* "sha256:" and 64 hexadecimal digits */

struct sha256 {
    struct sha256_ctx context;
};

void sha256_begin(struct sha256 *sha);
void sha256_add(struct sha256 *sha, struct str bytes);
void sha256_end(struct sha256 *sha, char out[SHA256_TEXT_BYTES + 1]);

/* All of them at once. */
void sha256_of(struct str bytes, char out[SHA256_TEXT_BYTES + 1]);

/* Is it `sha256:` and 64 lowercase hexadecimal digits? */
bool sha256_is_text(struct str text);

#endif
