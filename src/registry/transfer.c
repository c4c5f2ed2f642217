#include "registry/transfer.h"

#include <stdlib.h>

#include "grammar/name.h"
#include "grammar/semver.h"
#include "registry/change_drive.h"

#define ARTIFACT_SUFFIX STR(".tar.gz")

enum { JOBS_LEAST = 8 };

/* What went wrong in one thread: at most one item, for then it stops. */
struct trouble {
    bool is_set;
    bool is_memory_out;
    size_t item;
    struct store *store;
    struct failure failure;
};

struct work {
    struct store *store;
    transfer_item run;
    void *context;
    struct trouble troubles[PARALLEL_THREADS_MOST];
};

static bool run_item(void *context, size_t item, unsigned thread) {
    struct work *work = context;
    struct arena arena = {0};
    struct transfer transfer = {.call = {.arena = &arena}, .store = work->store};
    enum transfer_verdict verdict = work->run(work->context, item, &transfer);
    if (verdict != TRANSFER_OK) {
        work->troubles[thread] = (struct trouble){
            .is_set = true,
            .is_memory_out = verdict == TRANSFER_NO_MEMORY ||
                             transfer.call.failure.is_memory_out ||
                             !transfer.call.failure.is_set,
            .item = item,
            .store = transfer.store,
            .failure = transfer.call.failure,
        };
    }
    arena_release(&arena);
    return verdict == TRANSFER_OK;
}

static unsigned thread_count(const struct store *store, unsigned jobs) {
    unsigned threads = jobs;
    if (threads == 0) {
        threads = parallel_processors();
        threads = threads < JOBS_LEAST ? JOBS_LEAST : threads;
    }
    unsigned most = store->max_parallel;
    return most != 0 && threads > most ? most : threads;
}

enum registry_status transfer_run(struct arena *arena, struct store *store,
                                  size_t count, unsigned jobs, transfer_item run,
                                  void *context, struct diag **failure) {
    if (count == 0) {
        return REGISTRY_OK;
    }
    struct work *work = calloc(1, sizeof *work);
    if (work == NULL) {
        return REGISTRY_NO_MEMORY;
    }
    work->store = store;
    work->run = run;
    work->context = context;
    size_t failed = parallel_run(count, thread_count(store, jobs), run_item, work);
    enum registry_status status =
        failed == PARALLEL_ALL ? REGISTRY_OK : REGISTRY_NO_MEMORY;
    for (size_t i = 0; failed != PARALLEL_ALL && i < PARALLEL_THREADS_MOST; i++) {
        const struct trouble *trouble = &work->troubles[i];
        if (trouble->is_set && trouble->item == failed && !trouble->is_memory_out) {
            status =
                change_store_failure(arena, trouble->store, &trouble->failure, failure);
        }
    }
    free(work);
    return status;
}

enum store_status transfer_get(struct store *store, struct store_call *call,
                               struct str name, uint64_t most, struct buf *bytes,
                               struct store_object *object) {
    buf_init(bytes, 0);
    call->failure = (struct failure){0};
    return store->ops->get(store, call, name, most, bytes, object);
}

bool transfer_was_too_large(const struct store_call *call) {
    return call->failure.is_set && !call->failure.is_memory_out &&
           call->failure.id == ERROR_STORE_TOO_LARGE;
}

struct str artifact_name(struct arena *arena, struct str name, struct str version) {
    struct str parts[] = {name, STR("-"), version, ARTIFACT_SUFFIX};
    return arena_concat(arena, parts, 4);
}

bool artifact_name_split(struct str object, struct str *name, struct str *version) {
    struct semver parsed;
    struct syntax_error error;
    if (!str_ends_with(object, ARTIFACT_SUFFIX)) {
        return false;
    }
    struct str stem = str_first(object, object.len - ARTIFACT_SUFFIX.len);
    /* A name has no point, a version has two: the name ends at the last `-` before. */
    size_t point = str_find(stem, '.');
    size_t dash = str_find_last(str_first(stem, point), '-');
    if (dash == point) {
        return false;
    }
    *name = str_first(stem, dash);
    *version = str_skip(stem, dash + 1);
    return name_check(*name) == NAME_VALID &&
           semver_parse(*version, &parsed, &error) == GRAMMAR_OK;
}
