#include "base/json_write.h"
#include "cli/commands.h"

static i3p_template template_of(enum command_id id) {
    switch (id) {
    case COMMAND_NEW_PROCESS_WRITES:
        return I3P_TEMPLATE_PROCESS_WRITES;
    case COMMAND_NEW_PROCESS_SCHEDULED_CALL:
        return I3P_TEMPLATE_PROCESS_SCHEDULED_CALL;
    case COMMAND_NEW_PROCESS_REQUEST:
        return I3P_TEMPLATE_PROCESS_REQUEST;
    default:
        return I3P_TEMPLATE_INDEX;
    }
}

static i3p_text text_of(const char *text) {
    return (i3p_text){text, strlen(text)};
}

static const char *kind_name(i3p_template kind) {
    return kind == I3P_TEMPLATE_INDEX ? "index" : "plugin";
}

static void print_json(struct output *output, i3p_template kind,
                       const i3p_result *result) {
    struct buf *out = report_begin_result(output);
    buf_append(out, STR("{"));
    report_member(out, true, "kind", text_of(kind_name(kind)));
    report_member(out, false, "template", text_of(i3p_template_short_name(kind)));
    report_member(out, false, "target_dir", i3p_result_target_dir(result));
    if (i3p_result_scaffold_name(result).ptr != NULL) {
        report_member(out, false, "name", i3p_result_scaffold_name(result));
    }
    buf_append(out, STR(",\"files_written\":["));
    for (size_t i = 0; i < i3p_result_file_count(result); i++) {
        buf_append(out, i == 0 ? STR("") : STR(","));
        json_append_string(out, str_of_text(i3p_result_file(result, i)));
    }
    buf_append(out, STR("]}"));
    report_end_result(output);
}

static void print_text(struct output *output, i3p_template kind,
                       const i3p_result *result) {
    struct buf *out = output_on(output, STREAM_OUT);
    buf_printf(out, "Started %s ", kind == I3P_TEMPLATE_INDEX ? "an" : "a");
    buf_append(out, str_of(kind_name(kind)));
    if (i3p_result_scaffold_name(result).ptr != NULL) {
        buf_append_byte(out, ' ');
        output_begin_style(output, STREAM_OUT, STYLE_STRONG);
        output_escaped(out, str_of_text(i3p_result_scaffold_name(result)));
        output_end_style(output, STREAM_OUT);
    }
    buf_append(out, STR(" in "));
    output_path(output, out, str_of_text(i3p_result_target_dir(result)));
    buf_append_byte(out, '\n');
    for (size_t i = 0; i < i3p_result_file_count(result); i++) {
        buf_append(out, STR("  "));
        output_escaped(out, str_of_text(i3p_result_file(result, i)));
        buf_append_byte(out, '\n');
    }
}

int cmd_new(struct invocation *invocation) {
    i3p_template kind = template_of(invocation->arguments->command->id);
    struct i3p_new_options options = I3P_NEW_OPTIONS_INIT;
    options.kind = kind;
    options.path = value_of(invocation, OPTION_POSITIONAL);
    options.name = value_of(invocation, OPTION_NAME);
    options.database_version = value_of(invocation, OPTION_DATABASE_VERSION);
    options.artifacts_url = value_of(invocation, OPTION_ARTIFACTS_URL);
    options.force = is_given(invocation, OPTION_FORCE);
    i3p_result *result;
    i3p_status status = i3p_new(&options, &result);
    int exit_status = 0;
    if (status != I3P_OK) {
        exit_status = cmd_fail(invocation, status, result);
    } else if (invocation->output->is_json) {
        print_json(invocation->output, kind, result);
    } else {
        print_text(invocation->output, kind, result);
    }
    i3p_result_free(result);
    return exit_status;
}

int cmd_new_list(struct invocation *invocation) {
    struct output *output = invocation->output;
    if (!output->is_json) {
        struct buf *out = output_on(output, STREAM_OUT);
        for (int i = 0; i < I3P_TEMPLATE_COUNT; i++) {
            buf_printf(out, "%-24s%s\n", i3p_template_short_name((i3p_template)i),
                       i3p_template_title((i3p_template)i));
        }
        return 0;
    }
    struct buf *out = report_begin_result(output);
    buf_append(out, STR("{\"templates\":["));
    for (int i = 0; i < I3P_TEMPLATE_COUNT; i++) {
        buf_append(out, i == 0 ? STR("{") : STR(",{"));
        report_member(out, true, "name", text_of(i3p_template_title((i3p_template)i)));
        report_member(out, false, "short_name",
                      text_of(i3p_template_short_name((i3p_template)i)));
        buf_append(out, STR("}"));
    }
    buf_append(out, STR("]}"));
    report_end_result(output);
    return 0;
}
