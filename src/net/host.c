#include "net/host.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

int64_t host_now_s(void *context) {
    (void)context;
    return clock_now();
}

int64_t host_monotonic_ms(void) {
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void host_sleep_ms(void *context, uint32_t time_ms) {
    (void)context;
    struct timespec left = {.tv_sec = (time_t)(time_ms / 1000),
                            .tv_nsec = (long)(time_ms % 1000) * 1000000};
    while (nanosleep(&left, &left) != 0 && errno == EINTR) {
    }
}

uint64_t host_random(void *context) {
    (void)context;
    uint64_t number = 0;
    int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
    ssize_t got = -1;
    if (fd >= 0) {
        do {
            got = read(fd, &number, sizeof number);
        } while (got < 0 && errno == EINTR);
        (void)close(fd);
    }
    if (got != (ssize_t)sizeof number) {
        /* Enough to keep two publishers out of step. */
        struct timespec now = {0};
        (void)clock_gettime(CLOCK_REALTIME, &now);
        number = ((uint64_t)now.tv_nsec * 0x9E3779B97F4A7C15U) ^
                 ((uint64_t)getpid() * 0xBF58476D1CE4E5B9U) ^ (uint64_t)(uintptr_t)&now;
    }
    return number;
}

struct str host_variable(const char *name) {
    const char *value = getenv(name);
    return value == NULL || *value == '\0' ? STR_NONE : str_of(value);
}

bool host_variable_is_true(const char *name) {
    return str_equal_ignore_case(host_variable(name), STR("true"));
}
