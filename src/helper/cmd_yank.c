#include "base/json_write.h"
#include "helper/commands.h"
#include "helper/session.h"

static void print_json(struct session *session,
                       const struct registry_yank_result *yank) {
    struct buf *out = report_begin_result(session->output);
    buf_append(out, STR("{\"name\":"));
    json_append_string(out, yank->record.fields.name);
    buf_append(out, STR(",\"version\":"));
    json_append_string(out, yank->record.fields.version);
    buf_append(out, STR(",\"published_at\":"));
    json_append_string(out, yank->record.published_at);
    buf_append(out, STR(",\"outcome\":"));
    json_append_string(out, yank_outcome_text(yank->outcome));
    buf_append(out, STR(","));
    session_json_written(session, &yank->written);
    buf_append(out, STR("}"));
    report_end_result(session->output);
}

static void print_text(struct session *session,
                       const struct registry_yank_result *yank) {
    struct buf *out = output_on(session->output, STREAM_OUT);
    bool is_change = yank->outcome == YANK_YANKED || yank->outcome == YANK_UNYANKED;
    output_begin_style(session->output, STREAM_OUT, STYLE_STRONG);
    output_escaped(out, yank->record.fields.name);
    buf_append_byte(out, '@');
    output_escaped(out, yank->record.fields.version);
    output_end_style(session->output, STREAM_OUT);
    buf_append(out, is_change ? STR(" is now ") : STR(" was already "));
    buf_append(out, yank->record.yanked ? STR("yanked") : STR("not yanked"));
    buf_append(out, STR("\n  index: "));
    output_escaped(out, yank->written.index_url);
    buf_append_byte(out, '\n');
}

int registry_cmd_yank(struct invocation *invocation) {
    struct session session;
    struct registry_yank_result yank;
    struct diag *failure = NULL;
    int status = 0;
    if (session_begin(&session, invocation, OPTION_REGISTRY, true, &status)) {
        struct str target = session_text(&session, OPTION_POSITIONAL);
        size_t at = str_find(target, '@');
        struct registry_yank_request request = {.name = str_first(target, at),
                                                .version = str_skip(target, at + 1),
                                                .undo =
                                                    is_given(invocation, OPTION_UNDO),
                                                .write = session_write(invocation)};
        enum registry_status done =
            registry_yank(session.arena, session.store, &request,
                          &session.result->index, &yank, &failure);
        if (done != REGISTRY_OK) {
            status = session_fail(&session, done, failure);
        } else {
            session_warn(&session, &yank.written.warnings);
            if (session.output->is_json) {
                print_json(&session, &yank);
            } else {
                print_text(&session, &yank);
            }
        }
    }
    session_end(&session);
    return status;
}
