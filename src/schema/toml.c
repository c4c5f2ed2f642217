#include "schema/toml.h"

#include <stdarg.h>
#include <stdio.h>

#include "schema/toml_parts.h"

/* An array or inline table whose end has not come yet. */
struct frame {
    struct toml_item *item;
    bool has_item;  /* one came since the last comma */
    bool has_comma; /* the last thing was a comma */
};

struct frames {
    struct frame open[TOML_NESTING_CAP - 1];
    size_t depth;
};

bool toml_reject(struct toml_parser *parser, size_t offset, const char *format, ...) {
    char message[256];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(message, sizeof message, format, args);
    va_end(args);
    size_t kept = len < 0 ? 0 : (size_t)len;
    kept = kept < sizeof message ? kept : sizeof message - 1;
    parser->error->message = arena_copy(parser->arena, (struct str){message, kept});
    parser->error->offset = offset;
    parser->status = parser->error->message.ptr == NULL ? TOML_NO_MEMORY : TOML_INVALID;
    return false;
}

bool toml_no_memory(struct toml_parser *parser) {
    parser->status = TOML_NO_MEMORY;
    return false;
}

static void skip_space(struct toml_parser *parser) {
    while (toml_peek(parser, 0) == ' ' || toml_peek(parser, 0) == '\t') {
        parser->at++;
    }
}

/* Length of the line end here, 0 if there is none. */
static size_t line_end(const struct toml_parser *parser) {
    if (toml_peek(parser, 0) == '\n') {
        return 1;
    }
    return toml_peek(parser, 0) == '\r' && toml_peek(parser, 1) == '\n' ? 2 : 0;
}

/* Up to the end of the line, if a comment starts here. */
static bool skip_comment(struct toml_parser *parser) {
    if (toml_peek(parser, 0) != '#') {
        return true;
    }
    while (!toml_at_end(parser) && line_end(parser) == 0) {
        if (toml_is_control(toml_peek(parser, 0))) {
            return toml_reject(parser, parser->at,
                               "control character U+%04X in a comment",
                               (unsigned)(unsigned char)toml_peek(parser, 0));
        }
        parser->at++;
    }
    return true;
}

/* Over space, comments and line ends. */
static bool skip_lines(struct toml_parser *parser) {
    size_t before;
    do {
        before = parser->at;
        skip_space(parser);
        if (!skip_comment(parser)) {
            return false;
        }
        parser->at += line_end(parser);
    } while (parser->at > before);
    return true;
}

static bool expect_line_end(struct toml_parser *parser) {
    skip_space(parser);
    if (!skip_comment(parser)) {
        return false;
    }
    if (!toml_at_end(parser) && line_end(parser) == 0) {
        return toml_reject(parser, parser->at,
                           "only a comment may follow on this line");
    }
    return true;
}

static bool is_bare_byte(char c) {
    return ascii_is_alnum(c) || c == '_' || c == '-';
}

static bool read_key_part(struct toml_parser *parser, struct toml_key *key) {
    char c = toml_peek(parser, 0);
    key->offset = parser->at;
    if (c == '"' || c == '\'') {
        return toml_read_string(parser, false, &key->text);
    }
    while (is_bare_byte(toml_peek(parser, 0))) {
        parser->at++;
    }
    key->text = (struct str){parser->text.ptr + key->offset, parser->at - key->offset};
    return key->text.len > 0 || toml_reject(parser, key->offset, "a key is missing");
}

/* A dotted key and the space around it, into `parser->path`. */
static bool read_path(struct toml_parser *parser) {
    parser->path_len = 0;
    for (;;) {
        if (parser->path_len == TOML_NESTING_CAP - 1) {
            return toml_reject(parser, parser->path[0].offset,
                               "a key has too many parts");
        }
        skip_space(parser);
        if (!read_key_part(parser, &parser->path[parser->path_len++])) {
            return false;
        }
        skip_space(parser);
        if (toml_peek(parser, 0) != '.') {
            return true;
        }
        parser->at++;
    }
}

/* The value at the position: whole, or only opened. */
static bool begin_value(struct toml_parser *parser, struct toml_item *item,
                        struct frames *frames) {
    char c = toml_peek(parser, 0);
    item->node.offset = parser->at;
    if (c == '"' || c == '\'') {
        item->node.type = TOML_STRING;
        item->node.type_name = "string";
        return toml_read_string(parser, true, &item->node.text);
    }
    if (c != '[' && c != '{') {
        return toml_read_scalar(parser, &item->node);
    }
    if (frames->depth == TOML_NESTING_CAP - 1) {
        return toml_reject(parser, parser->at,
                           "arrays and inline tables are nested too deeply");
    }
    toml_set_type(item, c == '[' ? TOML_ARRAY : TOML_TABLE);
    frames->open[frames->depth++] = (struct frame){.item = item};
    parser->at++;
    return true;
}

/* `key =` and the value. */
static bool read_pair(struct toml_parser *parser, struct toml_item *table,
                      struct frames *frames) {
    if (!read_path(parser)) {
        return false;
    }
    if (toml_peek(parser, 0) != '=') {
        return toml_reject(parser, parser->at, "`=` is missing after a key");
    }
    parser->at++;
    skip_space(parser);
    struct toml_item *item = toml_open_value(parser, table);
    return item != NULL && begin_value(parser, item, frames);
}

/* One item of the innermost open value, a comma, or its end. */
static bool step(struct toml_parser *parser, struct frames *frames) {
    struct frame *frame = &frames->open[frames->depth - 1];
    bool is_array = frame->item->node.type == TOML_ARRAY;
    skip_space(parser);
    if (is_array && !skip_lines(parser)) {
        return false;
    }
    const char *what = is_array ? "an array" : "an inline table";
    if (toml_at_end(parser)) {
        return toml_reject(parser, frame->item->node.offset, "%s is not closed", what);
    }
    if (toml_peek(parser, 0) == (is_array ? ']' : '}')) {
        if (frame->has_comma && !is_array) {
            return toml_reject(parser, parser->at, "%s ends in a comma", what);
        }
        parser->at++;
        frames->depth--;
        return true;
    }
    if (frame->has_item) {
        if (toml_peek(parser, 0) != ',') {
            return toml_reject(parser, parser->at, "`,` or `%s` is missing in %s",
                               is_array ? "]" : "}", what);
        }
        parser->at++;
        frame->has_item = false;
        frame->has_comma = true;
        return true;
    }
    frame->has_item = true;
    frame->has_comma = false;
    if (!is_array) {
        return read_pair(parser, frame->item, frames);
    }
    struct toml_item *item =
        toml_new_item(parser, frame->item, NULL, TOML_BY_VALUE, parser->at);
    return item != NULL && begin_value(parser, item, frames);
}

static bool read_line_of_pair(struct toml_parser *parser, struct toml_item *table) {
    struct frames frames = {.depth = 0};
    if (!read_pair(parser, table, &frames)) {
        return false;
    }
    while (frames.depth > 0) {
        if (!step(parser, &frames)) {
            return false;
        }
    }
    return true;
}

/* `[path]` or `[[path]]`; the table that it opens, or NULL. */
static struct toml_item *read_header(struct toml_parser *parser) {
    size_t offset = parser->at;
    bool is_element = toml_peek(parser, 1) == '[';
    parser->at += is_element ? 2 : 1;
    if (!read_path(parser)) {
        return NULL;
    }
    if (toml_peek(parser, 0) != ']' || (is_element && toml_peek(parser, 1) != ']')) {
        toml_reject(parser, parser->at, "`%s` is missing after a table's name",
                    is_element ? "]]" : "]");
        return NULL;
    }
    parser->at += is_element ? 2 : 1;
    return toml_open_table(parser, offset, is_element);
}

static bool read_document(struct toml_parser *parser) {
    struct toml_item *table = parser->root;
    for (;;) {
        if (!skip_lines(parser)) {
            return false;
        }
        if (toml_at_end(parser)) {
            return true;
        }
        if (toml_peek(parser, 0) == '[') {
            table = read_header(parser);
            if (table == NULL) {
                return false;
            }
        } else if (!read_line_of_pair(parser, table)) {
            return false;
        }
        if (!expect_line_end(parser)) {
            return false;
        }
    }
}

enum toml_status toml_parse(struct arena *arena, struct str document,
                            struct toml_node **root, struct toml_error *error) {
    struct toml_parser parser = {
        .arena = arena, .text = document, .status = TOML_OK, .error = error};
    if (str_starts_with(document, STR("\xEF\xBB\xBF"))) {
        parser.at = 3;
    }
    parser.root = toml_new_item(&parser, NULL, NULL, TOML_BY_HEADER, 0);
    if (parser.root == NULL) {
        return TOML_NO_MEMORY;
    }
    /* Addresses differ from run to run: no document can choose keys that collide. */
    parser.hash_key.half[0] = (uint64_t)(uintptr_t)parser.root;
    parser.hash_key.half[1] =
        (uint64_t)(uintptr_t)&parser * UINT64_C(0xD6E8FEB86659FD93);
    if (read_document(&parser)) {
        *root = &parser.root->node;
    }
    return parser.status;
}

const struct toml_node *toml_find(const struct toml_node *table, const char *key) {
    const struct toml_node *node = table->first;
    while (node != NULL && !str_equal(node->key, str_of(key))) {
        node = node->next;
    }
    return node;
}
