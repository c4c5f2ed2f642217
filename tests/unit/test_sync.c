#include "registry/verify.h"

#include "registry_fixture.h"

struct sync_fixture {
    struct fixture *f;
    struct faulty_store *target;
    struct sync_request request;
    struct sync_result result;
};

static void three_plugins(struct fixture *f) {
    fixture_plugin(f, "alpha", "alpha", "1.0.0", "pass");
    fixture_plugin(f, "beta", "beta", "0.2.0", "return 2");
    fixture_plugin(f, "gamma", "gamma", "3.0.0-rc.1", "return 3");
    fixture_published(f);
    faulty_heal(f->faulty);
}

#define THREE "alpha@1.0.0 beta@0.2.0 gamma@3.0.0-rc.1"

static int set_up(void **state) {
    void *inner = NULL;
    struct sync_fixture *s = calloc(1, sizeof *s);
    assert_non_null(s);
    assert_int_equal(fixture_set_up(&inner), 0);
    s->f = inner;
    s->target = fixture_open(s->f, "target");
    s->request.write.host = &s->f->host;
    s->request.jobs = 1;
    *state = s;
    return 0;
}

static int tear_down(void **state) {
    struct sync_fixture *s = *state;
    void *inner = s->f;
    store_close(&s->target->store);
    free(s);
    return fixture_tear_down(&inner);
}

static enum registry_status sync(struct sync_fixture *s) {
    s->f->failure = NULL;
    return sync_run(&s->f->arena, s->f->store, &s->target->store, &s->request,
                    &s->result, &s->f->failure);
}

static void expect_numbers(const struct sync_fixture *s, size_t copied, size_t present,
                           size_t added) {
    assert_int_equal(s->result.copied, copied);
    assert_int_equal(s->result.present, present);
    assert_int_equal(s->result.entries_added, added);
}

/* How often a text stands in a file of the tree. */
static size_t times_in(struct fixture *f, const char *name, const char *text) {
    struct str content = fixture_read(f, name);
    size_t times = 0;
    for (size_t i = 0; i + strlen(text) <= content.len; i++) {
        times += memcmp(content.ptr + i, text, strlen(text)) == 0;
    }
    return times;
}

static void a_registry_is_copied_to_where_none_was(void **state) {
    struct sync_fixture *s = *state;
    three_plugins(s->f);
    s->request.artifacts_url = STR("HTTPS://mirror.example/here");
    s->request.dry_run = true;
    assert_int_equal(sync(s), REGISTRY_OK);
    expect_numbers(s, 3, 0, 3);
    assert_int_equal(s->target->writes, 0);
    assert_false(tree_has(&s->f->tree, "target"));
    s->request.dry_run = false;
    assert_int_equal(sync(s), REGISTRY_OK);
    expect_numbers(s, 3, 0, 3);
    fixture_holds(s->f, "target", THREE);
    assert_int_equal(times_in(s->f, "target/index.json",
                              "\"artifacts_url\": \"https://mirror.example/here\""),
                     1);
    assert_int_equal(s->f->faulty->writes, 0);
    /* All but the URL is as it was. */
    assert_int_equal(
        times_in(s->f, "target/index.json", "\"published_at\": \"" FIXTURE_NOW_TEXT),
        3);

    faulty_heal(s->target);
    assert_int_equal(sync(s), REGISTRY_OK);
    expect_numbers(s, 0, 3, 0);
    assert_int_equal(s->target->writes, 0);
    assert_false(s->result.written.changed);
}

static void what_the_target_has_more_of_stays(void **state) {
    struct sync_fixture *s = *state;
    struct fixture *f = s->f;
    struct store *from = f->store;
    struct registry_init_request init = {.write = s->request.write};
    struct registry_init_result made;
    assert_int_equal(
        registry_init(&f->arena, &s->target->store, &init, &made, &f->failure),
        REGISTRY_OK);
    fixture_plugin(f, "own", "own", "1.0.0", "pass");
    f->store = &s->target->store;
    assert_int_equal(fixture_publish(f), REGISTRY_OK);
    f->store = from;
    char command[128];
    snprintf(command, sizeof command, "rm -r '%s/plugins/own'", f->tree.root);
    assert_int_equal(system(command), 0);
    three_plugins(f);
    assert_int_equal(sync(s), REGISTRY_OK);
    expect_numbers(s, 3, 0, 3);
    fixture_holds(f, "target", THREE " own@1.0.0");
    /* A version yanked in the source is yanked in the target, too; an artifact that is
     * missing there is brought. */
    struct registry_yank_request yank = {
        .name = STR("beta"), .version = STR("0.2.0"), .write = s->request.write};
    struct registry_yank_result yanked;
    struct index index;
    assert_int_equal(
        registry_yank(&f->arena, from, &yank, &index, &yanked, &f->failure),
        REGISTRY_OK);
    index_release(&index);
    assert_int_equal(unlink(tree_at(&f->tree, "target/gamma-3.0.0-rc.1.tar.gz")), 0);
    assert_int_equal(sync(s), REGISTRY_OK);
    expect_numbers(s, 1, 2, 0);
    fixture_holds(f, "target", THREE " own@1.0.0");
    assert_int_equal(times_in(f, "target/index.json", "\"yanked\": true"), 1);
}

static void a_difference_stops_before_anything(void **state) {
    struct sync_fixture *s = *state;
    struct fixture *f = s->f;
    three_plugins(f);
    assert_int_equal(sync(s), REGISTRY_OK);
    /* Another beta, another spelling of gamma, and one that could be copied. */
    struct str index = fixture_read(f, "target/index.json");
    char *text = arena_bytes(&f->arena, index.len + 1);
    memcpy(text, index.ptr, index.len);
    text[index.len] = '\0';
    char *hash = strstr(strstr(text, "\"beta\""), "sha256:");
    assert_non_null(hash);
    hash[10] = hash[10] == '0' ? '1' : '0';
    char *gamma = strstr(text, "\"gamma\"");
    assert_non_null(gamma);
    gamma[1] = 'G';
    tree_write(&f->tree, "target/index.json", text);
    fixture_plugin(f, "delta", "delta", "1.0.0", "pass");
    fixture_published(f);
    faulty_heal(s->target);
    fixture_failed(f, sync(s), "registry::sync_conflict");
    assert_int_equal(f->failure->nested_count, 2);
    assert_string_equal(diag_code(f->failure->first), "registry::entry_differs");
    assert_true(str_equal(f->failure->first->details[0].text, STR("beta")));
    assert_true(str_equal(f->failure->first->next->details[0].text, STR("gamma")));
    assert_int_equal(s->target->writes, 0);
}

static void an_artifact_in_the_way_is_told(void **state) {
    struct sync_fixture *s = *state;
    struct fixture *f = s->f;
    three_plugins(f);
    tree_directory(&f->tree, "target");
    tree_write(&f->tree, "target/beta-0.2.0.tar.gz", "another");
    fixture_failed(f, sync(s), "registry::sync_conflict");
    assert_int_equal(f->failure->nested_count, 1);
    assert_true(str_equal(f->failure->first->details[0].text, STR("beta")));
    tree_expect(&f->tree, "target/beta-0.2.0.tar.gz", "another");
    fixture_holds(f, "target", "");
    assert_int_equal(unlink(tree_at(&f->tree, "target/beta-0.2.0.tar.gz")), 0);
    assert_int_equal(sync(s), REGISTRY_OK);
    fixture_holds(f, "target", THREE);
}

static void a_broken_source_is_not_copied(void **state) {
    struct sync_fixture *s = *state;
    struct fixture *f = s->f;
    three_plugins(f);
    tree_write(&f->tree, "registry/beta-0.2.0.tar.gz", "broken");
    fixture_failed(f, sync(s), "store::bad_response");
    fixture_holds(f, "target", "");
    assert_int_equal(unlink(tree_at(&f->tree, "registry/beta-0.2.0.tar.gz")), 0);
    fixture_failed(f, sync(s), "store::bad_response");
    fixture_holds(f, "target", "");
    s->request.artifacts_url = STR("ftp://mirror.example");
    fixture_failed(f, sync(s), "usage::invalid_artifacts_url");
}

/* Either host fails at each request in turn, or its answer is lost; the next run brings
 * the rest. */
static void an_interrupted_copy_goes_on(void **state) {
    struct sync_fixture *s = *state;
    struct fixture *f = s->f;
    three_plugins(f);
    /* A target that was made before: registry_init has tests of its own. */
    tree_directory(&f->tree, "target");
    char command[256];
    snprintf(command, sizeof command,
             "cd '%s' && rm -rf target && mkdir target && cp "
             "registry/index-000001.json target/index.json",
             f->tree.root);
    for (int way = 0; way < 4; way++) {
        struct faulty_store *faulty = way == 0 ? f->faulty : s->target;
        for (unsigned k = 1;; k++) {
            assert_int_equal(system(command), 0);
            faulty_heal(f->faulty);
            faulty_heal(s->target);
            faulty->dies_at = way < 3 ? k : 0;
            faulty->dies_after = way == 2;
            faulty->loses_at = way == 3 ? k : 0;
            faulty->loses_after = k % 2 == 0;
            enum registry_status status = sync(s);
            bool is_reached = faulty->store.requests >= k;
            if (status == REGISTRY_OK) {
                fixture_holds(f, "target", THREE);
            } else {
                assert_true(is_reached);
            }
            faulty_heal(f->faulty);
            faulty_heal(s->target);
            assert_int_equal(sync(s), REGISTRY_OK);
            fixture_holds(f, "target", THREE);
            if (!is_reached) {
                assert_true(k > 4); /* the index twice or more, and the artifacts */
                break;
            }
        }
    }
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_registry_is_copied_to_where_none_was),
        TEST(what_the_target_has_more_of_stays),
        TEST(a_difference_stops_before_anything),
        TEST(an_artifact_in_the_way_is_told),
        TEST(a_broken_source_is_not_copied),
        TEST(an_interrupted_copy_goes_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
