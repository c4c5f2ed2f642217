#include "stores/crc32c.h"

#define POLYNOMIAL UINT32_C(0x82F63B78)

enum { SLICES = 8 };

struct tables {
    uint32_t of[SLICES][256];
};

/* A few microseconds: not worth keeping, and so there is nothing shared. */
static void make_tables(struct tables *tables) {
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t crc = byte;
        for (int bit = 0; bit < 8; bit++) {
            crc = (crc >> 1) ^ ((crc & 1) != 0 ? POLYNOMIAL : 0);
        }
        tables->of[0][byte] = crc;
    }
    for (uint32_t byte = 0; byte < 256; byte++) {
        for (int slice = 1; slice < SLICES; slice++) {
            uint32_t before = tables->of[slice - 1][byte];
            tables->of[slice][byte] = (before >> 8) ^ tables->of[0][before & 0xFF];
        }
    }
}

static uint32_t little_endian(const unsigned char *bytes) {
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
           (uint32_t)bytes[3] << 24;
}

uint32_t crc32c(struct str bytes) {
    struct tables tables;
    make_tables(&tables);
    const unsigned char *at = (const unsigned char *)bytes.ptr;
    size_t left = bytes.len;
    uint32_t crc = UINT32_MAX;
    for (; left >= SLICES; at += SLICES, left -= SLICES) {
        uint32_t low = crc ^ little_endian(at);
        uint32_t high = little_endian(at + 4);
        crc = 0;
        for (int i = 0; i < 4; i++) {
            crc ^= tables.of[7 - i][(low >> (8 * i)) & 0xFF];
            crc ^= tables.of[3 - i][(high >> (8 * i)) & 0xFF];
        }
    }
    for (; left > 0; at++, left--) {
        crc = (crc >> 8) ^ tables.of[0][(crc ^ *at) & 0xFF];
    }
    return ~crc;
}
