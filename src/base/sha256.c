#include "base/sha256.h"

#define PREFIX "sha256:"

void sha256_begin(struct sha256 *sha) {
    sha256_init(&sha->context);
}

void sha256_add(struct sha256 *sha, struct str bytes) {
    sha256_update(&sha->context, bytes.len, (const uint8_t *)bytes.ptr);
}

void sha256_end(struct sha256 *sha, char out[SHA256_TEXT_BYTES + 1]) {
    static const char hex[] = "0123456789abcdef";
    uint8_t digest[SHA256_DIGEST_SIZE];
    sha256_digest(&sha->context, sizeof digest, digest);
    memcpy(out, PREFIX, sizeof PREFIX - 1);
    char *at = out + sizeof PREFIX - 1;
    for (size_t i = 0; i < sizeof digest; i++) {
        *at++ = hex[digest[i] >> 4];
        *at++ = hex[digest[i] & 15];
    }
    *at = '\0';
}

void sha256_of(struct str bytes, char out[SHA256_TEXT_BYTES + 1]) {
    struct sha256 sha;
    sha256_begin(&sha);
    sha256_add(&sha, bytes);
    sha256_end(&sha, out);
}

bool sha256_is_text(struct str text) {
    if (text.len != SHA256_TEXT_BYTES || !str_starts_with(text, STR(PREFIX))) {
        return false;
    }
    /* Without a way out of the loop: compilers make it a few vector operations. */
    unsigned other = 0;
    for (size_t i = sizeof PREFIX - 1; i < SHA256_TEXT_BYTES; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        other |= ((unsigned char)(c - '0') > 9) & ((unsigned char)(c - 'a') > 5);
    }
    return other == 0;
}
