#include "cli/report.h"

#include <stdio.h>

#include "base/json_write.h"
#include "cli/excerpt.h"
#include "cli/help.h"

/* ---- JSON ---- */

void report_member(struct buf *out, bool is_first, const char *key, i3p_text text) {
    buf_append(out, is_first ? STR("") : STR(","));
    json_append_key(out, str_of(key));
    if (text.ptr == NULL) {
        buf_append(out, STR("null"));
    } else {
        json_append_string(out, str_of_text(text));
    }
}

struct buf *report_begin_result(struct output *output) {
    struct buf *out = output_on(output, STREAM_OUT);
    buf_append(out, STR("{\"status\":\"ok\",\"result\":"));
    return out;
}

void report_end_result(struct output *output) {
    buf_append(output_on(output, STREAM_OUT), STR("}\n"));
}

static void json_causes(struct buf *out, const i3p_diagnostic *error) {
    size_t count = i3p_diagnostic_cause_count(error);
    if (count == 0) {
        return;
    }
    buf_append(out, STR(",\"cause\":["));
    for (size_t i = 0; i < count; i++) {
        buf_append(out, i == 0 ? STR("") : STR(","));
        json_append_string(out, str_of_text(i3p_diagnostic_cause(error, i)));
    }
    buf_append(out, STR("]"));
}

/* The members up to `details`. */
static void json_head(struct buf *out, const i3p_diagnostic *error) {
    buf_append(out, STR("{"));
    report_member(out, true, "code", i3p_diagnostic_code(error));
    report_member(out, false, "message", i3p_diagnostic_message(error));
    if (i3p_diagnostic_field(error).ptr != NULL) {
        report_member(out, false, "field", i3p_diagnostic_field(error));
    }
    i3p_text details = i3p_diagnostic_details_json(error);
    if (details.ptr != NULL) {
        buf_append(out, STR(",\"details\":"));
        buf_append(out, str_of_text(details));
    }
}

static void json_diagnostic(struct output *output, const i3p_diagnostic *error) {
    struct buf *out = output_on(output, STREAM_OUT);
    json_head(out, error);
    size_t count = i3p_diagnostic_nested_count(error);
    for (size_t i = 0; i < count; i++) {
        buf_append(out, i == 0 ? STR(",\"diagnostics\":[") : STR(","));
        json_diagnostic(output, i3p_diagnostic_nested(error, i));
        output_flush_some(output, STREAM_OUT);
    }
    buf_append(out, count > 0 ? STR("]") : STR(""));
    json_causes(out, error);
    buf_append(out, STR("}"));
}

static void json_error(struct output *output, const i3p_diagnostic *error) {
    struct buf *out = output_on(output, STREAM_OUT);
    buf_append(out, STR("{\"status\":\"error\",\"error\":"));
    json_diagnostic(output, error);
    buf_append(out, STR("}\n"));
}

/* ---- text ---- */

static void append_styled(struct output *output, enum style style, const char *text) {
    output_begin_style(output, STREAM_ERR, style);
    buf_append(output_on(output, STREAM_ERR), str_of(text));
    output_end_style(output, STREAM_ERR);
}

static void text_place(struct output *output, const i3p_diagnostic *error,
                       size_t indent) {
    struct buf *out = output_on(output, STREAM_ERR);
    uint32_t line = i3p_diagnostic_line(error);
    uint32_t column = i3p_diagnostic_column(error);
    if (i3p_diagnostic_file(error).ptr == NULL || line == 0) {
        return;
    }
    char digits[16];
    size_t width = (size_t)snprintf(digits, sizeof digits, "%lu", (unsigned long)line);
    buf_append_fill(out, ' ', indent + width);
    append_styled(output, STYLE_PLACE, "--> ");
    output_path(output, out, str_of_text(i3p_diagnostic_file(error)));
    buf_printf(out, ":%lu", (unsigned long)line);
    if (column > 0) {
        buf_printf(out, ":%lu", (unsigned long)column);
    }
    buf_append_byte(out, '\n');
    size_t caret = 0;
    buf_append_fill(out, ' ', indent);
    output_begin_style(output, STREAM_ERR, STYLE_PLACE);
    buf_append(out, (struct str){digits, width});
    buf_append(out, STR(" |"));
    output_end_style(output, STREAM_ERR);
    buf_append_byte(out, ' ');
    excerpt_append(out, str_of_text(i3p_diagnostic_line_text(error)), column, &caret);
    buf_append_byte(out, '\n');
    if (column > 0) {
        buf_append_fill(out, ' ', indent + width + 1);
        append_styled(output, STYLE_PLACE, "| ");
        buf_append_fill(out, ' ', caret);
        append_styled(output, STYLE_ERROR, "^");
        buf_append_byte(out, '\n');
    }
}

/* `[code] field: message`, causes that are news, place, advice. */
static void text_block(struct output *output, enum style style,
                       const i3p_diagnostic *error, size_t indent) {
    struct buf *out = output_on(output, STREAM_ERR);
    output_begin_style(output, STREAM_ERR, style);
    buf_append_byte(out, '[');
    buf_append(out, str_of_text(i3p_diagnostic_code(error)));
    buf_append_byte(out, ']');
    output_end_style(output, STREAM_ERR);
    buf_append_byte(out, ' ');
    struct str field = str_of_text(i3p_diagnostic_field(error));
    if (field.ptr != NULL) {
        output_path(output, out, field);
        buf_append(out, STR(": "));
    }
    struct str message = str_of_text(i3p_diagnostic_message(error));
    output_message(output, out, message);
    buf_append_byte(out, '\n');
    for (size_t i = 0; i < i3p_diagnostic_cause_count(error); i++) {
        struct str cause = str_of_text(i3p_diagnostic_cause(error, i));
        if (str_ends_with(message, cause)) {
            continue; /* for JSON's readers; the line above has said it */
        }
        buf_append_fill(out, ' ', indent);
        buf_append(out, STR("cause: "));
        output_message(output, out, cause);
        buf_append_byte(out, '\n');
    }
    text_place(output, error, indent);
    struct str advice = str_of_text(i3p_diagnostic_advice(error));
    if (advice.ptr != NULL) {
        buf_append_fill(out, ' ', indent);
        append_styled(output, STYLE_ADVICE, "help:");
        buf_append_byte(out, ' ');
        output_escaped(out, advice);
        buf_append_byte(out, '\n');
    }
    output_flush_some(output, STREAM_ERR);
}

static void text_nested(struct output *output, const i3p_diagnostic *error,
                        size_t indent) {
    struct buf *out = output_on(output, STREAM_ERR);
    for (size_t i = 0; i < i3p_diagnostic_nested_count(error); i++) {
        char number[32];
        int width = snprintf(number, sizeof number, "%zu. ", i + 1);
        size_t inner = indent + (width < 0 ? 0 : (size_t)width);
        buf_append_fill(out, ' ', indent);
        buf_append(out, str_of(number));
        text_block(output, STYLE_ERROR, i3p_diagnostic_nested(error, i), inner);
        text_nested(output, i3p_diagnostic_nested(error, i), inner);
    }
}

/* Of the rooms that publishing brought: these name what has the defects themselves. */
static bool has_own_header(const i3p_diagnostic *error) {
    struct str code = str_of_text(i3p_diagnostic_code(error));
    return str_starts_with(code, STR("publish::")) ||
           str_starts_with(code, STR("registry::"));
}

static void text_error(struct output *output, const i3p_diagnostic *error) {
    size_t count = i3p_diagnostic_nested_count(error);
    if (count == 0 || has_own_header(error)) {
        text_block(output, STYLE_ERROR, error, 2);
    } else {
        struct buf *out = output_on(output, STREAM_ERR);
        output_begin_style(output, STREAM_ERR, STYLE_ERROR);
        buf_printf(out, "validation failed: %zu diagnostic(s)", count);
        output_end_style(output, STREAM_ERR);
        buf_append_byte(out, '\n');
    }
    text_nested(output, error, 2);
}

static void text_usage(struct output *output, const struct command *command) {
    struct buf *out = output_on(output, STREAM_ERR);
    buf_append(out, STR("\nUsage: "));
    help_append_usage(out, command, strlen("Usage: "));
    buf_printf(out, "\n\nRun `" PROGRAM_NAME "%s%s --help` for more.\n",
               command->id == COMMAND_ROOT ? "" : " ", command->words);
}

int report_error(struct output *output, const struct command *command,
                 const i3p_diagnostic *error) {
    int status = i3p_diagnostic_exit_status(error);
    if (output->is_json) {
        json_error(output, error);
    } else {
        text_error(output, error);
        if (status == 2) {
            text_usage(output, command);
        }
    }
    return status;
}

/* ---- the command's own errors ---- */

static void json_plain(struct output *output, const struct diag *error) {
    struct buf *out = output_on(output, STREAM_OUT);
    struct buf message;
    buf_init(&message, SIZE_MAX / 2);
    diag_message(error, &message);
    buf_append(out, STR("{\"status\":\"error\",\"error\":{"));
    report_member(out, true, "code",
                  (i3p_text){diag_code(error), strlen(diag_code(error))});
    buf_append(out, STR(",\"message\":"));
    json_append_string(out, buf_str(&message));
    if (error->detail_count > 0) {
        buf_append(out, STR(",\"details\":"));
        diag_details_json(error, out);
    }
    buf_append(out, STR("}}\n"));
    output->is_memory_out = output->is_memory_out || message.failed;
    buf_release(&message);
}

int report_plain(struct output *output, const struct diag *error) {
    output_turn_to_error(output);
    if (output->is_json) {
        json_plain(output, error);
        return diag_exit_status(error);
    }
    struct buf *out = output_on(output, STREAM_ERR);
    struct buf message;
    buf_init(&message, SIZE_MAX / 2);
    diag_message(error, &message);
    output_begin_style(output, STREAM_ERR, STYLE_ERROR);
    buf_printf(out, "[%s]", diag_code(error));
    output_end_style(output, STREAM_ERR);
    buf_append_byte(out, ' ');
    output_message(output, out, buf_str(&message));
    buf_append_byte(out, '\n');
    if (diag_advice(error) != NULL) {
        buf_append(out, STR("  "));
        append_styled(output, STYLE_ADVICE, "help:");
        buf_printf(out, " %s\n", diag_advice(error));
    }
    output->is_memory_out = output->is_memory_out || message.failed;
    buf_release(&message);
    return diag_exit_status(error);
}

int report_usage(struct output *output, const struct command *command,
                 const struct diag *error, bool wants_help) {
    int status = report_plain(output, error);
    if (output->is_json) {
        return status;
    }
    if (wants_help) {
        struct buf *out = output_on(output, STREAM_ERR);
        buf_append_byte(out, '\n');
        help_append(out, command);
    } else {
        text_usage(output, command);
    }
    return status;
}

void report_warnings(struct output *output, const i3p_result *result) {
    if (output->is_json) {
        return;
    }
    for (size_t i = 0; i < i3p_result_warning_count(result); i++) {
        text_block(output, STYLE_WARNING, i3p_result_warning(result, i), 2);
    }
}
