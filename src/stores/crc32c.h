/* CRC-32C, the checksum that Google Cloud Storage keeps of every object.
 *
 * Source: RFC 3720, appendix B.4 (the Castagnoli polynomial, reflected). */
#ifndef STORES_CRC32C_H
#define STORES_CRC32C_H

#include <stdint.h>

#include "base/str.h"

uint32_t crc32c(struct str bytes);

#endif
