#include "net/ini.h"

static bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

/* The next line, without its end. */
static struct str take_line(struct str *text) {
    size_t end = str_find(*text, '\n');
    struct str line = str_first(*text, end);
    *text = str_skip(*text, end < text->len ? end + 1 : end);
    return line;
}

static struct str without_comment(struct str line) {
    for (size_t i = 0; i < line.len; i++) {
        if ((line.ptr[i] == '#' || line.ptr[i] == ';') &&
            (i == 0 || is_blank(line.ptr[i - 1]))) {
            return str_first(line, i);
        }
    }
    return line;
}

/* `[name]`, and the name with its inner spaces made one. */
static bool is_section(struct str line, struct str section) {
    struct str name = str_trim((struct str){line.ptr + 1, line.len - 2});
    size_t at = 0;
    for (size_t i = 0; i < name.len; i++) {
        if (is_blank(name.ptr[i]) && i > 0 && is_blank(name.ptr[i - 1])) {
            continue;
        }
        char c = is_blank(name.ptr[i]) ? ' ' : name.ptr[i];
        if (at == section.len || section.ptr[at] != c) {
            return false;
        }
        at++;
    }
    return at == section.len;
}

static bool look(struct str text, struct str section, const char *key,
                 struct str *value) {
    bool is_inside = false;
    bool found = false;
    while (text.len > 0) {
        struct str line = take_line(&text);
        if (line.len == 0 || is_blank(line.ptr[0])) {
            continue;
        }
        line = str_trim(without_comment(line));
        if (line.len >= 2 && line.ptr[0] == '[' && line.ptr[line.len - 1] == ']') {
            is_inside = is_section(line, section);
            found = found || (is_inside && key == NULL);
            continue;
        }
        size_t equals = str_find(line, '=');
        if (is_inside && key != NULL && equals < line.len &&
            str_equal_ignore_case(str_trim(str_first(line, equals)), str_of(key))) {
            *value = str_trim(str_skip(line, equals + 1));
            found = true;
        }
    }
    return found;
}

struct str ini_get(struct str text, struct str section, const char *key) {
    struct str value = STR_NONE;
    return look(text, section, key, &value) ? value : STR_NONE;
}

bool ini_has(struct str text, struct str section) {
    return look(text, section, NULL, NULL);
}
