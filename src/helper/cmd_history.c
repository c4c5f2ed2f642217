#include <inttypes.h>

#include "base/json_write.h"
#include "grammar/timestamp.h"
#include "helper/commands.h"
#include "helper/session.h"

static void json_moment(struct buf *out, const struct registry_moment *moment) {
    buf_printf(out,
               "{\"serial\":%" PRIu64 ",\"entries\":%zu,\"modified\":", moment->serial,
               moment->entry_count);
    if (moment->modified_s == 0) {
        buf_append(out, STR("null"));
    } else {
        char time[TIMESTAMP_BYTES + 1];
        timestamp_format(moment->modified_s, time);
        json_append_string(out, str_of(time));
    }
    buf_printf(out, ",\"size_bytes\":%" PRIu64 ",\"current\":%s}", moment->size_bytes,
               moment->is_current ? "true" : "false");
}

static void print_json(struct session *session, const struct registry_moment *moments,
                       size_t count) {
    struct buf *out = report_begin_result(session->output);
    buf_append(out, STR("{\"moments\":["));
    for (size_t i = 0; i < count; i++) {
        buf_append(out, i == 0 ? STR("") : STR(","));
        json_moment(out, &moments[i]);
    }
    buf_append(out, STR("]"));
    session_json_requests(session, false);
    buf_append(out, STR("}"));
    report_end_result(session->output);
}

static void print_text(struct session *session, const struct registry_moment *moments,
                       size_t count) {
    struct buf *out = output_on(session->output, STREAM_OUT);
    for (size_t i = 0; i < count; i++) {
        const struct registry_moment *moment = &moments[i];
        char time[TIMESTAMP_BYTES + 1] = "-";
        if (moment->modified_s != 0) {
            timestamp_format(moment->modified_s, time);
        }
        output_begin_style(session->output, STREAM_OUT, STYLE_STRONG);
        buf_printf(out, "%8" PRIu64, moment->serial);
        output_end_style(session->output, STREAM_OUT);
        buf_printf(out, "  %-20s  %zu %s%s\n", time, moment->entry_count,
                   moment->entry_count == 1 ? "entry" : "entries",
                   moment->is_current ? "  (in force)" : "");
    }
}

int registry_cmd_history(struct invocation *invocation) {
    struct session session;
    struct registry_moment *moments = NULL;
    size_t count = 0;
    struct diag *failure = NULL;
    int status = 0;
    if (session_begin(&session, invocation, OPTION_REGISTRY, false, &status)) {
        enum registry_status done = registry_history(
            session.arena, session.store, &session_host, &moments, &count, &failure);
        if (done != REGISTRY_OK) {
            status = session_fail(&session, done, failure);
        } else if (session.output->is_json) {
            print_json(&session, moments, count);
        } else {
            print_text(&session, moments, count);
        }
    }
    session_end(&session);
    return status;
}
