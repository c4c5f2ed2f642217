#include "stores/netrc.h"

struct reader {
    struct arena *arena;
    struct str rest;
    bool no_memory;
};

static bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void skip_line(struct reader *reader) {
    size_t end = str_find(reader->rest, '\n');
    reader->rest = str_skip(reader->rest, end < reader->rest.len ? end + 1 : end);
}

/* In quotes, from behind the first. */
static struct str quoted_word(struct reader *reader) {
    char *out = arena_bytes(reader->arena, reader->rest.len + 1);
    size_t len = 0;
    if (out == NULL) {
        reader->no_memory = true;
        return STR_NONE;
    }
    size_t at = 0;
    for (; at < reader->rest.len && reader->rest.ptr[at] != '"'; at++) {
        char c = reader->rest.ptr[at];
        if (c == '\\' && at + 1 < reader->rest.len) {
            c = reader->rest.ptr[++at];
            c = c == 'n' ? '\n' : c == 'r' ? '\r' : c == 't' ? '\t' : c;
        }
        out[len++] = c;
    }
    reader->rest = str_skip(reader->rest, at < reader->rest.len ? at + 1 : at);
    return (struct str){out, len};
}

/* Absent: there is none any more. */
static struct str next_word(struct reader *reader) {
    for (;;) {
        while (reader->rest.len > 0 && is_space(reader->rest.ptr[0])) {
            reader->rest = str_skip(reader->rest, 1);
        }
        if (reader->rest.len == 0) {
            return STR_NONE;
        }
        if (reader->rest.ptr[0] != '#') {
            break;
        }
        skip_line(reader);
    }
    if (reader->rest.ptr[0] == '"') {
        reader->rest = str_skip(reader->rest, 1);
        return quoted_word(reader);
    }
    size_t end = 0;
    while (end < reader->rest.len && !is_space(reader->rest.ptr[end])) {
        end++;
    }
    struct str word = str_first(reader->rest, end);
    reader->rest = str_skip(reader->rest, end);
    return word;
}

/* A macro goes on to an empty line. */
static void skip_macro(struct reader *reader) {
    do {
        skip_line(reader);
    } while (reader->rest.len > 0 && reader->rest.ptr[0] != '\n' &&
             reader->rest.ptr[0] != '\r');
}

enum netrc_status netrc_find(struct arena *arena, struct str text, struct str host,
                             struct str *login, struct str *password) {
    struct reader reader = {.arena = arena, .rest = text};
    bool is_ours = false;
    *login = *password = STR_NONE;
    for (;;) {
        struct str word = next_word(&reader);
        bool is_machine = str_equal(word, STR("machine"));
        bool is_default = str_equal(word, STR("default"));
        if (word.ptr == NULL || ((is_machine || is_default) && is_ours)) {
            break;
        }
        if (is_machine) {
            is_ours = str_equal_ignore_case(next_word(&reader), host);
        } else if (is_default) {
            is_ours = true;
        } else if (str_equal(word, STR("macdef"))) {
            skip_macro(&reader);
        } else if (str_equal(word, STR("login")) || str_equal(word, STR("password")) ||
                   str_equal(word, STR("account"))) {
            struct str value = next_word(&reader);
            if (is_ours && word.ptr[0] == 'l') {
                *login = value;
            } else if (is_ours && word.ptr[0] == 'p') {
                *password = value;
            }
        }
    }
    if (reader.no_memory) {
        return NETRC_NO_MEMORY;
    }
    if (!is_ours || password->ptr == NULL) {
        return NETRC_NONE;
    }
    *login = arena_copy(arena, login->ptr == NULL ? STR("") : *login);
    *password = arena_copy(arena, *password);
    return login->ptr == NULL || password->ptr == NULL ? NETRC_NO_MEMORY : NETRC_FOUND;
}
