/* CRC-32C against the vectors of RFC 3720, B.4, and the check value of its catalogue.
 */
#include "stores/crc32c.h"

#include "unit.h"

static void vectors(void **state) {
    (void)state;
    char bytes[32] = {0};
    assert_int_equal(crc32c((struct str){bytes, 32}), 0x8A9136AA);
    memset(bytes, 0xFF, 32);
    assert_int_equal(crc32c((struct str){bytes, 32}), 0x62A8AB43);
    for (int i = 0; i < 32; i++) {
        bytes[i] = (char)i;
    }
    assert_int_equal(crc32c((struct str){bytes, 32}), 0x46DD794E);
    for (int i = 0; i < 32; i++) {
        bytes[i] = (char)(31 - i);
    }
    assert_int_equal(crc32c((struct str){bytes, 32}), 0x113FDB5C);
    assert_int_equal(crc32c(STR("123456789")), 0xE3069283);
    assert_int_equal(crc32c(STR("")), 0);
}

static void text(void **state) {
    (void)state;
    char out[CRC32C_TEXT_BYTES + 1];
    crc32c_text(STR("123456789"), out);
    assert_string_equal(out, "4waSgw=="); /* base64 of E3 06 92 83 */
    crc32c_text(STR(""), out);
    assert_string_equal(out, "AAAAAA==");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(vectors),
                                       cmocka_unit_test(text)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
