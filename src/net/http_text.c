/* Texts around requests and responses. */
#include "net/http_parts.h"

bool http_append_encoded(struct buf *out, struct str text, bool keep_slashes) {
    static const char hex[] = "0123456789ABCDEF";
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (ascii_is_alnum(c) || c == '-' || c == '.' || c == '_' || c == '~' ||
            (c == '/' && keep_slashes)) {
            (void)buf_append_byte(out, c);
        } else {
            (void)buf_append_byte(out, '%');
            (void)buf_append_byte(out, hex[(unsigned char)c >> 4]);
            (void)buf_append_byte(out, hex[(unsigned char)c & 15]);
        }
    }
    return !out->failed;
}

struct str http_header_of(const struct http_response *response, struct str name) {
    for (size_t i = 0; i < response->header_count; i++) {
        if (str_equal(response->headers[i].name, name)) {
            return response->headers[i].value;
        }
    }
    return STR_NONE;
}

void http_response_release(struct http_response *response) {
    buf_release(&response->body);
    *response = (struct http_response){0};
}

static size_t count_lines(struct str lines) {
    size_t count = 0;
    for (size_t i = 0; i < lines.len; i++) {
        count += lines.ptr[i] == '\n';
    }
    return count;
}

bool http_parse_headers(struct arena *arena, struct str lines,
                        struct http_response *response) {
    struct str text = arena_copy(arena, lines);
    struct http_header *headers =
        arena_array(arena, count_lines(lines) + 1, sizeof *headers);
    if (text.ptr == NULL || headers == NULL) {
        return false;
    }
    size_t count = 0;
    while (text.len > 0) {
        size_t end = str_find(text, '\n');
        struct str line = str_first(text, end);
        text = str_skip(text, end < text.len ? end + 1 : end);
        size_t colon = str_find(line, ':');
        if (colon == line.len || colon == 0) {
            continue;
        }
        char *name = arena_bytes(arena, colon);
        if (name == NULL) {
            return false;
        }
        for (size_t i = 0; i < colon; i++) {
            name[i] = ascii_lower(line.ptr[i]);
        }
        headers[count++] =
            (struct http_header){.name = str_trim((struct str){name, colon}),
                                 .value = str_trim(str_skip(line, colon + 1))};
    }
    response->headers = headers;
    response->header_count = count;
    return true;
}
