/* The machine's clocks, its chance, and waiting: the real ones.
 *
 * Shapes: the signatures are those of a registry_host; `context` is not looked at.
 * Threads: safe. */
#ifndef NET_HOST_H
#define NET_HOST_H

#include <stdint.h>

#include "base/str.h"

int64_t host_now_s(void *context);
void host_sleep_ms(void *context, uint32_t time_ms);
uint64_t host_random(void *context);

/* Of the environment. Absent: not set, or empty. */
struct str host_variable(const char *name);
bool host_variable_is_true(const char *name);

/* A clock that never goes back. */
int64_t host_monotonic_ms(void);

#endif
