#include "net/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net/host.h"
#include "net/redact.h"

extern char **environ;

char **process_words(struct arena *arena, struct str command, bool *unclosed) {
    /* At most every other byte begins a word. */
    char **words = arena_array(arena, command.len / 2 + 2, sizeof *words);
    char *to = arena_bytes(arena, command.len * 2 + 2);
    *unclosed = false;
    if (words == NULL || to == NULL) {
        return NULL;
    }
    size_t count = 0;
    bool in_word = false;
    char quote = '\0';
    for (size_t i = 0; i < command.len; i++) {
        char c = command.ptr[i];
        bool is_space = c == ' ' || c == '\t' || c == '\n' || c == '\r';
        if (quote == '\0' && is_space) {
            if (in_word) {
                *to++ = '\0';
                in_word = false;
            }
            continue;
        }
        if (!in_word) {
            words[count++] = to;
            in_word = true;
        }
        if (quote == '\0' && (c == '"' || c == '\'')) {
            quote = c;
        } else if (c == quote) {
            quote = '\0';
        } else if (c == '\\' && quote != '\'' && i + 1 < command.len &&
                   (quote == '\0' || command.ptr[i + 1] == '"' ||
                    command.ptr[i + 1] == '\\')) {
            *to++ = command.ptr[++i];
        } else {
            *to++ = c;
        }
    }
    *to = '\0';
    *unclosed = quote != '\0';
    return *unclosed ? NULL : words;
}

static int start(char **words, int output, pid_t *pid) {
    posix_spawn_file_actions_t actions;
    int error = posix_spawn_file_actions_init(&actions);
    if (error != 0) {
        return error;
    }
    error = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    if (error == 0) {
        error = posix_spawn_file_actions_adddup2(&actions, output, 1);
    }
    if (error == 0) {
        error = posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    }
    if (error == 0) {
        error = posix_spawnp(pid, words[0], &actions, NULL, words, environ);
    }
    (void)posix_spawn_file_actions_destroy(&actions);
    return error;
}

enum reading { READ_ALL, READ_TOO_LONG, READ_TOO_LATE, READ_NO_MEMORY };

static enum reading read_all(int input, int64_t end_ms, struct buf *out) {
    char bytes[4096];
    enum reading result = READ_ALL;
    for (;;) {
        int64_t left_ms = end_ms - host_monotonic_ms();
        struct pollfd watched = {.fd = input, .events = POLLIN};
        int ready = left_ms <= 0 ? 0 : poll(&watched, 1, (int)left_ms);
        if (ready < 0 && errno == EINTR) {
            continue;
        }
        if (ready == 0) {
            result = READ_TOO_LATE;
            break;
        }
        ssize_t got = read(input, bytes, sizeof bytes);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            break;
        }
        if (!buf_append(out, (struct str){bytes, (size_t)got})) {
            result = out->len + (size_t)got > out->max ? READ_TOO_LONG : READ_NO_MEMORY;
            break;
        }
    }
    redact_wipe(bytes, sizeof bytes);
    return result;
}

static bool explain(enum reading reading, int status,
                    char reason[PROCESS_REASON_BYTES]) {
    const char *text = "";
    if (reading == READ_TOO_LATE) {
        text = "it does not end in time";
    } else if (reading == READ_TOO_LONG) {
        text = "its output is too long";
    } else if (reading == READ_ALL && WIFSIGNALED(status)) {
        text = "a signal ended it";
    } else if (reading == READ_ALL && WEXITSTATUS(status) != 0) {
        (void)snprintf(reason, PROCESS_REASON_BYTES,
                       "it ends with status %d; run it by hand to see why",
                       WEXITSTATUS(status));
        return false;
    } else if (reading == READ_ALL) {
        return true;
    }
    (void)snprintf(reason, PROCESS_REASON_BYTES, "%s", text);
    return false;
}

bool process_read(struct arena *arena, struct str command, uint32_t timeout_ms,
                  struct buf *out, char reason[PROCESS_REASON_BYTES]) {
    reason[0] = '\0';
    bool unclosed;
    char **words = process_words(arena, command, &unclosed);
    if (words == NULL || words[0] == NULL) {
        (void)snprintf(reason, PROCESS_REASON_BYTES, "%s",
                       unclosed        ? "a quote has no end"
                       : words != NULL ? "it is empty"
                                       : "");
        return false;
    }
    int ends[2];
    if (pipe(ends) != 0) {
        (void)snprintf(reason, PROCESS_REASON_BYTES, "there is no pipe to it");
        return false;
    }
    (void)fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    (void)fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    pid_t pid = -1;
    int error = start(words, ends[1], &pid);
    (void)close(ends[1]);
    if (error != 0) {
        (void)close(ends[0]);
        (void)snprintf(reason, PROCESS_REASON_BYTES, "%s",
                       error == ENOENT ? "there is no such program"
                                       : "it cannot be started");
        return false;
    }
    int64_t end_ms = host_monotonic_ms() + timeout_ms;
    enum reading reading = read_all(ends[0], end_ms, out);
    (void)close(ends[0]);
    int status = 0;
    /* One that has closed its output may run on. */
    while (reading == READ_ALL && waitpid(pid, &status, WNOHANG) != pid) {
        if (host_monotonic_ms() >= end_ms) {
            reading = READ_TOO_LATE;
        } else {
            host_sleep_ms(NULL, 5);
        }
    }
    if (reading != READ_ALL) {
        (void)kill(pid, SIGKILL);
        while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
        }
    }
    return explain(reading, status, reason);
}
