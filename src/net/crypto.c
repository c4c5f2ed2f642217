#include "net/crypto.h"

#include <limits.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

bool crypto_sha256(struct str bytes, unsigned char out[CRYPTO_SHA256_BYTES]) {
    unsigned len = 0;
    return EVP_Digest(bytes.len == 0 ? "" : bytes.ptr, bytes.len, out, &len,
                      EVP_sha256(), NULL) == 1 &&
           len == CRYPTO_SHA256_BYTES;
}

bool crypto_hmac_sha256(struct str key, struct str bytes,
                        unsigned char out[CRYPTO_SHA256_BYTES]) {
    unsigned len = 0;
    return key.len <= INT_MAX &&
           HMAC(EVP_sha256(), key.len == 0 ? "" : key.ptr, (int)key.len,
                (const unsigned char *)(bytes.len == 0 ? "" : bytes.ptr), bytes.len,
                out, &len) != NULL &&
           len == CRYPTO_SHA256_BYTES;
}

static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static char digit_of(unsigned value, enum crypto_base64 kind) {
    if (kind == CRYPTO_BASE64_URL && value >= 62) {
        return value == 62 ? '-' : '_';
    }
    return alphabet[value];
}

bool crypto_append_base64(struct buf *out, struct str bytes, enum crypto_base64 kind) {
    for (size_t at = 0; at < bytes.len; at += 3) {
        size_t count = bytes.len - at < 3 ? bytes.len - at : 3;
        unsigned group = 0;
        for (size_t i = 0; i < 3; i++) {
            group = group << 8 | (i < count ? (unsigned char)bytes.ptr[at + i] : 0U);
        }
        for (size_t i = 0; i < 4; i++) {
            if (i <= count) {
                (void)buf_append_byte(out, digit_of(group >> (18 - 6 * i) & 63, kind));
            } else if (kind == CRYPTO_BASE64) {
                (void)buf_append_byte(out, '=');
            }
        }
    }
    return !out->failed;
}

/* 64 and over: none. */
static unsigned value_of(char c) {
    switch (c) {
    case '-':
        return 62;
    case '_':
        return 63;
    default: {
        size_t at = str_find((struct str){alphabet, sizeof alphabet - 1}, c);
        return (unsigned)at;
    }
    }
}

bool crypto_decode_base64(struct buf *out, struct str text) {
    while (text.len > 0 && text.ptr[text.len - 1] == '=') {
        text.len--;
    }
    if (text.len % 4 == 1) {
        return false;
    }
    unsigned bits = 0;
    unsigned count = 0;
    for (size_t i = 0; i < text.len; i++) {
        unsigned value = value_of(text.ptr[i]);
        if (value > 63) {
            return false;
        }
        bits = (bits << 6 | value) & 0xFFFF;
        count += 6;
        if (count >= 8) {
            count -= 8;
            (void)buf_append_byte(out, (char)(unsigned char)(bits >> count & 0xFF));
        }
    }
    return !out->failed;
}

bool crypto_append_hex(struct buf *out, struct str bytes) {
    static const char hex[] = "0123456789abcdef";
    for (size_t i = 0; i < bytes.len; i++) {
        (void)buf_append_byte(out, hex[(unsigned char)bytes.ptr[i] >> 4]);
        (void)buf_append_byte(out, hex[(unsigned char)bytes.ptr[i] & 15]);
    }
    return !out->failed;
}

/* A key under a password is refused; without this OpenSSL would ask the terminal. */
static int no_password(char *to, int size, int writes, void *context) {
    (void)to;
    (void)size;
    (void)writes;
    (void)context;
    return -1;
}

static EVP_PKEY *read_key(struct str pem, const char **reason) {
    *reason = "the private key is not one in PEM without a password";
    if (pem.len == 0 || pem.len > INT_MAX) {
        return NULL;
    }
    BIO *source = BIO_new_mem_buf(pem.ptr, (int)pem.len);
    if (source == NULL) {
        *reason = NULL;
        return NULL;
    }
    EVP_PKEY *key = PEM_read_bio_PrivateKey(source, NULL, no_password, NULL);
    (void)BIO_free(source);
    if (key != NULL && EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA) {
        *reason = "the private key is not an RSA key";
        EVP_PKEY_free(key);
        key = NULL;
    }
    return key;
}

bool crypto_sign_rs256(struct buf *out, struct str pem, struct str bytes,
                       const char **reason) {
    EVP_PKEY *key = read_key(pem, reason);
    if (key == NULL) {
        return false;
    }
    bool done = false;
    size_t size = 0;
    const unsigned char *data =
        (const unsigned char *)(bytes.len == 0 ? "" : bytes.ptr);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    *reason = NULL;
    if (context != NULL &&
        EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key) == 1 &&
        EVP_DigestSign(context, NULL, &size, data, bytes.len) == 1 &&
        buf_reserve(out, size)) {
        done = EVP_DigestSign(context, (unsigned char *)out->ptr + out->len, &size,
                              data, bytes.len) == 1;
        if (done) {
            out->len += size;
            out->ptr[out->len] = '\0';
        } else {
            *reason = "the private key cannot sign";
        }
    }
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    return done;
}
