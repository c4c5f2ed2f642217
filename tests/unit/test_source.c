#include "plugin/source.h"

#include <errno.h>

#include "claims.h"
#include "tree.h"

/* The words of a text, in the arena. */
static size_t split(struct str text, struct str *words) {
    size_t count = 0;
    while (text.len > 0) {
        size_t len = str_find(text, ' ');
        words[count++] = str_first(text, len);
        text = str_skip(text, len < text.len ? len + 1 : len);
    }
    return count;
}

static void files_are_selected_as_the_contract_says(void **state) {
    (void)state;
    struct claims claims;
    claims_open(&claims, TEST_DATA "/sources.txt");
    struct str columns[3];
    while (claims_next(&claims, columns, 3)) {
        struct tree tree;
        struct arena arena = {0};
        tree_make(&tree);
        tree_build(&tree, columns[0]);
        struct str patterns[8];
        size_t count = split(columns[1], patterns);
        struct gitignore *excludes;
        size_t bad;
        struct syntax_error error;
        assert_int_equal(
            gitignore_compile(&arena, patterns, count, &excludes, &bad, &error),
            GRAMMAR_OK);
        struct source_list list;
        struct str failed;
        assert_int_equal(
            source_select(&arena, str_of(tree.root), excludes, &list, &failed), 0);
        struct buf names;
        buf_init(&names, 10000);
        for (size_t i = 0; i < list.count; i++) {
            buf_append(&names, i == 0 ? STR("") : STR(" "));
            buf_append(&names, list.files[i].shown);
            assert_ptr_equal(source_find(&list, list.files[i].shown), &list.files[i]);
        }
        claims_equal(&claims, buf_str(&names), columns[2]);
        assert_null(source_find(&list, STR("none")));
        buf_release(&names);
        arena_release(&arena);
        tree_remove(&tree);
    }
}

static void a_file_keeps_what_tells_it_apart(void **state) {
    (void)state;
    struct tree tree;
    struct arena arena = {0};
    tree_make(&tree);
    tree_write(&tree, "a", "12345");
    tree_write(&tree, "b", "");
    tree_write(&tree, "c", "");
    assert_int_equal(chmod(tree_at(&tree, "b"), 0604), 0);
    assert_int_equal(chmod(tree_at(&tree, "c"), 0610), 0);
    struct source_list list;
    struct str failed;
    assert_int_equal(source_select(&arena, str_of(tree.root), NULL, &list, &failed), 0);
    assert_int_equal(list.count, 3);
    assert_int_equal(list.files[0].size, 5);
    assert_false(list.files[0].executable);
    assert_false(list.files[1].executable);
    assert_true(list.files[2].executable);
    struct stat info;
    assert_int_equal(stat(tree_at(&tree, "a"), &info), 0);
    assert_true(source_same(&list.files[0], &info));
    assert_false(source_same(&list.files[1], &info));
    tree_write(&tree, "a", "123456");
    assert_int_equal(stat(tree_at(&tree, "a"), &info), 0);
    assert_false(source_same(&list.files[0], &info));
    arena_release(&arena);
    tree_remove(&tree);
}

static void what_cannot_be_walked_is_named(void **state) {
    (void)state;
    struct tree tree;
    struct arena arena = {0};
    tree_make(&tree);
    tree_write(&tree, "f", "");
    struct source_list list;
    struct str failed;
    char path[4096];
    strcpy(path, tree_at(&tree, "none"));
    assert_int_equal(source_select(&arena, str_of(path), NULL, &list, &failed), ENOENT);
    assert_true(str_equal(failed, str_of(path)));
    strcpy(path, tree_at(&tree, "f"));
    assert_int_equal(source_select(&arena, str_of(path), NULL, &list, &failed),
                     ENOTDIR);
    struct str absolute = source_absolute(&arena, STR("/a/./b/"), STR("c"));
    assert_true(str_equal(absolute, STR("/a/b/c")));
    char cwd[4096];
    assert_non_null(getcwd(cwd, sizeof cwd));
    absolute = source_absolute(&arena, STR("x"), STR(""));
    assert_true(str_starts_with(absolute, str_of(cwd)));
    assert_true(str_ends_with(absolute, STR("/x")));
    arena_release(&arena);
    tree_remove(&tree);
}

/* Deeper than descriptors allow, and wider than one buffer of entries. */
static void depth_and_width_are_no_matter(void **state) {
    (void)state;
    struct tree tree;
    struct arena arena = {0};
    tree_make(&tree);
    char name[4096] = "d";
    for (int depth = 0; depth < 1200; depth++) {
        tree_directory(&tree, name);
        strcat(name, "/d");
    }
    tree_write(&tree, name, "deep");
    for (int i = 0; i < 3000; i++) {
        snprintf(name, sizeof name, "f%04d", i);
        tree_write(&tree, name, "");
    }
    struct source_list list;
    struct str failed;
    assert_int_equal(source_select(&arena, str_of(tree.root), NULL, &list, &failed), 0);
    assert_int_equal(list.count, 3001);
    for (size_t i = 1; i < list.count; i++) {
        assert_true(str_compare(list.files[i - 1].path, list.files[i].path) < 0);
    }
    arena_release(&arena);
    tree_remove(&tree);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_selected_as_the_contract_says),
        cmocka_unit_test(a_file_keeps_what_tells_it_apart),
        cmocka_unit_test(what_cannot_be_walked_is_named),
        cmocka_unit_test(depth_and_width_are_no_matter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
