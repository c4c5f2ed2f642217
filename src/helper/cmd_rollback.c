#include "helper/commands.h"
#include "helper/session.h"

static bool is_change(const struct registry_rollback *rollback) {
    return rollback->removed_count + rollback->restored_count +
               rollback->changed_count >
           0;
}

static void print_json(struct session *session,
                       const struct registry_rollback *rollback, uint32_t to,
                       bool dry_run) {
    struct buf *out = report_begin_result(session->output);
    buf_printf(out, "{\"to\":%lu", (unsigned long)to);
    session_json_versions(out, "removed", rollback->removed, rollback->removed_count);
    session_json_versions(out, "restored", rollback->restored,
                          rollback->restored_count);
    session_json_versions(out, "changed", rollback->changed, rollback->changed_count);
    buf_printf(out, ",\"dry_run\":%s,", dry_run ? "true" : "false");
    session_json_written(session, &rollback->written);
    buf_append(out, STR("}"));
    report_end_result(session->output);
}

static void text_versions(struct buf *out, const char *label,
                          const struct name_version *items, size_t count) {
    for (size_t i = 0; i < count; i++) {
        buf_printf(out, "  %s ", label);
        output_escaped(out, items[i].name);
        buf_append_byte(out, '@');
        output_escaped(out, items[i].version);
        buf_append_byte(out, '\n');
    }
}

static void print_plan(struct session *session,
                       const struct registry_rollback *rollback, uint32_t to) {
    struct buf *out = output_on(session->output, STREAM_OUT);
    buf_printf(out, "Going back to number %lu:%s\n", (unsigned long)to,
               is_change(rollback) ? "" : " no entry changes");
    text_versions(out, "goes:    ", rollback->removed, rollback->removed_count);
    text_versions(out, "returns: ", rollback->restored, rollback->restored_count);
    text_versions(out, "changes: ", rollback->changed, rollback->changed_count);
    output_flush(session->output, STREAM_OUT);
}

static void print_done(struct session *session,
                       const struct registry_rollback *rollback, bool dry_run) {
    struct buf *out = output_on(session->output, STREAM_OUT);
    if (dry_run) {
        buf_append(out, STR("Nothing was written.\n"));
        return;
    }
    bool is_new = rollback->written.changed;
    buf_append(out, is_new ? STR("Done")
                           : STR("Nothing was written: the index has that content"));
    if (is_new && rollback->written.serial > 0) {
        buf_append(out, STR(": the index in force is number "));
        buf_append_u64(out, rollback->written.serial);
    }
    buf_append(out, STR("\n  index: "));
    output_escaped(out, rollback->written.index_url);
    buf_append_byte(out, '\n');
}

/* People see what goes and comes before anything is written. */
static enum registry_status roll_back(struct session *session, uint32_t to,
                                      bool dry_run, struct registry_rollback *rollback,
                                      struct diag **failure) {
    struct registry_write write = session_write(session->invocation);
    if (dry_run || !session->output->is_json) {
        enum registry_status status = registry_rollback(
            session->arena, session->store, to, true, &write, rollback, failure);
        if (status != REGISTRY_OK) {
            return status;
        }
    }
    if (!session->output->is_json) {
        print_plan(session, rollback, to);
    }
    return dry_run ? REGISTRY_OK
                   : registry_rollback(session->arena, session->store, to, false,
                                       &write, rollback, failure);
}

int registry_cmd_rollback(struct invocation *invocation) {
    struct session session;
    struct registry_rollback rollback = {0};
    struct diag *failure = NULL;
    uint32_t to = value_number(value_of(invocation, OPTION_TO_NUMBER));
    bool is_dry = is_given(invocation, OPTION_DRY_RUN);
    int status = 0;
    if (session_begin(&session, invocation, OPTION_REGISTRY, !is_dry, &status)) {
        enum registry_status done =
            roll_back(&session, to, is_dry, &rollback, &failure);
        if (done != REGISTRY_OK) {
            status = session_fail(&session, done, failure);
        } else {
            session_warn(&session, &rollback.written.warnings);
            if (session.output->is_json) {
                print_json(&session, &rollback, to, is_dry);
            } else {
                print_done(&session, &rollback, is_dry);
            }
        }
    }
    session_end(&session);
    return status;
}
