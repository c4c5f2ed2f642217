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

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(vectors)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
