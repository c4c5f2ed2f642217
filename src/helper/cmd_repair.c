#include "base/json_write.h"
#include "helper/artifact_check.h"
#include "helper/commands.h"
#include "helper/scratch.h"
#include "helper/session.h"

struct kind_text {
    const char *word;
    const char *will; /* what is to be done with the object named */
};

static const struct kind_text kind_texts[] = {
    [REPAIR_BRING_FORWARD] = {"bring_forward", "bring forward to the newest of the "
                                               "journal"},
    [REPAIR_REWRITE] = {"rewrite", "write in canonical form"},
    [REPAIR_ADOPT] = {"adopt", "add to the index"},
    [REPAIR_REMOVE] = {"remove", "remove, for no entry names it"},
    [REPAIR_LEAVE] = {"leave", "leave, for it is no complete plugin"},
};

static bool is_work(const struct repair_result *repair) {
    for (size_t i = 0; i < repair->step_count; i++) {
        if (repair->steps[i].kind != REPAIR_LEAVE) {
            return true;
        }
    }
    return false;
}

static void print_json(struct session *session, const struct repair_result *repair,
                       bool dry_run) {
    struct buf *out = report_begin_result(session->output);
    buf_append(out, STR("{\"steps\":["));
    for (size_t i = 0; i < repair->step_count; i++) {
        const struct repair_step *step = &repair->steps[i];
        buf_append(out, i == 0 ? STR("") : STR(","));
        buf_printf(out, "{\"kind\":\"%s\",\"name\":", kind_texts[step->kind].word);
        json_append_string(out, step->name);
        if (step->why.ptr != NULL) {
            buf_append(out, STR(",\"why\":"));
            json_append_string(out, step->why);
        }
        buf_append(out, STR("}"));
        output_flush_some(session->output, STREAM_OUT);
    }
    buf_printf(out, "],\"dry_run\":%s,", dry_run ? "true" : "false");
    session_json_written(session, &repair->written);
    buf_append(out, STR("}"));
    report_end_result(session->output);
}

static void print_plan(struct session *session, const struct repair_result *repair) {
    struct buf *out = output_on(session->output, STREAM_OUT);
    if (repair->step_count == 0) {
        buf_append(out, STR("There is nothing to mend.\n"));
    }
    for (size_t i = 0; i < repair->step_count; i++) {
        const struct repair_step *step = &repair->steps[i];
        output_begin_style(session->output, STREAM_OUT, STYLE_STRONG);
        output_escaped(out, step->name);
        output_end_style(session->output, STREAM_OUT);
        buf_printf(out, ": %s", kind_texts[step->kind].will);
        if (step->why.ptr != NULL) {
            buf_append(out, STR(": "));
            output_escaped(out, step->why);
        }
        buf_append_byte(out, '\n');
    }
    output_flush(session->output, STREAM_OUT);
}

/* Which artifacts no entry names is known only once there are entries again. */
static void print_end(struct session *session, const struct repair_result *result,
                      bool is_dry) {
    struct buf *out = output_on(session->output, STREAM_OUT);
    buf_append(out, is_dry ? STR("Nothing was written.\n") : STR("Done.\n"));
    if (!is_dry && result->step_count == 1 &&
        result->steps[0].kind == REPAIR_BRING_FORWARD) {
        buf_append(out, STR("Run it again to look for artifacts without an entry.\n"));
    }
}

static enum registry_status
repair(struct session *session, struct repair_result *result, struct diag **failure) {
    struct repair_request request = {
        .remove_orphans = is_given(session->invocation, OPTION_REMOVE_ORPHANS),
        .dry_run = true,
        .read_artifact = artifact_check_orphan,
        .write = session_write(session->invocation)};
    enum registry_status status =
        repair_run(session->arena, session->store, &request, result, failure);
    if (status == REGISTRY_OK && !session->output->is_json) {
        print_plan(session, result);
    }
    bool is_dry = is_given(session->invocation, OPTION_DRY_RUN);
    if (status != REGISTRY_OK || is_dry || !is_work(result)) {
        return status;
    }
    request.dry_run = false;
    return repair_run(session->arena, session->store, &request, result, failure);
}

int registry_cmd_repair(struct invocation *invocation) {
    struct session session;
    struct repair_result result = {0};
    struct diag *failure = NULL;
    bool is_dry = is_given(invocation, OPTION_DRY_RUN);
    int status = 0;
    if (session_begin(&session, invocation, OPTION_REGISTRY, !is_dry, &status)) {
        enum registry_status done = repair(&session, &result, &failure);
        if (done != REGISTRY_OK) {
            status = session_fail(&session, done, failure);
        } else {
            session_warn(&session, &result.written.warnings);
            if (session.output->is_json) {
                print_json(&session, &result, is_dry);
            } else if (is_work(&result)) {
                print_end(&session, &result, is_dry);
            }
        }
    }
    scratch_end();
    session_end(&session);
    return status;
}
