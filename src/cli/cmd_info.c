#include "base/json_write.h"
#include "cli/commands.h"

static void json_dependencies(struct buf *out, const i3p_plugin *plugin) {
    buf_append(out, STR(",\"dependencies\":{"));
    report_member(out, true, "database_version", i3p_plugin_database_version(plugin));
    buf_append(out, STR(",\"python\":["));
    for (size_t i = 0; i < i3p_plugin_python_count(plugin); i++) {
        buf_append(out, i == 0 ? STR("") : STR(","));
        json_append_string(out, str_of_text(i3p_plugin_python(plugin, i)));
    }
    buf_append(out, STR("],\"plugins\":["));
    for (size_t i = 0; i < i3p_plugin_dependency_count(plugin); i++) {
        buf_append(out, i == 0 ? STR("{") : STR(",{"));
        report_member(out, true, "index_url",
                      i3p_plugin_dependency_index_url(plugin, i));
        report_member(out, false, "name", i3p_plugin_dependency_name(plugin, i));
        report_member(out, false, "version", i3p_plugin_dependency_version(plugin, i));
        buf_append(out, STR("}"));
    }
    buf_append(out, STR("]}"));
}

static void json_optional(struct buf *out, const char *key, i3p_text text) {
    if (text.ptr != NULL) {
        report_member(out, false, key, text);
    }
}

static void json_found(struct buf *out, const i3p_plugin *plugin) {
    buf_append(out, STR("{\"outcome\":\"found\",\"plugin\":{"));
    report_member(out, true, "name", i3p_plugin_name(plugin));
    report_member(out, false, "version", i3p_plugin_version(plugin));
    report_member(out, false, "published_at", i3p_plugin_published_at(plugin));
    report_member(out, false, "description", i3p_plugin_description(plugin));
    buf_append(out, STR(","));
    append_triggers_json(out, plugin);
    json_optional(out, "homepage", i3p_plugin_homepage(plugin));
    json_optional(out, "repository", i3p_plugin_repository(plugin));
    json_optional(out, "documentation", i3p_plugin_documentation(plugin));
    report_member(out, false, "artifact_url", i3p_plugin_artifact_url(plugin));
    json_dependencies(out, plugin);
    report_member(out, false, "hash", i3p_plugin_hash(plugin));
    buf_append(out, STR(","));
    append_visibility(out, plugin);
    buf_append(out, STR("}}"));
}

static void json_missing(struct invocation *invocation, const i3p_result *result,
                         const char *outcome) {
    struct buf *out = output_on(invocation->output, STREAM_OUT);
    const char *version = value_of(invocation, OPTION_VERSION);
    buf_printf(out, "{\"outcome\":\"%s\",\"name\":", outcome);
    json_append_string(out, str_of(value_of(invocation, OPTION_POSITIONAL)));
    report_member(out, false, "version",
                  (i3p_text){version, version == NULL ? 0 : strlen(version)});
    if (i3p_result_info_outcome(result) == I3P_INFO_FILTERED_OUT) {
        const i3p_plugin *plugin = i3p_result_plugin(result, 0);
        buf_append(out, STR(",\"reasons\":["));
        for (size_t i = 0; i < i3p_plugin_hidden_count(plugin); i++) {
            buf_append(out, i == 0 ? STR("") : STR(","));
            append_reason_json(out, plugin, i);
        }
        buf_append(out, STR("]"));
    }
    buf_append(out, STR("}"));
}

static void print_json(struct invocation *invocation, const i3p_result *result) {
    struct buf *out = report_begin_result(invocation->output);
    switch (i3p_result_info_outcome(result)) {
    case I3P_INFO_FOUND:
        json_found(out, i3p_result_plugin(result, 0));
        break;
    case I3P_INFO_NOT_FOUND:
        json_missing(invocation, result, "not_found");
        break;
    case I3P_INFO_FILTERED_OUT:
        json_missing(invocation, result, "filtered_out");
    }
    report_end_result(invocation->output);
}

static void text_row(struct buf *out, const char *label, i3p_text text) {
    if (text.ptr != NULL) {
        buf_printf(out, "%s: ", label);
        output_escaped(out, str_of_text(text));
        buf_append_byte(out, '\n');
    }
}

static void text_dependencies(struct buf *out, const i3p_plugin *plugin) {
    text_row(out, "database", i3p_plugin_database_version(plugin));
    buf_append(out, STR("python: "));
    size_t count = i3p_plugin_python_count(plugin);
    for (size_t i = 0; i < count; i++) {
        buf_append(out, i == 0 ? STR("") : STR(", "));
        output_escaped(out, str_of_text(i3p_plugin_python(plugin, i)));
    }
    buf_append(out, count == 0 ? STR("none\nplugins: ") : STR("\nplugins: "));
    count = i3p_plugin_dependency_count(plugin);
    for (size_t i = 0; i < count; i++) {
        buf_append(out, i == 0 ? STR("") : STR(", "));
        output_escaped(out, str_of_text(i3p_plugin_dependency_name(plugin, i)));
        buf_append_byte(out, ' ');
        output_escaped(out, str_of_text(i3p_plugin_dependency_version(plugin, i)));
        buf_append(out, STR(" ("));
        output_escaped(out, str_of_text(i3p_plugin_dependency_index_url(plugin, i)));
        buf_append_byte(out, ')');
    }
    buf_append(out, count == 0 ? STR("none\n") : STR("\n"));
}

static void text_found(struct output *output, const i3p_plugin *plugin) {
    struct buf *out = output_on(output, STREAM_OUT);
    output_begin_style(output, STREAM_OUT, STYLE_STRONG);
    output_escaped(out, str_of_text(i3p_plugin_name(plugin)));
    output_end_style(output, STREAM_OUT);
    buf_append_byte(out, '\n');
    output_escaped(out, str_of_text(i3p_plugin_description(plugin)));
    buf_append_byte(out, '\n');
    text_row(out, "version", i3p_plugin_version(plugin));
    text_row(out, "published_at", i3p_plugin_published_at(plugin));
    buf_append(out, STR("triggers: "));
    append_triggers_text(out, plugin);
    buf_append_byte(out, '\n');
    text_dependencies(out, plugin);
    text_row(out, "homepage", i3p_plugin_homepage(plugin));
    text_row(out, "repository", i3p_plugin_repository(plugin));
    text_row(out, "documentation", i3p_plugin_documentation(plugin));
    text_row(out, "artifact_url", i3p_plugin_artifact_url(plugin));
    text_row(out, "hash", i3p_plugin_hash(plugin));
    size_t reasons = i3p_plugin_hidden_count(plugin);
    buf_append(out, reasons == 0 ? STR("visibility: visible\n")
                                 : STR("visibility: hidden ("));
    for (size_t i = 0; i < reasons; i++) {
        buf_append(out, i == 0 ? STR("") : STR(", "));
        append_reason_text(out, plugin, i);
    }
    buf_append(out, reasons == 0 ? STR("") : STR(")\n"));
}

static void text_missing(struct invocation *invocation, const i3p_result *result) {
    struct buf *out = output_on(invocation->output, STREAM_OUT);
    struct str name = str_of(value_of(invocation, OPTION_POSITIONAL));
    const char *version = value_of(invocation, OPTION_VERSION);
    if (i3p_result_info_outcome(result) == I3P_INFO_NOT_FOUND) {
        buf_append(out, version == NULL ? STR("Plugin not found: ")
                                        : STR("Plugin version not found: "));
        output_escaped(out, name);
        buf_append(out, version == NULL ? STR("") : STR("@"));
        output_escaped(out, version == NULL ? STR("") : str_of(version));
        buf_append_byte(out, '\n');
        return;
    }
    const i3p_plugin *plugin = i3p_result_plugin(result, 0);
    buf_append(out, STR("No selectable version found for "));
    output_escaped(out, name);
    buf_append(out, STR(".\n"));
    for (size_t i = 0; i < i3p_plugin_hidden_count(plugin); i++) {
        buf_append(out, STR("  reason: "));
        append_reason_text(out, plugin, i);
        buf_append_byte(out, '\n');
    }
}

static int info(struct invocation *invocation, const i3p_index *index,
                const struct i3p_query *query) {
    i3p_result *result;
    i3p_status status = i3p_info(index, value_of(invocation, OPTION_POSITIONAL),
                                 value_of(invocation, OPTION_VERSION), query, &result);
    int exit_status = 0;
    if (status != I3P_OK) {
        exit_status = cmd_fail(invocation, status, result);
    } else if (invocation->output->is_json) {
        print_json(invocation, result);
    } else if (i3p_result_info_outcome(result) == I3P_INFO_FOUND) {
        text_found(invocation->output, i3p_result_plugin(result, 0));
    } else {
        text_missing(invocation, result);
    }
    i3p_result_free(result);
    return exit_status;
}

int cmd_info_in(struct invocation *invocation, index_opener open) {
    struct i3p_query query = query_of(invocation);
    i3p_index *index = NULL;
    i3p_result *result;
    i3p_status status =
        i3p_query_check(value_of(invocation, OPTION_POSITIONAL),
                        value_of(invocation, OPTION_VERSION), &query, &result);
    if (status == I3P_OK) {
        i3p_result_free(result);
        status = open(invocation, &index, &result);
    }
    int exit_status = status == I3P_OK ? info(invocation, index, &query)
                                       : cmd_fail(invocation, status, result);
    i3p_index_free(index);
    i3p_result_free(result);
    return exit_status;
}

int cmd_info(struct invocation *invocation) {
    return cmd_info_in(invocation, open_index_file);
}
