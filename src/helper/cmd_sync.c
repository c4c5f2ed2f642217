#include "helper/commands.h"
#include "helper/progress.h"
#include "helper/session.h"

static void show_progress(void *context, size_t done, size_t total) {
    (void)context;
    progress_show("copying", done, total, STR_NONE);
}

static void print_json(struct session *session, const struct sync_result *sync,
                       bool dry_run) {
    struct buf *out = report_begin_result(session->output);
    buf_printf(
        out, "{\"copied\":%zu,\"present\":%zu,\"entries_added\":%zu,\"dry_run\":%s,",
        sync->copied, sync->present, sync->entries_added, dry_run ? "true" : "false");
    session_json_written(session, &sync->written);
    buf_append(out, STR("}"));
    report_end_result(session->output);
}

static void print_text(struct session *session, const struct sync_result *sync,
                       bool dry_run) {
    struct buf *out = output_on(session->output, STREAM_OUT);
    buf_printf(out, "%s %zu %s, %zu there already; %zu %s to the index\n",
               dry_run ? "Would copy" : "Copied", sync->copied,
               sync->copied == 1 ? "artifact" : "artifacts", sync->present,
               sync->entries_added,
               sync->entries_added == 1 ? "entry added" : "entries added");
    if (!dry_run) {
        buf_append(out, STR("  index: "));
        output_escaped(out, sync->written.index_url);
        buf_append_byte(out, '\n');
    }
}

int registry_cmd_sync(struct invocation *invocation) {
    struct session session;
    struct sync_result sync = {0};
    struct diag *failure = NULL;
    bool is_dry = is_given(invocation, OPTION_DRY_RUN);
    int status = 0;
    if (session_begin(&session, invocation, OPTION_FROM, false, &status) &&
        session_open_other(&session, OPTION_TO, !is_dry, &status)) {
        struct sync_request request = {
            .artifacts_url = session_text(&session, OPTION_ARTIFACTS_URL),
            .dry_run = is_dry,
            .jobs = value_number(value_of(invocation, OPTION_JOBS)),
            .write = session_write(invocation),
            .progress = show_progress};
        progress_begin(session.output);
        enum registry_status done = sync_run(session.arena, session.store,
                                             session.other, &request, &sync, &failure);
        progress_clear();
        if (done != REGISTRY_OK) {
            status = session_fail(&session, done, failure);
        } else {
            session_warn(&session, &sync.written.warnings);
            if (session.output->is_json) {
                print_json(&session, &sync, is_dry);
            } else {
                print_text(&session, &sync, is_dry);
            }
        }
    }
    session_end(&session);
    return status;
}
