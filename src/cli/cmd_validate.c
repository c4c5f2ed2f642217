#include "cli/commands.h"

int cmd_validate(struct invocation *invocation) {
    struct i3p_validate_options options = I3P_VALIDATE_OPTIONS_INIT;
    options.plugin_dir = value_of(invocation, OPTION_POSITIONAL);
    options.index_path = value_of(invocation, OPTION_INDEX);
    options.want_warnings = !invocation->output->is_json;
    i3p_result *result;
    i3p_status status = i3p_validate(&options, &result);
    int exit_status = 0;
    if (status != I3P_OK) {
        exit_status = cmd_fail(invocation, status, result);
    } else if (invocation->output->is_json) {
        buf_append(report_begin_result(invocation->output), STR("{}"));
        report_end_result(invocation->output);
    } else {
        report_warnings(invocation->output, result);
        buf_append(output_on(invocation->output, STREAM_OUT),
                   STR("validation passed: 0 diagnostics\n"));
    }
    i3p_result_free(result);
    return exit_status;
}
