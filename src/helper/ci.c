#include "helper/ci.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "api/result.h"
#include "base/clock.h"
#include "base/path.h"

static bool is_true(const char *variable) {
    const char *value = getenv(variable);
    return value != NULL && strcmp(value, "true") == 0;
}

void ci_init(struct ci *ci, struct str cwd) {
    const char *workspace = getenv("GITHUB_WORKSPACE");
    *ci = (struct ci){.is_github = is_true("GITHUB_ACTIONS"),
                      .is_gitlab = is_true("GITLAB_CI"),
                      .workspace = workspace == NULL ? cwd : str_of(workspace),
                      .cwd = cwd};
}

/* ---- annotations ---- */

/* Control characters are escaped as everywhere; then what ends a command, and within
 * properties what ends one of those. */
static void append_command_text(struct buf *out, struct str text, bool is_property) {
    struct buf safe;
    buf_init(&safe, SIZE_MAX / 2);
    output_escaped(&safe, text);
    struct str shown = buf_str(&safe);
    for (size_t i = 0; i < shown.len; i++) {
        char c = shown.ptr[i];
        if (c == '%' || (is_property && (c == ':' || c == ','))) {
            buf_printf(out, "%%%02X", (unsigned)(unsigned char)c);
        } else {
            buf_append_byte(out, c);
        }
    }
    out->failed = out->failed || safe.failed;
    buf_release(&safe);
}

static bool has_directory(const struct diag *diag) {
    switch (diag->id) {
    case ERROR_PUBLISH_INVALID_PLUGIN:
    case ERROR_PUBLISH_CHANGED:
    case ERROR_PUBLISH_COLLISION:
    case ERROR_PUBLISH_DUPLICATE:
    case ERROR_PUBLISH_ORPHAN:
    case ERROR_PUBLISH_TOO_LARGE:
    case ERROR_WARNING_CHANGED:
        return diag->detail_count > 0;
    default:
        return false;
    }
}

/* The file that is to be changed: where the defect stands, or else the manifest of the
 * plugin that has it. Absent: none. */
static struct str file_of(const struct ci *ci, struct arena *arena,
                          const struct diag *diag, struct str directory) {
    struct str file = diag->place.file;
    if (file.ptr == NULL && directory.ptr != NULL) {
        file = path_join(arena, directory, STR("manifest.toml"));
    }
    if (file.ptr == NULL) {
        return STR_NONE;
    }
    struct str absolute = path_absolute(arena, ci->cwd, file);
    return absolute.ptr == NULL ? STR_NONE : path_shown(ci->workspace, absolute);
}

static void annotate(const struct ci *ci, struct invocation *invocation,
                     const char *kind, const i3p_diagnostic *error,
                     struct str directory) {
    struct buf *out = output_on(invocation->output, STREAM_ERR);
    struct str file = file_of(ci, invocation->arena, error->diag, directory);
    buf_printf(out, "::%s ", kind);
    if (file.ptr != NULL) {
        buf_append(out, STR("file="));
        append_command_text(out, file, true);
        buf_append(out, STR(","));
    }
    if (error->diag->place.line > 0) {
        buf_printf(out, "line=%" PRIu32 ",", error->diag->place.line);
    }
    if (error->diag->place.column > 0) {
        buf_printf(out, "col=%" PRIu32 ",", error->diag->place.column);
    }
    buf_append(out, STR("title="));
    append_command_text(out, str_of(diag_code(error->diag)), true);
    buf_append(out, STR("::"));
    append_command_text(out, error->message, false);
    if (diag_advice(error->diag) != NULL) {
        buf_append(out, STR(" ("));
        append_command_text(out, str_of(diag_advice(error->diag)), false);
        buf_append(out, STR(")"));
    }
    buf_append_byte(out, '\n');
}

static void annotate_leaves(const struct ci *ci, struct invocation *invocation,
                            const i3p_diagnostic *error, struct str directory) {
    size_t count = i3p_diagnostic_nested_count(error);
    if (has_directory(error->diag)) {
        directory = error->diag->details[0].text;
    }
    for (size_t i = 0; i < count; i++) {
        annotate_leaves(ci, invocation, i3p_diagnostic_nested(error, i), directory);
    }
    if (count == 0) {
        annotate(ci, invocation, "error", error, directory);
    }
}

/* ---- summaries ---- */

void ci_append_markdown(struct buf *out, struct str text) {
    struct buf safe;
    buf_init(&safe, SIZE_MAX / 2);
    output_escaped(&safe, text);
    struct str shown = buf_str(&safe);
    for (size_t i = 0; i < shown.len; i++) {
        char c = shown.ptr[i];
        if (c == '<') {
            buf_append(out, STR("&lt;"));
        } else if (c == '&') {
            buf_append(out, STR("&amp;"));
        } else {
            buf_append(out,
                       strchr("\\`*_{}[]()#+!|~>@", c) == NULL ? STR("") : STR("\\"));
            buf_append_byte(out, c);
        }
    }
    out->failed = out->failed || safe.failed;
    buf_release(&safe);
}

void ci_summarize(const struct ci *ci, struct str markdown) {
    const char *path = getenv("GITHUB_STEP_SUMMARY");
    if (!ci->is_github || path == NULL || *path == '\0') {
        return;
    }
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
    while (fd >= 0 && markdown.len > 0) {
        ssize_t written = write(fd, markdown.ptr, markdown.len);
        if (written < 0 && errno != EINTR) {
            break;
        }
        markdown = str_skip(markdown, written < 0 ? 0 : (size_t)written);
    }
    if (fd >= 0) {
        (void)close(fd);
    }
}

static void summarize_leaves(const struct ci *ci, struct arena *arena, struct buf *out,
                             const i3p_diagnostic *error, struct str directory) {
    size_t count = i3p_diagnostic_nested_count(error);
    if (has_directory(error->diag)) {
        directory = error->diag->details[0].text;
    }
    for (size_t i = 0; i < count; i++) {
        summarize_leaves(ci, arena, out, i3p_diagnostic_nested(error, i), directory);
    }
    if (count > 0) {
        return;
    }
    struct str file = file_of(ci, arena, error->diag, directory);
    buf_printf(out, "- `%s` ", diag_code(error->diag));
    if (file.ptr != NULL) {
        ci_append_markdown(out, file);
        if (error->diag->place.line > 0) {
            buf_printf(out, ":%" PRIu32, error->diag->place.line);
        }
        buf_append(out, STR(": "));
    }
    ci_append_markdown(out, error->message);
    buf_append_byte(out, '\n');
}

void ci_tell_error(const struct ci *ci, struct invocation *invocation,
                   const i3p_diagnostic *error) {
    if (!ci->is_github) {
        return;
    }
    if (!invocation->output->is_json) {
        annotate_leaves(ci, invocation, error, STR_NONE);
    }
    struct buf out;
    buf_init(&out, SIZE_MAX / 2);
    buf_printf(&out, "### %s failed\n\n", invocation->arguments->command->words);
    summarize_leaves(ci, invocation->arena, &out, error, STR_NONE);
    buf_append_byte(&out, '\n');
    if (!out.failed) {
        ci_summarize(ci, buf_str(&out));
    }
    buf_release(&out);
}

void ci_tell_warning(const struct ci *ci, struct invocation *invocation,
                     const i3p_diagnostic *warning) {
    if (ci->is_github && !invocation->output->is_json) {
        struct str directory =
            has_directory(warning->diag) ? warning->diag->details[0].text : STR_NONE;
        annotate(ci, invocation, "warning", warning, directory);
    }
}

/* ---- sections ---- */

void ci_open_section(const struct ci *ci, struct output *output, const char *name,
                     const char *title) {
    if (ci->is_gitlab && !output->is_json) {
        buf_printf(output_on(output, STREAM_OUT),
                   "\x1b[0Ksection_start:%" PRId64 ":%s[collapsed=true]\r\x1b[0K%s\n",
                   clock_now(), name, title);
    }
}

void ci_close_section(const struct ci *ci, struct output *output, const char *name) {
    if (ci->is_gitlab && !output->is_json) {
        buf_printf(output_on(output, STREAM_OUT),
                   "\x1b[0Ksection_end:%" PRId64 ":%s\r\x1b[0K\n", clock_now(), name);
    }
}
