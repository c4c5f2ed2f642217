#include "cli/commands.h"

static void print_json(struct output *output, const i3p_result *result) {
    const i3p_plugin *plugin = i3p_result_plugin(result, 0);
    struct buf *out = report_begin_result(output);
    buf_append(out, STR("{"));
    report_member(out, true, "artifact_path", i3p_result_artifact_path(result));
    report_member(out, false, "index_path", i3p_result_index_path(result));
    report_member(out, false, "hash", i3p_plugin_hash(plugin));
    report_member(out, false, "new_entry_name", i3p_plugin_name(plugin));
    report_member(out, false, "new_entry_version", i3p_plugin_version(plugin));
    report_member(out, false, "new_entry_published_at",
                  i3p_plugin_published_at(plugin));
    buf_append(out, STR("}"));
    report_end_result(output);
}

static void print_text(struct output *output, const i3p_result *result) {
    const i3p_plugin *plugin = i3p_result_plugin(result, 0);
    struct buf *out = output_on(output, STREAM_OUT);
    report_warnings(output, result);
    buf_append(out, STR("Packaged "));
    output_begin_style(output, STREAM_OUT, STYLE_STRONG);
    output_escaped(out, str_of_text(i3p_plugin_name(plugin)));
    buf_append_byte(out, '@');
    output_escaped(out, str_of_text(i3p_plugin_version(plugin)));
    output_end_style(output, STREAM_OUT);
    buf_append(out, STR("\n  artifact: "));
    output_path(output, out, str_of_text(i3p_result_artifact_path(result)));
    buf_append(out, STR("\n  index:    "));
    output_path(output, out, str_of_text(i3p_result_index_path(result)));
    buf_append(out, STR("\n  hash:     "));
    output_escaped(out, str_of_text(i3p_plugin_hash(plugin)));
    buf_append_byte(out, '\n');
}

int cmd_package(struct invocation *invocation) {
    struct i3p_package_options options = I3P_PACKAGE_OPTIONS_INIT;
    options.plugin_dir = value_of(invocation, OPTION_POSITIONAL);
    options.index_path = value_of(invocation, OPTION_INDEX);
    options.out_dir = value_of(invocation, OPTION_OUT);
    options.want_warnings = !invocation->output->is_json;
    i3p_result *result;
    i3p_status status = i3p_package(&options, &result);
    int exit_status = 0;
    if (status != I3P_OK) {
        exit_status = cmd_fail(invocation, status, result);
    } else if (invocation->output->is_json) {
        print_json(invocation->output, result);
    } else {
        print_text(invocation->output, result);
    }
    i3p_result_free(result);
    return exit_status;
}
