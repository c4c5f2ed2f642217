#include "claims.h"

#include <time.h>

#include "grammar/gitignore.h"
#include "grammar/glob.h"

enum { MOST_PATTERNS = 8 };

struct compilation {
    struct arena arena;
    struct gitignore *compiled;
    size_t bad;
    struct syntax_error error;
};

/* Compiles the lines of a column. */
static enum grammar_status compile(struct compilation *result, struct str lines) {
    struct str patterns[MOST_PATTERNS];
    size_t count = 0;
    for (bool more = true; more; count++) {
        size_t end = str_find(lines, '\n');
        assert_true(count < MOST_PATTERNS);
        patterns[count] = str_first(lines, end);
        more = end < lines.len;
        lines = str_skip(lines, more ? end + 1 : end);
    }
    *result = (struct compilation){.error = {"accepted", 0}};
    return gitignore_compile(&result->arena, patterns, count, &result->compiled,
                             &result->bad, &result->error);
}

static void files_are_in_or_out(void **state) {
    (void)state;
    struct claims claims;
    struct str columns[3];
    claims_open(&claims, TEST_DATA "/gitignore_match.txt");
    while (claims_next(&claims, columns, 3)) {
        struct compilation result;
        if (compile(&result, columns[0]) != GRAMMAR_OK) {
            claims_fail(&claims, str_of(result.error.rule));
        }
        bool out = gitignore_excludes(result.compiled, columns[1]);
        claims_equal(&claims, out ? STR("out") : STR("in"), columns[2]);
        arena_release(&result.arena);
    }
}

static void the_first_invalid_pattern_is_named(void **state) {
    (void)state;
    struct claims claims;
    struct str columns[4];
    claims_open(&claims, TEST_DATA "/gitignore_invalid.txt");
    while (claims_next(&claims, columns, 4)) {
        struct compilation result;
        char number[24];
        enum grammar_status status = compile(&result, columns[0]);
        claims_equal(&claims, str_of(result.error.rule), columns[3]);
        assert_int_equal(status, GRAMMAR_INVALID);
        snprintf(number, sizeof number, "%zu", result.bad);
        claims_equal(&claims, str_of(number), columns[1]);
        snprintf(number, sizeof number, "%zu", result.error.offset);
        claims_equal(&claims, str_of(number), columns[2]);
        arena_release(&result.arena);
    }
}

static void a_directory_is_skipped_only_if_nothing_below_comes_back(void **state) {
    (void)state;
    struct claims claims;
    struct str columns[3];
    claims_open(&claims, TEST_DATA "/gitignore_prunes.txt");
    while (claims_next(&claims, columns, 3)) {
        struct compilation result;
        assert_int_equal(compile(&result, columns[0]), GRAMMAR_OK);
        bool prunes = gitignore_prunes(result.compiled, columns[1]);
        claims_equal(&claims, prunes ? STR("yes") : STR("no"), columns[2]);
        arena_release(&result.arena);
    }
}

/* Patterns that take time beyond all bounds where matching goes back and tries again,
 * or where braces are multiplied out. */
static void no_pattern_is_slow(void **state) {
    (void)state;
    static char path[4000];
    static char pattern[GLOB_MAX_BYTES];
    memset(path, 'a', sizeof path);
    const struct str units[] = {STR("*a"), STR("{a,aa}"), STR("{a,*}"), STR("**/"),
                                STR("{a,{a,{a,a}}}")};
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        size_t len = 0;
        while (len + units[i].len < 2000) {
            memcpy(pattern + len, units[i].ptr, units[i].len);
            len += units[i].len;
        }
        pattern[len++] = 'b';
        struct compilation result;
        clock_t start = clock();
        assert_int_equal(compile(&result, (struct str){pattern, len}), GRAMMAR_OK);
        assert_false(
            gitignore_excludes(result.compiled, (struct str){path, sizeof path}));
        assert_true(clock() - start < 10 * CLOCKS_PER_SEC);
        arena_release(&result.arena);
    }
}

static void wildcards_have_a_length_text_has_none(void **state) {
    (void)state;
    static char pattern[GLOB_MAX_BYTES + 2];
    memset(pattern, 'a', sizeof pattern);
    struct str whole = {pattern, sizeof pattern};
    struct compilation result;
    assert_int_equal(compile(&result, whole), GRAMMAR_OK);
    assert_true(gitignore_excludes(result.compiled, whole));
    arena_release(&result.arena);
    memset(pattern, '?', sizeof pattern);
    assert_int_equal(compile(&result, str_first(whole, GLOB_MAX_BYTES)), GRAMMAR_OK);
    assert_true(gitignore_excludes(result.compiled, str_first(whole, GLOB_MAX_BYTES)));
    assert_false(gitignore_excludes(result.compiled, whole));
    arena_release(&result.arena);
    assert_int_equal(compile(&result, whole), GRAMMAR_INVALID);
    assert_int_equal(result.error.offset, GLOB_MAX_BYTES);
    arena_release(&result.arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_in_or_out),
        cmocka_unit_test(the_first_invalid_pattern_is_named),
        cmocka_unit_test(a_directory_is_skipped_only_if_nothing_below_comes_back),
        cmocka_unit_test(no_pattern_is_slow),
        cmocka_unit_test(wildcards_have_a_length_text_has_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
