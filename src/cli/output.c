#include "cli/output.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include <utf8proc.h>

#include "base/fs.h"
#include "base/path.h"
#include "base/utf8.h"

enum { FLUSH_BYTES = 1 << 16 };

static const int descriptors[STREAM_COUNT] = {STDOUT_FILENO, STDERR_FILENO};

static bool is_set(const char *variable) {
    const char *value = getenv(variable);
    return value != NULL && *value != '\0';
}

static bool mode_is_json(struct str output_option) {
    if (output_option.ptr != NULL) {
        return str_equal(output_option, STR("json"));
    }
    struct str ci = str_of(getenv("CI"));
    return !isatty(STDOUT_FILENO) || str_equal(ci, STR("true")) ||
           str_equal(ci, STR("1"));
}

static bool wants_color(int descriptor) {
    if (is_set("NO_COLOR") || str_equal(str_of(getenv("TERM")), STR("dumb"))) {
        return false;
    }
    return is_set("FORCE_COLOR") || isatty(descriptor);
}

void output_init(struct output *output, struct str result_option,
                 struct str error_option) {
    *output = (struct output){.is_json = mode_is_json(result_option),
                              .is_error_json = mode_is_json(error_option),
                              .cwd = STR("")};
    for (int i = 0; i < STREAM_COUNT; i++) {
        buf_init(&output->buffers[i], SIZE_MAX / 2);
        output->has_color[i] = wants_color(descriptors[i]);
    }
    if (output->is_json) {
        output->has_color[STREAM_OUT] = false;
    }
}

void output_turn_to_error(struct output *output) {
    output->is_json = output->is_error_json;
    if (output->is_json) {
        output->has_color[STREAM_OUT] = false;
    }
}

void output_release(struct output *output) {
    for (int i = 0; i < STREAM_COUNT; i++) {
        buf_release(&output->buffers[i]);
    }
}

struct buf *output_on(struct output *output, enum stream stream) {
    return &output->buffers[stream];
}

static void write_all(struct output *output, enum stream stream, struct str rest) {
    while (rest.len > 0 && output->write_error[stream] == 0) {
        ssize_t written = write(descriptors[stream], rest.ptr, rest.len);
        if (written >= 0) {
            rest = str_skip(rest, (size_t)written);
        } else if (errno != EINTR) {
            output->write_error[stream] = errno;
        }
    }
}

void output_flush(struct output *output, enum stream stream) {
    struct buf *buffer = &output->buffers[stream];
    output->is_memory_out = output->is_memory_out || buffer->failed;
    if (!output->is_memory_out && buffer->len > 0) {
        write_all(output, stream, buf_str(buffer));
        output->has_written[stream] = true;
    }
    buf_clear(buffer);
}

void output_flush_some(struct output *output, enum stream stream) {
    if (output->buffers[stream].len >= FLUSH_BYTES) {
        output_flush(output, stream);
    }
}

void output_begin_style(struct output *output, enum stream stream, enum style style) {
    static const char *const sequences[] = {
        [STYLE_ERROR] = "\x1b[1;31m",  [STYLE_WARNING] = "\x1b[1;33m",
        [STYLE_ADVICE] = "\x1b[1;36m", [STYLE_PLACE] = "\x1b[1;34m",
        [STYLE_STRONG] = "\x1b[1m",
    };
    if (output->has_color[stream]) {
        buf_append(&output->buffers[stream], str_of(sequences[style]));
    }
}

void output_end_style(struct output *output, enum stream stream) {
    if (output->has_color[stream]) {
        buf_append(&output->buffers[stream], STR("\x1b[0m"));
    }
}

/* Would it move the cursor, change the terminal, or turn the direction of text? */
static bool is_unsafe(uint32_t c) {
    switch (utf8proc_category((utf8proc_int32_t)c)) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
    case UTF8PROC_CATEGORY_CS:
        return true;
    default:
        return c == 0x61C || c == 0x200E || c == 0x200F ||
               (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
    }
}

static void append_unsafe(struct buf *out, uint32_t c) {
    switch (c) {
    case '\n':
        buf_append(out, STR("\\n"));
        break;
    case '\r':
        buf_append(out, STR("\\r"));
        break;
    case '\t':
        buf_append(out, STR("\\t"));
        break;
    default:
        buf_printf(out, "\\u{%x}", (unsigned)c);
    }
}

void output_escaped(struct buf *out, struct str text) {
    for (size_t at = 0; at < text.len;) {
        size_t start = at;
        uint32_t c = utf8_next(text, &at);
        struct str bytes = {text.ptr + start, at - start};
        if (c == UTF8_REPLACEMENT && !utf8_is_valid(bytes)) {
            for (size_t i = 0; i < bytes.len; i++) {
                buf_printf(out, "\\x%02x", (unsigned)(unsigned char)bytes.ptr[i]);
            }
        } else if (c >= 0x20 && c < 0x7F) {
            buf_append_byte(out, (char)c);
        } else if (is_unsafe(c)) {
            append_unsafe(out, c);
        } else {
            buf_append(out, bytes);
        }
    }
}

void output_path(const struct output *output, struct buf *out, struct str path) {
    output_escaped(out, path_shown(output->cwd, path));
}

/* May a path begin after this byte? */
static bool is_before_path(char c) {
    return c == ' ' || c == '`' || c == '"' || c == '\'' || c == '(';
}

void output_message(const struct output *output, struct buf *out, struct str message) {
    struct str cwd = output->cwd;
    size_t start = 0;
    for (size_t i = 0; cwd.len > 1 && i + cwd.len < message.len; i++) {
        if (message.ptr[i + cwd.len] == '/' &&
            (i == 0 || is_before_path(message.ptr[i - 1])) &&
            memcmp(message.ptr + i, cwd.ptr, cwd.len) == 0) {
            output_escaped(out, (struct str){message.ptr + start, i - start});
            start = i + cwd.len + 1;
            i = start - 1;
        }
    }
    output_escaped(out, str_skip(message, start));
}

/* Nothing here needs memory. */
static void tell_memory_out(struct output *output) {
    if (output->is_json && !output->has_written[STREAM_OUT]) {
        write_all(output, STREAM_OUT,
                  STR("{\"status\":\"error\",\"error\":{\"code\":\"memory::exhausted\","
                      "\"message\":\"memory is out\"}}\n"));
    } else {
        write_all(output, STREAM_ERR, STR("[memory::exhausted] memory is out\n"));
    }
}

static void tell_write_error(struct output *output) {
    const char *text = fs_error_text(output->write_error[STREAM_OUT]);
    write_all(output, STREAM_ERR, STR("[io::write_failed] cannot write the output: "));
    write_all(output, STREAM_ERR, str_of(text));
    write_all(output, STREAM_ERR, STR("\n"));
}

int output_finish(struct output *output, int status) {
    output_flush(output, STREAM_ERR);
    output_flush(output, STREAM_OUT);
    if (output->is_memory_out) {
        tell_memory_out(output);
        status = 1;
    }
    if (output->write_error[STREAM_OUT] != 0) {
        tell_write_error(output);
        status = 1;
    }
    return output->write_error[STREAM_ERR] != 0 ? 1 : status;
}
