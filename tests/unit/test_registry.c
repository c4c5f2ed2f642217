#include "memory_fixture.h"

#include <stdio.h>

#include "registry/registry.h"

static const struct memory_options modes[] = {
    {.mode = STORE_CAS, .has_serials = true},
    {.mode = STORE_CAS},
    {.mode = STORE_JOURNAL, .has_digests = true},
    {.mode = STORE_JOURNAL_LOCKED},
    {.mode = STORE_OVERWRITE},
};
enum { MODE_COUNT = sizeof modes / sizeof modes[0] };

static void open_mode(struct memory_fixture *f, size_t mode, const char *spec) {
    memory_open(f, modes[mode], spec);
    f->write.assume_exclusive = modes[mode].mode == STORE_OVERWRITE;
}

/* ---- init ---- */

static enum registry_status init(struct memory_fixture *f, const char *url,
                                 struct registry_init_result *result) {
    struct registry_init_request request = {.artifacts_url = str_of(url),
                                            .write = f->write};
    f->failure = NULL;
    return registry_init(&f->arena, f->store, &request, result, &f->failure);
}

static void a_registry_is_started(void **state) {
    (void)state;
    for (size_t i = 0; i < MODE_COUNT; i++) {
        struct memory_fixture f;
        struct registry_init_result result;
        open_mode(&f, i, NULL);
        assert_int_equal(init(&f, NULL, &result), REGISTRY_OK);
        assert_true(
            str_equal(result.artifacts_url, STR("https://example.com/plugins")));
        assert_true(
            str_equal(result.index_url, STR("https://example.com/plugins/index.json")));
        assert_int_equal(result.mode, modes[i].mode);
        assert_int_equal(result.needs_exclusive, modes[i].mode == STORE_OVERWRITE);
        memory_holds(&f, "index.json", "");
        /* Nothing is left of what was tried. */
        assert_int_equal(memory_store_count(f.store),
                         memory_has_journal(modes[i].mode) ? 2 : 1);
        assert_true(str_equal(
            memory_store_peek(f.store, STORE_INDEX_NAME),
            STR("{\n  \"index_schema_version\": \"2.1\",\n  \"artifacts_url\": "
                "\"https://example.com/plugins\",\n  \"plugins\": []\n}\n")));
        assert_int_equal(memory_publish(&f, "a"), REGISTRY_OK);
        assert_int_equal(f.written.serial, 2);
        memory_failed(&f, init(&f, NULL, &result), "registry::exists");
        memory_holds(&f, "index.json", "a");
        memory_close(&f);
    }
}

static void the_url_given_counts(void **state) {
    (void)state;
    struct memory_fixture f;
    struct registry_init_result result;
    open_mode(&f, 0, NULL);
    memory_failed(&f, init(&f, "ftp://a.example/", &result),
                  "usage::invalid_artifacts_url");
    memory_failed(&f, init(&f, "//", &result), "usage::invalid_artifacts_url");
    f.store->artifacts_url = STR_NONE;
    memory_failed(&f, init(&f, NULL, &result), "registry::no_artifacts_url");
    assert_int_equal(memory_requests(&f), 0);
    assert_int_equal(init(&f, "HTTPS://CDN.example/p/", &result), REGISTRY_OK);
    assert_true(str_equal(result.artifacts_url, STR("https://cdn.example/p/")));
    assert_true(str_equal(result.index_url, STR("https://cdn.example/p/index.json")));
    memory_close(&f);
}

/* A start that was cut off at any request goes on. */
static void a_start_cut_off_goes_on(void **state) {
    (void)state;
    for (size_t i = 0; i < MODE_COUNT; i++) {
        bool reached = true;
        for (uint64_t number = 1; reached; number++) {
            struct memory_fixture f;
            struct registry_init_result result;
            open_mode(&f, i, NULL);
            f.number = number;
            f.trouble = MEMORY_FAIL_AFTER;
            enum registry_status status = init(&f, NULL, &result);
            reached = memory_requests(&f) >= number;
            f.number = 0;
            if (status != REGISTRY_OK) {
                memory_failed(&f, status, "store::server_error");
                status = init(&f, NULL, &result);
                if (status != REGISTRY_OK) { /* it was there all the same */
                    memory_failed(&f, status, "registry::exists");
                }
            }
            assert_int_equal(memory_publish(&f, "a"), REGISTRY_OK);
            memory_holds(&f, "index.json", "a");
            memory_close(&f);
            assert_true(number < 100);
        }
    }
}

static void claims_that_do_not_hold_are_found(void **state) {
    (void)state;
    static const struct {
        struct memory_options options;
        const char *advice;
    } liars[] = {
        {{.mode = STORE_CAS, .ignores_names = true}, "`?mode=overwrite`"},
        {{.mode = STORE_CAS, .ignores_revisions = true}, "`?mode=journal`"},
        {{.mode = STORE_CAS, .loses_races = true}, "`?mode=overwrite`"},
        {{.mode = STORE_JOURNAL, .ignores_names = true}, "`?mode=overwrite`"},
        {{.mode = STORE_JOURNAL, .ignores_identity = true}, "says twice"},
        {{.mode = STORE_JOURNAL_LOCKED, .ignores_names = true}, "`?mode=overwrite`"},
    };
    for (size_t i = 0; i < sizeof liars / sizeof liars[0]; i++) {
        struct memory_fixture f;
        struct registry_init_result result;
        memory_open(&f, liars[i].options, NULL);
        memory_failed(&f, init(&f, NULL, &result), "registry::condition_ignored");
        assert_non_null(f.failure->note.ptr);
        assert_non_null(strstr(f.failure->note.ptr, liars[i].advice));
        assert_int_equal(memory_store_count(f.store), 0);
        memory_close(&f);
    }
}

static void a_start_without_conditions_needs_a_word(void **state) {
    (void)state;
    struct memory_fixture f;
    struct registry_init_result result;
    memory_open(&f, (struct memory_options){.mode = STORE_OVERWRITE}, NULL);
    memory_failed(&f, init(&f, NULL, &result), "registry::not_exclusive");
    assert_int_equal(memory_requests(&f), 0);
    memory_close(&f);
}

/* ---- read ---- */

static void bring_index(struct memory_fixture *f) {
    if (f->slept_ms >= 4000) {
        assert_true(
            memory_store_poke(f->store, STORE_INDEX_NAME, memory_index(f, "a|1.0.0")));
    }
}

static enum registry_status read_index(struct memory_fixture *f, struct index *index,
                                       struct str *text) {
    f->failure = NULL;
    return registry_read(&f->arena, f->store, &f->host, index, text, &f->failure);
}

static void readers_wait_where_an_index_may_be_missing(void **state) {
    (void)state;
    struct memory_fixture f;
    struct index index;
    struct str text;
    memory_open(&f,
                (struct memory_options){.mode = STORE_JOURNAL, .waits_for_index = true},
                NULL);
    f.on_sleep = bring_index;
    assert_int_equal(read_index(&f, &index, &text), REGISTRY_OK);
    assert_int_equal(index.count, 1);
    assert_true(str_equal(text, memory_store_peek(f.store, STORE_INDEX_NAME)));
    assert_int_equal(f.slept_ms, 4000);
    index_release(&index);
    f.on_sleep = NULL;
    f.slept_ms = 0;
    assert_true(memory_store_erase(f.store, STORE_INDEX_NAME));
    memory_failed(&f, read_index(&f, &index, NULL), "registry::not_found");
    assert_int_equal(f.slept_ms, 10000);
    index_release(&index);
    assert_true(memory_store_poke(f.store, STR("index-000007.json"), STR("{}")));
    memory_failed(&f, read_index(&f, &index, NULL), "registry::not_found");
    assert_non_null(strstr(f.failure->note.ptr, "number 7"));
    index_release(&index);
    memory_close(&f);
}

static void readers_elsewhere_do_not_wait(void **state) {
    (void)state;
    struct memory_fixture f;
    struct index index;
    memory_open(&f, (struct memory_options){.mode = STORE_CAS}, NULL);
    memory_failed(&f, read_index(&f, &index, NULL), "registry::not_found");
    assert_int_equal(f.slept_ms, 0);
    index_release(&index);
    assert_true(memory_store_poke(f.store, STORE_INDEX_NAME, STR("[]")));
    memory_failed(&f, read_index(&f, &index, NULL), "registry::index_invalid");
    assert_int_equal(f.failure->nested_count, 1);
    index_release(&index);
    f.number = memory_requests(&f) + 1;
    f.trouble = MEMORY_FAIL_BEFORE;
    memory_failed(&f, read_index(&f, &index, NULL), "store::server_error");
    index_release(&index);
    memory_close(&f);
}

/* ---- yank ---- */

static enum registry_status yank(struct memory_fixture *f, struct index *index,
                                 const char *name, bool undo,
                                 struct registry_yank_result *result) {
    struct registry_yank_request request = {
        .name = str_of(name), .version = STR("1.0.0"), .undo = undo, .write = f->write};
    f->failure = NULL;
    return registry_yank(&f->arena, f->store, &request, index, result, &f->failure);
}

static void entries_are_yanked_and_taken_back(void **state) {
    (void)state;
    for (size_t i = 0; i < MODE_COUNT; i++) {
        struct memory_fixture f;
        struct index index;
        struct registry_yank_result result;
        open_mode(&f, i, "a|1.0.0 / b|1.0.0");
        assert_int_equal(yank(&f, &index, "b", false, &result), REGISTRY_OK);
        assert_int_equal(result.outcome, YANK_YANKED);
        assert_true(result.record.yanked);
        assert_true(str_equal(result.record.fields.name, STR("b")));
        assert_int_equal(result.written.serial, 2);
        index_release(&index);
        memory_holds(&f, "index.json", "a b!");
        assert_int_equal(yank(&f, &index, "b", false, &result), REGISTRY_OK);
        assert_int_equal(result.outcome, YANK_ALREADY_YANKED);
        assert_false(result.written.changed);
        index_release(&index);
        assert_int_equal(yank(&f, &index, "b", true, &result), REGISTRY_OK);
        assert_int_equal(result.outcome, YANK_UNYANKED);
        assert_false(result.record.yanked);
        index_release(&index);
        memory_holds(&f, "index.json", "a b");
        memory_failed(&f, yank(&f, &index, "c", false, &result),
                      "yank::entry_not_found");
        index_release(&index);
        memory_close(&f);
    }
}

/* A first try that was not heard of, and then found done, is no "already". */
static void a_yank_repeated_is_its_own(void **state) {
    (void)state;
    for (size_t i = 0; i < MODE_COUNT; i++) {
        for (uint64_t number = 1; number < 14; number++) {
            struct memory_fixture f;
            struct index index;
            struct registry_yank_result result;
            open_mode(&f, i, "a|1.0.0");
            f.number = number;
            f.trouble = MEMORY_REPEAT;
            assert_int_equal(yank(&f, &index, "a", false, &result), REGISTRY_OK);
            assert_int_equal(result.outcome, YANK_YANKED);
            assert_true(result.written.changed);
            memory_holds(&f, "index.json", "a!");
            index_release(&index);
            memory_close(&f);
        }
    }
}

/* ---- history and rollback ---- */

static void publish_three(struct memory_fixture *f) {
    assert_int_equal(memory_publish(f, "b"), REGISTRY_OK);
    assert_int_equal(memory_publish(f, "c"), REGISTRY_OK);
    assert_int_equal(memory_publish(f, "d"), REGISTRY_OK);
}

static int64_t modified_of(struct arena *arena, struct store *store, struct str name) {
    struct store_call call = {.arena = arena};
    struct store_list list;
    assert_int_equal(store->ops->list(store, &call, name, &list), STORE_OK);
    assert_int_equal(list.count, 1);
    return list.objects[0].modified_s;
}

/* An entry of a journal is made when it comes in force, a copy when it goes out of it:
 * then the next comes. Nothing tells when the first of the copies came. */
static void check_dates(struct arena *arena, struct store *store,
                        const struct registry_moment *moments) {
    bool has_journal =
        store->mode == STORE_JOURNAL || store->mode == STORE_JOURNAL_LOCKED;
    for (uint64_t serial = 1; serial < 4; serial++) {
        struct str name = change_history_name(arena, has_journal ? serial : serial - 1);
        int64_t expected =
            serial == 1 && !has_journal ? 0 : modified_of(arena, store, name);
        assert_int_equal(moments[4 - serial].modified_s, expected);
    }
    assert_int_equal(moments[0].modified_s,
                     modified_of(arena, store, STORE_INDEX_NAME));
}

static void history_tells_what_was(void **state) {
    (void)state;
    for (size_t i = 0; i < MODE_COUNT; i++) {
        struct memory_fixture f;
        struct registry_moment *moments;
        size_t count;
        open_mode(&f, i, "a|1.0.0");
        publish_three(&f);
        assert_int_equal(
            registry_history(&f.arena, f.store, &f.host, &moments, &count, &f.failure),
            REGISTRY_OK);
        assert_int_equal(count, 4);
        for (size_t at = 0; at < 4; at++) {
            assert_int_equal(moments[at].serial, 4 - at);
            assert_int_equal(moments[at].entry_count, 4 - at);
            assert_int_equal(moments[at].is_current, at == 0);
        }
        check_dates(&f.arena, f.store, moments);
        assert_int_equal(moments[0].size_bytes,
                         memory_store_peek(f.store, STORE_INDEX_NAME).len);
        memory_close(&f);
    }
}

/* index.json is behind: it is what is in force, and the newest entry is told, too. */
static void history_of_a_journal_ahead(void **state) {
    (void)state;
    struct memory_fixture f;
    struct registry_moment *moments;
    size_t count;
    open_mode(&f, 2, "a|1.0.0");
    assert_true(memory_store_poke(f.store, STR("index-000002.json"),
                                  memory_index(&f, "a|1.0.0 / b|1.0.0")));
    assert_int_equal(
        registry_history(&f.arena, f.store, &f.host, &moments, &count, &f.failure),
        REGISTRY_OK);
    assert_int_equal(count, 2);
    assert_int_equal(moments[0].serial, 2);
    assert_false(moments[0].is_current);
    assert_int_equal(moments[1].serial, 1);
    assert_true(moments[1].is_current);
    memory_close(&f);
}

static void a_copy_made_in_vain_is_told_once(void **state) {
    (void)state;
    struct memory_fixture f;
    struct registry_moment *moments;
    size_t count;
    open_mode(&f, 1, "a|1.0.0");
    assert_int_equal(memory_publish(&f, "b"), REGISTRY_OK);
    assert_true(memory_store_poke(f.store, STR("index-000002.json"),
                                  memory_store_peek(f.store, STORE_INDEX_NAME)));
    assert_int_equal(
        registry_history(&f.arena, f.store, &f.host, &moments, &count, &f.failure),
        REGISTRY_OK);
    assert_int_equal(count, 2);
    assert_int_equal(moments[0].serial, 2);
    assert_true(moments[0].is_current);
    memory_close(&f);
}

static enum registry_status roll_back(struct memory_fixture *f, uint64_t to,
                                      bool dry_run, struct registry_rollback *result) {
    f->failure = NULL;
    return registry_rollback(&f->arena, f->store, to, dry_run, &f->write, result,
                             &f->failure);
}

static void an_earlier_index_is_published_anew(void **state) {
    (void)state;
    for (size_t i = 0; i < MODE_COUNT; i++) {
        struct memory_fixture f;
        struct index index;
        struct registry_yank_result yanked;
        struct registry_rollback result;
        open_mode(&f, i, "a|1.0.0");
        publish_three(&f);
        assert_int_equal(yank(&f, &index, "a", false, &yanked), REGISTRY_OK);
        index_release(&index);
        uint64_t puts = memory_store_calls(f.store, MEMORY_PUT_NEW);
        for (unsigned dry = 2; dry-- > 0;) {
            assert_int_equal(roll_back(&f, 2, dry, &result), REGISTRY_OK);
            assert_int_equal(result.removed_count, 2);
            assert_true(str_equal(result.removed[0].name, STR("c")));
            assert_true(str_equal(result.removed[1].name, STR("d")));
            assert_true(str_equal(result.removed[1].version, STR("1.0.0")));
            assert_int_equal(result.restored_count, 0);
            assert_int_equal(result.changed_count, 1);
            assert_true(str_equal(result.changed[0].name, STR("a")));
            assert_int_equal(result.written.changed, !dry);
            assert_true(str_equal(result.written.index_url,
                                  STR("https://example.com/plugins/index.json")));
            if (dry) {
                assert_int_equal(memory_store_calls(f.store, MEMORY_PUT_NEW), puts);
                memory_holds(&f, "index.json", "a! b c d");
            }
        }
        assert_int_equal(result.written.serial, 6);
        memory_holds(&f, "index.json", "a b");
        /* And forward again; what is as it was is not written. */
        assert_int_equal(roll_back(&f, 5, false, &result), REGISTRY_OK);
        assert_int_equal(result.removed_count, 0);
        assert_int_equal(result.restored_count, 2);
        assert_int_equal(result.written.serial, 7);
        memory_holds(&f, "index.json", "a! b c d");
        assert_int_equal(roll_back(&f, 7, false, &result), REGISTRY_OK);
        assert_false(result.written.changed);
        memory_close(&f);
    }
}

static void numbers_that_are_not_kept_are_refused(void **state) {
    (void)state;
    for (size_t i = 0; i < MODE_COUNT; i++) {
        struct memory_fixture f;
        struct registry_rollback result;
        open_mode(&f, i, "a|1.0.0");
        publish_three(&f);
        memory_failed(&f, roll_back(&f, 0, false, &result), "registry::no_such_moment");
        memory_failed(&f, roll_back(&f, 5, false, &result), "registry::no_such_moment");
        assert_non_null(strstr(f.failure->note.ptr, "number 4"));
        memory_close(&f);
    }
}

static void a_host_that_cannot_list_has_no_history(void **state) {
    (void)state;
    struct memory_fixture f;
    struct registry_rollback result;
    struct registry_moment *moments;
    size_t count;
    memory_open(&f,
                (struct memory_options){.mode = STORE_OVERWRITE, .cannot_list = true},
                "a|1.0.0");
    f.write.assume_exclusive = true;
    memory_failed(&f, roll_back(&f, 1, false, &result), "registry::no_history");
    memory_failed(
        &f, registry_history(&f.arena, f.store, &f.host, &moments, &count, &f.failure),
        "registry::no_history");
    memory_close(&f);
}

static void a_broken_history_is_not_published(void **state) {
    (void)state;
    struct memory_fixture f;
    struct registry_rollback result;
    struct registry_moment *moments;
    size_t count;
    open_mode(&f, 0, "a|1.0.0");
    publish_three(&f);
    assert_true(memory_store_poke(f.store, STR("index-000002.json"), STR("{")));
    memory_failed(&f, roll_back(&f, 2, true, &result), "registry::index_invalid");
    memory_failed(&f, roll_back(&f, 2, false, &result), "registry::index_invalid");
    assert_int_equal(f.failure->nested_count, 1);
    memory_holds(&f, "index.json", "a b c d");
    assert_int_equal(
        registry_history(&f.arena, f.store, &f.host, &moments, &count, &f.failure),
        REGISTRY_OK);
    assert_int_equal(count, 3);
    memory_close(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_registry_is_started),
        cmocka_unit_test(the_url_given_counts),
        cmocka_unit_test(a_start_cut_off_goes_on),
        cmocka_unit_test(claims_that_do_not_hold_are_found),
        cmocka_unit_test(a_start_without_conditions_needs_a_word),
        cmocka_unit_test(readers_wait_where_an_index_may_be_missing),
        cmocka_unit_test(readers_elsewhere_do_not_wait),
        cmocka_unit_test(entries_are_yanked_and_taken_back),
        cmocka_unit_test(a_yank_repeated_is_its_own),
        cmocka_unit_test(history_tells_what_was),
        cmocka_unit_test(history_of_a_journal_ahead),
        cmocka_unit_test(a_copy_made_in_vain_is_told_once),
        cmocka_unit_test(an_earlier_index_is_published_anew),
        cmocka_unit_test(numbers_that_are_not_kept_are_refused),
        cmocka_unit_test(a_host_that_cannot_list_has_no_history),
        cmocka_unit_test(a_broken_history_is_not_published),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
