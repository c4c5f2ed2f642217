#include "base/json_write.h"
#include "cli/commands.h"

int cmd_fail(struct invocation *invocation, i3p_status status,
             const i3p_result *result) {
    output_turn_to_error(invocation->output);
    if (status == I3P_NO_MEMORY) {
        invocation->output->is_memory_out = true;
        return 1;
    }
    report_warnings(invocation->output, result);
    return report_error(invocation->output, invocation->arguments->command,
                        i3p_result_error(result));
}

i3p_status open_index_file(struct invocation *invocation, i3p_index **index,
                           i3p_result **result) {
    return i3p_index_open(value_of(invocation, OPTION_INDEX), index, result);
}

struct i3p_query query_of(const struct invocation *invocation) {
    struct i3p_query query = I3P_QUERY_INIT;
    query.trigger = value_of(invocation, OPTION_TRIGGER_TYPE);
    query.database_version = value_of(invocation, OPTION_DATABASE_VERSION);
    query.include_yanked = is_given(invocation, OPTION_INCLUDE_YANKED);
    query.include_incompatible = is_given(invocation, OPTION_INCLUDE_INCOMPATIBLE);
    return query;
}

void append_reason_json(struct buf *out, const i3p_plugin *plugin, size_t at) {
    buf_append(out, STR("{"));
    report_member(out, true, "kind", i3p_plugin_hidden_kind(plugin, at));
    if (i3p_plugin_hidden_required(plugin, at).ptr != NULL) {
        report_member(out, false, "required", i3p_plugin_hidden_required(plugin, at));
        report_member(out, false, "actual", i3p_plugin_hidden_actual(plugin, at));
    }
    buf_append(out, STR("}"));
}

void append_reason_text(struct buf *out, const i3p_plugin *plugin, size_t at) {
    struct str required = str_of_text(i3p_plugin_hidden_required(plugin, at));
    if (required.ptr == NULL) {
        output_escaped(out, str_of_text(i3p_plugin_hidden_kind(plugin, at)));
        return;
    }
    buf_append(out, STR("incompatible: requires "));
    output_escaped(out, required);
    buf_append(out, STR(", actual "));
    output_escaped(out, str_of_text(i3p_plugin_hidden_actual(plugin, at)));
}

void append_visibility(struct buf *out, const i3p_plugin *plugin) {
    size_t count = i3p_plugin_hidden_count(plugin);
    if (count == 0) {
        buf_append(out, STR("\"visibility\":{\"status\":\"visible\"}"));
        return;
    }
    buf_append(out, STR("\"visibility\":{\"status\":\"hidden\",\"reasons\":["));
    for (size_t i = 0; i < count; i++) {
        buf_append(out, i == 0 ? STR("") : STR(","));
        append_reason_json(out, plugin, i);
    }
    buf_append(out, STR("]}"));
}

void append_triggers_json(struct buf *out, const i3p_plugin *plugin) {
    buf_append(out, STR("\"triggers\":["));
    for (size_t i = 0; i < i3p_plugin_trigger_count(plugin); i++) {
        buf_append(out, i == 0 ? STR("") : STR(","));
        json_append_string(out, str_of_text(i3p_plugin_trigger(plugin, i)));
    }
    buf_append(out, STR("]"));
}

void append_triggers_text(struct buf *out, const i3p_plugin *plugin) {
    for (size_t i = 0; i < i3p_plugin_trigger_count(plugin); i++) {
        buf_append(out, i == 0 ? STR("") : STR(","));
        output_escaped(out, str_of_text(i3p_plugin_trigger(plugin, i)));
    }
}
