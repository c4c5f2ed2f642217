#include "plugin/deflate_walk.h"

#include <stdlib.h>
#include <string.h>

enum {
    LITERALS = 288,
    DISTANCES = 32,
    PRECODES = 19,
    END_OF_BLOCK = 256,
    CODE_BITS_MOST = 15,
    PRECODE_BITS_MOST = 7,
    TABLE_SIZE = 1 << CODE_BITS_MOST
};

/* What a code stands for; a table entry is the kind above the bits to skip, those of
 * the code and of its extra bits together. 0: no such code. */
enum { KIND_SHIFT = 6, SKIP_MASK = 63, LITERAL = 0, LENGTH = 1, END = 2 };

struct deflate_tables {
    uint8_t literals[TABLE_SIZE];
    uint8_t distances[TABLE_SIZE];
    uint16_t precodes[1 << PRECODE_BITS_MOST]; /* symbol << 4 | bits */
};

struct walk {
    struct deflate_tables *tables;
    const uint8_t *bytes;
    size_t end;          /* in bits */
    size_t at;           /* in bits */
    size_t literal_mask; /* the tables are as large as the longest code wants */
    size_t distance_mask;
};

struct deflate_tables *deflate_tables_new(void) {
    return malloc(sizeof(struct deflate_tables));
}

void deflate_tables_free(struct deflate_tables *tables) {
    free(tables);
}

/* At least 57 bits from the position on. */
static inline uint64_t peek(const struct walk *walk) {
    const uint8_t *p = walk->bytes + (walk->at >> 3);
    uint64_t word = (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 |
                    (uint64_t)p[3] << 24 | (uint64_t)p[4] << 32 | (uint64_t)p[5] << 40 |
                    (uint64_t)p[6] << 48 | (uint64_t)p[7] << 56;
    return word >> (walk->at & 7);
}

static unsigned take(struct walk *walk, unsigned count) {
    unsigned bits = (unsigned)(peek(walk) & ((1U << count) - 1));
    walk->at += count;
    return bits;
}

static unsigned reversed(unsigned code, unsigned bits) {
    unsigned result = 0;
    for (unsigned i = 0; i < bits; i++) {
        result = result << 1 | ((code >> i) & 1);
    }
    return result;
}

static unsigned longest(const uint8_t *lengths, unsigned count) {
    unsigned most = 1;
    for (unsigned i = 0; i < count; i++) {
        most = lengths[i] > most ? lengths[i] : most;
    }
    return most;
}

static unsigned length_extra(unsigned symbol) {
    return symbol < 265 || symbol >= 285 ? 0 : (symbol - 261) / 4;
}

static unsigned distance_extra(unsigned symbol) {
    return symbol < 4 ? 0 : symbol / 2 - 1;
}

static uint8_t literal_entry(unsigned symbol, unsigned bits) {
    unsigned kind = symbol < END_OF_BLOCK    ? LITERAL
                    : symbol == END_OF_BLOCK ? END
                                             : LENGTH;
    unsigned extra = kind == LENGTH ? length_extra(symbol) : 0;
    return (uint8_t)(kind << KIND_SHIFT | (bits + extra));
}

/* First code of each length, in canonical order. */
static void first_codes(const uint8_t *lengths, unsigned count,
                        unsigned next[CODE_BITS_MOST + 1]) {
    unsigned of_length[CODE_BITS_MOST + 1] = {0};
    for (unsigned i = 0; i < count; i++) {
        of_length[lengths[i]]++;
    }
    of_length[0] = 0;
    unsigned code = 0;
    next[0] = 0;
    for (unsigned bits = 1; bits <= CODE_BITS_MOST; bits++) {
        code = (code + of_length[bits - 1]) << 1;
        next[bits] = code;
    }
}

static size_t build(uint8_t *table, const uint8_t *lengths, unsigned count,
                    bool distances) {
    unsigned next[CODE_BITS_MOST + 1];
    first_codes(lengths, count, next);
    size_t size = (size_t)1 << longest(lengths, count);
    memset(table, 0, size);
    for (unsigned symbol = 0; symbol < count; symbol++) {
        unsigned bits = lengths[symbol];
        if (bits == 0) {
            continue;
        }
        uint8_t entry = distances ? (uint8_t)(bits + distance_extra(symbol))
                                  : literal_entry(symbol, bits);
        for (size_t i = reversed(next[bits]++, bits); i < size;
             i += (size_t)1 << bits) {
            table[i] = entry;
        }
    }
    return size - 1;
}

static void build_both(struct walk *walk, const uint8_t *lengths, unsigned literals,
                       unsigned distances) {
    walk->literal_mask = build(walk->tables->literals, lengths, literals, false);
    walk->distance_mask =
        build(walk->tables->distances, lengths + literals, distances, true);
}

static void fixed_tables(struct walk *walk) {
    uint8_t lengths[LITERALS + DISTANCES];
    memset(lengths, 8, 144);
    memset(lengths + 144, 9, 256 - 144);
    memset(lengths + 256, 7, 280 - 256);
    memset(lengths + 280, 8, LITERALS - 280);
    memset(lengths + LITERALS, 5, DISTANCES);
    build_both(walk, lengths, LITERALS, DISTANCES);
}

static size_t read_precodes(struct walk *walk, unsigned count) {
    static const uint8_t order[PRECODES] = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                            11, 4,  12, 3, 13, 2, 14, 1, 15};
    uint8_t lengths[PRECODES] = {0};
    for (unsigned i = 0; i < count; i++) {
        lengths[order[i]] = (uint8_t)take(walk, 3);
    }
    unsigned next[CODE_BITS_MOST + 1];
    first_codes(lengths, PRECODES, next);
    size_t size = (size_t)1 << longest(lengths, PRECODES);
    memset(walk->tables->precodes, 0, size * sizeof walk->tables->precodes[0]);
    for (unsigned symbol = 0; symbol < PRECODES; symbol++) {
        unsigned bits = lengths[symbol];
        for (size_t i = bits == 0 ? size : reversed(next[bits]++, bits); i < size;
             i += (size_t)1 << bits) {
            walk->tables->precodes[i] = (uint16_t)(symbol << 4 | bits);
        }
    }
    return size - 1;
}

/* Reads one code length, or a run of one; how many it gave, 0 if it is none. */
static unsigned read_length(struct walk *walk, size_t mask, uint8_t *lengths,
                            unsigned at, unsigned total) {
    unsigned entry = walk->tables->precodes[peek(walk) & mask];
    unsigned symbol = entry >> 4;
    walk->at += entry & 15;
    if ((entry & 15) == 0 || walk->at > walk->end) {
        return 0;
    }
    if (symbol < 16) {
        lengths[at] = (uint8_t)symbol;
        return 1;
    }
    unsigned run = symbol == 16   ? 3 + take(walk, 2)
                   : symbol == 17 ? 3 + take(walk, 3)
                                  : 11 + take(walk, 7);
    if ((symbol == 16 && at == 0) || run > total - at) {
        return 0;
    }
    memset(lengths + at, symbol == 16 ? lengths[at - 1] : 0, run);
    return run;
}

static bool dynamic_tables(struct walk *walk) {
    unsigned literals = 257 + take(walk, 5);
    unsigned distances = 1 + take(walk, 5);
    unsigned precodes = 4 + take(walk, 4);
    size_t mask = read_precodes(walk, precodes);
    uint8_t lengths[LITERALS + DISTANCES];
    unsigned total = literals + distances;
    if (literals > LITERALS) {
        return false;
    }
    for (unsigned at = 0; at < total;) {
        unsigned got = read_length(walk, mask, lengths, at, total);
        if (got == 0) {
            return false;
        }
        at += got;
    }
    build_both(walk, lengths, literals, distances);
    return true;
}

static bool skip_symbols(struct walk *walk) {
    const uint8_t *literals = walk->tables->literals;
    const uint8_t *distances = walk->tables->distances;
    size_t literal_mask = walk->literal_mask;
    size_t distance_mask = walk->distance_mask;
    while (walk->at < walk->end) {
        uint64_t word = peek(walk);
        unsigned entry = literals[word & literal_mask];
        /* A second and a third literal still lie in the word. */
        for (int more = 0; more < 2 && entry >> KIND_SHIFT == LITERAL; more++) {
            word >>= entry;
            walk->at += entry;
            if (entry == 0) {
                return false;
            }
            entry = literals[word & literal_mask];
        }
        unsigned skip = entry & SKIP_MASK;
        walk->at += skip;
        if (skip == 0) {
            return false;
        }
        if (entry >> KIND_SHIFT == END) {
            return walk->at <= walk->end;
        }
        if (entry >> KIND_SHIFT == LENGTH) {
            skip = distances[peek(walk) & distance_mask];
            walk->at += skip;
            if (skip == 0) {
                return false;
            }
        }
    }
    return false;
}

static bool skip_stored(struct walk *walk) {
    walk->at = (walk->at + 7) / 8 * 8;
    if (walk->end - walk->at < 32 || walk->at > walk->end) {
        return false;
    }
    unsigned len = take(walk, 16);
    unsigned check = take(walk, 16);
    if ((len ^ check) != 0xFFFF || walk->end - walk->at < (size_t)len * 8) {
        return false;
    }
    walk->at += (size_t)len * 8;
    return true;
}

bool deflate_walk(struct deflate_tables *tables, const uint8_t *bytes, size_t len,
                  size_t *last_block_bit, size_t *end_bit) {
    struct walk walk = {.tables = tables, .bytes = bytes, .end = len * 8};
    for (;;) {
        if (walk.at >= walk.end) {
            return false;
        }
        size_t start = walk.at;
        bool last = take(&walk, 1) == 1;
        unsigned type = take(&walk, 2);
        bool good;
        if (type == 0) {
            good = skip_stored(&walk);
        } else if (type == 1) {
            fixed_tables(&walk);
            good = skip_symbols(&walk);
        } else {
            good = type == 2 && dynamic_tables(&walk) && skip_symbols(&walk);
        }
        if (!good) {
            return false;
        }
        if (last) {
            *last_block_bit = start;
            *end_bit = walk.at;
            return true;
        }
    }
}
