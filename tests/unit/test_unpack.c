#include "tree.h"

#include <archive.h>
#include <archive_entry.h>

#include "base/limits.h"
#include "helper/artifact_check.h"
#include "helper/scratch.h"
#include "helper/unpack.h"

/* One member of an archive that a test makes. */
struct member {
    const char *path;
    const char *text;
    __LA_MODE_T type; /* 0: a regular file */
    const char *target;
    int64_t declared; /* size in the header, if not the text's: a lie or zeros */
};

static const char manifest[] = "manifest_schema_version = \"1.3\"\n"
                               "[plugin]\n"
                               "name = \"sample\"\n"
                               "version = \"1.0.0\"\n"
                               "description = \"Cafe\xCC\x81.\"\n" /* NFC composes it */
                               "triggers = [\"process_writes\"]\n"
                               "[dependencies]\n"
                               "database_version = \">=3\"\n";
static const char handler[] = "def process_writes(a, b, args=None):\n    pass\n";

/* A gzip-compressed tar of the members, in memory of the arena. */
static struct str make(struct arena *arena, const struct member *members,
                       size_t count) {
    enum { ROOM = 4 << 20 };
    char *room = malloc(ROOM);
    static char zeros[1 << 16];
    size_t used = 0;
    struct archive *archive = archive_write_new();
    assert_non_null(room);
    assert_int_equal(archive_write_add_filter_gzip(archive), ARCHIVE_OK);
    assert_int_equal(archive_write_set_format_gnutar(archive), ARCHIVE_OK);
    assert_int_equal(archive_write_open_memory(archive, room, ROOM, &used), ARCHIVE_OK);
    for (size_t i = 0; i < count; i++) {
        struct archive_entry *entry = archive_entry_new();
        size_t len = members[i].text == NULL ? 0 : strlen(members[i].text);
        int64_t size = members[i].declared > 0 ? members[i].declared : (int64_t)len;
        archive_entry_set_pathname(entry, members[i].path);
        archive_entry_set_mode(
            entry, (members[i].type == 0 ? AE_IFREG : members[i].type) | 0644);
        archive_entry_set_size(entry, size);
        if (members[i].type == AE_IFLNK) {
            archive_entry_set_symlink(entry, members[i].target);
        } else if (members[i].target != NULL) {
            archive_entry_set_hardlink(entry, members[i].target);
        }
        assert_int_equal(archive_write_header(archive, entry), ARCHIVE_OK);
        if (len > 0) {
            assert_int_equal(archive_write_data(archive, members[i].text, len), len);
        }
        size_t left = (size_t)size - len;
        while (left > 0) {
            size_t part = left > sizeof zeros ? sizeof zeros : left;
            assert_int_equal(archive_write_data(archive, zeros, part), part);
            left -= part;
        }
        archive_entry_free(entry);
    }
    assert_int_equal(archive_write_close(archive), ARCHIVE_OK);
    assert_int_equal(archive_write_free(archive), ARCHIVE_OK);
    struct str copy = arena_copy(arena, (struct str){room, used});
    free(room);
    return copy;
}

static void good_files_come_out(void **state) {
    (void)state;
    struct arena arena = {0};
    struct tree tree;
    struct str why = STR("");
    const struct member members[] = {{.path = "p-1.0.0/a.py", .text = "one"},
                                     {.path = "p-1.0.0/deep/er/b..c", .text = "two"},
                                     {.path = "p-1.0.0/...", .text = ""}};
    tree_make(&tree);
    assert_int_equal(unpack(&arena, make(&arena, members, 3), STR("p-1.0.0"),
                            str_of(tree.root), &why),
                     UNPACK_OK);
    tree_expect(&tree, "p-1.0.0/a.py", "one");
    tree_expect(&tree, "p-1.0.0/deep/er/b..c", "two");
    tree_expect(&tree, "p-1.0.0/...", "");
    tree_remove(&tree);
    arena_release(&arena);
}

/* Each after a good file, so that it is the last one that is refused. */
static void what_is_no_plain_file_below_is_refused(void **state) {
    (void)state;
    const struct member bad[] = {
        {.path = "../x", .text = "x"},
        {.path = "/tmp/x", .text = "x"},
        {.path = "p-1.0.0/../../x", .text = "x"},
        {.path = "p-1.0.0/./x", .text = "x"},
        {.path = "p-1.0.0//x", .text = "x"},
        {.path = "p-1.0.0", .text = "x"},
        {.path = "p-1.0.0x/x", .text = "x"},
        {.path = "q-1.0.0/x", .text = "x"},
        {.path = "p-1.0.0/good", .text = "again"},
        {.path = "p-1.0.0/good/below", .text = "a file is no directory"},
        {.path = "p-1.0.0/dir", .type = AE_IFDIR},
        {.path = "p-1.0.0/link", .type = AE_IFLNK, .target = "/etc"},
        {.path = "p-1.0.0/hard", .target = "p-1.0.0/good"},
        {.path = "p-1.0.0/fifo", .type = AE_IFIFO},
        {.path = "p-1.0.0/device", .type = AE_IFCHR},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct arena arena = {0};
        struct tree tree;
        struct str why = STR_NONE;
        const struct member members[] = {{.path = "p-1.0.0/good", .text = "good"},
                                         bad[i]};
        tree_make(&tree);
        enum unpack_status status = unpack(&arena, make(&arena, members, 2),
                                           STR("p-1.0.0"), str_of(tree.root), &why);
        assert_true(status == UNPACK_REFUSED || status == UNPACK_FAILED);
        assert_true(why.len > 0);
        assert_int_equal(tree_count(&tree, ""), 1);
        assert_int_equal(tree_count(&tree, "p-1.0.0"), 1);
        tree_expect(&tree, "p-1.0.0/good", "good");
        tree_remove(&tree);
        arena_release(&arena);
    }
}

static void a_link_first_leads_nowhere(void **state) {
    (void)state;
    struct arena arena = {0};
    struct tree tree;
    struct tree other;
    struct str why = STR_NONE;
    tree_make(&tree);
    tree_make(&other);
    const struct member members[] = {
        {.path = "p-1.0.0/out", .type = AE_IFLNK, .target = other.root},
        {.path = "p-1.0.0/out/x", .text = "x"}};
    assert_int_equal(unpack(&arena, make(&arena, members, 2), STR("p-1.0.0"),
                            str_of(tree.root), &why),
                     UNPACK_REFUSED);
    assert_int_equal(tree_count(&other, ""), 0);
    tree_remove(&tree);
    tree_remove(&other);
    arena_release(&arena);
}

/* A GiB of zeros compresses to a megabyte: it is refused by its header, unwritten. */
static void a_bomb_is_refused(void **state) {
    (void)state;
    struct arena arena = {0};
    struct tree tree;
    struct str why = STR_NONE;
    const struct member members[] = {
        {.path = "p-1.0.0/zeros", .declared = (int64_t)LIMIT_UNPACKED_BYTES + 1}};
    tree_make(&tree);
    struct str bomb = make(&arena, members, 1);
    assert_true(bomb.len < 4 << 20);
    assert_int_equal(unpack(&arena, bomb, STR("p-1.0.0"), str_of(tree.root), &why),
                     UNPACK_REFUSED);
    assert_int_equal(tree_count(&tree, ""), 0);
    tree_remove(&tree);
    arena_release(&arena);
}

static void what_is_cut_or_no_archive_is_refused(void **state) {
    (void)state;
    struct arena arena = {0};
    struct tree tree;
    struct str why = STR_NONE;
    const struct member members[] = {{.path = "p-1.0.0/a", .text = handler}};
    struct str whole = make(&arena, members, 1);
    struct str texts[] = {STR(""), STR("no archive"), str_first(whole, whole.len / 2),
                          str_first(whole, 12)};
    tree_make(&tree);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        assert_int_equal(
            unpack(&arena, texts[i], STR("p-1.0.0"), str_of(tree.root), &why),
            UNPACK_REFUSED);
        assert_true(why.len > 0);
    }
    tree_remove(&tree);
    arena_release(&arena);
}

/* ---- the plugin in it ---- */

static struct str plugin(struct arena *arena, const char *toml) {
    const struct member members[] = {
        {.path = "sample-1.0.0/manifest.toml", .text = toml},
        {.path = "sample-1.0.0/sample.py", .text = handler}};
    return make(arena, members, 2);
}

static struct index_record entry(void) {
    static const struct str triggers[] = {{"process_writes", 14}};
    return (struct index_record){.fields = {.name = STR("sample"),
                                            .version = STR("1.0.0"),
                                            .description = STR("Caf\xC3\xA9."),
                                            .triggers = triggers,
                                            .trigger_count = 1,
                                            .database_version = STR(">=3")},
                                 .published_at = STR("2024-02-29T23:59:59Z"),
                                 .hash = STR("sha256:0123456789abcdef0123456789abcdef"
                                             "0123456789abcdef0123456789abcdef")};
}

static void an_entry_is_what_its_artifact_says(void **state) {
    (void)state;
    struct arena arena = {0};
    struct diag_list defects = {0};
    struct index_record record = entry();
    struct str artifact = plugin(&arena, manifest);
    assert_true(artifact_check_entry(NULL, &arena, artifact, &record, &defects));
    assert_int_equal(defects.count, 0);

    record.fields.database_version = STR(">=3.1");
    assert_true(artifact_check_entry(NULL, &arena, artifact, &record, &defects));
    assert_int_equal(defects.count, 1);
    assert_int_equal(defects.first->id, ERROR_REGISTRY_ARTIFACT_INVALID);
    assert_true(str_equal(defects.first->field, STR("sample-1.0.0.tar.gz")));
    assert_true(
        str_ends_with(defects.first->note, STR("`dependencies.database_version`")));

    record = entry();
    record.fields.homepage = STR("https://example.com/");
    assert_true(artifact_check_entry(NULL, &arena, artifact, &record, &defects));
    assert_int_equal(defects.count, 2);
    assert_true(str_ends_with(defects.last->note, STR("`homepage`")));

    /* The one directory has another name. */
    record = entry();
    record.fields.version = STR("1.0.1");
    assert_true(artifact_check_entry(NULL, &arena, artifact, &record, &defects));
    assert_int_equal(defects.count, 3);
    scratch_end();
    arena_release(&arena);
}

static void defects_of_the_plugin_are_nested(void **state) {
    (void)state;
    struct arena arena = {0};
    struct diag_list defects = {0};
    struct index_record record = entry();
    const struct member members[] = {
        {.path = "sample-1.0.0/manifest.toml", .text = manifest},
        {.path = "sample-1.0.0/sample.py", .text = "def other(): pass\n"}};
    assert_true(artifact_check_entry(NULL, &arena, make(&arena, members, 2), &record,
                                     &defects));
    assert_int_equal(defects.count, 1);
    assert_int_equal(defects.first->nested_count, 1);
    assert_int_equal(defects.first->first->id, ERROR_TRIGGER_NOT_IMPLEMENTED);
    scratch_end();
    arena_release(&arena);
}

static void an_orphan_gets_the_entry_of_its_manifest(void **state) {
    (void)state;
    struct arena arena = {0};
    struct index_record record = {0};
    struct diag *defect = NULL;
    struct str artifact = plugin(&arena, manifest);
    assert_true(artifact_check_orphan(NULL, &arena, STR("sample-1.0.0.tar.gz"),
                                      artifact, &record, &defect));
    assert_null(defect);
    assert_true(str_equal(record.fields.name, STR("sample")));
    assert_true(str_equal(record.fields.version, STR("1.0.0")));
    assert_true(sha256_is_text(record.hash));
    assert_int_equal(record.published_at.len, 20);
    assert_false(record.yanked);

    static const char *const names[] = {"other-1.0.0.tar.gz", "sample-1.0.1.tar.gz",
                                        "sample.tar.gz", "sample-1.0.0.zip",
                                        "-1.0.0.tar.gz"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_true(artifact_check_orphan(NULL, &arena, str_of(names[i]), artifact,
                                          &record, &defect));
        assert_non_null(defect);
        assert_int_equal(defect->id, ERROR_REGISTRY_ARTIFACT_INVALID);
    }
    scratch_end();
    arena_release(&arena);
}

static void nothing_is_left_of_what_was_unpacked(void **state) {
    (void)state;
    struct arena arena = {0};
    struct tree tree;
    struct diag_list defects = {0};
    struct index_record record = entry();
    tree_make(&tree);
    assert_int_equal(setenv("TMPDIR", tree.root, 1), 0);
    assert_true(artifact_check_entry(NULL, &arena, plugin(&arena, manifest), &record,
                                     &defects));
    assert_int_equal(tree_count(&tree, ""), 1); /* the one private directory */
    struct stat info;
    struct str directory;
    assert_int_equal(scratch_make(&arena, &directory), 0);
    assert_int_equal(stat(directory.ptr, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0700);
    scratch_end();
    assert_int_equal(tree_count(&tree, ""), 0);
    assert_int_equal(unsetenv("TMPDIR"), 0);
    tree_remove(&tree);
    arena_release(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_files_come_out),
        cmocka_unit_test(what_is_no_plain_file_below_is_refused),
        cmocka_unit_test(a_link_first_leads_nowhere),
        cmocka_unit_test(a_bomb_is_refused),
        cmocka_unit_test(what_is_cut_or_no_archive_is_refused),
        cmocka_unit_test(an_entry_is_what_its_artifact_says),
        cmocka_unit_test(defects_of_the_plugin_are_nested),
        cmocka_unit_test(an_orphan_gets_the_entry_of_its_manifest),
        cmocka_unit_test(nothing_is_left_of_what_was_unpacked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
