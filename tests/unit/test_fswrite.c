#include "base/fswrite.h"

#include <errno.h>

#include "tree.h"

static int write_file(struct tree *tree, const char *name, const char *text) {
    struct arena arena = {0};
    char path[4096];
    strcpy(path, tree_at(tree, name));
    int error = fswrite_file(&arena, str_of(path), str_of(text));
    arena_release(&arena);
    return error;
}

static void a_file_is_written_under_its_name_or_not_at_all(void **state) {
    (void)state;
    struct tree tree;
    tree_make(&tree);
    assert_int_equal(write_file(&tree, "f", "new"), 0);
    tree_expect(&tree, "f", "new");
    assert_int_equal(write_file(&tree, "f", "newer"), 0);
    tree_expect(&tree, "f", "newer");
    assert_int_equal(tree_count(&tree, ""), 1);
    tree_directory(&tree, "d");
    assert_int_equal(write_file(&tree, "d", "x"), EISDIR);
    assert_int_equal(write_file(&tree, "no/f", "x"), ENOENT);
    assert_int_equal(write_file(&tree, "f/f", "x"), ENOTDIR);
    assert_int_equal(tree_count(&tree, ""), 2);
    tree_remove(&tree);
}

static void a_link_is_replaced(void **state) {
    (void)state;
    struct tree tree;
    tree_make(&tree);
    tree_write(&tree, "target", "old");
    tree_link(&tree, "target", "link");
    assert_int_equal(write_file(&tree, "link", "new"), 0);
    tree_expect(&tree, "target", "old");
    tree_expect(&tree, "link", "new");
    assert_int_equal(tree_count(&tree, ""), 2);
    tree_remove(&tree);
}

static void the_mode_follows_the_umask(void **state) {
    (void)state;
    struct tree tree;
    tree_make(&tree);
    mode_t before = umask(027);
    assert_int_equal(write_file(&tree, "f", "x"), 0);
    umask(before);
    struct stat info;
    assert_int_equal(stat(tree_at(&tree, "f"), &info), 0);
    assert_int_equal(info.st_mode & 0777, 0640);
    tree_remove(&tree);
}

static void what_is_given_up_leaves_nothing(void **state) {
    (void)state;
    struct tree tree;
    tree_make(&tree);
    tree_write(&tree, "f", "old");
    struct arena arena = {0};
    struct fswrite write;
    char path[4096];
    strcpy(path, tree_at(&tree, "f"));
    assert_int_equal(fswrite_open(&write, &arena, str_of(path)), 0);
    assert_int_equal(fswrite_append(&write, STR("a part")), 0);
    assert_int_equal(tree_count(&tree, ""), 2);
    tree_expect(&tree, "f", "old");
    fswrite_abort(&write);
    assert_int_equal(tree_count(&tree, ""), 1);
    tree_expect(&tree, "f", "old");
    assert_int_equal(fswrite_open(&write, &arena, STR("")), ENOENT);
    assert_int_equal(fswrite_open(&write, &arena, STR("a\0b")), EINVAL);
    arena_release(&arena);
    tree_remove(&tree);
}

static const struct fswrite_member members[] = {
    {{"one", 3}, {"1", 1}},
    {{"two", 3}, {"2", 1}},
    {{"three", 5}, {"3", 1}},
};

/* Writes the members; the failed path is checked against `failed` below the root. */
static int write_all(struct tree *tree, const char *directory, bool replace,
                     const char *failed) {
    struct arena arena = {0};
    struct str path;
    char full[4096];
    strcpy(full, tree_at(tree, directory));
    int error = fswrite_all(&arena, str_of(full), members, 3, replace, &path);
    if (error != 0) {
        assert_true(str_equal(path, str_of(tree_at(tree, failed))));
    }
    arena_release(&arena);
    return error;
}

static void expect_all(struct tree *tree, const char *directory, size_t others) {
    char name[256];
    static const char *const texts[] = {"1", "2", "3"};
    for (size_t i = 0; i < 3; i++) {
        snprintf(name, sizeof name, "%s/%s", directory, members[i].name.ptr);
        tree_expect(tree, name, texts[i]);
    }
    assert_int_equal(tree_count(tree, directory), 3 + others);
}

static void a_fresh_directory_is_whole(void **state) {
    (void)state;
    struct tree tree;
    tree_make(&tree);
    assert_int_equal(write_all(&tree, "a/b/c", false, ""), 0);
    expect_all(&tree, "a/b/c", 0);
    assert_int_equal(tree_count(&tree, "a/b"), 1);
    assert_int_equal(write_all(&tree, "d/", true, ""), 0);
    expect_all(&tree, "d", 0);
    /* The parent of a directory that comes to be on the way. */
    assert_int_equal(write_all(&tree, "n/..", false, ""), 0);
    expect_all(&tree, "", 3);
    assert_true(tree_has(&tree, "n"));
    tree_remove(&tree);
}

static void a_directory_that_cannot_be_made_leaves_nothing(void **state) {
    (void)state;
    struct tree tree;
    tree_make(&tree);
    tree_write(&tree, "f", "");
    tree_link(&tree, "loop", "loop");
    assert_int_equal(write_all(&tree, "f", false, "f"), EEXIST);
    assert_int_equal(write_all(&tree, "f/a", false, "f/a"), ENOTDIR);
    assert_int_equal(write_all(&tree, "loop", false, "loop"), EEXIST);
    assert_int_equal(write_all(&tree, "loop/a", false, "loop/a"), ELOOP);
    char name[400];
    snprintf(name, sizeof name, "p/q/%0300d", 0);
    assert_int_equal(write_all(&tree, name, false, name), ENAMETOOLONG);
    assert_int_equal(tree_count(&tree, ""), 2);
    /* A member that cannot be: no directory, no parents. */
    struct arena arena = {0};
    struct fswrite_member bad[] = {{STR("good"), STR("1")}, {STR("no/such"), STR("2")}};
    struct str failed;
    char path[4096];
    strcpy(path, tree_at(&tree, "p/q"));
    assert_int_equal(fswrite_all(&arena, str_of(path), bad, 2, false, &failed), ENOENT);
    assert_true(str_ends_with(failed, STR("/p/q/no/such")));
    assert_int_equal(tree_count(&tree, ""), 2);
    arena_release(&arena);
    tree_remove(&tree);
}

static void in_a_directory_that_exists_all_or_none_is_written(void **state) {
    (void)state;
    struct tree tree;
    tree_make(&tree);
    tree_directory(&tree, "d");
    tree_write(&tree, "d/other", "o");
    assert_int_equal(write_all(&tree, "d", false, ""), 0);
    expect_all(&tree, "d", 1);
    tree_write(&tree, "d/one", "old");
    tree_write(&tree, "d/three", "old");
    assert_int_equal(unlink(tree_at(&tree, "d/two")), 0);
    /* Something is there already. */
    assert_int_equal(write_all(&tree, "d", false, "d/one"), EEXIST);
    tree_expect(&tree, "d/one", "old");
    assert_int_equal(tree_count(&tree, "d"), 3);
    /* A directory is in the way of the second. */
    tree_directory(&tree, "d/two");
    assert_int_equal(write_all(&tree, "d", true, "d/two"), EISDIR);
    tree_expect(&tree, "d/one", "old");
    tree_expect(&tree, "d/three", "old");
    assert_int_equal(tree_count(&tree, "d"), 4);
    assert_int_equal(rmdir(tree_at(&tree, "d/two")), 0);
    assert_int_equal(write_all(&tree, "d", true, ""), 0);
    expect_all(&tree, "d", 1);
    tree_remove(&tree);
}

static void members_that_are_links_are_written_where_they_lead(void **state) {
    (void)state;
    struct tree tree;
    tree_make(&tree);
    tree_directory(&tree, "d");
    tree_directory(&tree, "e");
    tree_link(&tree, "../e/new", "d/one");
    assert_int_equal(write_all(&tree, "d", false, ""), 0);
    tree_expect(&tree, "e/new", "1");
    tree_write(&tree, "e/new", "old");
    assert_int_equal(unlink(tree_at(&tree, "d/two")), 0);
    assert_int_equal(write_all(&tree, "d", false, "d/one"), EEXIST);
    assert_int_equal(write_all(&tree, "d", true, ""), 0);
    tree_expect(&tree, "e/new", "1");
    assert_int_equal(tree_count(&tree, "d"), 3);
    assert_int_equal(tree_count(&tree, "e"), 1);
    assert_int_equal(unlink(tree_at(&tree, "d/two")), 0);
    tree_link(&tree, "two", "d/two");
    assert_int_equal(write_all(&tree, "d", true, "d/two"), ELOOP);
    assert_int_equal(unlink(tree_at(&tree, "d/two")), 0);
    tree_link(&tree, "../no/where", "d/two");
    tree_write(&tree, "e/new", "old");
    assert_int_equal(write_all(&tree, "d", true, "d/two"), ENOENT);
    tree_expect(&tree, "e/new", "old");
    tree_remove(&tree);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_written_under_its_name_or_not_at_all),
        cmocka_unit_test(a_link_is_replaced),
        cmocka_unit_test(the_mode_follows_the_umask),
        cmocka_unit_test(what_is_given_up_leaves_nothing),
        cmocka_unit_test(a_fresh_directory_is_whole),
        cmocka_unit_test(a_directory_that_cannot_be_made_leaves_nothing),
        cmocka_unit_test(in_a_directory_that_exists_all_or_none_is_written),
        cmocka_unit_test(members_that_are_links_are_written_where_they_lead),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
