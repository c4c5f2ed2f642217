/* Eight bytes at a time: which bytes of a word have some property.
 *
 * Shapes: a mask has the bit 0x80 set in each byte that has the property, no other bit;
 *   byte order is the machine's, hidden by bits_first_byte. */
#ifndef BASE_BITS_H
#define BASE_BITS_H

#include <stdint.h>
#include <string.h>

#define BITS_EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

static inline uint64_t bits_load(const char *bytes) {
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return word;
}

/* The bytes that are zero. No carry leaves a byte, so the mask is exact. */
static inline uint64_t bits_zero_bytes(uint64_t word) {
    uint64_t low = (word & BITS_EACH(0x7F)) + BITS_EACH(0x7F);
    return ~(low | word | BITS_EACH(0x7F));
}

/* Index in memory, 0 to 7, of the first byte marked in a mask that is not 0. */
static inline unsigned bits_first_byte(uint64_t mask) {
#if defined(__GNUC__) && defined(__BYTE_ORDER__) &&                                    \
    __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return (unsigned)__builtin_ctzll(mask) / 8;
#else
    unsigned char bytes[sizeof mask];
    unsigned at = 0;
    memcpy(bytes, &mask, sizeof mask);
    while (bytes[at] == 0) {
        at++;
    }
    return at;
#endif
}

/* The bytes at this address will be read soon: a hint. */
static inline void bits_prefetch(const void *address) {
#if defined(__GNUC__)
    __builtin_prefetch(address);
#else
    (void)address;
#endif
}

/* The mask without the mark of the byte at this index. */
static inline uint64_t bits_without_byte(uint64_t mask, unsigned index) {
    unsigned char bytes[sizeof mask];
    memcpy(bytes, &mask, sizeof mask);
    bytes[index] = 0;
    memcpy(&mask, bytes, sizeof mask);
    return mask;
}

#endif
