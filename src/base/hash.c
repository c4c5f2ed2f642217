#include "base/hash.h"

struct state {
    uint64_t a, b, c, d;
};

static uint64_t rotate(uint64_t word, unsigned bits) {
    return word << bits | word >> (64 - bits);
}

static void round_of(struct state *s) {
    s->a += s->b;
    s->c += s->d;
    s->b = rotate(s->b, 13) ^ s->a;
    s->d = rotate(s->d, 16) ^ s->c;
    s->a = rotate(s->a, 32);
    s->c += s->b;
    s->a += s->d;
    s->b = rotate(s->b, 17) ^ s->c;
    s->d = rotate(s->d, 21) ^ s->a;
    s->c = rotate(s->c, 32);
}

static void absorb(struct state *s, uint64_t word) {
    s->d ^= word;
    round_of(s);
    s->a ^= word;
}

/* Up to eight bytes, the first one lowest, whatever the machine's order. */
static uint64_t little_endian(const char *bytes, size_t count) {
    uint64_t word = 0;
    for (size_t i = 0; i < count; i++) {
        word |= (uint64_t)(unsigned char)bytes[i] << (8 * i);
    }
    return word;
}

uint64_t hash_str(const struct hash_key *key, struct str text) {
    /* "somepseudorandomlygeneratedbytes" in four words. */
    struct state s = {
        key->half[0] ^ UINT64_C(0x736f6d6570736575),
        key->half[1] ^ UINT64_C(0x646f72616e646f6d),
        key->half[0] ^ UINT64_C(0x6c7967656e657261),
        key->half[1] ^ UINT64_C(0x7465646279746573),
    };
    size_t at = 0;
    for (; text.len - at >= 8; at += 8) {
        absorb(&s, little_endian(text.ptr + at, 8));
    }
    absorb(&s, (uint64_t)text.len << 56 | little_endian(text.ptr + at, text.len - at));
    s.c ^= 0xFF;
    round_of(&s);
    round_of(&s);
    round_of(&s);
    return s.a ^ s.b ^ s.c ^ s.d;
}
