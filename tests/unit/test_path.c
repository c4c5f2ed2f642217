#include "unit.h"

#include "base/nearest.h"
#include "base/path.h"
#include "claims.h"

/* `-` stands for what is absent. */
static struct str or_dash(struct str s) {
    return s.ptr == NULL ? STR("-") : s;
}

static void relative_paths_become_absolute(void **state) {
    (void)state;
    struct arena arena = {0};
    struct claims claims;
    struct str column[3];
    claims_open(&claims, TEST_DATA "/path_absolute.txt");
    while (claims_next(&claims, column, 3)) {
        struct str got = path_absolute(&arena, column[0], column[1]);
        claims_equal(&claims, got, column[2]);
        assert_int_equal(got.ptr[got.len], '\0');
    }
    arena_release(&arena);
}

static void a_path_has_a_last_component_and_a_parent(void **state) {
    (void)state;
    struct claims claims;
    struct str column[3];
    claims_open(&claims, TEST_DATA "/path_last.txt");
    while (claims_next(&claims, column, 3)) {
        claims_equal(&claims, or_dash(path_last(column[0])), column[1]);
        claims_equal(&claims, path_parent(column[0]), column[2]);
    }
}

static void joining_doubles_no_slash(void **state) {
    (void)state;
    struct arena arena = {0};
    struct claims claims;
    struct str column[3];
    claims_open(&claims, TEST_DATA "/path_join.txt");
    while (claims_next(&claims, column, 3)) {
        claims_equal(&claims, path_join(&arena, column[0], column[1]), column[2]);
    }
    assert_true(str_equal(path_join(&arena, STR(""), STR("b")), STR("b")));
    arena_release(&arena);
}

static void paths_below_the_working_directory_are_shown_relative(void **state) {
    (void)state;
    struct claims claims;
    struct str column[3];
    claims_open(&claims, TEST_DATA "/path_shown.txt");
    while (claims_next(&claims, column, 3)) {
        claims_equal(&claims, path_shown(column[0], column[1]), column[2]);
    }
    assert_true(str_equal(path_shown(STR(""), STR("/a")), STR("/a")));
}

static void a_misspelt_word_has_a_nearest_one(void **state) {
    (void)state;
    struct arena arena = {0};
    struct claims claims;
    struct str column[3];
    claims_open(&claims, TEST_DATA "/nearest.txt");
    while (claims_next(&claims, column, 3)) {
        const char *words[8];
        size_t count = 0;
        struct str rest = column[1];
        while (rest.len > 0) {
            struct str word = str_first(rest, str_find(rest, ' '));
            words[count++] = arena_c_string(&arena, word);
            rest = str_skip(rest, word.len + (word.len < rest.len));
        }
        struct str best = STR("-");
        bool found = nearest_word(column[0], words, count, &best);
        claims_equal(&claims, best, column[2]);
        assert_int_equal(found, !str_equal(column[2], STR("-")));
    }
    arena_release(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(relative_paths_become_absolute),
        cmocka_unit_test(a_path_has_a_last_component_and_a_parent),
        cmocka_unit_test(joining_doubles_no_slash),
        cmocka_unit_test(paths_below_the_working_directory_are_shown_relative),
        cmocka_unit_test(a_misspelt_word_has_a_nearest_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
