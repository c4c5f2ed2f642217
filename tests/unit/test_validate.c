#include "plugin/validate.h"

#include "base/limits.h"
#include "claims.h"
#include "plugin/warnings.h"
#include "tree.h"

/* The manifest that a claim describes; its triggers stand on line 6. */
static void write_manifest(struct tree *tree, struct str triggers, struct str more) {
    struct buf text;
    buf_init(&text, 10000);
    buf_append(&text, STR("manifest_schema_version = \"1.3\"\n[plugin]\n"
                          "name = \"sample\"\nversion = \"1.0.0\"\n"
                          "description = \"A sample.\"\ntriggers = ["));
    while (triggers.len > 0) {
        size_t len = str_find(triggers, ' ');
        buf_append_byte(&text, '"');
        buf_append(&text, str_first(triggers, len));
        buf_append_byte(&text, '"');
        triggers = str_skip(triggers, len < triggers.len ? len + 1 : len);
        buf_append(&text, triggers.len > 0 ? STR(", ") : STR("]\n"));
    }
    buf_append(&text, more);
    buf_append(&text, STR("\n[dependencies]\ndatabase_version = \">=3.0.0\"\n"));
    tree_write(tree, "manifest.toml", text.ptr);
    buf_release(&text);
}

/* `code subject [file:line:column]`, the file below the root. */
static void append_diag(struct buf *out, const struct tree *tree,
                        const struct diag *diag) {
    buf_append(out, str_of(diag_code(diag)));
    struct str subject = diag->field;
    if (subject.ptr == NULL && str_starts_with(buf_str(out), STR("warning"))) {
        subject = diag->details[0].text;
    }
    if (subject.ptr != NULL) {
        buf_append_byte(out, ' ');
        buf_append(out, subject);
    }
    if (diag->place.line > 0) {
        struct str file = diag->place.file;
        assert_true(str_starts_with(file, str_of(tree->root)));
        file = str_skip(file, strlen(tree->root) + 1);
        buf_printf(out, " [%.*s:%u:%u]", STR_ARG(file), diag->place.line,
                   diag->place.column);
        assert_non_null(diag->place.text.ptr);
    }
    /* Every message can be made. */
    struct buf message;
    buf_init(&message, 10000);
    diag_message(diag, &message);
    assert_true(message.len > 10 && !message.failed);
    buf_release(&message);
}

static void append_list(struct buf *out, const struct tree *tree,
                        const struct diag_list *list) {
    for (const struct diag *diag = list->first; diag != NULL; diag = diag->next) {
        buf_append(out, diag == list->first ? STR("") : STR(", "));
        append_diag(out, tree, diag);
    }
}

static void plugins_are_judged_as_the_contract_says(void **state) {
    (void)state;
    struct claims claims;
    claims_open(&claims, TEST_DATA "/plugin_dirs.txt");
    struct str columns[5];
    while (claims_next(&claims, columns, 5)) {
        struct tree tree;
        struct arena arena = {0};
        tree_make(&tree);
        if (!str_equal(columns[0], STR("-"))) {
            write_manifest(&tree, columns[0], columns[1]);
        }
        tree_build(&tree, columns[2]);
        struct plugin plugin;
        struct str root = str_of(tree.root);
        enum plugin_status status =
            plugin_validate(&arena, root, root, &plugin_codes_validate, true, &plugin);
        struct buf got;
        buf_init(&got, 10000);
        if (status == PLUGIN_FAILED) {
            buf_append(&got, STR("failed "));
            append_diag(&got, &tree, plugin.failure);
        } else if (status == PLUGIN_INVALID) {
            append_list(&got, &tree, &plugin.defects);
        } else {
            assert_int_equal(status, PLUGIN_OK);
            assert_int_equal(plugin.defects.count, 0);
            buf_append(&got, STR("ok"));
        }
        claims_equal(&claims, buf_str(&got), columns[3]);
        buf_clear(&got);
        append_list(&got, &tree, &plugin.warnings);
        claims_equal(&claims, buf_str(&got), columns[4]);
        buf_release(&got);
        arena_release(&arena);
        tree_remove(&tree);
    }
}

static struct diag *fail_of(struct tree *tree, struct arena *arena, const char *root) {
    char path[4096];
    strcpy(path, tree_at(tree, root));
    struct str copy = arena_copy(arena, str_of(path));
    struct plugin plugin;
    assert_int_equal(
        plugin_validate(arena, copy, copy, &plugin_codes_package, false, &plugin),
        PLUGIN_FAILED);
    assert_string_equal(diag_code(plugin.failure), "package::io_failed");
    assert_true(str_equal(plugin.failure->field, plugin.failure->details[0].text));
    return plugin.failure;
}

static void expect_failure(const struct diag *diag, struct tree *tree, const char *path,
                           const char *kind) {
    assert_true(str_equal(diag->field, str_of(tree_at(tree, path))));
    assert_true(str_equal(diag->details[1].text, str_of(kind)));
}

static void what_cannot_be_read_is_a_failure(void **state) {
    (void)state;
    struct tree tree;
    struct arena arena = {0};
    tree_make(&tree);
    tree_build(&tree, STR("f = x ;; d/manifest.toml = <dir> ;; l = -> l ;; "
                          "u/manifest.toml = \xff"));
    expect_failure(fail_of(&tree, &arena, "f"), &tree, "f/manifest.toml",
                   "NotADirectory");
    expect_failure(fail_of(&tree, &arena, "d"), &tree, "d/manifest.toml",
                   "IsADirectory");
    expect_failure(fail_of(&tree, &arena, "l"), &tree, "l/manifest.toml",
                   "FilesystemLoop");
    expect_failure(fail_of(&tree, &arena, "u"), &tree, "u/manifest.toml",
                   "InvalidData");
    /* Past the caps: the manifest, the entry point. */
    tree_directory(&tree, "m");
    struct tree below = tree;
    strcat(below.root, "/m");
    write_manifest(&below, STR("process_writes"), STR(""));
    tree_write(&tree, "m/a.py", "");
    assert_int_equal(truncate(tree_at(&tree, "m/a.py"), LIMIT_ENTRY_POINT_BYTES + 1),
                     0);
    expect_failure(fail_of(&tree, &arena, "m"), &tree, "m/a.py", "FileTooLarge");
    assert_int_equal(
        truncate(tree_at(&tree, "m/manifest.toml"), LIMIT_MANIFEST_BYTES + 1), 0);
    expect_failure(fail_of(&tree, &arena, "m"), &tree, "m/manifest.toml",
                   "FileTooLarge");
    arena_release(&arena);
    tree_remove(&tree);
}

static void an_index_that_has_it_is_a_conflict(void **state) {
    (void)state;
    static const struct {
        const char *name;
        const char *version;
        bool conflict;
    } rows[] = {
        {"sample", "1.0.0", true},    {"sample", "1.0.1", false},
        {"sample", "1.0.0+b", false}, {"Sample", "1.0.0", true},
        {"SAMPLE", "2.0.0", true},    {"sample2", "1.0.0", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct arena arena = {0};
        struct index index = {0};
        struct str trigger = STR("process_writes");
        struct index_record record = {
            .fields = {.name = str_of(rows[i].name),
                       .version = str_of(rows[i].version),
                       .description = STR("x"),
                       .triggers = &trigger,
                       .trigger_count = 1,
                       .database_version = STR("*")},
            .published_at = STR("2026-01-01T00:00:00Z"),
            .hash = STR("sha256:"
                        "0000000000000000000000000000000000000000000000000000000000"
                        "000000"),
        };
        assert_true(index_append(&index, &record));
        struct plugin plugin = {0};
        plugin.manifest.fields.name = STR("sample");
        plugin.manifest.fields.version = STR("1.0.0");
        enum plugin_status status = plugin_check_conflict(&arena, &plugin, &index);
        assert_int_equal(status, rows[i].conflict ? PLUGIN_INVALID : PLUGIN_OK);
        assert_int_equal(plugin.defects.count, rows[i].conflict);
        if (rows[i].conflict) {
            const struct diag *diag = plugin.defects.first;
            assert_string_equal(diag_code(diag), "validate::name_version_conflict");
            assert_true(str_equal(diag->field, STR("sample@1.0.0")));
            assert_true(str_equal(diag->details[0].text, STR("sample")));
            assert_true(str_equal(diag->details[1].text, STR("1.0.0")));
            assert_true(str_starts_with(diag->note, str_of(rows[i].name)));
        }
        index_release(&index);
        arena_release(&arena);
    }
}

static void a_large_artifact_is_warned_of_with_its_largest_files(void **state) {
    (void)state;
    struct source_file files[] = {{.shown = STR("a"), .size = 5},
                                  {.shown = STR("b"), .size = 3 << 20},
                                  {.shown = STR("c"), .size = 9 << 20},
                                  {.shown = STR("d"), .size = 1 << 20}};
    struct source_list list = {files, 4};
    struct arena arena = {0};
    struct diag_list warnings = {0};
    assert_true(warnings_large_artifact(&arena, LIMIT_ARTIFACT_WARNING_BYTES, &list,
                                        &warnings));
    assert_int_equal(warnings.count, 0);
    assert_true(warnings_large_artifact(
        &arena, LIMIT_ARTIFACT_WARNING_BYTES + ((uint64_t)1 << 19), &list, &warnings));
    assert_int_equal(warnings.count, 1);
    assert_true(
        str_equal(warnings.first->note,
                  STR("10.5 MiB; the largest files are c (9.0 MiB), b (3.0 MiB), "
                      "d (1.0 MiB)")));
    arena_release(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plugins_are_judged_as_the_contract_says),
        cmocka_unit_test(what_cannot_be_read_is_a_failure),
        cmocka_unit_test(an_index_that_has_it_is_a_conflict),
        cmocka_unit_test(a_large_artifact_is_warned_of_with_its_largest_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
