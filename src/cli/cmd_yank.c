#include "cli/commands.h"

static void print_json(struct output *output, const i3p_result *result) {
    const i3p_plugin *plugin = i3p_result_plugin(result, 0);
    struct buf *out = report_begin_result(output);
    buf_append(out, STR("{"));
    report_member(out, true, "name", i3p_plugin_name(plugin));
    report_member(out, false, "version", i3p_plugin_version(plugin));
    report_member(out, false, "published_at", i3p_plugin_published_at(plugin));
    report_member(out, false, "outcome", i3p_result_yank_outcome(result));
    report_member(out, false, "index_path", i3p_result_index_path(result));
    buf_append(out, STR("}"));
    report_end_result(output);
}

static void print_text(struct output *output, const i3p_result *result) {
    const i3p_plugin *plugin = i3p_result_plugin(result, 0);
    struct str outcome = str_of_text(i3p_result_yank_outcome(result));
    bool is_change = !str_starts_with(outcome, STR("already_"));
    struct buf *out = output_on(output, STREAM_OUT);
    output_begin_style(output, STREAM_OUT, STYLE_STRONG);
    output_escaped(out, str_of_text(i3p_plugin_name(plugin)));
    buf_append_byte(out, '@');
    output_escaped(out, str_of_text(i3p_plugin_version(plugin)));
    output_end_style(output, STREAM_OUT);
    buf_append(out, is_change ? STR(" is now ") : STR(" was already "));
    buf_append(out, i3p_plugin_yanked(plugin) ? STR("yanked") : STR("not yanked"));
    buf_append(out, STR("\n  index: "));
    output_path(output, out, str_of_text(i3p_result_index_path(result)));
    buf_append_byte(out, '\n');
}

int cmd_yank(struct invocation *invocation) {
    struct str target = str_of(value_of(invocation, OPTION_POSITIONAL));
    struct str name = str_first(target, str_find(target, '@'));
    struct i3p_yank_options options = I3P_YANK_OPTIONS_INIT;
    options.name = arena_c_string(invocation->arena, name);
    if (options.name == NULL) {
        return cmd_fail(invocation, I3P_NO_MEMORY, NULL);
    }
    options.version = target.ptr + name.len + 1;
    options.index_path = value_of(invocation, OPTION_INDEX);
    options.out_dir = value_of(invocation, OPTION_OUT);
    options.undo = is_given(invocation, OPTION_UNDO);
    i3p_result *result;
    i3p_status status = i3p_yank(&options, &result);
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
