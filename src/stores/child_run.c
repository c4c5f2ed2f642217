#include "stores/child.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net/host.h"

enum {
    READ_BYTES = 1 << 16,
    TICK_MS = 50 /* how often to see whether it has ended with its pipes left open */
};

/* The end of a text that may be long. */
struct tail {
    char *out;
    size_t room;
    size_t len;
};

static void tail_add(struct tail *tail, struct str bytes) {
    if (bytes.len >= tail->room) {
        bytes = str_skip(bytes, bytes.len - tail->room);
        tail->len = 0;
    }
    size_t over =
        tail->len + bytes.len > tail->room ? tail->len + bytes.len - tail->room : 0;
    memmove(tail->out, tail->out + over, tail->len - over);
    tail->len -= over;
    memcpy(tail->out + tail->len, bytes.ptr, bytes.len);
    tail->len += bytes.len;
    tail->out[tail->len] = '\0';
}

struct exchange {
    struct child child;
    struct child_result *result;
    struct str input; /* what is left of it */
    struct tail errors;
    struct tail extra;
    bool is_over; /* the outcome is set */
};

static void close_fd(int *fd) {
    (void)close(*fd);
    *fd = -1;
}

static void feed(struct exchange *exchange) {
    size_t written = 0;
    int error = child_write(exchange->child.input, exchange->input, &written);
    exchange->input = str_skip(exchange->input, written);
    /* One that does not read all is judged by its exit status. */
    if (exchange->input.len == 0 || (error != 0 && error != EAGAIN)) {
        close_fd(&exchange->child.input);
    }
}

/* False: nothing was there to read. */
static bool drain(struct exchange *exchange, int *fd) {
    static _Thread_local char bytes[READ_BYTES];
    ssize_t count;
    do {
        count = read(*fd, bytes, sizeof bytes);
    } while (count < 0 && errno == EINTR);
    if (count < 0 && errno == EAGAIN) {
        return false;
    }
    if (count <= 0) {
        close_fd(fd);
        return false;
    }
    struct str got = {bytes, (size_t)count};
    if (fd == &exchange->child.errors) {
        tail_add(&exchange->errors, got);
    } else if (fd == &exchange->child.extra) {
        tail_add(&exchange->extra, got);
    } else if (!buf_append(&exchange->result->output, got)) {
        bool is_too_much =
            got.len > exchange->result->output.max - exchange->result->output.len;
        exchange->result->outcome = is_too_much ? CHILD_TOO_MUCH : CHILD_NOT_STARTED;
        exchange->result->status = ENOMEM;
        exchange->is_over = true;
        return false;
    }
    return true;
}

/* How long to wait for its pipes; with those closed it is about to end. */
static int wait_ms(const struct child *child, int64_t deadline_ms) {
    int most = child->output < 0 && child->errors < 0 ? 1 : TICK_MS;
    int64_t left = deadline_ms == INT64_MAX ? most : deadline_ms - host_monotonic_ms();
    return left < 0 ? 0 : left > most ? most : (int)left;
}

/* Waits for something to do, and does it. */
static void turn(struct exchange *exchange, int64_t deadline_ms) {
    struct child *child = &exchange->child;
    int *const ends[4] = {&child->input, &child->output, &child->errors, &child->extra};
    struct pollfd polled[4];
    for (int i = 0; i < 4; i++) {
        polled[i] =
            (struct pollfd){.fd = *ends[i], .events = i == 0 ? POLLOUT : POLLIN};
    }
    int count = poll(polled, 4, wait_ms(child, deadline_ms));
    if (count > 0) {
        if (polled[0].revents != 0) {
            feed(exchange);
        }
        for (int i = 1; i < 4 && !exchange->is_over; i++) {
            if (polled[i].revents != 0) {
                (void)drain(exchange, ends[i]);
            }
        }
    } else if (host_monotonic_ms() >= deadline_ms) {
        exchange->result->outcome = CHILD_TIMED_OUT;
        exchange->is_over = true;
    }
}

static void take_status(struct exchange *exchange) {
    int status = exchange->child.status;
    exchange->result->outcome = WIFEXITED(status) ? CHILD_EXITED : CHILD_SIGNALLED;
    exchange->result->status =
        WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status);
    exchange->is_over = true;
}

/* Once it has ended: what is in the pipes still, but not what others, which it has left
 * behind, may write later. */
static void drain_all(struct exchange *exchange) {
    struct child *child = &exchange->child;
    int *const ends[3] = {&child->output, &child->errors, &child->extra};
    for (int i = 0; i < 3; i++) {
        while (!exchange->is_over && *ends[i] >= 0 && drain(exchange, ends[i])) {
        }
    }
}

void child_run(const struct child_run *run, struct child_result *result) {
    struct exchange exchange = {.result = result, .input = run->input};
    exchange.errors = (struct tail){result->errors, CHILD_ERRORS_BYTES, 0};
    exchange.extra = (struct tail){result->extra, CHILD_EXTRA_BYTES, 0};
    result->errors[0] = '\0';
    result->extra[0] = '\0';
    result->status = 0;
    buf_init(&result->output, run->max_output);
    int error = child_start(&exchange.child, run->arguments, NULL,
                            CHILD_ERRORS_APART | CHILD_EXTRA);
    if (error != 0) {
        result->outcome = CHILD_NOT_STARTED;
        result->status = error;
        return;
    }
    if (run->input.len == 0) {
        close_fd(&exchange.child.input);
    }
    while (!exchange.is_over) {
        turn(&exchange, run->deadline_ms);
        if (!exchange.is_over && child_has_ended(&exchange.child)) {
            drain_all(&exchange);
            if (!exchange.is_over) {
                take_status(&exchange);
            }
        }
    }
    child_end(&exchange.child);
}
