/* For the oracles: one document a line, as hex digits; one answer a line: `bad OFFSET
 * MESSAGE`, or `ok` and the document as JSON: objects, arrays, and a value as an array
 * of its type's name and, if it is a string, its text. */
#include <stdio.h>
#include <stdlib.h>

#include "base/json_write.h"
#include "schema/toml.h"

static int hex_value(int c) {
    return c <= '9' ? c - '0' : c - 'a' + 10;
}

/* Turns the line into the bytes that it spells. */
static size_t unhex(char *line, size_t got) {
    size_t len = 0;
    for (size_t i = 0; i + 1 < got && line[i] != '\n'; i += 2) {
        line[len++] = (char)(hex_value(line[i]) * 16 + hex_value(line[i + 1]));
    }
    return len;
}

static void show(const struct toml_node *node, struct buf *out) {
    if (node->type == TOML_STRING) {
        buf_append(out, STR("[\"string\","));
        json_append_string(out, node->text);
        buf_append(out, STR("]"));
        return;
    }
    if (node->type == TOML_OTHER) {
        buf_printf(out, "[\"%s\"]", node->type_name);
        return;
    }
    bool is_table = node->type == TOML_TABLE;
    buf_append(out, is_table ? STR("{") : STR("[\"array\""));
    for (const struct toml_node *child = node->first; child != NULL;
         child = child->next) {
        if (!is_table || child != node->first) {
            buf_append(out, STR(","));
        }
        if (is_table) {
            json_append_key(out, child->key);
        }
        show(child, out);
    }
    buf_append(out, is_table ? STR("}") : STR("]"));
}

static void answer(struct str document, struct arena *arena) {
    struct toml_node *root;
    struct toml_error error;
    enum toml_status status = toml_parse(arena, document, &root, &error);
    if (status == TOML_INVALID) {
        printf("bad %zu %.*s\n", error.offset, STR_ARG(error.message));
    } else if (status == TOML_OK) {
        struct buf out;
        buf_init(&out, (size_t)64 << 20);
        show(root, &out);
        printf("ok %s\n", out.failed ? "" : out.ptr);
        buf_release(&out);
    } else {
        puts("no memory");
    }
}

int main(void) {
    char *line = NULL;
    size_t room = 0;
    ssize_t got;
    struct arena arena = {0};
    while ((got = getline(&line, &room, stdin)) > 0) {
        struct arena_mark mark = arena_mark(&arena);
        answer((struct str){line, unhex(line, (size_t)got)}, &arena);
        arena_rewind(&arena, mark);
    }
    arena_release(&arena);
    free(line);
    return 0;
}
