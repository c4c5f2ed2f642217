/* Programs of the operator's machine as child processes, over pipes.
 *
 * Source: POSIX posix_spawn; docs/locations/exec.md.
 * Shapes: a child leads a process group of its own, so that a time-out ends all it has
 *   started; it inherits the environment and nothing else but the descriptors named.
 * Ownership: child_start's descriptors belong to the child structure until child_end.
 * Errors: 0 or an errno value. Writing to one that has gone is EPIPE, never a signal.
 * Threads: any number of children may be started and run at once. */
#ifndef STORES_CHILD_H
#define STORES_CHILD_H

#include <sys/types.h>

#include "base/buf.h"

struct child {
    pid_t pid;  /* 0: none, or ended */
    int input;  /* its standard input, to be written; -1: closed */
    int output; /* its standard output */
    int errors; /* its standard error; -1 where it goes to `output` */
    int extra;  /* its descriptor 3, to be read; -1 without */
    int status; /* once it has ended, as from waitpid */
};

enum child_streams {
    CHILD_ERRORS_APART = 1, /* else standard error goes where standard output goes */
    CHILD_EXTRA = 2
};

/* `arguments` end with NULL; the first is looked up in PATH. `environment` like
 * `environ`; NULL: inherited. */
int child_start(struct child *child, const char *const *arguments,
                char *const *environment, unsigned streams);

/* Ends it by force if it still runs, collects it, closes what is open. */
void child_end(struct child *child);

/* Has it ended by itself? Collects it then. */
bool child_has_ended(struct child *child);

/* Writes as much as the pipe takes without waiting: EAGAIN where that is nothing, EPIPE
 * where nobody reads. */
int child_write(int fd, struct str bytes, size_t *written);

enum child_outcome {
    CHILD_EXITED,    /* `status` is its exit status */
    CHILD_SIGNALLED, /* `status` is the signal */
    CHILD_TIMED_OUT,
    CHILD_TOO_MUCH,   /* more than max_output */
    CHILD_NOT_STARTED /* `status` is an errno value */
};

/* One whole run: input in, output out. */
struct child_run {
    const char *const *arguments;
    struct str input;
    size_t max_output;
    int64_t deadline_ms; /* as host_monotonic_ms tells them; INT64_MAX: none */
};

/* Of standard error more is kept than is shown: no secret is cut in two at its start.
 */
enum { CHILD_ERRORS_BYTES = 8192, CHILD_EXTRA_BYTES = 256 };

struct child_result {
    enum child_outcome outcome;
    int status;
    struct buf output;                   /* the caller's to release, always */
    char errors[CHILD_ERRORS_BYTES + 1]; /* the end of its standard error */
    char extra[CHILD_EXTRA_BYTES + 1];   /* what came on descriptor 3 */
};

void child_run(const struct child_run *run, struct child_result *result);

#endif
