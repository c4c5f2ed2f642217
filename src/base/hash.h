/* A keyed hash for tables whose keys come from a file.
 *
 * Source: SipHash (Aumasson, Bernstein 2012) with 1 round a block and 3 at the end. Who
 *   does not know the key cannot choose texts that share a slot. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stdint.h>

#include "base/str.h"

struct hash_key {
    uint64_t half[2];
};

uint64_t hash_str(const struct hash_key *key, struct str text);

#endif
