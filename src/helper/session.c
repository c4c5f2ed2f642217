#include "helper/session.h"

#include "base/json_write.h"
#include "helper/progress.h"
#include "net/host.h"

const struct registry_host session_host = {host_now_s, host_sleep_ms, host_random,
                                           NULL};

static i3p_text text_of(struct str s) {
    return (i3p_text){s.ptr, s.len};
}

/* Whatever went wrong, what was on the screen makes room for it. */
static int tell(struct session *session, i3p_status status) {
    progress_clear();
    int exit_status = cmd_fail(session->invocation, status, session->result);
    if (status == I3P_FAILED) {
        ci_tell_error(&session->ci, session->invocation,
                      i3p_result_error(session->result));
    }
    return exit_status;
}

static int fail_memory(struct session *session) {
    return tell(session, I3P_NO_MEMORY);
}

int session_fail(struct session *session, enum registry_status status,
                 const struct diag *failure) {
    if (status != REGISTRY_FAILED) {
        return fail_memory(session);
    }
    i3p_status told = result_fail(session->result, failure, &session->result);
    if (told == I3P_NO_MEMORY) {
        session->arena = NULL;
    }
    return tell(session, told);
}

static bool open_store(struct session *session, enum option_id option, bool writes,
                       struct store **store, int *status) {
    struct str location = session_text(session, option);
    struct stores_options options = {
        .writes = writes,
        .allow_insecure = is_given(session->invocation, OPTION_ALLOW_INSECURE),
        .timeout_ms =
            1000 * value_number(value_of(session->invocation, OPTION_TIMEOUT)),
    };
    struct failure failure = {0};
    *store = stores_open(location, &options, &failure);
    if (*store != NULL) {
        return true;
    }
    struct str shown = location_shown(session->arena, location);
    struct diag *diag =
        shown.ptr == NULL ? NULL : failure_diag(&failure, session->arena, shown);
    *status = diag == NULL ? fail_memory(session)
                           : session_fail(session, REGISTRY_FAILED, diag);
    return false;
}

bool session_begin(struct session *session, struct invocation *invocation,
                   enum option_id option, bool writes, int *status) {
    *session = (struct session){
        .invocation = invocation, .output = invocation->output, .result = result_new()};
    ci_init(&session->ci, invocation->output->cwd);
    if (session->result == NULL) {
        *status = fail_memory(session);
        return false;
    }
    session->arena = &session->result->arena;
    return open_store(session, option, writes, &session->store, status);
}

bool session_open_other(struct session *session, enum option_id option, bool writes,
                        int *status) {
    return open_store(session, option, writes, &session->other, status);
}

void session_end(struct session *session) {
    progress_clear();
    store_close(session->other);
    store_close(session->store);
    i3p_result_free(session->result);
}

void session_warn(struct session *session, const struct diag_list *warnings) {
    if (!result_set_warnings(session->result, warnings)) {
        session->output->is_memory_out = true;
        return;
    }
    progress_clear();
    report_warnings(session->output, session->result);
    for (size_t i = 0; i < i3p_result_warning_count(session->result); i++) {
        ci_tell_warning(&session->ci, session->invocation,
                        i3p_result_warning(session->result, i));
    }
}

struct registry_write session_write(const struct invocation *invocation) {
    return (struct registry_write){
        .host = &session_host,
        .assume_exclusive = is_given(invocation, OPTION_ASSUME_EXCLUSIVE),
        .adopt = is_given(invocation, OPTION_ADOPT),
    };
}

struct str session_text(const struct session *session, enum option_id option) {
    return str_of(value_of(session->invocation, option));
}

void session_json_requests(struct session *session, bool is_first) {
    uint64_t requests = atomic_load(&session->store->requests);
    if (session->other != NULL) {
        requests += atomic_load(&session->other->requests);
    }
    struct buf *out = output_on(session->output, STREAM_OUT);
    buf_append(out, is_first ? STR("\"requests\":") : STR(",\"requests\":"));
    buf_append_u64(out, requests);
}

void session_json_written(struct session *session,
                          const struct registry_written *written) {
    struct buf *out = output_on(session->output, STREAM_OUT);
    report_member(out, true, "index_url", text_of(written->index_url));
    buf_append(out, STR(",\"serial\":"));
    if (written->serial == 0) {
        buf_append(out, STR("null"));
    } else {
        buf_append_u64(out, written->serial);
    }
    buf_append(out, STR(",\"attempts\":"));
    buf_append_u64(out, written->attempts);
    session_json_requests(session, false);
}

void session_json_versions(struct buf *out, const char *key,
                           const struct name_version *items, size_t count) {
    buf_append(out, STR(","));
    json_append_key(out, str_of(key));
    buf_append(out, STR("["));
    for (size_t i = 0; i < count; i++) {
        buf_append(out, i == 0 ? STR("{") : STR(",{"));
        report_member(out, true, "name", text_of(items[i].name));
        report_member(out, false, "version", text_of(items[i].version));
        buf_append(out, STR("}"));
    }
    buf_append(out, STR("]"));
}
