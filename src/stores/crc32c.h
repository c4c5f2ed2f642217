/* CRC-32C, the checksum that Google Cloud Storage keeps of every object.
 *
 * Source: RFC 3720, appendix B.4 (the Castagnoli polynomial, reflected). */
#ifndef STORES_CRC32C_H
#define STORES_CRC32C_H

#include <stdint.h>

#include "base/str.h"

enum { CRC32C_TEXT_BYTES = 8 }; /* base64 of four bytes, most significant first */

uint32_t crc32c(struct str bytes);

/* The same as its text, as `x-goog-hash` has it; a NUL follows. */
void crc32c_text(struct str bytes, char out[CRC32C_TEXT_BYTES + 1]);

#endif
