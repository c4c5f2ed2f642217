#include "stores/sftp_session.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/host.h"

enum {
    OUTPUT_MAX_BYTES = 64 << 20, /* a listing of hundreds of thousands of files */
    READ_BYTES = 1 << 14,
    TICK_MS = 100
};

int sftp_session_start(struct sftp_session *session, const char *const *arguments,
                       char *const *environment) {
    buf_init(&session->output, OUTPUT_MAX_BYTES);
    session->marker = host_random(NULL);
    return child_start(&session->child, arguments, environment, 0);
}

void sftp_session_end(struct sftp_session *session) {
    child_end(&session->child);
    buf_release(&session->output);
}

/* One command as it runs. */
struct turn {
    struct sftp_session *session;
    struct str input; /* what is left to be written */
    const struct sftp_growth *growth;
    uint64_t grown_bytes;
    int64_t moved_ms; /* when anything moved */
};

static void look_at_growth(struct turn *turn, enum sftp_answer *answer) {
    struct stat info;
    if (turn->growth == NULL || turn->growth->path == NULL ||
        stat(turn->growth->path, &info) != 0) {
        return;
    }
    uint64_t size = (uint64_t)info.st_size;
    if (size > turn->growth->max_bytes) {
        *answer = SFTP_TOO_LARGE;
    } else if (size != turn->grown_bytes) {
        turn->grown_bytes = size;
        turn->moved_ms = host_monotonic_ms();
    }
}

static enum sftp_answer take_output(struct turn *turn) {
    char bytes[READ_BYTES];
    ssize_t count;
    do {
        count = read(turn->session->child.output, bytes, sizeof bytes);
    } while (count < 0 && errno == EINTR);
    if (count < 0 && errno == EAGAIN) {
        return SFTP_ANSWERED;
    }
    if (count <= 0) {
        return SFTP_BROKEN;
    }
    turn->moved_ms = host_monotonic_ms();
    struct buf *output = &turn->session->output;
    if (!buf_append(output, (struct str){bytes, (size_t)count})) {
        return (size_t)count > output->max - output->len ? SFTP_BROKEN : SFTP_NO_MEMORY;
    }
    return SFTP_ANSWERED;
}

/* Where `line` begins as a whole line at the end of the output; SIZE_MAX: not there. */
static size_t find_end(const struct buf *output, struct str line) {
    struct str text = buf_str(output);
    if (!str_ends_with(text, line)) {
        return SIZE_MAX;
    }
    size_t at = text.len - line.len;
    return at == 0 || text.ptr[at - 1] == '\n' ? at : SIZE_MAX;
}

static enum sftp_answer move(struct turn *turn, int wait_ms) {
    struct child *child = &turn->session->child;
    struct pollfd polled[2] = {
        {.fd = turn->input.len > 0 ? child->input : -1, .events = POLLOUT},
        {.fd = child->output, .events = POLLIN},
    };
    if (poll(polled, 2, wait_ms) <= 0) {
        return SFTP_ANSWERED;
    }
    if (polled[0].revents != 0) {
        size_t written = 0;
        int error = child_write(child->input, turn->input, &written);
        turn->input = str_skip(turn->input, written);
        if (error != 0 && error != EAGAIN) {
            turn->input = STR(""); /* what it says before its end is worth reading */
        }
    }
    return polled[1].revents != 0 ? take_output(turn) : SFTP_ANSWERED;
}

enum sftp_answer sftp_session_tell(struct sftp_session *session, struct str command,
                                   int64_t deadline_ms, uint32_t stall_timeout_ms,
                                   const struct sftp_growth *growth,
                                   struct str *reply) {
    char end_line[64];
    int len = snprintf(end_line, sizeof end_line, "sftp> #%016" PRIx64 "\n",
                       session->marker++);
    struct str end = {end_line, (size_t)len};
    struct buf input;
    buf_init(&input, SIZE_MAX);
    buf_append(&input, command);
    buf_append(&input, command.len > 0 ? STR("\n") : STR(""));
    buf_append(&input, str_skip(end, strlen("sftp> ")));
    buf_clear(&session->output);
    struct turn turn = {.session = session,
                        .input = buf_str(&input),
                        .growth = growth,
                        .moved_ms = host_monotonic_ms()};
    enum sftp_answer answer = input.failed ? SFTP_NO_MEMORY : SFTP_ANSWERED;
    size_t at = SIZE_MAX;
    while (answer == SFTP_ANSWERED && at == SIZE_MAX) {
        answer = move(&turn, TICK_MS);
        at = find_end(&session->output, end);
        int64_t now_ms = host_monotonic_ms();
        if (answer == SFTP_ANSWERED && at == SIZE_MAX) {
            look_at_growth(&turn, &answer);
            if (answer == SFTP_ANSWERED &&
                (now_ms >= deadline_ms || now_ms - turn.moved_ms > stall_timeout_ms)) {
                answer = SFTP_TIMED_OUT;
            }
        }
    }
    buf_release(&input);
    *reply = answer == SFTP_ANSWERED ? str_first(buf_str(&session->output), at)
                                     : buf_str(&session->output);
    return answer;
}
