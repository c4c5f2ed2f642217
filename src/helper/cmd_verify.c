#include "helper/artifact_check.h"
#include "helper/commands.h"
#include "helper/progress.h"
#include "helper/scratch.h"
#include "helper/session.h"

static void show_progress(void *context, size_t done, size_t total) {
    (void)context;
    progress_show("verifying", done, total, STR_NONE);
}

static int fail_defects(struct session *session, const struct diag_list *defects) {
    struct detail details[] = {DETAIL_TEXT(session->store->location)};
    struct diag *failure =
        diag_new(session->arena, ERROR_REGISTRY_VERIFY_FAILED, STR_NONE, details, 1);
    if (failure != NULL) {
        diag_nest(failure, defects);
    }
    return session_fail(session, failure == NULL ? REGISTRY_NO_MEMORY : REGISTRY_FAILED,
                        failure);
}

static void print_json(struct session *session, const struct verify_request *request,
                       const struct verify_result *verify) {
    struct buf *out = report_begin_result(session->output);
    buf_printf(out, "{\"entries\":%zu,\"artifacts\":%zu,\"withdrawn\":%zu,\"deep\":%s",
               verify->entry_count, verify->artifact_count, verify->withdrawn_count,
               request->is_deep ? "true" : "false");
    session_json_requests(session, false);
    buf_append(out, STR("}"));
    report_end_result(session->output);
}

static void print_text(struct session *session, const struct verify_request *request,
                       const struct verify_result *verify) {
    struct buf *out = output_on(session->output, STREAM_OUT);
    buf_append(out, STR("The registry is as it should be: "));
    buf_printf(out, "%zu %s, each artifact there and %s\n", verify->entry_count,
               verify->entry_count == 1 ? "entry" : "entries",
               request->is_deep ? "a valid plugin" : "with its hash");
    if (verify->withdrawn_count > 0) {
        buf_printf(out, "  %zu more of earlier indexes, to roll back to\n",
                   verify->withdrawn_count);
    }
}

int registry_cmd_verify(struct invocation *invocation) {
    struct session session;
    struct verify_result verify = {0};
    struct diag *failure = NULL;
    int status = 0;
    if (session_begin(&session, invocation, OPTION_REGISTRY, false, &status)) {
        struct verify_request request = {
            .is_deep = is_given(invocation, OPTION_DEEP),
            .unpack = artifact_check_entry,
            .jobs = value_number(value_of(invocation, OPTION_JOBS)),
            .host = &session_host,
            .progress = show_progress};
        progress_begin(session.output);
        enum registry_status done =
            verify_run(session.arena, session.store, &request, &verify, &failure);
        progress_clear();
        if (done != REGISTRY_OK) {
            status = session_fail(&session, done, failure);
        } else if (verify.defects.count > 0) {
            status = fail_defects(&session, &verify.defects);
        } else if (session.output->is_json) {
            print_json(&session, &request, &verify);
        } else {
            print_text(&session, &request, &verify);
        }
    }
    scratch_end();
    session_end(&session);
    return status;
}
