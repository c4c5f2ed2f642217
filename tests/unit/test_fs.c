#include "base/fs.h"

#include <errno.h>

#include "claims.h"
#include "tree.h"

static void errors_have_the_kinds_of_the_contract(void **state) {
    (void)state;
    struct claims claims;
    claims_open(&claims, TEST_DATA "/io_kinds.txt");
    struct str columns[2];
    while (claims_next(&claims, columns, 2)) {
        int error = atoi(columns[0].ptr);
        claims_equal(&claims, str_of(fs_error_kind(error)), columns[1]);
        if (strcmp(fs_error_text(error), "unknown system error") == 0) {
            claims_fail(&claims, STR("no words for it"));
        }
    }
    assert_string_equal(fs_error_kind(99999), "Uncategorized");
}

static void files_are_read_up_to_a_cap(void **state) {
    (void)state;
    struct tree tree;
    tree_make(&tree);
    tree_write(&tree, "f", "0123456789");
    struct buf content;
    buf_init(&content, 10);
    assert_int_equal(fs_read(str_of(tree_at(&tree, "f")), &content), 0);
    assert_string_equal(content.ptr, "0123456789");
    /* What was there stays, also when reading fails. */
    assert_int_equal(fs_read(str_of(tree_at(&tree, "f")), &content), EFBIG);
    assert_string_equal(content.ptr, "0123456789");
    assert_false(content.failed);
    buf_release(&content);
    buf_init(&content, 9);
    assert_int_equal(fs_read(str_of(tree_at(&tree, "f")), &content), EFBIG);
    assert_int_equal(content.len, 0);
    buf_release(&content);
    /* A file without a size of its own. */
    buf_init(&content, 1 << 20);
    assert_int_equal(fs_read(STR("/proc/self/status"), &content), 0);
    assert_true(content.len > 100);
    buf_release(&content);
    buf_init(&content, 100);
    assert_int_equal(fs_read(STR("/proc/self/status"), &content), EFBIG);
    buf_release(&content);
    tree_remove(&tree);
}

static void what_cannot_be_read_says_why(void **state) {
    (void)state;
    struct tree tree;
    tree_make(&tree);
    tree_write(&tree, "f", "\xff");
    tree_write(&tree, "ok", "\xc3\xa9");
    tree_link(&tree, "loop", "loop");
    struct buf content;
    buf_init(&content, 100);
    assert_int_equal(fs_read(str_of(tree_at(&tree, "none")), &content), ENOENT);
    assert_int_equal(fs_read(str_of(tree_at(&tree, "")), &content), EISDIR);
    assert_int_equal(fs_read(str_of(tree_at(&tree, "f/x")), &content), ENOTDIR);
    assert_int_equal(fs_read(str_of(tree_at(&tree, "loop")), &content), ELOOP);
    assert_int_equal(fs_read(STR(""), &content), ENOENT);
    assert_int_equal(fs_read(STR("a\0b"), &content), EINVAL);
    assert_int_equal(fs_read_text(str_of(tree_at(&tree, "f")), &content), EILSEQ);
    assert_int_equal(content.len, 0);
    assert_int_equal(fs_read_text(str_of(tree_at(&tree, "ok")), &content), 0);
    assert_int_equal(content.len, 2);
    buf_release(&content);
    char name[5000];
    memset(name, 'n', sizeof name);
    struct stat info;
    assert_int_equal(fs_stat((struct str){name, 300}, &info), ENAMETOOLONG);
    assert_int_equal(fs_lstat((struct str){name, sizeof name}, &info), ENAMETOOLONG);
    assert_true(fs_exists(str_of(tree_at(&tree, "loop"))));
    assert_false(fs_exists(str_of(tree_at(&tree, "none"))));
    tree_remove(&tree);
}

static void directories_are_made_with_their_parents(void **state) {
    (void)state;
    struct tree tree;
    tree_make(&tree);
    tree_write(&tree, "f", "");
    tree_link(&tree, "loop", "loop");
    tree_link(&tree, "gone", "dangling");
    tree_directory(&tree, "d");
    static const struct {
        const char *path;
        int error;
    } rows[] = {
        {"d", 0},         {"d/", 0},         {"a/b/c", 0},         {"a//b/d//", 0},
        {"x/..", 0},      {"x/../y", 0},     {"f", EEXIST},        {"f/a", ENOTDIR},
        {"loop", EEXIST}, {"loop/a", ELOOP}, {"dangling", EEXIST}, {"f/a/b", ENOTDIR},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct str path = str_of(tree_at(&tree, rows[i].path));
        assert_int_equal(fs_make_directories(path), rows[i].error);
    }
    assert_true(tree_has(&tree, "a/b/c"));
    assert_true(tree_has(&tree, "a/b/d"));
    assert_true(tree_has(&tree, "x"));
    assert_true(tree_has(&tree, "y"));
    /* What was made on the way is taken back. */
    char path[1000];
    snprintf(path, sizeof path, "%s/p/q/%0300d", tree.root, 0);
    assert_int_equal(fs_make_directories(str_of(path)), ENAMETOOLONG);
    assert_false(tree_has(&tree, "p"));
    struct fs_made made;
    struct str wanted = str_of(tree_at(&tree, "d/../k/l/m"));
    assert_int_equal(fs_make_directories_noted(wanted, &made), 0);
    assert_int_equal(made.count, 3);
    assert_true(tree_has(&tree, "k/l/m"));
    fs_made_undo(&made);
    assert_false(tree_has(&tree, "k"));
    assert_true(tree_has(&tree, "d"));
    tree_remove(&tree);
}

static void links_are_followed_to_where_they_lead(void **state) {
    (void)state;
    struct tree tree;
    tree_make(&tree);
    struct arena arena = {0};
    struct str end;
    tree_write(&tree, "f", "x");
    tree_link(&tree, "f", "one");
    tree_link(&tree, "./one", "two");
    tree_link(&tree, "loop", "loop");
    tree_link(&tree, "no/where", "gone");
    assert_int_equal(fs_follow(&arena, str_of(tree_at(&tree, "two")), &end), 0);
    assert_true(str_ends_with(end, STR("/f")));
    assert_int_equal(fs_follow(&arena, str_of(tree_at(&tree, "gone")), &end), 0);
    assert_true(str_ends_with(end, STR("/no/where")));
    assert_int_equal(fs_follow(&arena, str_of(tree_at(&tree, "none")), &end), 0);
    assert_true(str_ends_with(end, STR("/none")));
    assert_int_equal(fs_follow(&arena, str_of(tree_at(&tree, "loop")), &end), ELOOP);
    struct str real;
    assert_int_equal(fs_real_path(&arena, str_of(tree_at(&tree, "two")), &real), 0);
    assert_true(str_ends_with(real, STR("/f")));
    assert_int_equal(fs_real_path(&arena, str_of(tree_at(&tree, "gone")), &real),
                     ENOENT);
    struct str cwd;
    char expected[4096];
    assert_non_null(getcwd(expected, sizeof expected));
    assert_int_equal(fs_working_directory(&arena, &cwd), 0);
    assert_true(str_equal(cwd, str_of(expected)));
    arena_release(&arena);
    tree_remove(&tree);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(errors_have_the_kinds_of_the_contract),
        cmocka_unit_test(files_are_read_up_to_a_cap),
        cmocka_unit_test(what_cannot_be_read_says_why),
        cmocka_unit_test(directories_are_made_with_their_parents),
        cmocka_unit_test(links_are_followed_to_where_they_lead),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
