#include "cli/commands.h"

static void json_hit(struct buf *out, const i3p_plugin *plugin) {
    buf_append(out, STR("{"));
    report_member(out, true, "name", i3p_plugin_name(plugin));
    report_member(out, false, "version", i3p_plugin_version(plugin));
    report_member(out, false, "published_at", i3p_plugin_published_at(plugin));
    report_member(out, false, "description", i3p_plugin_description(plugin));
    buf_append(out, STR(","));
    append_triggers_json(out, plugin);
    buf_append(out, STR(","));
    append_visibility(out, plugin);
    buf_append(out, STR("}"));
}

static void print_json(struct output *output, const i3p_result *result) {
    struct buf *out = report_begin_result(output);
    buf_append(out, STR("{\"hits\":["));
    for (size_t i = 0; i < i3p_result_plugin_count(result); i++) {
        buf_append(out, i == 0 ? STR("") : STR(","));
        json_hit(out, i3p_result_plugin(result, i));
        output_flush_some(output, STREAM_OUT);
    }
    buf_append(out, STR("]}"));
    report_end_result(output);
}

/* Widths of the columns; names, versions and triggers are ASCII. */
struct widths {
    size_t name;
    size_t version;
    size_t triggers;
};

static size_t triggers_width(const i3p_plugin *plugin) {
    size_t count = i3p_plugin_trigger_count(plugin);
    size_t width = count == 0 ? 0 : count - 1;
    for (size_t i = 0; i < count; i++) {
        width += i3p_plugin_trigger(plugin, i).len;
    }
    return width;
}

static size_t larger(size_t a, size_t b) {
    return a > b ? a : b;
}

static struct widths measure(const i3p_result *result) {
    struct widths widths = {0, 0, 0};
    for (size_t i = 0; i < i3p_result_plugin_count(result); i++) {
        const i3p_plugin *plugin = i3p_result_plugin(result, i);
        widths.name = larger(widths.name, i3p_plugin_name(plugin).len);
        widths.version = larger(widths.version, i3p_plugin_version(plugin).len);
        widths.triggers = larger(widths.triggers, triggers_width(plugin));
    }
    return widths;
}

static void text_hit(struct output *output, const struct widths *widths,
                     const i3p_plugin *plugin) {
    struct buf *out = output_on(output, STREAM_OUT);
    struct str name = str_of_text(i3p_plugin_name(plugin));
    struct str version = str_of_text(i3p_plugin_version(plugin));
    output_begin_style(output, STREAM_OUT, STYLE_STRONG);
    output_escaped(out, name);
    output_end_style(output, STREAM_OUT);
    buf_append_fill(out, ' ', widths->name - name.len + 2);
    output_escaped(out, version);
    buf_append_fill(out, ' ', widths->version - version.len + 2);
    append_triggers_text(out, plugin);
    buf_append_fill(out, ' ', widths->triggers - triggers_width(plugin) + 2);
    size_t reasons = i3p_plugin_hidden_count(plugin);
    if (reasons > 0) {
        output_begin_style(output, STREAM_OUT, STYLE_WARNING);
        for (size_t i = 0; i < reasons; i++) {
            buf_append(out, i == 0 ? STR("[") : STR(", "));
            append_reason_text(out, plugin, i);
        }
        buf_append(out, STR("]"));
        output_end_style(output, STREAM_OUT);
        buf_append(out, STR(" "));
    }
    output_escaped(out, str_of_text(i3p_plugin_description(plugin)));
    buf_append_byte(out, '\n');
}

static void print_text(struct output *output, const i3p_result *result) {
    if (i3p_result_plugin_count(result) == 0) {
        buf_append(output_on(output, STREAM_OUT), STR("No matching plugins found.\n"));
        return;
    }
    struct widths widths = measure(result);
    for (size_t i = 0; i < i3p_result_plugin_count(result); i++) {
        text_hit(output, &widths, i3p_result_plugin(result, i));
        output_flush_some(output, STREAM_OUT);
    }
}

static int search(struct invocation *invocation, const i3p_index *index,
                  const struct i3p_query *query) {
    i3p_result *result;
    i3p_status status = i3p_search(index, query, &result);
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

int cmd_search_in(struct invocation *invocation, index_opener open) {
    struct i3p_query query = query_of(invocation);
    query.text = value_of(invocation, OPTION_POSITIONAL);
    i3p_index *index = NULL;
    i3p_result *result;
    i3p_status status = i3p_query_check(NULL, NULL, &query, &result);
    if (status == I3P_OK) {
        i3p_result_free(result);
        status = open(invocation, &index, &result);
    }
    int exit_status = status == I3P_OK ? search(invocation, index, &query)
                                       : cmd_fail(invocation, status, result);
    i3p_index_free(index);
    i3p_result_free(result);
    return exit_status;
}

int cmd_search(struct invocation *invocation) {
    return cmd_search_in(invocation, open_index_file);
}
