#include "plugin/requirements.h"

#include "grammar/space.h"

struct reader {
    struct arena *arena;
    struct str document;
    size_t at;          /* in the document: where the next line starts */
    size_t line_number; /* of the line that was read last */
    size_t room;        /* of `found->lines` */
    struct requirements *found;
};

/* The next line without its end, which is `\n`, `\r\n` or `\r`. */
static struct str next_line(struct reader *reader) {
    struct str rest = str_skip(reader->document, reader->at);
    size_t len = 0;
    while (len < rest.len && rest.ptr[len] != '\n' && rest.ptr[len] != '\r') {
        len++;
    }
    reader->at += len < rest.len ? len + 1 : len;
    if (len + 1 < rest.len && rest.ptr[len] == '\r' && rest.ptr[len + 1] == '\n') {
        reader->at++;
    }
    reader->line_number++;
    return str_first(rest, len);
}

static bool is_comment(struct str line) {
    size_t start = space_skip(line, 0);
    return start < line.len && line.ptr[start] == '#';
}

/* A comment takes no continuation, and ends one. */
static bool is_continued(struct str line) {
    return line.len > 0 && line.ptr[line.len - 1] == '\\' && !is_comment(line);
}

/* The next line with those that continue it, which are then copied together. */
static bool next_logical_line(struct reader *reader, struct str *logical) {
    struct reader start = *reader;
    *logical = next_line(reader);
    struct str line = *logical;
    while (is_continued(line) && reader->at < reader->document.len) {
        line = next_line(reader);
    }
    if (line.ptr == logical->ptr) {
        logical->len -= is_continued(line) ? 1 : 0;
        return true;
    }
    size_t end = reader->at;
    char *joined = arena_bytes(reader->arena, end - start.at);
    if (joined == NULL) {
        return false;
    }
    size_t len = 0;
    while (start.at < end) {
        line = next_line(&start);
        if (is_comment(line)) {
            joined[len++] = ' ';
        }
        memcpy(joined + len, line.ptr, line.len);
        len += is_continued(line) ? line.len - 1 : line.len;
    }
    *logical = (struct str){joined, len};
    return true;
}

/* Up to a comment, or to an option behind a requirement: `#` at the start or behind
 * whitespace, `-` behind whitespace. */
static struct str without_trailer(struct str line) {
    size_t start = space_skip(line, 0);
    bool spaced = true;
    for (size_t at = start; at < line.len;) {
        char c = line.ptr[at];
        if (spaced && (c == '#' || (c == '-' && at > start))) {
            line.len = at;
            break;
        }
        size_t width = space_at(line, at);
        spaced = width > 0;
        at += spaced ? width : 1;
    }
    return space_trim_end(str_skip(line, start));
}

static bool add_line(struct reader *reader, const struct requirements_line *line) {
    struct requirements *found = reader->found;
    if (found->count == reader->room) {
        size_t room = reader->room == 0 ? 16 : reader->room * 2;
        struct requirements_line *lines =
            arena_array(reader->arena, room, sizeof *lines);
        if (lines == NULL) {
            return false;
        }
        if (found->count > 0) {
            memcpy(lines, found->lines, found->count * sizeof *lines);
        }
        found->lines = lines;
        reader->room = room;
    }
    found->lines[found->count++] = *line;
    return true;
}

static bool names_another_source(struct str option) {
    return str_starts_with(option, STR("-r")) || str_starts_with(option, STR("-e")) ||
           str_starts_with(option, STR("--requirement")) ||
           str_starts_with(option, STR("--editable"));
}

static bool read_line(struct reader *reader) {
    struct requirements_line line = {.offset = reader->at,
                                     .line = reader->line_number + 1};
    struct str logical;
    if (!next_logical_line(reader, &logical)) {
        return false;
    }
    line.text = without_trailer(logical);
    if (line.text.len == 0) {
        return true;
    }
    if (line.text.ptr[0] == '-') {
        reader->found->open_ended |= names_another_source(line.text);
        return true;
    }
    struct syntax_error error;
    enum grammar_status status =
        pep508_parse(reader->arena, line.text, &line.parts, &error);
    if (status == GRAMMAR_INVALID) {
        reader->found->open_ended = true;
        return true;
    }
    return status == GRAMMAR_OK && add_line(reader, &line);
}

bool requirements_read(struct arena *arena, struct str document,
                       struct requirements *requirements) {
    *requirements = (struct requirements){0};
    struct reader reader = {
        .arena = arena, .document = document, .found = requirements};
    if (str_starts_with(document, STR("\xEF\xBB\xBF"))) {
        reader.at = 3;
    }
    while (reader.at < document.len) {
        if (!read_line(&reader)) {
            return false;
        }
    }
    return true;
}
