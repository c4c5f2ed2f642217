/* Publishing, verifying and repairing over a host in memory, in each mode, under every
 * trouble at every request. */
#include <time.h>

#include "base/parallel.h"
#include "registry/change.h"
#include "registry/store_memory.h"
#include "registry/verify.h"
#include "registry_fixture.h"

/* Every allocation of the library goes through these: the linker puts them in place. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);

static long allocations;
static long first_failing = -1; /* negative: none fails */

static bool fails(void) {
    return first_failing >= 0 && allocations++ == first_failing;
}

void *__wrap_malloc(size_t size) {
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size) {
    return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *block, size_t size) {
    return fails() ? NULL : __real_realloc(block, size);
}

#define THREE "alpha@1.0.0 beta@0.2.0 gamma@3.0.0-rc.1"

static const enum store_mode modes[] = {STORE_CAS, STORE_JOURNAL, STORE_JOURNAL_LOCKED,
                                        STORE_OVERWRITE};
enum { MODES = sizeof modes / sizeof modes[0] };

/* What happens to the requests. */
struct plot {
    uint64_t number; /* of the request; 0: none */
    enum memory_trouble trouble;
    bool is_death;             /* all later ones fail */
    atomic_uint_fast64_t seen; /* the last request */
};

static enum memory_trouble follow(void *context, struct store *store,
                                  const struct memory_event *event) {
    struct plot *plot = context;
    (void)store;
    plot->seen = event->number;
    if (plot->number == 0 || event->number < plot->number) {
        return MEMORY_NO_TROUBLE;
    }
    return event->number == plot->number ? plot->trouble
           : plot->is_death              ? MEMORY_FAIL_BEFORE
                                         : MEMORY_NO_TROUBLE;
}

static struct store *open_host(struct plot *plot, enum store_mode mode) {
    struct memory_options options = {.mode = mode,
                                     .has_serials = true,
                                     .has_digests = true,
                                     .script = follow,
                                     .context = plot};
    *plot = (struct plot){.number = 0};
    struct store *store = memory_store_new(&options);
    assert_non_null(store);
    return store;
}

static void three_plugins(struct fixture *f) {
    fixture_plugin(f, "alpha", "alpha", "1.0.0", "pass");
    fixture_plugin(f, "beta", "beta", "0.2.0", "return 2");
    fixture_plugin(f, "gamma", "gamma", "3.0.0-rc.1", "return 3");
    f->request.jobs = 1;
    f->request.write.assume_exclusive = true;
    f->now_s = 1700000060; /* when the host was made */
}

static void found(struct fixture *f, struct store *store) {
    struct registry_init_request request = {.artifacts_url =
                                                STR("https://plugins.example/files"),
                                            .write = f->request.write};
    struct registry_init_result result;
    f->failure = NULL;
    assert_int_equal(registry_init(&f->arena, store, &request, &result, &f->failure),
                     REGISTRY_OK);
}

static enum registry_status publish_to(struct fixture *f, struct store *store) {
    f->failure = NULL;
    return publish_run(&f->arena, store, &f->request, &f->result, &f->failure);
}

/* The entries of index.json, and that verify finds nothing wrong. */
static void expect_clean(struct fixture *f, struct store *store, const char *want) {
    struct verify_request request = {.host = &f->host, .jobs = 1};
    struct verify_result result;
    struct index index;
    struct buf names;
    buf_init(&names, 1 << 16);
    assert_int_equal(
        registry_read(&f->arena, store, &f->host, &index, NULL, &f->failure),
        REGISTRY_OK);
    for (size_t i = 0; i < index.count; i++) {
        buf_append(&names, i == 0 ? STR("") : STR(" "));
        spec_append_entry(&names, &index, i);
    }
    assert_string_equal(buf_str(&names).ptr, want);
    buf_release(&names);
    index_release(&index);
    assert_int_equal(verify_run(&f->arena, store, &request, &result, &f->failure),
                     REGISTRY_OK);
    for (const struct diag *at = result.defects.first; at != NULL; at = at->next) {
        print_error("%s %.*s\n", diag_code(at), STR_ARG(at->field));
    }
    assert_int_equal(result.defects.count, 0);
}

/* docs/publishing.md: on hosts with compare-and-swap N + 3, and 1 for nothing new. */
static void requests_are_counted(void **state) {
    struct fixture *f = *state;
    struct plot plot;
    struct store *store = open_host(&plot, STORE_CAS);
    three_plugins(f);
    found(f, store);
    uint64_t before = store->requests;
    assert_int_equal(publish_to(f, store), REGISTRY_OK);
    assert_int_equal(store->requests - before, 3 + 3);
    assert_int_equal(memory_store_calls(store, MEMORY_LIST), 1); /* of init */
    before = store->requests;
    assert_int_equal(publish_to(f, store), REGISTRY_OK);
    assert_int_equal(store->requests - before, 1);
    expect_clean(f, store, THREE);
    store_close(store);
}

/* One trouble at each request in turn: until there is a run without it. */
static void try_each(struct fixture *f, enum store_mode mode,
                     enum memory_trouble trouble, bool is_death, bool must_succeed) {
    for (uint64_t k = 1;; k++) {
        struct plot plot;
        struct store *store = open_host(&plot, mode);
        found(f, store);
        uint64_t first = plot.seen;
        plot.number = first + k;
        plot.trouble = trouble;
        plot.is_death = is_death;
        enum registry_status status = publish_to(f, store);
        bool is_over = plot.seen < plot.number;
        assert_true(status == REGISTRY_OK || (status == REGISTRY_FAILED && !is_over));
        assert_true(status == REGISTRY_OK || !must_succeed);
        if (status == REGISTRY_OK && mode != STORE_JOURNAL) {
            plot.number = 0;
            expect_clean(f, store, THREE);
        }
        plot.number = 0;
        status = publish_to(f, store);
        if (status != REGISTRY_OK) {
            fail_msg("mode %d, trouble %d, request %d: %s, %.*s", (int)mode,
                     (int)trouble, (int)k,
                     f->failure == NULL ? "" : diag_code(f->failure),
                     STR_ARG(f->failure == NULL ? STR("") : f->failure->note));
        }
        expect_clean(f, store, THREE);
        store_close(store);
        if (is_over) {
            assert_true(k > 6);
            return;
        }
    }
}

static void a_death_at_any_request_is_made_good(void **state) {
    struct fixture *f = *state;
    three_plugins(f);
    for (size_t i = 0; i < MODES; i++) {
        try_each(f, modes[i], MEMORY_FAIL_BEFORE, true, false);
        try_each(f, modes[i], MEMORY_FAIL_AFTER, true, false);
    }
}

static void a_failed_request_is_made_good(void **state) {
    struct fixture *f = *state;
    three_plugins(f);
    for (size_t i = 0; i < MODES; i++) {
        try_each(f, modes[i], MEMORY_FAIL_BEFORE, false, false);
        try_each(f, modes[i], MEMORY_FAIL_AFTER, false, false);
        if (modes[i] == STORE_JOURNAL) {
            /* On the others an object is there whole or not at all. */
            try_each(f, modes[i], MEMORY_HALF, false, false);
        }
        try_each(f, modes[i], MEMORY_UNCERTAIN_BEFORE, false, false);
        try_each(f, modes[i], MEMORY_UNCERTAIN_AFTER, false, false);
    }
}

static void a_repeated_request_does_no_harm(void **state) {
    struct fixture *f = *state;
    three_plugins(f);
    for (size_t i = 0; i < MODES; i++) {
        try_each(f, modes[i], MEMORY_REPEAT, false, true);
    }
}

/* ---- Memory ---- */

static void run_out_of_memory(struct fixture *f, enum store_mode mode) {
    bool done = false;
    for (long i = 0; !done; i++) {
        struct plot plot;
        struct store *store = open_host(&plot, mode);
        struct arena arena = {0};
        struct publish_result result;
        struct diag *failure = NULL;
        found(f, store);
        allocations = 0;
        first_failing = i;
        enum registry_status status =
            publish_run(&arena, store, &f->request, &result, &failure);
        done = allocations <= i;
        first_failing = -1;
        /* One may be done without, or be a store's that says so. */
        assert_true(status == REGISTRY_OK || status == REGISTRY_NO_MEMORY);
        assert_true(!done || status == REGISTRY_OK);
        arena_release(&arena);
        assert_int_equal(publish_to(f, store), REGISTRY_OK);
        expect_clean(f, store, THREE);
        store_close(store);
    }
}

static void memory_may_be_out_at_any_time(void **state) {
    struct fixture *f = *state;
    three_plugins(f);
    run_out_of_memory(f, STORE_CAS);
    run_out_of_memory(f, STORE_JOURNAL_LOCKED);
}

/* ---- Many at once ---- */

enum { PUBLISHERS = 8, PLUGINS_EACH = 5 };

struct crowd {
    struct fixture *f;
    struct store *store;
    atomic_uint published;
};

static int64_t crowd_now(void *context) {
    (void)context;
    return FIXTURE_NOW;
}

static void crowd_sleep(void *context, uint32_t time_ms) {
    (void)context;
    struct timespec time = {0, (long)(time_ms % 20) * 50000};
    (void)nanosleep(&time, NULL);
}

static uint64_t crowd_random(void *context) {
    static atomic_uint_fast64_t chance = 1;
    (void)context;
    return atomic_fetch_add(&chance, 0x9E3779B97F4A7C15U) >> 7;
}

static bool publish_one_share(void *context, size_t item, unsigned thread) {
    struct crowd *crowd = context;
    struct arena arena = {0};
    struct publish_result result;
    struct diag *failure = NULL;
    struct registry_host host = {crowd_now, crowd_sleep, crowd_random, NULL};
    struct publish_request request = {
        .root = arena_printf(&arena, "%s/plugins/share-%zu", crowd->f->tree.root, item),
        .jobs = 2,
        .write = {.host = &host}};
    (void)thread;
    enum registry_status status = REGISTRY_FAILED;
    for (int tries = 0; status == REGISTRY_FAILED && tries < 20; tries++) {
        status = publish_run(&arena, crowd->store, &request, &result, &failure);
    }
    for (size_t i = 0; status == REGISTRY_OK && i < result.plugin_count; i++) {
        bool is_published = result.plugins[i].outcome == PUBLISH_PUBLISHED;
        atomic_fetch_add(&crowd->published, is_published ? 1 : 0);
    }
    arena_release(&arena);
    return status == REGISTRY_OK;
}

static void of_many_publishers_nothing_is_lost(void **state) {
    struct fixture *f = *state;
    char want[4096] = "";
    for (int i = 0; i < PUBLISHERS; i++) {
        char share[32];
        snprintf(share, sizeof share, "plugins/share-%d", i);
        tree_directory(&f->tree, share);
        for (int j = 0; j < PLUGINS_EACH; j++) {
            char dir[64];
            char name[32];
            snprintf(name, sizeof name, "p%d-%d", i, j);
            snprintf(dir, sizeof dir, "share-%d/%s", i, name);
            fixture_plugin(f, dir, name, "1.0.0", "pass");
            snprintf(want + strlen(want), sizeof want - strlen(want), "%s%s@1.0.0",
                     want[0] == '\0' ? "" : " ", name);
        }
    }
    for (size_t i = 0; i < MODES; i++) {
        struct plot plot;
        struct crowd crowd = {.f = f};
        if (modes[i] == STORE_OVERWRITE) {
            continue; /* which cannot keep them apart */
        }
        crowd.store = open_host(&plot, modes[i]);
        found(f, crowd.store);
        assert_true(parallel_run(PUBLISHERS, PUBLISHERS, publish_one_share, &crowd) ==
                    PARALLEL_ALL);
        expect_clean(f, crowd.store, want);
        assert_int_equal(crowd.published, PUBLISHERS * PLUGINS_EACH);
        store_close(crowd.store);
    }
}

/* ---- repair on hosts with a journal ---- */

static bool refuse(void *context, struct arena *arena, struct str name,
                   struct str artifact, struct index_record *record,
                   struct diag **defect) {
    struct detail details[] = {DETAIL_TEXT(name), DETAIL_TEXT(STR("?"))};
    (void)context;
    (void)artifact;
    (void)record;
    *defect = diag_new(arena, ERROR_REGISTRY_ARTIFACT_INVALID, name, details, 2);
    return *defect != NULL;
}

/* index.json is behind its journal, or missing: it comes forward. */
static void the_journal_brings_the_index_forward(void **state) {
    struct fixture *f = *state;
    three_plugins(f);
    for (int i = 0; i < 4; i++) {
        struct plot plot;
        struct store *store =
            open_host(&plot, i % 2 == 0 ? STORE_JOURNAL : STORE_JOURNAL_LOCKED);
        found(f, store);
        struct str old =
            arena_copy(&f->arena, memory_store_peek(store, STORE_INDEX_NAME));
        assert_int_equal(publish_to(f, store), REGISTRY_OK);
        assert_true(i < 2 ? memory_store_poke(store, STORE_INDEX_NAME, old)
                          : memory_store_erase(store, STORE_INDEX_NAME));
        struct repair_request request = {
            .dry_run = true, .read_artifact = refuse, .write = f->request.write};
        struct repair_result result;
        for (int run = 0; run < 2; run++) {
            assert_int_equal(
                repair_run(&f->arena, store, &request, &result, &f->failure),
                REGISTRY_OK);
            assert_true(result.step_count > 0);
            assert_int_equal(result.steps[0].kind, REPAIR_BRING_FORWARD);
            request.dry_run = false;
        }
        expect_clean(f, store, THREE);
        store_close(store);
    }
}

int main(void) {
#define TEST(name)                                                                     \
    cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(requests_are_counted),
        TEST(a_death_at_any_request_is_made_good),
        TEST(a_failed_request_is_made_good),
        TEST(a_repeated_request_does_no_harm),
        TEST(memory_may_be_out_at_any_time),
        TEST(of_many_publishers_nothing_is_lost),
        TEST(the_journal_brings_the_index_forward),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
