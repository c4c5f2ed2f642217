#include "base/parallel.h"

#include <stdatomic.h>
#include <string.h>

#include "unit.h"

enum { ITEMS = 1000 };

struct job {
    atomic_uint done[ITEMS];
    atomic_uint busy[PARALLEL_THREADS_MOST];
    atomic_uint overlaps;
    atomic_uint highest_thread;
    size_t failing[2];
};

static bool run_item(void *context, size_t item, unsigned thread) {
    struct job *job = context;
    if (atomic_fetch_add(&job->busy[thread], 1) != 0) {
        atomic_fetch_add(&job->overlaps, 1);
    }
    atomic_fetch_add(&job->done[item], 1);
    unsigned highest = atomic_load(&job->highest_thread);
    while (thread > highest &&
           !atomic_compare_exchange_weak(&job->highest_thread, &highest, thread)) {
    }
    atomic_fetch_sub(&job->busy[thread], 1);
    return item != job->failing[0] && item != job->failing[1];
}

static size_t run(struct job *job, size_t count, unsigned threads, size_t a, size_t b) {
    memset(job, 0, sizeof *job);
    job->failing[0] = a;
    job->failing[1] = b;
    return parallel_run(count, threads, run_item, job);
}

static void every_item_runs_once(void **state) {
    (void)state;
    static struct job job;
    static const unsigned threads[] = {0, 1, 2, 7, PARALLEL_THREADS_MOST, 5000};
    for (size_t t = 0; t < sizeof threads / sizeof threads[0]; t++) {
        assert_true(run(&job, ITEMS, threads[t], SIZE_MAX, SIZE_MAX) == PARALLEL_ALL);
        for (size_t i = 0; i < ITEMS; i++) {
            assert_int_equal(job.done[i], 1);
        }
        assert_int_equal(job.overlaps, 0);
        assert_true(job.highest_thread < PARALLEL_THREADS_MOST);
        assert_true(threads[t] == 0 || job.highest_thread < threads[t]);
    }
}

static void nothing_to_do_is_done(void **state) {
    (void)state;
    static struct job job;
    assert_true(run(&job, 0, 4, SIZE_MAX, SIZE_MAX) == PARALLEL_ALL);
    assert_int_equal(job.done[0], 0);
}

/* The failure of the lowest number wins, whichever came first; with one thread nothing
 * runs after it. */
static void the_first_failure_wins(void **state) {
    (void)state;
    static struct job job;
    for (int i = 0; i < 200; i++) {
        assert_int_equal(run(&job, ITEMS, 8, 401, 400), 400);
        for (size_t item = 0; item <= 400; item++) {
            assert_int_equal(job.done[item], 1);
        }
    }
    assert_int_equal(run(&job, ITEMS, 1, 7, 3), 3);
    assert_int_equal(job.done[3], 1);
    assert_int_equal(job.done[4], 0);
}

static void there_is_a_processor(void **state) {
    (void)state;
    assert_in_range(parallel_processors(), 1, PARALLEL_THREADS_MOST);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_item_runs_once),
        cmocka_unit_test(nothing_to_do_is_done),
        cmocka_unit_test(the_first_failure_wins),
        cmocka_unit_test(there_is_a_processor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
