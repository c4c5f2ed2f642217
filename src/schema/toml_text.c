#include "schema/toml_parts.h"

#include "base/utf8.h"

/* A string's content as it stands in the document. */
struct body {
    size_t start;
    size_t end;
    char quote;
    bool multi_line;
    bool is_plain; /* nothing to decode */
};

static size_t run_of_quotes(const struct toml_parser *parser, char quote) {
    size_t run = 0;
    while (toml_peek(parser, run) == quote) {
        run++;
    }
    return run;
}

/* Over one byte of the content, or over a backslash and what it takes along. */
static bool step(struct toml_parser *parser, struct body *body) {
    char c = toml_peek(parser, 0);
    if (c == '\\' && body->quote == '"') {
        body->is_plain = false;
        parser->at++;
        if (toml_at_end(parser)) {
            return true;
        }
        c = toml_peek(parser, 0);
    }
    bool is_line_end = c == '\n' || (c == '\r' && toml_peek(parser, 1) == '\n');
    if (is_line_end && !body->multi_line) {
        return toml_reject(parser, body->start - 1, "a string is not closed");
    }
    if (c == '\r') {
        body->is_plain = false;
    }
    if (toml_is_control(c) && !is_line_end) {
        return toml_reject(parser, parser->at, "control character U+%04X in a string",
                           (unsigned)(unsigned char)c);
    }
    parser->at++;
    return true;
}

/* Steps over the string, its quotes included. */
static bool find_body(struct toml_parser *parser, bool may_span_lines,
                      struct body *body) {
    size_t opened = parser->at;
    char quote = toml_peek(parser, 0);
    bool multi_line = toml_peek(parser, 1) == quote && toml_peek(parser, 2) == quote;
    if (multi_line && !may_span_lines) {
        return toml_reject(parser, opened, "a key cannot be a multi-line string");
    }
    size_t width = multi_line ? 3 : 1;
    parser->at += width;
    *body = (struct body){parser->at, parser->at, quote, multi_line, true};
    while (!toml_at_end(parser)) {
        size_t run = run_of_quotes(parser, quote);
        if (run >= width) {
            /* Up to two quotes before the closing ones belong to the content. */
            size_t content = multi_line ? (run < 5 ? run : 5) - 3 : 0;
            body->end = parser->at + content;
            parser->at += content + width;
            return true;
        }
        if (run > 0) {
            parser->at += run;
        } else if (!step(parser, body)) {
            return false;
        }
    }
    return toml_reject(parser, opened, "a string is not closed");
}

static bool read_code_point(struct toml_parser *parser, struct str raw, size_t *at,
                            size_t start, uint32_t *code_point) {
    size_t digits = raw.ptr[*at] == 'u' ? 4 : 8;
    uint32_t value = 0;
    for (size_t i = 1; i <= digits; i++) {
        char c = *at + i < raw.len ? raw.ptr[*at + i] : '\0';
        if (!ascii_is_hex(c)) {
            return toml_reject(parser, start + *at - 1,
                               "an escape `\\%c` needs %zu hexadecimal digits",
                               raw.ptr[*at], digits);
        }
        char lower = ascii_lower(c);
        value = value << 4 | (uint32_t)(lower <= '9' ? lower - '0' : lower - 'a' + 10);
    }
    if (value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) {
        return toml_reject(parser, start + *at - 1,
                           "an escape stands for no Unicode scalar value");
    }
    *at += digits + 1;
    *code_point = value;
    return true;
}

/* Over a backslash's line end and all space after it; false if there is none. */
static bool skip_continuation(struct str raw, size_t *at) {
    size_t next = *at;
    while (next < raw.len && (raw.ptr[next] == ' ' || raw.ptr[next] == '\t')) {
        next++;
    }
    if (next == raw.len || (raw.ptr[next] != '\n' && raw.ptr[next] != '\r')) {
        return false;
    }
    while (next < raw.len && strchr(" \t\r\n", raw.ptr[next]) != NULL) {
        next++;
    }
    *at = next;
    return true;
}

/* The escape whose backslash is before `at`. */
static bool decode_escape(struct toml_parser *parser, const struct body *body,
                          struct str raw, size_t *at, char *out, size_t *len) {
    static const char names[] = "btnfr\"\\";
    static const char meanings[] = "\b\t\n\f\r\"\\";
    char c = raw.ptr[*at];
    const char *name = c == '\0' ? NULL : strchr(names, c);
    if (name != NULL) {
        out[(*len)++] = meanings[name - names];
        (*at)++;
        return true;
    }
    if (c == 'u' || c == 'U') {
        uint32_t code_point = 0;
        if (!read_code_point(parser, raw, at, body->start, &code_point)) {
            return false;
        }
        *len += utf8_encode(code_point, out + *len);
        return true;
    }
    return (body->multi_line && skip_continuation(raw, at)) ||
           toml_reject(parser, body->start + *at - 1, "unknown escape in a string");
}

static bool decode(struct toml_parser *parser, const struct body *body, struct str raw,
                   struct str *text) {
    /* No escape is shorter than what it stands for. */
    char *out = arena_bytes(parser->arena, raw.len);
    if (out == NULL) {
        return toml_no_memory(parser);
    }
    size_t len = 0;
    for (size_t at = 0; at < raw.len;) {
        char c = raw.ptr[at++];
        if (c == '\\' && body->quote == '"') {
            if (!decode_escape(parser, body, raw, &at, out, &len)) {
                return false;
            }
        } else if (c != '\r') { /* which stands before a line feed only */
            out[len++] = c;
        }
    }
    *text = (struct str){out, len};
    return true;
}

bool toml_read_string(struct toml_parser *parser, bool may_span_lines,
                      struct str *text) {
    struct body body = {0};
    if (!find_body(parser, may_span_lines, &body)) {
        return false;
    }
    if (body.multi_line) {
        body.start += parser->text.ptr[body.start] == '\r';
        body.start += parser->text.ptr[body.start] == '\n';
    }
    struct str raw = {parser->text.ptr + body.start, body.end - body.start};
    if (body.is_plain) {
        *text = raw;
        return true;
    }
    return decode(parser, &body, raw, text);
}
