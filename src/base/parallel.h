/* One function over many items, in several threads at once.
 *
 * Shapes: items are numbers from 0; they are begun in order. The caller's thread takes
 *   part, so that it works with one thread, and where no other can be started.
 * Errors: an item that fails keeps items that were not begun from being begun; all that
 *   were begun end before the call returns. The failed item of the lowest number is
 *   therefore the same however the threads ran.
 * Threads: those that it starts have ended when it returns; signals are left to the
 *   others. */
#ifndef BASE_PARALLEL_H
#define BASE_PARALLEL_H

#include <stdbool.h>
#include <stddef.h>

/* `thread` is below the number of threads; one item at a time runs under it. False: it
 * failed. */
typedef bool (*parallel_item)(void *context, size_t item, unsigned thread);

enum { PARALLEL_THREADS_MOST = 64 };

#define PARALLEL_ALL SIZE_MAX

/* PARALLEL_ALL, or the lowest number of an item that failed. At most `threads` threads,
 * of 1 to PARALLEL_THREADS_MOST. */
size_t parallel_run(size_t count, unsigned threads, parallel_item run, void *context);

/* Processors that this machine has, at least 1 and at most PARALLEL_THREADS_MOST. */
unsigned parallel_processors(void);

#endif
