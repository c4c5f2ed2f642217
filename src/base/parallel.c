#include "base/parallel.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <unistd.h>

struct work {
    size_t count;
    parallel_item run;
    void *context;
    atomic_size_t next;
    atomic_size_t failed; /* the lowest */
    atomic_uint threads;
};

static void note_failure(struct work *work, size_t item) {
    size_t lowest = atomic_load(&work->failed);
    while (item < lowest &&
           !atomic_compare_exchange_weak(&work->failed, &lowest, item)) {
    }
}

static void take_part(struct work *work) {
    unsigned thread = atomic_fetch_add(&work->threads, 1);
    while (atomic_load(&work->failed) == PARALLEL_ALL) {
        size_t item = atomic_fetch_add(&work->next, 1);
        if (item >= work->count) {
            return;
        }
        if (!work->run(work->context, item, thread)) {
            note_failure(work, item);
        }
    }
}

static void *thread_main(void *context) {
    take_part(context);
    return NULL;
}

/* Signals go to the threads that were there before: handlers are theirs. */
static unsigned start(pthread_t *threads, unsigned count, struct work *work) {
    sigset_t all;
    sigset_t before;
    unsigned started = 0;
    (void)sigfillset(&all);
    if (count == 0 || pthread_sigmask(SIG_SETMASK, &all, &before) != 0) {
        return 0;
    }
    while (started < count &&
           pthread_create(&threads[started], NULL, thread_main, work) == 0) {
        started++;
    }
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return started;
}

size_t parallel_run(size_t count, unsigned threads, parallel_item run, void *context) {
    struct work work = {.count = count, .run = run, .context = context};
    atomic_init(&work.next, 0);
    atomic_init(&work.failed, PARALLEL_ALL);
    atomic_init(&work.threads, 0);
    pthread_t others[PARALLEL_THREADS_MOST];
    unsigned most = threads < PARALLEL_THREADS_MOST ? threads : PARALLEL_THREADS_MOST;
    most = count < most ? (unsigned)count : most;
    unsigned started = start(others, most > 1 ? most - 1 : 0, &work);
    take_part(&work);
    for (unsigned i = 0; i < started; i++) {
        (void)pthread_join(others[i], NULL);
    }
    return atomic_load(&work.failed);
}

unsigned parallel_processors(void) {
    long count = sysconf(_SC_NPROCESSORS_ONLN);
    return count < 1                       ? 1
           : count > PARALLEL_THREADS_MOST ? PARALLEL_THREADS_MOST
                                           : (unsigned)count;
}
