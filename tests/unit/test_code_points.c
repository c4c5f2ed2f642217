#include "claims.h"
#include "grammar/code_points.h"

static struct code_points points_of(struct arena *arena, struct str text) {
    struct code_points points = {.ptr = arena_array(arena, text.len, sizeof(uint32_t))};
    assert_non_null(points.ptr);
    for (size_t at = 0; at < text.len;) {
        points.ptr[points.len++] = utf8_next(text, &at);
    }
    return points;
}

static void texts_are_normalized(void **state) {
    (void)state;
    struct claims claims;
    struct str columns[2];
    struct arena arena = {0};
    claims_open(&claims, TEST_DATA "/nfc.txt");
    while (claims_next(&claims, columns, 2)) {
        struct code_points normal;
        assert_true(code_points_nfc(&arena, points_of(&arena, columns[0]), &normal));
        if (!code_points_equal(normal, points_of(&arena, columns[1]))) {
            claims_fail(&claims, columns[0]);
        }
        assert_true(code_points_nfc(&arena, normal, &normal));
        if (!code_points_equal(normal, points_of(&arena, columns[1]))) {
            claims_fail(&claims, columns[1]);
        }
    }
    arena_release(&arena);
}

/* A run of marks whose classes fall, as long as a text may be: sorted in linear time.
 */
static void long_runs_of_marks_are_sorted(void **state) {
    (void)state;
    enum { HALF = 200000 };
    struct arena arena = {0};
    struct code_points text = {arena_array(&arena, 2 * HALF, sizeof(uint32_t)),
                               2 * HALF};
    assert_non_null(text.ptr);
    for (size_t i = 0; i < 2 * HALF; i++) {
        text.ptr[i] = i < HALF ? 0x301 : 0x323; /* classes 230 and 220 */
    }
    assert_true(code_points_nfc(&arena, text, &text));
    assert_int_equal(text.len, 2 * HALF);
    for (size_t i = 0; i < 2 * HALF; i++) {
        assert_int_equal(text.ptr[i], i < HALF ? 0x323 : 0x301);
    }
    arena_release(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_normalized),
        cmocka_unit_test(long_runs_of_marks_are_sorted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
