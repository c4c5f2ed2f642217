/* Hashes, signatures and text forms of bytes, for tokens and signed requests.
 *
 * Source: RFC 4648 (base64), FIPS 198-1 (HMAC), RFC 7518 section 3.3 (RS256).
 * Errors: false; of signing with a reason, never with anything of the key. Appending:
 *   the result shows in `out->failed`.
 * Threads: safe. */
#ifndef NET_CRYPTO_H
#define NET_CRYPTO_H

#include "base/buf.h"

enum { CRYPTO_SHA256_BYTES = 32 };

bool crypto_sha256(struct str bytes, unsigned char out[CRYPTO_SHA256_BYTES]);
bool crypto_hmac_sha256(struct str key, struct str bytes,
                        unsigned char out[CRYPTO_SHA256_BYTES]);

enum crypto_base64 {
    CRYPTO_BASE64,    /* `+`, `/`, padded */
    CRYPTO_BASE64_URL /* `-`, `_`, without padding: as JSON Web Tokens have it */
};
bool crypto_append_base64(struct buf *out, struct str bytes, enum crypto_base64 kind);

/* Of either kind, padded or not. False: it is not base64, or `out` failed. */
bool crypto_decode_base64(struct buf *out, struct str text);

bool crypto_append_hex(struct buf *out, struct str bytes); /* lowercase */

/* Appends the RSA signature (PKCS #1 v1.5, SHA-256) made with a private key in PEM.
 * `*reason` is a static phrase; NULL: memory is out. */
bool crypto_sign_rs256(struct buf *out, struct str pem, struct str bytes,
                       const char **reason);

#endif
