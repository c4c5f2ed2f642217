#include "claims.h"

#include "base/buf.h"
#include "plugin/requirements.h"

enum { MOST_BYTES = 1 << 16, MOST_DEPENDENCIES = 16 };

static void requirements_files_are_read_line_by_line(void **state) {
    (void)state;
    struct claims claims;
    struct str columns[2];
    claims_open(&claims, TEST_DATA "/requirements_read.txt");
    while (claims_next(&claims, columns, 2)) {
        struct arena arena = {0};
        struct requirements found;
        struct buf shown;
        buf_init(&shown, MOST_BYTES);
        assert_true(requirements_read(&arena, columns[0], &found));
        for (size_t i = 0; i < found.count; i++) {
            const struct requirements_line *line = &found.lines[i];
            buf_printf(&shown, "%s%zu@%zu ", i > 0 ? "|" : "", line->line,
                       line->offset);
            buf_append(&shown, line->text);
            assert_true(line->parts.name.ptr >= line->text.ptr);
        }
        buf_append(&shown, found.open_ended ? STR("+") : STR(""));
        claims_equal(&claims, buf_str(&shown), columns[1]);
        buf_release(&shown);
        arena_release(&arena);
    }
}

static size_t split(struct str list, struct str *items) {
    size_t count = 0;
    while (list.len > 0) {
        assert_true(count < MOST_DEPENDENCIES);
        items[count] = str_first(list, str_find(list, '|'));
        list = str_skip(list, items[count].len);
        list = list.len > 0 ? str_skip(list, 1) : list;
        count++;
    }
    return count;
}

static void a_file_is_compared_with_the_manifest(void **state) {
    (void)state;
    struct claims claims;
    struct str columns[3];
    claims_open(&claims, TEST_DATA "/requirements_disagree.txt");
    while (claims_next(&claims, columns, 3)) {
        struct arena arena = {0};
        struct requirements file;
        struct str python[MOST_DEPENDENCIES];
        size_t python_count = split(columns[1], python);
        struct requirements_disagreement *found = NULL;
        size_t count = 0;
        struct buf shown;
        buf_init(&shown, MOST_BYTES);
        assert_true(requirements_read(&arena, columns[0], &file));
        assert_true(
            requirements_disagree(&arena, &file, python, python_count, &found, &count));
        for (size_t i = 0; i < count; i++) {
            buf_printf(&shown, "%s%zu ", i > 0 ? "|" : "", found[i].line);
            buf_append(&shown, found[i].name);
            buf_append(&shown, STR(": "));
            buf_append(&shown, requirements_note(&arena, &found[i]));
            assert_int_equal(found[i].offset == SIZE_MAX, found[i].line == 0);
        }
        claims_equal(&claims, buf_str(&shown), columns[2]);
        buf_release(&shown);
        arena_release(&arena);
    }
}

static void large_files_take_no_long_time(void **state) {
    (void)state;
    enum { LINES = 100000 };
    struct buf text;
    struct arena arena = {0};
    struct requirements file;
    struct requirements_disagreement *found;
    size_t count;
    buf_init(&text, 1 << 24);
    for (int i = 0; i < LINES; i++) {
        buf_printf(&text, "a==%d\n", i);
    }
    assert_true(requirements_read(&arena, buf_str(&text), &file));
    assert_int_equal(file.count, LINES);
    struct str *python = arena_array(&arena, LINES, sizeof *python);
    assert_non_null(python);
    for (size_t i = 0; i < LINES; i++) {
        python[LINES - 1 - i] = file.lines[i].text;
    }
    assert_true(requirements_disagree(&arena, &file, python, LINES, &found, &count));
    assert_int_equal(count, 0);
    assert_true(
        requirements_disagree(&arena, &file, python, LINES - 1, &found, &count));
    assert_int_equal(count, 1);
    assert_true(str_equal(found[0].file, STR("a==0")));
    buf_release(&text);
    arena_release(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requirements_files_are_read_line_by_line),
        cmocka_unit_test(a_file_is_compared_with_the_manifest),
        cmocka_unit_test(large_files_take_no_long_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
