/* A registry in memory, with a clock of its own. */
#ifndef MEMORY_FIXTURE_H
#define MEMORY_FIXTURE_H

#include "index_spec.h"
#include "registry/change.h"
#include "registry/store_memory.h"

struct memory_fixture {
    struct arena arena;
    struct store *store;
    struct registry_host host;
    struct registry_write write;
    struct registry_written written;
    struct diag *failure;
    uint64_t slept_ms;
    uint64_t chance;
    void (*on_sleep)(struct memory_fixture *f);
    /* Of the script: what happens to request `number`. */
    uint64_t number;
    enum memory_trouble trouble;
};

static inline int64_t memory_now(void *context) {
    return 1767323045 + (int64_t)((struct memory_fixture *)context)->slept_ms / 1000;
}

static inline void memory_sleep(void *context, uint32_t time_ms) {
    struct memory_fixture *f = context;
    f->slept_ms += time_ms;
    if (f->on_sleep != NULL) {
        f->on_sleep(f);
    }
}

static inline uint64_t memory_random(void *context) {
    struct memory_fixture *f = context;
    f->chance = f->chance * 6364136223846793005U + 1442695040888963407U;
    return f->chance >> 11;
}

static inline enum memory_trouble memory_script(void *context, struct store *store,
                                                const struct memory_event *event) {
    const struct memory_fixture *f = context;
    (void)store;
    return event->number == f->number ? f->trouble : MEMORY_NO_TROUBLE;
}

/* A canonical index of entries `a|1.0.0 / b|1.0.0`, in the arena. */
static inline struct str memory_index(struct memory_fixture *f, const char *spec) {
    struct index index;
    struct diag_list defects = {0};
    struct diag *failure = NULL;
    struct str bytes;
    assert_int_equal(spec_read(&index, str_of(spec), &f->arena, &defects), INDEX_OK);
    assert_int_equal(change_serialize(&index, &f->arena, &bytes, &failure),
                     REGISTRY_OK);
    index_release(&index);
    return bytes;
}

static inline bool memory_has_journal(enum store_mode mode) {
    return mode == STORE_JOURNAL || mode == STORE_JOURNAL_LOCKED;
}

/* A store with the options and, unless NULL, an index of these entries. */
static inline void memory_open(struct memory_fixture *f, struct memory_options options,
                               const char *spec) {
    *f = (struct memory_fixture){.chance = 1};
    f->host = (struct registry_host){memory_now, memory_sleep, memory_random, f};
    f->write.host = &f->host;
    if (options.script == NULL) {
        options.script = memory_script;
    }
    if (options.context == NULL) {
        options.context = f;
    }
    f->store = memory_store_new(&options);
    assert_non_null(f->store);
    if (spec != NULL) {
        struct str bytes = memory_index(f, spec);
        assert_true(memory_store_poke(f->store, STORE_INDEX_NAME, bytes));
        if (memory_has_journal(options.mode)) {
            assert_true(memory_store_poke(f->store, STR("index-000001.json"), bytes));
        }
    }
}

static inline void memory_close(struct memory_fixture *f) {
    store_close(f->store);
    arena_release(&f->arena);
}

/* Adds `name`@1.0.0; nothing to do where it is there. */
static inline enum change_verdict memory_add(void *context, struct arena *arena,
                                             struct index *index, uint64_t serial,
                                             struct diag **failure) {
    struct str name = str_of(context);
    (void)serial;
    if (index_find(index, name, STR("1.0.0")).exact != INDEX_NONE) {
        return CHANGE_NOTHING;
    }
    struct index_record *record = arena_alloc(&index->arena, sizeof *record);
    struct str *trigger = arena_alloc(&index->arena, sizeof *trigger);
    assert_non_null(record);
    assert_non_null(trigger);
    *trigger = STR("process_writes");
    *record = (struct index_record){.fields = {.name = name,
                                               .version = STR("1.0.0"),
                                               .description = STR("About."),
                                               .triggers = trigger,
                                               .trigger_count = 1,
                                               .database_version = STR(">=3.0.0")},
                                    .published_at = STR("2025-01-01T00:00:00Z"),
                                    .hash = STR(SPEC_HASH)};
    assert_true(edit_add(index, record, arena, failure));
    return *failure == NULL ? CHANGE_WRITE : CHANGE_FAILED;
}

static inline enum registry_status memory_publish(struct memory_fixture *f,
                                                  const char *name) {
    f->failure = NULL;
    return change_run(&f->arena, f->store, &f->write, memory_add,
                      (void *)(uintptr_t)name, &f->written, &f->failure);
}

static inline void memory_failed(struct memory_fixture *f, enum registry_status status,
                                 const char *code) {
    assert_int_equal(status, REGISTRY_FAILED);
    assert_non_null(f->failure);
    assert_string_equal(diag_code(f->failure), code);
}

/* The object must be an index of these entries: "a b", all of version 1.0.0 if not said
 * otherwise. */
static inline void memory_holds(struct memory_fixture *f, const char *name,
                                const char *want) {
    struct index index;
    struct buf source;
    struct buf found;
    struct diag_list defects = {0};
    struct str bytes = memory_store_peek(f->store, str_of(name));
    assert_non_null(bytes.ptr);
    buf_init(&source, (size_t)1 << 24);
    buf_init(&found, 1 << 16);
    assert_true(buf_append(&source, bytes));
    assert_int_equal(index_read(&index, &source, STORE_INDEX_NAME, &f->arena, &defects),
                     INDEX_OK);
    for (size_t i = 0; i < index.count; i++) {
        buf_append(&found, i == 0 ? STR("") : STR(" "));
        buf_append(&found, index_entry_name(&index, i));
        buf_append(&found, index_entry_yanked(&index, i) ? STR("!") : STR(""));
    }
    assert_string_equal(found.ptr == NULL ? "" : found.ptr, want);
    buf_release(&found);
    index_release(&index);
}

static inline uint64_t memory_requests(struct memory_fixture *f) {
    return atomic_load(&f->store->requests);
}

#endif
