#include "stores/stores.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/fs.h"
#include "net/host.h"
#include "net/retry.h"
#include "stores/child.h"
#include "stores/child_note.h"
#include "stores/exec_list.h"

/* Exit statuses of the command; docs/locations/exec.md. */
enum {
    EXIT_DONE = 0,
    EXIT_ABSENT = 3,
    EXIT_EXISTS = 4,
    EXIT_CONFLICT = 5,
    EXIT_DENIED = 6,
    EXIT_NO_SPACE = 7,
    EXIT_TRY_AGAIN = 8,
    EXIT_UNSUPPORTED = 9,
    EXIT_CANNOT_RUN = 126, /* these two are the shell's */
    EXIT_NOT_FOUND = 127
};

enum {
    MAX_TRIES = 5,
    USUAL_TIMEOUT_S = 600,
    LIST_MAX_BYTES = 64 << 20, /* hundreds of thousands of names */
    CAPABILITIES_MAX_BYTES = 1 << 16,
    USUAL_PARALLEL = 4
};

struct exec_store {
    struct store store;
    struct store_ops ops;
    struct arena arena;
    const char *script; /* what the shell is given */
    int64_t call_timeout_ms;
    int64_t deadline_ms;
};

struct exec_call {
    const char *verb;
    struct str words[2];
    struct str input;
    size_t max_output;
    bool writes;
};

/* STORE_FAILED, or STORE_UNCERTAIN for a write that may have been done. */
static enum store_status failed(const struct exec_call *order, bool may_be_done) {
    return order->writes && may_be_done ? STORE_UNCERTAIN : STORE_FAILED;
}

static void describe(const struct exec_call *order, const struct child_result *result,
                     struct failure *failure, enum error_id id, const char *what) {
    bool has_errors = result->errors[0] != '\0';
    failure_set(failure, id, order->words[0], "the command, called with `%s`, %s%s%s",
                order->verb, what, has_errors ? ": " : "", result->errors);
}

static enum store_status bad_status(const struct exec_call *order,
                                    const struct child_result *result,
                                    struct failure *failure) {
    static const struct {
        int status;
        enum error_id id;
        const char *what;
    } said[] = {
        {EXIT_DENIED, ERROR_STORE_ACCESS_DENIED, "says that it is not allowed"},
        {EXIT_NO_SPACE, ERROR_STORE_NO_SPACE, "says that there is no space"},
        {EXIT_TRY_AGAIN, ERROR_STORE_SERVER_ERROR, "asks to try again later"},
        {EXIT_UNSUPPORTED, ERROR_STORE_UNSUPPORTED, "says that it cannot do this"},
    };
    for (size_t i = 0; i < sizeof said / sizeof *said; i++) {
        if (said[i].status == result->status) {
            describe(order, result, failure, said[i].id, said[i].what);
            return STORE_FAILED;
        }
    }
    char what[64];
    bool is_command_bad =
        result->status == EXIT_CANNOT_RUN || result->status == EXIT_NOT_FOUND;
    (void)snprintf(what, sizeof what, "%s with status %d",
                   is_command_bad ? "could not be run: the shell ended" : "ended",
                   result->status);
    describe(order, result, failure, ERROR_STORE_COMMAND_FAILED, what);
    return failed(order, !is_command_bad);
}

/* How one run ended. Anything but a status that is documented, of a write, is
 * uncertain. */
static enum store_status judge(const struct exec_call *order,
                               const struct child_result *result,
                               struct failure *failure) {
    char what[80];
    switch (result->outcome) {
    case CHILD_EXITED:
        switch (result->status) {
        case EXIT_DONE:
            return STORE_OK;
        case EXIT_ABSENT:
            return STORE_ABSENT;
        case EXIT_EXISTS:
            return STORE_EXISTS;
        case EXIT_CONFLICT:
            return STORE_CONFLICT;
        default:
            return bad_status(order, result, failure);
        }
    case CHILD_SIGNALLED:
        (void)snprintf(what, sizeof what, "was ended by signal %d", result->status);
        describe(order, result, failure, ERROR_STORE_COMMAND_FAILED, what);
        return failed(order, true);
    case CHILD_TIMED_OUT:
        describe(order, result, failure, ERROR_STORE_TIMEOUT, "took too long");
        return failed(order, true);
    case CHILD_TOO_MUCH:
        (void)snprintf(what, sizeof what, "put out more than %zu bytes",
                       order->max_output);
        describe(order, result, failure, ERROR_STORE_TOO_LARGE, what);
        return failed(order, true);
    case CHILD_NOT_STARTED:
        break;
    }
    if (result->status == ENOMEM) {
        failure_memory(failure);
    } else {
        failure_set(failure, ERROR_STORE_COMMAND_FAILED, STR_NONE,
                    "the shell cannot be started: %s", fs_error_text(result->status));
    }
    return STORE_FAILED;
}

static void wait_before(struct exec_store *exec, unsigned tries) {
    int64_t wait_ms = retry_backoff_ms(tries, host_random(NULL));
    int64_t left_ms = exec->deadline_ms - host_monotonic_ms();
    if (left_ms > 0) {
        host_sleep_ms(NULL, (uint32_t)(wait_ms > left_ms ? left_ms : wait_ms));
    }
}

/* As docs/locations/exec.md promises to the command. */
static bool name_is_good(struct str name) {
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool is_mark = c == '.' || c == '-';
        if (!ascii_is_alnum(c) && c != '_' && c != '+' && (!is_mark || i == 0)) {
            return false;
        }
    }
    return name.len <= 255;
}

/* `result->output` is the caller's to release, always. */
static enum store_status run(struct exec_store *exec, struct arena *arena,
                             const struct exec_call *order, struct child_result *result,
                             struct failure *failure) {
    const char *first = arena_c_string(arena, order->words[0]);
    const char *second = arena_c_string(arena, order->words[1]);
    *result = (struct child_result){.outcome = CHILD_NOT_STARTED, .status = ENOMEM};
    if (!name_is_good(order->words[0])) {
        failure_set(failure, ERROR_STORE_NAME_REFUSED, order->words[0],
                    "the command is given no such name");
        return STORE_FAILED;
    }
    if ((first == NULL && order->words[0].ptr != NULL) ||
        (second == NULL && order->words[1].ptr != NULL)) {
        return judge(order, result, failure);
    }
    const char *arguments[] = {"/bin/sh",
                               "-c",
                               exec->script,
                               "exec",
                               order->verb,
                               order->words[0].ptr == NULL ? NULL : first,
                               order->words[1].ptr == NULL ? NULL : second,
                               NULL};
    for (unsigned tries = 1;; tries++) {
        int64_t end_ms = host_monotonic_ms() + exec->call_timeout_ms;
        struct child_run child = {
            .arguments = arguments,
            .input = order->input.ptr == NULL ? STR("") : order->input,
            .max_output = order->max_output,
            .deadline_ms = end_ms < exec->deadline_ms ? end_ms : exec->deadline_ms};
        atomic_fetch_add(&exec->store.requests, 1);
        child_run(&child, result);
        child_note_clean(result->errors);
        bool is_refused =
            result->outcome == CHILD_EXITED && result->status == EXIT_TRY_AGAIN;
        if (!is_refused || tries == MAX_TRIES ||
            host_monotonic_ms() >= exec->deadline_ms) {
            return judge(order, result, failure);
        }
        buf_release(&result->output);
        wait_before(exec, tries);
    }
}

/* An answer that this verb cannot have. */
static enum store_status check(const struct exec_call *order, enum store_status status,
                               unsigned allowed, struct failure *failure) {
    if (status == STORE_FAILED || status == STORE_UNCERTAIN ||
        (allowed & 1U << status) != 0) {
        return status;
    }
    failure_set(failure, ERROR_STORE_BAD_RESPONSE, order->words[0],
                "the command, called with `%s`, ended with a status that is not for it",
                order->verb);
    return failed(order, true);
}

/* What descriptor 3 said, or else the hash of the bytes. */
static bool set_revision(struct arena *arena, const struct child_result *result,
                         struct str bytes, struct store_object *object,
                         struct failure *failure) {
    struct str line = str_of(result->extra);
    if (line.len >= CHILD_EXTRA_BYTES) {
        failure_set(failure, ERROR_STORE_BAD_RESPONSE, object->name,
                    "the command told a revision of more than %d bytes",
                    CHILD_EXTRA_BYTES - 1);
        return false;
    }
    line = str_trim(str_first(line, str_find(line, '\n')));
    char text[SHA256_TEXT_BYTES + 1];
    if (line.len == 0) {
        sha256_of(bytes, text);
        line = str_of(text);
    }
    object->revision = arena_copy(arena, line);
    if (object->revision.ptr == NULL) {
        failure_memory(failure);
    }
    return object->revision.ptr != NULL;
}

static enum store_status set_object(struct store_call *call, struct str name,
                                    const struct child_result *result, struct str bytes,
                                    struct store_object *object) {
    if (object == NULL) {
        return STORE_OK;
    }
    *object = (struct store_object){.name = arena_copy(call->arena, name),
                                    .size_bytes = bytes.len};
    if (object->name.ptr == NULL) {
        failure_memory(&call->failure);
        return STORE_FAILED;
    }
    return set_revision(call->arena, result, bytes, object, &call->failure)
               ? STORE_OK
               : STORE_FAILED;
}

static enum store_status exec_get(struct store *store, struct store_call *call,
                                  struct str name, uint64_t max_bytes,
                                  struct buf *bytes, struct store_object *object) {
    struct exec_call order = {.verb = "get",
                              .words = {name},
                              .max_output =
                                  max_bytes > SIZE_MAX ? SIZE_MAX : (size_t)max_bytes};
    struct child_result result;
    enum store_status status =
        run((struct exec_store *)store, call->arena, &order, &result, &call->failure);
    status = check(&order, status, 1U << STORE_OK | 1U << STORE_ABSENT, &call->failure);
    if (status == STORE_OK) {
        status = set_object(call, name, &result, buf_str(&result.output), object);
    }
    if (status != STORE_OK) {
        buf_release(&result.output);
        buf_init(&result.output, 0);
    }
    *bytes = result.output;
    return status;
}

static enum store_status exec_put_new(struct store *store, struct store_call *call,
                                      const struct store_put *put,
                                      struct store_object *created) {
    struct exec_call order = {.verb = "put-new",
                              .words = {put->name},
                              .input = put->bytes,
                              .max_output = CAPABILITIES_MAX_BYTES,
                              .writes = true};
    struct child_result result;
    enum store_status status =
        run((struct exec_store *)store, call->arena, &order, &result, &call->failure);
    status = check(&order, status, 1U << STORE_OK | 1U << STORE_EXISTS, &call->failure);
    if (status == STORE_OK) {
        status = set_object(call, put->name, &result, put->bytes, created);
    }
    buf_release(&result.output);
    return status;
}

/* `-`: whatever is there. */
static struct str seen_revision(const struct store_object *seen) {
    return seen == NULL || seen->revision.len == 0 ? STR("-") : seen->revision;
}

static enum store_status exec_replace(struct store *store, struct store_call *call,
                                      const struct store_put *put,
                                      const struct store_object *seen,
                                      struct store_object *now) {
    struct exec_call order = {.verb = "replace",
                              .words = {put->name, seen_revision(seen)},
                              .input = put->bytes,
                              .max_output = CAPABILITIES_MAX_BYTES,
                              .writes = true};
    struct child_result result;
    enum store_status status =
        run((struct exec_store *)store, call->arena, &order, &result, &call->failure);
    status = check(&order, status,
                   1U << STORE_OK | 1U << STORE_ABSENT | 1U << STORE_CONFLICT,
                   &call->failure);
    if (status == STORE_OK) {
        status = set_object(call, put->name, &result, put->bytes, now);
    }
    buf_release(&result.output);
    return status;
}

static enum store_status exec_remove(struct store *store, struct store_call *call,
                                     const struct store_object *seen) {
    struct exec_call order = {.verb = "remove",
                              .words = {seen->name, seen_revision(seen)},
                              .max_output = CAPABILITIES_MAX_BYTES,
                              .writes = true};
    struct child_result result;
    enum store_status status =
        run((struct exec_store *)store, call->arena, &order, &result, &call->failure);
    buf_release(&result.output);
    return check(&order, status,
                 1U << STORE_OK | 1U << STORE_ABSENT | 1U << STORE_CONFLICT,
                 &call->failure);
}

static enum store_status exec_list(struct store *store, struct store_call *call,
                                   struct str prefix, struct store_list *list) {
    struct exec_call order = {
        .verb = "list", .words = {prefix}, .max_output = LIST_MAX_BYTES};
    struct child_result result;
    enum store_status status =
        run((struct exec_store *)store, call->arena, &order, &result, &call->failure);
    status = check(&order, status, 1U << STORE_OK, &call->failure);
    if (status == STORE_OK) {
        struct str text = arena_copy(call->arena, buf_str(&result.output));
        if (text.ptr == NULL) {
            failure_memory(&call->failure);
            status = STORE_FAILED;
        } else if (!exec_list_parse(call->arena, text, prefix, list, &call->failure)) {
            status = STORE_FAILED;
        }
    }
    buf_release(&result.output);
    return status;
}

static enum store_status exec_prepare(struct store *store, struct store_call *call) {
    struct exec_call order = {.verb = "prepare", .max_output = CAPABILITIES_MAX_BYTES};
    struct child_result result;
    enum store_status status =
        run((struct exec_store *)store, call->arena, &order, &result, &call->failure);
    bool is_unneeded =
        result.outcome == CHILD_EXITED && result.status == EXIT_UNSUPPORTED;
    buf_release(&result.output);
    if (is_unneeded) {
        call->failure = (struct failure){0};
        return STORE_OK;
    }
    return check(&order, status, 1U << STORE_OK, &call->failure);
}

static void exec_close(struct store *store) {
    struct exec_store *exec = (struct exec_store *)store;
    arena_release(&exec->arena);
    free(exec);
}

/* --- opening --- */

static bool take_capabilities(struct exec_store *exec, struct failure *failure) {
    struct arena scratch = {0};
    struct exec_call order = {.verb = "capabilities",
                              .max_output = CAPABILITIES_MAX_BYTES};
    struct child_result result;
    enum store_status status = run(exec, &scratch, &order, &result, failure);
    status = check(&order, status, 1U << STORE_OK, failure);
    struct exec_capabilities found = {.mode = STORE_OVERWRITE,
                                      .max_parallel = USUAL_PARALLEL};
    bool is_good =
        status == STORE_OK &&
        exec_capabilities_parse(&exec->arena, buf_str(&result.output), &found, failure);
    if (is_good) {
        exec->store.mode = found.mode;
        exec->store.needs_exclusive = found.mode == STORE_OVERWRITE;
        exec->store.artifacts_url = found.artifacts_url;
        exec->store.max_parallel = found.max_parallel;
        exec->ops.list = found.lists ? exec_list : NULL;
    }
    buf_release(&result.output);
    arena_release(&scratch);
    return is_good;
}

/* Of INFLUXDB3_PLUGIN_EXEC_TIMEOUT, in seconds. */
static bool take_timeout(struct exec_store *exec, struct failure *failure) {
    const char *text = getenv("INFLUXDB3_PLUGIN_EXEC_TIMEOUT");
    exec->call_timeout_ms = USUAL_TIMEOUT_S * 1000;
    if (text == NULL || text[0] == '\0') {
        return true;
    }
    char *end;
    unsigned long seconds = strtoul(text, &end, 10);
    if (*end != '\0' || !ascii_is_digit(text[0]) || seconds == 0 || seconds > 86400) {
        failure_set(failure, ERROR_USAGE_INVALID_LOCATION, STR_NONE,
                    "INFLUXDB3_PLUGIN_EXEC_TIMEOUT is no number of seconds from 1 to "
                    "86400");
        return false;
    }
    exec->call_timeout_ms = (int64_t)seconds * 1000;
    return true;
}

struct store *store_exec_open(const struct location *location,
                              const struct stores_options *options,
                              struct failure *failure) {
    struct exec_store *exec = calloc(1, sizeof *exec);
    if (exec == NULL) {
        failure_memory(failure);
        return NULL;
    }
    exec->ops = (struct store_ops){.get = exec_get,
                                   .put_new = exec_put_new,
                                   .replace = exec_replace,
                                   .remove = exec_remove,
                                   .prepare = exec_prepare,
                                   .close = exec_close};
    exec->store.ops = &exec->ops;
    exec->store.location = arena_copy(&exec->arena, location->text);
    exec->deadline_ms = options->timeout_ms == 0
                            ? INT64_MAX
                            : host_monotonic_ms() + (int64_t)options->timeout_ms;
    struct str parts[] = {location->path, STR(" \"$@\"")};
    exec->script = arena_concat(&exec->arena, parts, 2).ptr;
    if (exec->script == NULL || exec->store.location.ptr == NULL) {
        failure_memory(failure);
        exec_close(&exec->store);
        return NULL;
    }
    if (!take_timeout(exec, failure) || !take_capabilities(exec, failure)) {
        exec_close(&exec->store);
        return NULL;
    }
    return &exec->store;
}
