#include "stores/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* Above what a child's own descriptors are, so that none overwrites another. */
enum { LOWEST_FD = 10 };

/* A child started meanwhile by another thread would keep the ends of these pipes open.
 */
static pthread_mutex_t starting = PTHREAD_MUTEX_INITIALIZER;

static void close_fd(int *fd) {
    if (*fd >= 0) {
        (void)close(*fd);
        *fd = -1;
    }
}

/* Both ends closed on exec. */
static int make_pipe(int ends[2]) {
    int low[2];
    if (pipe(low) != 0) {
        return errno;
    }
    int error = 0;
    for (int i = 0; i < 2; i++) {
        ends[i] = fcntl(low[i], F_DUPFD_CLOEXEC, LOWEST_FD);
        if (ends[i] < 0 && error == 0) {
            error = errno;
        }
        (void)close(low[i]);
    }
    if (error != 0) {
        close_fd(&ends[0]);
        close_fd(&ends[1]);
    }
    return error;
}

static int set_attributes(posix_spawnattr_t *attributes) {
    sigset_t none;
    sigset_t defaults;
    (void)sigemptyset(&none);
    (void)sigemptyset(&defaults);
    (void)sigaddset(&defaults, SIGPIPE);
    int error = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETPGROUP |
                                                         POSIX_SPAWN_SETSIGMASK |
                                                         POSIX_SPAWN_SETSIGDEF);
    error = error != 0 ? error : posix_spawnattr_setpgroup(attributes, 0);
    error = error != 0 ? error : posix_spawnattr_setsigmask(attributes, &none);
    return error != 0 ? error : posix_spawnattr_setsigdefault(attributes, &defaults);
}

/* `theirs`: the child's ends of standard input, output, error and 3; -1 for none. */
static int spawn(struct child *child, const char *const *arguments,
                 char *const *environment, const int theirs[4]) {
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_t actions;
    int error = posix_spawnattr_init(&attributes);
    if (error != 0) {
        return error;
    }
    error = posix_spawn_file_actions_init(&actions);
    if (error != 0) {
        (void)posix_spawnattr_destroy(&attributes);
        return error;
    }
    error = set_attributes(&attributes);
    for (int i = 0; i < 4 && error == 0; i++) {
        if (theirs[i] >= 0) {
            error = posix_spawn_file_actions_adddup2(&actions, theirs[i], i);
        }
    }
    /* The old interface takes what it does not change as if it did. */
    union {
        const char *const *read_only;
        char *const *plain;
    } list = {.read_only = arguments};
    if (error == 0) {
        error = posix_spawnp(&child->pid, arguments[0], &actions, &attributes,
                             list.plain, environment == NULL ? environ : environment);
    }
    (void)posix_spawn_file_actions_destroy(&actions);
    (void)posix_spawnattr_destroy(&attributes);
    return error;
}

int child_start(struct child *child, const char *const *arguments,
                char *const *environment, unsigned streams) {
    *child = (struct child){.input = -1, .output = -1, .errors = -1, .extra = -1};
    int *const ours[4] = {&child->input, &child->output, &child->errors, &child->extra};
    int theirs[4] = {-1, -1, -1, -1};
    bool wanted[4] = {true, true, (streams & CHILD_ERRORS_APART) != 0,
                      (streams & CHILD_EXTRA) != 0};
    int error = 0;
    (void)pthread_mutex_lock(&starting);
    for (int i = 0; i < 4 && error == 0; i++) {
        int ends[2] = {-1, -1};
        error = wanted[i] ? make_pipe(ends) : 0;
        theirs[i] = i == 0 ? ends[0] : ends[1];
        *ours[i] = i == 0 ? ends[1] : ends[0];
        if (error == 0 && *ours[i] >= 0 && fcntl(*ours[i], F_SETFL, O_NONBLOCK) != 0) {
            error = errno;
        }
    }
    if (error == 0) {
        int spread[4] = {theirs[0], theirs[1], wanted[2] ? theirs[2] : theirs[1],
                         theirs[3]};
        error = spawn(child, arguments, environment, spread);
    }
    for (int i = 0; i < 4; i++) {
        close_fd(&theirs[i]);
    }
    (void)pthread_mutex_unlock(&starting);
    if (error != 0) {
        child->pid = 0;
        child_end(child);
    }
    return error;
}

bool child_has_ended(struct child *child) {
    if (child->pid == 0) {
        return true;
    }
    pid_t got;
    do {
        got = waitpid(child->pid, &child->status, WNOHANG);
    } while (got < 0 && errno == EINTR);
    if (got == 0) {
        return false;
    }
    child->pid = 0;
    return true;
}

void child_end(struct child *child) {
    close_fd(&child->input);
    close_fd(&child->output);
    close_fd(&child->errors);
    close_fd(&child->extra);
    if (!child_has_ended(child)) {
        (void)kill(-child->pid, SIGKILL);
        while (waitpid(child->pid, &child->status, 0) < 0 && errno == EINTR) {
        }
        child->pid = 0;
    }
}

/* Swallows the signal of a pipe that nobody reads, which is for this thread. */
static void swallow_pipe_signal(void) {
    sigset_t pending;
    sigset_t pipe_only;
    int signal_number;
    (void)sigemptyset(&pipe_only);
    (void)sigaddset(&pipe_only, SIGPIPE);
    if (sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE) == 1) {
        (void)sigwait(&pipe_only, &signal_number);
    }
}

int child_write(int fd, struct str bytes, size_t *written) {
    sigset_t pipe_only;
    sigset_t before;
    (void)sigemptyset(&pipe_only);
    (void)sigaddset(&pipe_only, SIGPIPE);
    (void)pthread_sigmask(SIG_BLOCK, &pipe_only, &before);
    ssize_t count;
    do {
        count = write(fd, bytes.ptr, bytes.len);
    } while (count < 0 && errno == EINTR);
    int error = count < 0 ? errno : 0;
    *written = count < 0 ? 0 : (size_t)count;
    if (error == EPIPE) {
        swallow_pipe_signal();
    }
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return error;
}
