#include "registry/verify.h"

#include <time.h>
#include <utime.h>

#include "registry_fixture.h"

static void three_plugins(struct fixture *f) {
    fixture_plugin(f, "alpha", "alpha", "1.0.0", "pass");
    fixture_plugin(f, "beta", "beta", "0.2.0", "return 2");
    fixture_plugin(f, "gamma", "gamma", "3.0.0-rc.1", "return 3");
    fixture_published(f);
}

#define THREE "alpha@1.0.0 beta@0.2.0 gamma@3.0.0-rc.1"

static void make_old(struct fixture *f, const char *name) {
    struct utimbuf times = {FIXTURE_NOW - 7200, FIXTURE_NOW - 7200};
    assert_int_equal(utime(tree_at(&f->tree, name), &times), 0);
}

/* The codes of what verify finds, each with its field: `code field, code field`. */
static void expect_defects(struct fixture *f, const struct verify_request *request,
                           const char *want) {
    struct verify_result result;
    struct verify_request with_host = *request;
    struct buf found;
    buf_init(&found, 1 << 14);
    with_host.host = &f->host;
    f->failure = NULL;
    assert_int_equal(verify_run(&f->arena, f->store, &with_host, &result, &f->failure),
                     REGISTRY_OK);
    for (const struct diag *at = result.defects.first; at != NULL; at = at->next) {
        buf_append(&found, found.len == 0 ? STR("") : STR(", "));
        buf_append(&found, str_skip(str_of(diag_code(at)), 10));
        buf_append_byte(&found, ' ');
        buf_append(&found, at->field.ptr == NULL ? STR("-") : at->field);
    }
    assert_string_equal(buf_str(&found).ptr, want);
    buf_release(&found);
}

static const struct verify_request shallow = {0};

static void a_published_registry_is_clean(void **state) {
    struct fixture *f = *state;
    expect_defects(f, &shallow, "");
    three_plugins(f);
    fixture_plugin(f, "alpha", "alpha", "1.1.0", "pass");
    fixture_published(f);
    faulty_heal(f->faulty);
    struct verify_request request = {.host = &f->host};
    struct verify_result result;
    assert_int_equal(verify_run(&f->arena, f->store, &request, &result, &f->failure),
                     REGISTRY_OK);
    assert_int_equal(result.defects.count, 0);
    assert_int_equal(result.entry_count, 4);
    assert_int_equal(result.artifact_count, 4);
    assert_int_equal(result.orphan_count, 0);
    assert_int_equal(f->faulty->writes, 0);
}

static void what_is_wrong_with_artifacts_is_told(void **state) {
    struct fixture *f = *state;
    three_plugins(f);
    assert_int_equal(unlink(tree_at(&f->tree, "registry/alpha-1.0.0.tar.gz")), 0);
    tree_write(&f->tree, "registry/gamma-3.0.0-rc.1.tar.gz", "other");
    tree_write(&f->tree, "registry/stray-1.0.0.tar.gz", "stray");
    /* None of a registry's. */
    tree_write(&f->tree, "registry/README.html", "hello");
    tree_write(&f->tree, "registry/backup.tar.gz", "hello");
    expect_defects(f, &shallow,
                   "artifact_missing alpha-1.0.0.tar.gz, artifact_differs "
                   "gamma-3.0.0-rc.1.tar.gz, orphan stray-1.0.0.tar.gz");
    /* Where the host cannot list, all else is seen as well. */
    ((struct store_ops *)f->store->ops)->list = NULL;
    expect_defects(f, &shallow,
                   "artifact_missing alpha-1.0.0.tar.gz, artifact_differs "
                   "gamma-3.0.0-rc.1.tar.gz");
}

static void leftovers_are_told_when_they_are_old(void **state) {
    struct fixture *f = *state;
    three_plugins(f);
    tree_write(&f->tree, "registry/.influxdb3-plugin-0123456789abcdef", "half");
    tree_write(&f->tree, "registry/index-copy-000001-0123456789abcdef.json", "{}");
    tree_write(&f->tree, "registry/index.lock", "l");
    f->now_s = time(NULL);
    expect_defects(f, &shallow, "");
    f->now_s = FIXTURE_NOW;
    make_old(f, "registry/.influxdb3-plugin-0123456789abcdef");
    make_old(f, "registry/index-copy-000001-0123456789abcdef.json");
    make_old(f, "registry/index.lock");
    expect_defects(f, &shallow,
                   "incomplete_upload .influxdb3-plugin-0123456789abcdef, leftover "
                   "index-copy-000001-0123456789abcdef.json, leftover index.lock");
}

static void the_index_is_looked_at(void **state) {
    struct fixture *f = *state;
    three_plugins(f);
    struct str index = fixture_read(f, "registry/index.json");
    struct str spaced = arena_concat(&f->arena, (struct str[]){STR(" "), index}, 2);
    tree_write_bytes(&f->tree, "registry/index.json", spaced);
    expect_defects(f, &shallow, "not_canonical index.json");
    tree_write(&f->tree, "registry/index.json", "{\"plugins\":[]}");
    expect_defects(f, &shallow, "index_invalid index.json");
    assert_int_equal(unlink(tree_at(&f->tree, "registry/index.json")), 0);
    struct verify_request request = {.host = &f->host};
    struct verify_result result;
    fixture_failed(f, verify_run(&f->arena, f->store, &request, &result, &f->failure),
                   "registry::not_found");
}

/* As publishing.md says of hosts with a journal; only reading, so that a directory will
 * do. */
static void the_journal_is_in_step(void **state) {
    struct fixture *f = *state;
    three_plugins(f);
    f->store->mode = STORE_JOURNAL;
    struct str index = fixture_read(f, "registry/index.json");
    struct str before = fixture_read(f, "registry/index-000001.json");
    tree_write_bytes(&f->tree, "registry/index-000002.json", index);
    expect_defects(f, &shallow, "");
    assert_int_equal(f->slept_ms, 0);
    /* A newer entry, which index.json does not show after some seconds. */
    tree_write_bytes(&f->tree, "registry/index-000003.json", before);
    expect_defects(f, &shallow, "journal_behind index.json");
    assert_true(f->slept_ms > 0);
    assert_int_equal(unlink(tree_at(&f->tree, "registry/index-000002.json")), 0);
    expect_defects(f, &shallow, "foreign_index index.json");
    assert_int_equal(unlink(tree_at(&f->tree, "registry/index-000003.json")) |
                         unlink(tree_at(&f->tree, "registry/index-000001.json")),
                     0);
    expect_defects(f, &shallow, "");
}

/* As after a rollback: only an index of the history names what was published since. */
static void what_was_rolled_back_is_no_orphan(void **state) {
    struct fixture *f = *state;
    three_plugins(f);
    struct str before = fixture_read(f, "registry/index.json");
    fixture_plugin(f, "delta", "delta", "1.0.0", "pass");
    fixture_published(f);
    struct str after = fixture_read(f, "registry/index.json");
    tree_write_bytes(&f->tree, "registry/index.json", before);
    expect_defects(f, &shallow, "orphan delta-1.0.0.tar.gz");
    tree_write(&f->tree, "registry/index-000008.json", "no index");
    tree_write_bytes(&f->tree, "registry/index-000009.json", after);
    struct verify_request request = {.host = &f->host};
    struct verify_result result;
    assert_int_equal(verify_run(&f->arena, f->store, &request, &result, &f->failure),
                     REGISTRY_OK);
    assert_int_equal(result.defects.count, 0);
    assert_int_equal(result.withdrawn_count, 1);
}

/* ---- Looking into artifacts ---- */

static bool unpack(void *context, struct arena *arena, struct str artifact,
                   const struct index_record *record, struct diag_list *defects) {
    atomic_uint *calls = context;
    atomic_fetch_add(calls, 1);
    assert_true(artifact.len > 0);
    if (!str_equal(record->fields.name, STR("beta"))) {
        return true;
    }
    struct detail details[] = {DETAIL_TEXT(record->fields.name),
                               DETAIL_TEXT(record->fields.version)};
    struct diag *diag = diag_new(arena, ERROR_REGISTRY_ARTIFACT_INVALID,
                                 arena_copy(arena, STR("deep")), details, 2);
    assert_non_null(diag);
    diag->note = STR("because");
    diag_append(defects, diag);
    return true;
}

struct told {
    size_t calls;
    size_t total;
};

static void tell(void *context, size_t done, size_t total) {
    struct told *told = context;
    assert_int_equal(done, ++told->calls);
    told->total = total;
}

static void deep_looks_into_those_that_are_right(void **state) {
    struct fixture *f = *state;
    three_plugins(f);
    tree_write(&f->tree, "registry/alpha-1.0.0.tar.gz", "other");
    atomic_uint calls = 0;
    struct told told = {0};
    struct verify_request request = {.is_deep = true,
                                     .unpack = unpack,
                                     .unpack_context = &calls,
                                     .jobs = 3,
                                     .progress = tell,
                                     .progress_context = &told};
    expect_defects(f, &request,
                   "artifact_differs alpha-1.0.0.tar.gz, artifact_invalid deep");
    assert_int_equal(calls, 2);
    assert_int_equal(told.calls, 3);
    assert_int_equal(told.total, 3);
}

/* Each request fails in turn: an error of the store's, and no verdict. */
static void a_host_that_fails_is_no_defect(void **state) {
    struct fixture *f = *state;
    three_plugins(f);
    tree_write(&f->tree, "registry/stray-1.0.0.tar.gz", "stray");
    struct verify_request request = {.jobs = 1, .host = &f->host};
    /* The index, the list, the history for the stray one, three artifacts, the index
     * again. */
    for (unsigned k = 1; k <= 7; k++) {
        struct verify_result result;
        faulty_heal(f->faulty);
        f->faulty->dies_at = k;
        f->failure = NULL;
        fixture_failed(f,
                       verify_run(&f->arena, f->store, &request, &result, &f->failure),
                       "store::unreachable");
    }
    faulty_heal(f->faulty);
    f->faulty->dies_at = 8;
    expect_defects(f, &shallow, "orphan stray-1.0.0.tar.gz");
}

/* ---- repair ---- */

/* Takes what has the content `good` for a plugin. */
static bool read_artifact(void *context, struct arena *arena, struct str name,
                          struct str artifact, struct index_record *record,
                          struct diag **defect) {
    struct fixture *f = context;
    static char hash[SHA256_TEXT_BYTES + 1];
    struct str dash = str_first(name, str_find(name, '-'));
    if (!str_equal(artifact, STR("good"))) {
        struct detail details[] = {DETAIL_TEXT(name), DETAIL_TEXT(STR("?"))};
        *defect = diag_new(arena, ERROR_REGISTRY_ARTIFACT_INVALID, name, details, 2);
        (*defect)->note = STR("it is not good");
        return true;
    }
    static const struct str triggers[] = {{"process_writes", 14}};
    (void)f;
    fixture_hash(artifact, hash);
    *record = (struct index_record){.fields = {.name = dash,
                                               .version = STR("1.0.0"),
                                               .description = STR("Adopted."),
                                               .triggers = triggers,
                                               .trigger_count = 1,
                                               .database_version = STR(">=3.0.0")},
                                    .published_at = STR(FIXTURE_NOW_TEXT),
                                    .hash = str_of(hash)};
    return true;
}

/* The steps, `kind name`; kinds: f w a r l. */
static void expect_repair(struct fixture *f, bool dry_run, bool remove_orphans,
                          const char *want) {
    struct repair_request request = {.remove_orphans = remove_orphans,
                                     .dry_run = dry_run,
                                     .read_artifact = read_artifact,
                                     .read_context = f,
                                     .write = {.host = &f->host}};
    struct repair_result result;
    struct buf found;
    buf_init(&found, 1 << 14);
    f->failure = NULL;
    assert_int_equal(repair_run(&f->arena, f->store, &request, &result, &f->failure),
                     REGISTRY_OK);
    for (size_t i = 0; i < result.step_count; i++) {
        static const char letters[] = {'f', 'w', 'a', 'r', 'l'};
        buf_append(&found, i == 0 ? STR("") : STR(", "));
        buf_append_byte(&found, letters[result.steps[i].kind]);
        buf_append_byte(&found, ' ');
        buf_append(&found, result.steps[i].name);
    }
    assert_string_equal(buf_str(&found).ptr, want);
    buf_release(&found);
}

static void what_is_clean_is_left_alone(void **state) {
    struct fixture *f = *state;
    three_plugins(f);
    faulty_heal(f->faulty);
    expect_repair(f, false, true, "");
    assert_int_equal(f->faulty->writes, 0);
}

static void orphans_that_are_plugins_are_adopted(void **state) {
    struct fixture *f = *state;
    three_plugins(f);
    tree_write(&f->tree, "registry/fresh-1.0.0.tar.gz", "good");
    tree_write(&f->tree, "registry/bad-1.0.0.tar.gz", "bad");
    tree_write(&f->tree, "registry/ALPHA-1.0.0.tar.gz", "good");
    tree_write(&f->tree, "registry/.influxdb3-plugin-0123456789abcdef", "half");
    make_old(f, "registry/.influxdb3-plugin-0123456789abcdef");
    static const char *const all =
        "l .influxdb3-plugin-0123456789abcdef, l ALPHA-1.0.0.tar.gz, l "
        "bad-1.0.0.tar.gz, a fresh-1.0.0.tar.gz";
    faulty_heal(f->faulty);
    expect_repair(f, true, false, all);
    assert_int_equal(f->faulty->writes, 0);
    fixture_holds(f, "registry", THREE);
    expect_repair(f, false, false, all);
    fixture_holds(f, "registry", "alpha@1.0.0 beta@0.2.0 fresh@1.0.0 gamma@3.0.0-rc.1");
    assert_true(tree_has(&f->tree, "registry/bad-1.0.0.tar.gz"));
    expect_repair(f, false, true,
                  "r .influxdb3-plugin-0123456789abcdef, r ALPHA-1.0.0.tar.gz, r "
                  "bad-1.0.0.tar.gz");
    expect_defects(f, &shallow, "");
    assert_false(tree_has(&f->tree, "registry/bad-1.0.0.tar.gz"));
    assert_false(tree_has(&f->tree, "registry/ALPHA-1.0.0.tar.gz"));
}

static void the_index_is_written_in_its_form(void **state) {
    struct fixture *f = *state;
    three_plugins(f);
    struct str index = fixture_read(f, "registry/index.json");
    tree_write_bytes(&f->tree, "registry/index.json",
                     arena_concat(&f->arena, (struct str[]){STR("\n"), index}, 2));
    expect_repair(f, true, false, "w index.json");
    expect_repair(f, false, false, "w index.json");
    assert_true(str_equal(fixture_read(f, "registry/index.json"), index));
    expect_defects(f, &shallow, "");
}

/* The newest history copy, and then the orphans that are complete. */
static void a_lost_index_comes_back(void **state) {
    struct fixture *f = *state;
    three_plugins(f);
    tree_write(&f->tree, "registry/fresh-1.0.0.tar.gz", "good");
    fixture_plugin(f, "delta", "delta", "1.0.0", "pass");
    fixture_published(f);
    assert_int_equal(unlink(tree_at(&f->tree, "registry/index.json")), 0);
    expect_repair(f, true, false, "f index.json");
    assert_false(tree_has(&f->tree, "registry/index.json"));
    expect_repair(f, false, false,
                  "f index.json, l delta-1.0.0.tar.gz, a fresh-1.0.0.tar.gz");
    fixture_holds(f, "registry", "alpha@1.0.0 beta@0.2.0 fresh@1.0.0 gamma@3.0.0-rc.1");
}

int main(void) {
#define TEST(name)                                                                     \
    cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_published_registry_is_clean),
        TEST(what_is_wrong_with_artifacts_is_told),
        TEST(leftovers_are_told_when_they_are_old),
        TEST(the_index_is_looked_at),
        TEST(the_journal_is_in_step),
        TEST(what_was_rolled_back_is_no_orphan),
        TEST(deep_looks_into_those_that_are_right),
        TEST(a_host_that_fails_is_no_defect),
        TEST(what_is_clean_is_left_alone),
        TEST(orphans_that_are_plugins_are_adopted),
        TEST(the_index_is_written_in_its_form),
        TEST(a_lost_index_comes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
