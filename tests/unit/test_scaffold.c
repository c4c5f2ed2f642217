#include "plugin/scaffold.h"

#include "base/path.h"
#include "claims.h"
#include "plugin/validate.h"
#include "tree.h"

static enum scaffold_template template_of(struct str name) {
    for (int kind = SCAFFOLD_PROCESS_WRITES; kind <= SCAFFOLD_INDEX; kind++) {
        enum scaffold_template one = (enum scaffold_template)kind;
        if (str_equal(name, str_of(scaffold_short_name(one)))) {
            return one;
        }
    }
    fail_msg("no such template");
    return SCAFFOLD_INDEX;
}

static void read_options(struct str options, struct scaffold_request *request) {
    if (str_equal(options, STR("force"))) {
        request->force = true;
    } else if (str_starts_with(options, STR("name="))) {
        request->name = str_skip(options, 5);
    } else if (str_starts_with(options, STR("db="))) {
        request->database_version = str_skip(options, 3);
    } else if (str_starts_with(options, STR("url="))) {
        request->artifacts_url = str_skip(options, 4);
    } else {
        assert_true(str_equal(options, STR(".")));
    }
}

/* The code, then the field below the root or, without one, the last detail. */
static void append_failure(struct buf *out, const struct tree *tree,
                           const struct diag *diag, struct str want) {
    buf_append(out, str_of(diag_code(diag)));
    if (diag->field.ptr != NULL) {
        assert_true(str_starts_with(diag->field, str_of(tree->root)));
        buf_append_byte(out, ' ');
        buf_append(out, str_skip(diag->field, strlen(tree->root) + 1));
    }
    if (diag->detail_count > 0) {
        struct str last = diag->details[diag->detail_count - 1].text;
        assert_true(last.len > 0);
        buf_append_byte(out, ' ');
        buf_append(out, str_ends_with(want, STR(" *")) ? STR("*") : last);
    }
}

/* A plugin validates as it stands, and without a warning; but a manifest that was
 * written through a link is none of its files. */
static void check_plugin(struct arena *arena, struct str directory) {
    struct plugin plugin;
    enum plugin_status status = plugin_validate(arena, directory, directory,
                                                &plugin_codes_validate, true, &plugin);
    struct stat info;
    struct str manifest = path_join(arena, directory, STR("manifest.toml"));
    assert_int_equal(lstat(manifest.ptr, &info), 0);
    assert_int_equal(status, S_ISLNK(info.st_mode) ? PLUGIN_INVALID : PLUGIN_OK);
    assert_int_equal(plugin.warnings.count, 0);
}

static void run_claim(struct claims *claims, const struct str columns[5]) {
    struct tree tree;
    struct arena arena = {0};
    tree_make(&tree);
    tree_build(&tree, columns[3]);
    struct str path = path_join(&arena, str_of(tree.root), columns[1]);
    struct scaffold_request request = {
        .kind = template_of(columns[0]),
        .path = path,
        .absolute = path_absolute(&arena, STR("/"), path),
        .default_database_version = STR(">=3.0.0"),
    };
    read_options(columns[2], &request);
    struct scaffold_result result;
    struct diag *failure = NULL;
    enum scaffold_status status = scaffold_write(&arena, &request, &result, &failure);
    struct buf got;
    buf_init(&got, 10000);
    if (status == SCAFFOLD_OK) {
        buf_append(&got, STR("ok"));
        for (size_t i = 0; i < result.file_count; i++) {
            buf_append_byte(&got, ' ');
            buf_append(&got, result.files[i]);
        }
        if (request.kind != SCAFFOLD_INDEX) {
            check_plugin(&arena, path);
        }
    } else {
        assert_int_equal(status, SCAFFOLD_FAILED);
        append_failure(&got, &tree, failure, columns[4]);
    }
    claims_equal(claims, buf_str(&got), columns[4]);
    /* No temporary names, neither in the directory nor beside it. */
    char command[256];
    snprintf(command, sizeof command, "! find '%s' -name '.influxdb3*' | grep -q .",
             tree.root);
    assert_int_equal(system(command), 0);
    buf_release(&got);
    arena_release(&arena);
    tree_remove(&tree);
}

static void templates_are_written_as_the_contract_says(void **state) {
    (void)state;
    struct claims claims;
    claims_open(&claims, TEST_DATA "/scaffolds.txt");
    struct str columns[5];
    while (claims_next(&claims, columns, 5)) {
        run_claim(&claims, columns);
    }
}

static void an_index_holds_the_url_as_json(void **state) {
    (void)state;
    static const struct {
        struct str url;
        const char *text;
    } rows[] = {
        {{"https://a.com/\"\\", 16}, "https://a.com/\\\"\\\\"},
        {{"  https://a.com ", 16}, "  https://a.com "},
        {{NULL, 0}, "file:///tmp/"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct tree tree;
        struct arena arena = {0};
        tree_make(&tree);
        struct scaffold_request request = {.kind = SCAFFOLD_INDEX,
                                           .path = str_of(tree.root),
                                           .absolute = str_of(tree.root),
                                           .artifacts_url = rows[i].url};
        struct scaffold_result result;
        struct diag *failure = NULL;
        assert_int_equal(scaffold_write(&arena, &request, &result, &failure),
                         SCAFFOLD_OK);
        char text[8192];
        snprintf(text, sizeof text,
                 "{\n  \"index_schema_version\": \"2.1\",\n  \"artifacts_url\": "
                 "\"%s%s\",\n  \"plugins\": []\n}\n",
                 rows[i].text, rows[i].url.ptr == NULL ? tree.root + 5 : "");
        tree_expect(&tree, "index.json", text);
        arena_release(&arena);
        tree_remove(&tree);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(templates_are_written_as_the_contract_says),
        cmocka_unit_test(an_index_holds_the_url_as_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
