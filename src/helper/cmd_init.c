#include "base/json_write.h"
#include "helper/commands.h"
#include "helper/session.h"

static const char *mode_text(enum store_mode mode) {
    switch (mode) {
    case STORE_CAS:
        return "compare_and_swap";
    case STORE_JOURNAL:
        return "journal";
    case STORE_JOURNAL_LOCKED:
        return "locked_journal";
    case STORE_OVERWRITE:
        break;
    }
    return "overwrite";
}

static void print_json(struct session *session,
                       const struct registry_init_result *init) {
    struct buf *out = report_begin_result(session->output);
    buf_append(out, STR("{\"location\":"));
    json_append_string(out, session->store->location);
    buf_append(out, STR(",\"artifacts_url\":"));
    json_append_string(out, init->artifacts_url);
    buf_append(out, STR(",\"index_url\":"));
    json_append_string(out, init->index_url);
    buf_printf(out, ",\"mode\":\"%s\",\"needs_exclusive\":%s", mode_text(init->mode),
               init->needs_exclusive ? "true" : "false");
    session_json_requests(session, false);
    buf_append(out, STR("}"));
    report_end_result(session->output);
}

static void print_text(struct session *session,
                       const struct registry_init_result *init) {
    struct buf *out = output_on(session->output, STREAM_OUT);
    buf_append(out, STR("Started a registry in "));
    output_begin_style(session->output, STREAM_OUT, STYLE_STRONG);
    output_escaped(out, session->store->location);
    output_end_style(session->output, STREAM_OUT);
    buf_append(out, STR("\n  index:     "));
    output_escaped(out, init->index_url);
    buf_append(out, STR("\n  artifacts: "));
    output_escaped(out, init->artifacts_url);
    buf_append(out, init->needs_exclusive
                        ? STR("\n  one publisher at a time: writing needs "
                              "--assume-exclusive\n")
                        : STR("\n  any number may publish at the same time\n"));
}

int registry_cmd_init(struct invocation *invocation) {
    struct session session;
    struct registry_init_result init;
    struct diag *failure = NULL;
    int status = 0;
    if (session_begin(&session, invocation, OPTION_REGISTRY, true, &status)) {
        struct registry_init_request request = {
            .artifacts_url = session_text(&session, OPTION_ARTIFACTS_URL),
            .write = session_write(invocation)};
        enum registry_status made =
            registry_init(session.arena, session.store, &request, &init, &failure);
        if (made != REGISTRY_OK) {
            status = session_fail(&session, made, failure);
        } else if (session.output->is_json) {
            print_json(&session, &init);
        } else {
            print_text(&session, &init);
        }
    }
    session_end(&session);
    return status;
}
