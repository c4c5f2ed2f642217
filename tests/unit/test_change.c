#include "memory_fixture.h"

#include <time.h>

#include "base/parallel.h"
#include "registry/change_machine.h"

static const struct memory_options modes[] = {
    {.mode = STORE_CAS, .has_serials = true},
    {.mode = STORE_CAS},
    {.mode = STORE_JOURNAL, .has_digests = true},
    {.mode = STORE_JOURNAL},
    {.mode = STORE_JOURNAL_LOCKED},
    {.mode = STORE_OVERWRITE},
};
enum { MODE_COUNT = sizeof modes / sizeof modes[0] };

static void open_mode(struct memory_fixture *f, size_t mode, const char *spec) {
    memory_open(f, modes[mode], spec);
    f->write.assume_exclusive = modes[mode].mode == STORE_OVERWRITE;
}

static void requests_are_few(void **state) {
    (void)state;
    /* Nothing new: the index alone; with a journal its list, its newest entry and,
     * where no digest tells that index.json is the same, that. A change: get, history,
     * replace, and a list where the host keeps no number; list, entry, copy, removal,
     * renaming, list; with a lock list, two texts, entry, lock, list, replace, list,
     * text, unlock; without any condition get, list, history, replace, get. */
    static const uint64_t nothing[] = {1, 1, 2, 3, 3, 1};
    static const uint64_t change[] = {3, 4, 7, 9, 10, 5};
    for (size_t i = 0; i < MODE_COUNT; i++) {
        struct memory_fixture f;
        open_mode(&f, i, "");
        assert_int_equal(memory_publish(&f, "a"), REGISTRY_OK);
        uint64_t before = memory_requests(&f);
        uint64_t puts = memory_store_calls(f.store, MEMORY_PUT_NEW);
        assert_int_equal(memory_publish(&f, "a"), REGISTRY_OK);
        assert_false(f.written.changed);
        assert_int_equal(memory_requests(&f) - before, nothing[i]);
        assert_int_equal(memory_store_calls(f.store, MEMORY_PUT_NEW), puts);
        before = memory_requests(&f);
        assert_int_equal(memory_publish(&f, "b"), REGISTRY_OK);
        assert_true(f.written.changed);
        assert_int_equal(f.written.attempts, 1);
        assert_int_equal(memory_requests(&f) - before, change[i]);
        assert_int_equal(f.slept_ms, 0);
        memory_holds(&f, "index.json", "a b");
        assert_true(str_equal(f.written.index_url,
                              STR("https://example.com/plugins/index.json")));
        memory_close(&f);
    }
}

static void numbers_and_history_go_on(void **state) {
    (void)state;
    for (size_t i = 0; i < MODE_COUNT; i++) {
        struct memory_fixture f;
        open_mode(&f, i, "a|1.0.0");
        assert_int_equal(memory_publish(&f, "b"), REGISTRY_OK);
        /* An index written by other means has no number kept with it: the host's first.
         */
        assert_int_equal(f.written.serial, 2);
        assert_int_equal(memory_publish(&f, "c"), REGISTRY_OK);
        assert_int_equal(f.written.serial, 3);
        memory_holds(&f, "index-000001.json", "a");
        memory_holds(&f, "index-000002.json", "a b");
        memory_holds(&f, "index.json", "a b c");
        memory_close(&f);
    }
}

/* Any request, lost before or after it took effect, or repeated: the change is made,
 * once, and known to have been. */
static void no_trouble_is_too_much(void **state) {
    (void)state;
    static const enum memory_trouble troubles[] = {
        MEMORY_UNCERTAIN_BEFORE, MEMORY_UNCERTAIN_AFTER, MEMORY_REPEAT};
    for (size_t i = 0; i < MODE_COUNT; i++) {
        for (size_t t = 0; t < 3; t++) {
            bool reached = true;
            for (uint64_t number = 1; reached; number++) {
                struct memory_fixture f;
                open_mode(&f, i, "a|1.0.0");
                f.number = number;
                f.trouble = troubles[t];
                enum registry_status status = memory_publish(&f, "b");
                reached = memory_requests(&f) >= number;
                f.number = 0;
                if (status != REGISTRY_OK) { /* a read that failed */
                    memory_failed(&f, status, "store::server_error");
                    assert_int_not_equal(troubles[t], MEMORY_REPEAT);
                    assert_int_equal(memory_publish(&f, "b"), REGISTRY_OK);
                } else {
                    assert_true(f.written.changed);
                }
                memory_holds(&f, "index.json", "a b");
                memory_close(&f);
                assert_true(number < 40);
            }
        }
    }
}

/* What fails, before or after it took effect, fails the command, and the next one
 * succeeds. */
static void what_fails_is_made_good(void **state) {
    (void)state;
    static const enum memory_trouble troubles[] = {MEMORY_FAIL_BEFORE,
                                                   MEMORY_FAIL_AFTER, MEMORY_HALF};
    for (size_t i = 0; i < MODE_COUNT; i++) {
        for (size_t t = 0; t < (modes[i].mode == STORE_JOURNAL ? 3U : 2U); t++) {
            bool reached = true;
            for (uint64_t number = 1; reached; number++) {
                struct memory_fixture f;
                open_mode(&f, i, "a|1.0.0");
                f.number = number;
                f.trouble = troubles[t];
                enum registry_status status = memory_publish(&f, "b");
                reached = memory_requests(&f) >= number;
                f.number = 0;
                if (status != REGISTRY_OK) {
                    memory_failed(&f, status, "store::server_error");
                }
                assert_int_equal(memory_publish(&f, "c"), REGISTRY_OK);
                assert_int_equal(memory_publish(&f, "b"), REGISTRY_OK);
                memory_holds(&f, "index.json", "a b c");
                memory_close(&f);
                assert_true(number < 40);
            }
        }
    }
}

/* Another publishes before request `at`. */
struct rival {
    struct memory_fixture *f;
    uint64_t at;
    unsigned times;
    bool is_busy;
};

static enum memory_trouble compete(void *context, struct store *store,
                                   const struct memory_event *event) {
    static const char *const names[] = {"r0", "r1", "r2"};
    struct rival *rival = context;
    struct arena arena = {0};
    struct registry_written written;
    struct diag *failure = NULL;
    (void)event;
    if (rival->is_busy || rival->at == 0 || event->number < rival->at ||
        rival->times == 0) {
        return MEMORY_NO_TROUBLE;
    }
    rival->is_busy = true;
    rival->times--;
    assert_int_equal(change_run(&arena, store, &rival->f->write, memory_add,
                                (void *)(uintptr_t)names[rival->times], &written,
                                &failure),
                     REGISTRY_OK);
    rival->is_busy = false;
    arena_release(&arena);
    return MEMORY_NO_TROUBLE;
}

static void a_rival_may_come_at_any_moment(void **state) {
    (void)state;
    for (size_t i = 0; i < MODE_COUNT - 1; i++) {
        for (uint64_t at = 1; at < 14; at++) {
            struct memory_fixture f;
            struct rival rival = {.f = &f, .at = at, .times = 3};
            struct memory_options options = modes[i];
            options.script = compete;
            options.context = &rival;
            memory_open(&f, options, "a|1.0.0");
            assert_int_equal(memory_publish(&f, "b"), REGISTRY_OK);
            assert_true(f.written.changed);
            rival.at = 0;
            assert_int_equal(memory_publish(&f, "b"), REGISTRY_OK);
            assert_false(f.written.changed);
            memory_holds(&f, "index.json",
                         rival.times == 3   ? "a b"
                         : rival.times == 2 ? "a b r2"
                         : rival.times == 1 ? "a b r1 r2"
                                            : "a b r0 r1 r2");
            memory_close(&f);
        }
    }
}

/* The index is another one each time it was read. */
static enum memory_trouble always_change(void *context, struct store *store,
                                         const struct memory_event *event) {
    static unsigned count;
    char text[160];
    (void)context;
    if (event->verb == MEMORY_REPLACE) {
        (void)snprintf(text, sizeof text,
                       "{\"index_schema_version\":\"2.1\",\"artifacts_url\":"
                       "\"https://a.example/%u\",\"plugins\":[]}",
                       ++count);
        assert_true(memory_store_poke(store, STORE_INDEX_NAME, str_of(text)));
    }
    return MEMORY_NO_TROUBLE;
}

static void who_is_never_fast_enough_gives_up(void **state) {
    (void)state;
    struct memory_fixture f;
    memory_open(&f,
                (struct memory_options){
                    .mode = STORE_CAS, .has_serials = true, .script = always_change},
                "a|1.0.0");
    memory_failed(&f, memory_publish(&f, "b"), "registry::busy");
    assert_int_equal(f.written.attempts, 100);
    assert_true(f.slept_ms > 0);
    memory_close(&f);
}

static void a_host_without_conditions_needs_a_word(void **state) {
    (void)state;
    struct memory_fixture f;
    memory_open(&f, (struct memory_options){.mode = STORE_OVERWRITE}, "a|1.0.0");
    memory_failed(&f, memory_publish(&f, "b"), "registry::not_exclusive");
    assert_int_equal(memory_store_calls(f.store, MEMORY_REPLACE), 0);
    assert_int_equal(memory_publish(&f, "a"), REGISTRY_OK);
    f.write.assume_exclusive = true;
    assert_int_equal(memory_publish(&f, "b"), REGISTRY_OK);
    memory_close(&f);
    memory_open(&f, (struct memory_options){.mode = STORE_CAS, .needs_exclusive = true},
                "a|1.0.0");
    memory_failed(&f, memory_publish(&f, "b"), "registry::not_exclusive");
    memory_close(&f);
}

static void a_host_that_cannot_list_keeps_no_history(void **state) {
    (void)state;
    struct memory_fixture f;
    memory_open(&f,
                (struct memory_options){.mode = STORE_OVERWRITE, .cannot_list = true},
                "a|1.0.0");
    f.write.assume_exclusive = true;
    assert_int_equal(memory_publish(&f, "b"), REGISTRY_OK);
    assert_int_equal(f.written.serial, 0);
    assert_int_equal(memory_store_count(f.store), 1);
    memory_holds(&f, "index.json", "a b");
    memory_close(&f);
    memory_open(&f, (struct memory_options){.mode = STORE_JOURNAL, .cannot_list = true},
                "a|1.0.0");
    memory_failed(&f, memory_publish(&f, "b"), "store::unsupported");
    memory_close(&f);
}

static void no_index_is_no_registry(void **state) {
    (void)state;
    for (size_t i = 0; i < MODE_COUNT; i++) {
        struct memory_fixture f;
        open_mode(&f, i, NULL);
        memory_failed(&f, memory_publish(&f, "b"), "registry::not_found");
        assert_int_equal(memory_store_count(f.store), 0);
        memory_close(&f);
    }
}

static void an_invalid_index_is_left_alone(void **state) {
    (void)state;
    for (size_t i = 0; i < MODE_COUNT; i++) {
        struct memory_fixture f;
        open_mode(&f, i, NULL);
        assert_true(memory_store_poke(f.store, STORE_INDEX_NAME, STR("{\"a\":1}")));
        memory_failed(&f, memory_publish(&f, "b"), "registry::index_invalid");
        assert_true(f.failure->nested_count > 0);
        assert_int_equal(memory_store_count(f.store), 1);
        memory_close(&f);
    }
}

static void a_foreign_index_is_noticed_and_adopted(void **state) {
    (void)state;
    for (size_t i = 2; i < 5; i++) {
        struct memory_fixture f;
        open_mode(&f, i, "a|1.0.0");
        assert_int_equal(memory_publish(&f, "b"), REGISTRY_OK);
        assert_true(memory_store_poke(f.store, STORE_INDEX_NAME,
                                      memory_index(&f, "a|1.0.0 / x|1.0.0 / y|1.0.0")));
        memory_failed(&f, memory_publish(&f, "c"), "registry::foreign_index");
        assert_true(str_starts_with(
            f.failure->note,
            STR("it equals no entry of the journal, has 2 plugin "
                "version(s) that the newest entry, number 2, lacks, and "
                "lacks 1 that")));
        f.write.adopt = true;
        assert_int_equal(memory_publish(&f, "c"), REGISTRY_OK);
        memory_holds(&f, "index-000003.json", "a x y");
        memory_holds(&f, "index-000004.json", "a c x y");
        memory_holds(&f, "index.json", "a c x y");
        /* Adopted once, it is foreign no more. */
        f.write.adopt = false;
        assert_int_equal(memory_publish(&f, "d"), REGISTRY_OK);
        memory_close(&f);
    }
}

static void an_index_without_a_journal_begins_one(void **state) {
    (void)state;
    for (size_t i = 2; i < 5; i++) {
        struct memory_fixture f;
        open_mode(&f, i, NULL);
        struct str bytes = memory_index(&f, "a|1.0.0");
        assert_true(memory_store_poke(f.store, STORE_INDEX_NAME, bytes));
        assert_int_equal(memory_publish(&f, "a"), REGISTRY_OK);
        assert_int_equal(memory_store_count(f.store), 1);
        assert_int_equal(memory_publish(&f, "b"), REGISTRY_OK);
        assert_true(
            str_equal(memory_store_peek(f.store, STR("index-000001.json")), bytes));
        memory_holds(&f, "index-000002.json", "a b");
        memory_holds(&f, "index.json", "a b");
        memory_close(&f);
    }
}

/* Its writer died: it is brought forward, also by one who has nothing to add. */
static void an_index_behind_is_brought_forward(void **state) {
    (void)state;
    for (size_t i = 2; i < 5; i++) {
        for (unsigned missing = 0; missing < 2; missing++) {
            struct memory_fixture f;
            open_mode(&f, i, "a|1.0.0");
            assert_true(memory_store_poke(f.store, STR("index-000002.json"),
                                          memory_index(&f, "a|1.0.0 / b|1.0.0")));
            if (missing) {
                assert_true(memory_store_erase(f.store, STORE_INDEX_NAME));
            }
            assert_int_equal(memory_publish(&f, "b"), REGISTRY_OK);
            assert_false(f.written.changed);
            assert_int_equal(f.written.serial, 2);
            memory_holds(&f, "index.json", "a b");
            assert_int_equal(memory_store_count(f.store), 3);
            memory_close(&f);
        }
    }
}

static void a_copy_left_behind_is_used_or_removed(void **state) {
    (void)state;
    struct memory_fixture f;
    memory_open(&f, modes[2], "a|1.0.0");
    struct str newer = memory_index(&f, "a|1.0.0 / b|1.0.0");
    assert_true(memory_store_poke(f.store, STR("index-000002.json"), newer));
    assert_true(memory_store_erase(f.store, STORE_INDEX_NAME));
    assert_true(memory_store_poke(
        f.store, STR("index-copy-000002-00000000000000aa.json"), newer));
    assert_true(memory_store_poke(f.store,
                                  STR("index-copy-000001-00000000000000aa.json"),
                                  memory_index(&f, "a|1.0.0")));
    assert_int_equal(memory_publish(&f, "b"), REGISTRY_OK);
    memory_holds(&f, "index.json", "a b");
    assert_int_equal(memory_store_count(f.store), 3);
    /* Its owner was given time to go on. */
    assert_true(f.slept_ms >= 3000 && f.slept_ms < 10000);
    memory_close(&f);
}

static void a_dead_lock_is_broken_after_a_minute(void **state) {
    (void)state;
    struct memory_fixture f;
    memory_open(&f, modes[4], "a|1.0.0");
    assert_true(memory_store_poke(f.store, STR("index.lock"), STR("{}\n")));
    assert_int_equal(memory_publish(&f, "b"), REGISTRY_OK);
    assert_true(f.slept_ms >= 60000 && f.slept_ms < 70000);
    assert_null(memory_store_peek(f.store, STR("index.lock")).ptr);
    memory_holds(&f, "index.json", "a b");
    memory_close(&f);
}

static void renew_lock(struct memory_fixture *f) {
    char text[32];
    (void)snprintf(text, sizeof text, "%llu", (unsigned long long)f->slept_ms / 30000);
    assert_true(memory_store_poke(f->store, STR("index.lock"), str_of(text)));
}

static void a_lock_that_changes_hands_is_not_broken(void **state) {
    (void)state;
    struct memory_fixture f;
    memory_open(&f, modes[4], "a|1.0.0");
    assert_true(memory_store_poke(f.store, STR("index.lock"), STR("0")));
    f.on_sleep = renew_lock;
    memory_failed(&f, memory_publish(&f, "b"), "registry::busy");
    assert_int_equal(memory_store_calls(f.store, MEMORY_REMOVE), 0);
    assert_true(f.slept_ms > 120000);
    /* The entry is there, and the next one brings it forward. */
    f.on_sleep = NULL;
    assert_true(memory_store_erase(f.store, STR("index.lock")));
    assert_int_equal(memory_publish(&f, "c"), REGISTRY_OK);
    memory_holds(&f, "index.json", "a b c");
    memory_close(&f);
}

static void the_newest_twenty_are_kept(void **state) {
    (void)state;
    for (size_t i = 0; i < MODE_COUNT; i++) {
        struct memory_fixture f;
        char name[16];
        open_mode(&f, i, "a|1.0.0");
        for (unsigned k = 2; k <= 55; k++) {
            (void)snprintf(name, sizeof name, "p%u", k);
            assert_int_equal(memory_publish(&f, name), REGISTRY_OK);
            assert_int_equal(f.written.serial, k);
            size_t kept = 0;
            uint64_t lowest = UINT64_MAX;
            for (size_t at = 0; at < memory_store_count(f.store); at++) {
                uint64_t serial = change_history_serial(memory_store_name(f.store, at));
                kept += serial != 0;
                lowest = serial != 0 && serial < lowest ? serial : lowest;
            }
            assert_true(kept <= 30);
            assert_true(k <= 20 ? lowest == 1 : lowest <= k - 19);
        }
        memory_close(&f);
    }
}

/* A host for threads: waits are twenty times as short. */
static void nap(void *context, uint32_t time_ms) {
    (void)context;
    struct timespec time = {0, (long)time_ms * 50000 % 1000000000};
    (void)nanosleep(&time, NULL);
}

static _Atomic uint64_t shared_chance = 1;
static uint64_t shared_random(void *context) {
    (void)context;
    return atomic_fetch_add(&shared_chance, 0x9e3779b97f4a7c15) * 0xbf58476d1ce4e5b9 >>
           11;
}

static int64_t no_time(void *context) {
    (void)context;
    return 0;
}

struct crowd {
    struct store *store;
    struct registry_write write;
};

static bool publish_some(void *context, size_t item, unsigned thread) {
    struct crowd *crowd = context;
    bool good = true;
    (void)thread;
    for (unsigned i = 0; good && i < 4; i++) {
        struct arena arena = {0};
        struct registry_written written;
        struct diag *failure = NULL;
        char name[16];
        (void)snprintf(name, sizeof name, "t%zu-%u", item, i);
        good = change_run(&arena, crowd->store, &crowd->write, memory_add, name,
                          &written, &failure) == REGISTRY_OK &&
               written.changed;
        arena_release(&arena);
    }
    return good;
}

static void a_crowd_loses_nothing(void **state) {
    (void)state;
    static const struct registry_host host = {no_time, nap, shared_random, NULL};
    for (size_t i = 0; i < 5; i++) {
        struct memory_fixture f;
        memory_open(&f, modes[i], "a|1.0.0");
        struct crowd crowd = {f.store, {.host = &host}};
        assert_int_equal(parallel_run(8, 8, publish_some, &crowd), PARALLEL_ALL);
        memory_holds(
            &f, "index.json",
            "a t0-0 t0-1 t0-2 t0-3 t1-0 t1-1 t1-2 t1-3 t2-0 t2-1 t2-2 t2-3 t3-0 "
            "t3-1 t3-2 t3-3 t4-0 t4-1 t4-2 t4-3 t5-0 t5-1 t5-2 t5-3 t6-0 t6-1 "
            "t6-2 t6-3 t7-0 t7-1 t7-2 t7-3");
        assert_null(memory_store_peek(f.store, STR("index.lock")).ptr);
        memory_close(&f);
    }
}

static void names_tell_what_an_object_is(void **state) {
    (void)state;
    static const struct {
        const char *name;
        enum change_kind kind;
        uint64_t serial;
    } names[] = {
        {"index.json", CHANGE_KIND_INDEX, 0},
        {"index.lock", CHANGE_KIND_LOCK, 0},
        {"index-000042.json", CHANGE_KIND_HISTORY, 42},
        {"index-1000000.json", CHANGE_KIND_HISTORY, 1000000},
        {"index-0100000.json", CHANGE_KIND_OTHER, 0},
        {"index-42.json", CHANGE_KIND_OTHER, 0},
        {"index-000000.json", CHANGE_KIND_OTHER, 0},
        {"index-000042.tar.gz", CHANGE_KIND_OTHER, 0},
        {"index-9999999999999999999.json", CHANGE_KIND_OTHER, 0},
        {"index-copy-000042-00000000000000ff.json", CHANGE_KIND_COPY, 42},
        {"index-copy-1.0.0.tar.gz", CHANGE_KIND_OTHER, 0},
        {"index-probe-1-1.json", CHANGE_KIND_PROBE, 0},
        {"index-1.0.0.tar.gz", CHANGE_KIND_OTHER, 0},
    };
    struct arena arena = {0};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        uint64_t serial;
        assert_int_equal(change_kind_of(str_of(names[i].name), &serial), names[i].kind);
        assert_int_equal(serial, names[i].serial);
    }
    assert_true(str_equal(change_history_name(&arena, 42), STR("index-000042.json")));
    assert_int_equal(change_history_serial(change_history_name(&arena, 12345678)),
                     12345678);
    arena_release(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_are_few),
        cmocka_unit_test(numbers_and_history_go_on),
        cmocka_unit_test(no_trouble_is_too_much),
        cmocka_unit_test(what_fails_is_made_good),
        cmocka_unit_test(a_rival_may_come_at_any_moment),
        cmocka_unit_test(who_is_never_fast_enough_gives_up),
        cmocka_unit_test(a_host_without_conditions_needs_a_word),
        cmocka_unit_test(a_host_that_cannot_list_keeps_no_history),
        cmocka_unit_test(no_index_is_no_registry),
        cmocka_unit_test(an_invalid_index_is_left_alone),
        cmocka_unit_test(a_foreign_index_is_noticed_and_adopted),
        cmocka_unit_test(an_index_without_a_journal_begins_one),
        cmocka_unit_test(an_index_behind_is_brought_forward),
        cmocka_unit_test(a_copy_left_behind_is_used_or_removed),
        cmocka_unit_test(a_dead_lock_is_broken_after_a_minute),
        cmocka_unit_test(a_lock_that_changes_hands_is_not_broken),
        cmocka_unit_test(the_newest_twenty_are_kept),
        cmocka_unit_test(a_crowd_loses_nothing),
        cmocka_unit_test(names_tell_what_an_object_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
