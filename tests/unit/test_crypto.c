#include "unit.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdlib.h>

#include "net/crypto.h"

static void assert_hex(const unsigned char *bytes, const char *expected) {
    struct buf hex;
    buf_init(&hex, 64);
    assert_true(crypto_append_hex(&hex, (struct str){(const char *)bytes, 32}));
    assert_string_equal(hex.ptr, expected);
    buf_release(&hex);
}

/* FIPS 180-4's example, and test cases 2 and 6 of RFC 4231. */
static void digests_are_the_standards(void **state) {
    (void)state;
    unsigned char digest[CRYPTO_SHA256_BYTES];
    assert_true(crypto_sha256(STR("abc"), digest));
    assert_hex(digest,
               "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_true(
        crypto_hmac_sha256(STR("Jefe"), STR("what do ya want for nothing?"), digest));
    assert_hex(digest,
               "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    char key[131];
    memset(key, 0xaa, sizeof key);
    assert_true(crypto_hmac_sha256(
        (struct str){key, sizeof key},
        STR("Test Using Larger Than Block-Size Key - Hash Key First"), digest));
    assert_hex(digest,
               "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

/* RFC 4648, section 10. */
static void base64_is_the_standards(void **state) {
    (void)state;
    static const char *const pairs[][2] = {{"", ""},
                                           {"f", "Zg=="},
                                           {"fo", "Zm8="},
                                           {"foo", "Zm9v"},
                                           {"foob", "Zm9vYg=="},
                                           {"fooba", "Zm9vYmE="},
                                           {"foobar", "Zm9vYmFy"},
                                           {"\xfb\xff\xfe", "+//+"}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct buf out;
        buf_init(&out, 100);
        assert_true(crypto_append_base64(&out, str_of(pairs[i][0]), CRYPTO_BASE64));
        assert_true(str_equal(buf_str(&out), str_of(pairs[i][1])));
        buf_clear(&out);
        assert_true(crypto_decode_base64(&out, str_of(pairs[i][1])));
        assert_true(str_equal(buf_str(&out), str_of(pairs[i][0])));
        buf_release(&out);
    }
    struct buf out;
    buf_init(&out, 100);
    assert_true(crypto_append_base64(&out, STR("\xfb\xff\xfe\xfb"), CRYPTO_BASE64_URL));
    assert_string_equal(out.ptr, "-__--w");
    buf_clear(&out);
    assert_true(crypto_decode_base64(&out, STR("-__--w")));
    assert_true(str_equal(buf_str(&out), STR("\xfb\xff\xfe\xfb")));
    assert_false(crypto_decode_base64(&out, STR("Z")));
    assert_false(crypto_decode_base64(&out, STR("Zm9 v")));
    assert_false(crypto_decode_base64(&out, STR("Zm9*")));
    buf_release(&out);
}

static void pem_of(EVP_PKEY *key, bool with_password, char *out, size_t size) {
    BIO *bio = BIO_new(BIO_s_mem());
    assert_non_null(bio);
    unsigned char password[] = "secret";
    assert_int_equal(PEM_write_bio_PrivateKey(bio, key,
                                              with_password ? EVP_aes_128_cbc() : NULL,
                                              with_password ? password : NULL,
                                              with_password ? 6 : 0, NULL, NULL),
                     1);
    int got = BIO_read(bio, out, (int)size - 1);
    assert_true(got > 0);
    out[got] = '\0';
    BIO_free(bio);
}

static void signatures_verify(void **state) {
    (void)state;
    EVP_PKEY *key = EVP_RSA_gen(2048);
    assert_non_null(key);
    char pem[4096];
    pem_of(key, false, pem, sizeof pem);
    struct buf out;
    buf_init(&out, 1024);
    const char *reason = NULL;
    struct str text = STR("header.claims");
    assert_true(buf_append(&out, STR("<")));
    assert_true(crypto_sign_rs256(&out, str_of(pem), text, &reason));
    assert_int_equal(out.len, 1 + 2048 / 8);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    assert_int_equal(EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key), 1);
    assert_int_equal(EVP_DigestVerify(context, (unsigned char *)out.ptr + 1,
                                      out.len - 1, (const unsigned char *)text.ptr,
                                      text.len),
                     1);
    EVP_MD_CTX_free(context);

    pem_of(key, true, pem, sizeof pem);
    assert_false(crypto_sign_rs256(&out, str_of(pem), text, &reason));
    assert_non_null(strstr(reason, "password"));
    EVP_PKEY_free(key);
    assert_false(crypto_sign_rs256(&out, STR("no key"), text, &reason));
    assert_non_null(reason);
    assert_false(crypto_sign_rs256(&out, STR(""), text, &reason));

    key = EVP_EC_gen("P-256");
    assert_non_null(key);
    pem_of(key, false, pem, sizeof pem);
    assert_false(crypto_sign_rs256(&out, str_of(pem), text, &reason));
    assert_non_null(strstr(reason, "RSA"));
    EVP_PKEY_free(key);
    assert_int_equal(out.len, 1 + 2048 / 8);
    buf_release(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digests_are_the_standards),
        cmocka_unit_test(base64_is_the_standards),
        cmocka_unit_test(signatures_verify),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
