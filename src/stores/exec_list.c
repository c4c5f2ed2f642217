#include "stores/exec_list.h"

#include <stdlib.h>

enum { MAX_PARALLEL = 64, SHOWN_MAX = 80 };

/* The next line, without its end; `*rest` begins behind it. */
static struct str next_line(struct str *rest) {
    size_t end = str_find(*rest, '\n');
    struct str line = str_first(*rest, end);
    *rest = str_skip(*rest, end < rest->len ? end + 1 : end);
    return line.len > 0 && line.ptr[line.len - 1] == '\r'
               ? str_first(line, line.len - 1)
               : line;
}

static bool bad(struct failure *failure, const char *what, struct str line) {
    line = line.len > SHOWN_MAX ? str_first(line, SHOWN_MAX) : line;
    char shown[SHOWN_MAX + 1];
    for (size_t i = 0; i < line.len; i++) {
        shown[i] = (unsigned char)line.ptr[i] < ' ' ? ' ' : line.ptr[i];
    }
    shown[line.len] = '\0';
    failure_set(failure, ERROR_STORE_BAD_RESPONSE, STR_NONE,
                "what the command put out is not as documented: %s: `%s`", what, shown);
    return false;
}

static bool number(struct str text, uint64_t *value) {
    uint64_t result = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (!ascii_is_digit(text.ptr[i]) || result > (UINT64_MAX - 9) / 10) {
            return false;
        }
        result = result * 10 + (uint64_t)(text.ptr[i] - '0');
    }
    *value = result;
    return text.len > 0;
}

/* The next column of a line; empty if there is none any more. */
static struct str next_column(struct str *rest) {
    size_t end = str_find(*rest, '\t');
    struct str column = str_first(*rest, end);
    *rest = str_skip(*rest, end < rest->len ? end + 1 : end);
    return column;
}

static bool take_object(struct str line, struct store_object *object,
                        struct failure *failure) {
    struct str rest = line;
    object->name = next_column(&rest);
    object->size_bytes = UINT64_MAX;
    struct str size = next_column(&rest);
    struct str modified = next_column(&rest);
    struct str revision = next_column(&rest);
    uint64_t seconds = 0;
    if (object->name.len == 0 || str_find(object->name, '/') < object->name.len) {
        return bad(failure, "no name of an object", line);
    }
    if (size.len > 0 && !number(size, &object->size_bytes)) {
        return bad(failure, "the size is no number", line);
    }
    if (modified.len > 0 && (!number(modified, &seconds) || seconds > INT64_MAX)) {
        return bad(failure, "the time is no number", line);
    }
    object->modified_s = (int64_t)seconds;
    object->revision = revision.len > 0 ? revision : STR_NONE;
    return true;
}

static int by_name(const void *a, const void *b) {
    const struct store_object *left = a;
    const struct store_object *right = b;
    return str_compare(left->name, right->name);
}

void store_list_sort(struct store_list *list) {
    if (list->count > 1) {
        qsort(list->objects, list->count, sizeof *list->objects, by_name);
    }
}

bool exec_list_parse(struct arena *arena, struct str text, struct str prefix,
                     struct store_list *list, struct failure *failure) {
    size_t lines = 0;
    for (struct str rest = text; rest.len > 0; (void)next_line(&rest)) {
        lines++;
    }
    *list = (struct store_list){.objects =
                                    arena_array(arena, lines, sizeof *list->objects)};
    if (list->objects == NULL) {
        failure_memory(failure);
        return false;
    }
    for (struct str rest = text; rest.len > 0;) {
        struct str line = next_line(&rest);
        struct store_object object = {0};
        if (line.len == 0) {
            continue;
        }
        if (!take_object(line, &object, failure)) {
            return false;
        }
        if (str_starts_with(object.name, prefix)) {
            list->objects[list->count++] = object;
        }
    }
    store_list_sort(list);
    return true;
}

static bool take_mode(struct str word, struct str line, enum store_mode *mode,
                      struct failure *failure) {
    if (str_equal(word, STR("cas"))) {
        *mode = STORE_CAS;
    } else if (str_equal(word, STR("journal"))) {
        *mode = STORE_JOURNAL_LOCKED;
    } else if (str_equal(word, STR("overwrite"))) {
        *mode = STORE_OVERWRITE;
    } else {
        return bad(failure, "the mode is none of cas, journal and overwrite", line);
    }
    return true;
}

static bool take_capability(struct arena *arena, struct str line, bool *has_protocol,
                            struct exec_capabilities *capabilities,
                            struct failure *failure) {
    size_t space = str_find(line, ' ');
    struct str word = str_first(line, space);
    struct str value = str_trim(str_skip(line, space));
    uint64_t count = 0;
    if (str_equal(word, STR("protocol"))) {
        *has_protocol = str_equal(value, STR("1"));
        return *has_protocol || bad(failure, "another protocol than 1", line);
    }
    if (str_equal(word, STR("mode"))) {
        return take_mode(value, line, &capabilities->mode, failure);
    }
    if (str_equal(word, STR("list"))) {
        capabilities->lists = true;
    } else if (str_equal(word, STR("parallel"))) {
        if (!number(value, &count) || count == 0 || count > MAX_PARALLEL) {
            return bad(failure, "no number from 1 to 64", line);
        }
        capabilities->max_parallel = (unsigned)count;
    } else if (str_equal(word, STR("artifacts-url"))) {
        capabilities->artifacts_url = arena_copy(arena, value);
        if (capabilities->artifacts_url.ptr == NULL) {
            failure_memory(failure);
            return false;
        }
    }
    return true;
}

bool exec_capabilities_parse(struct arena *arena, struct str text,
                             struct exec_capabilities *capabilities,
                             struct failure *failure) {
    bool has_protocol = false;
    for (struct str rest = text; rest.len > 0;) {
        struct str line = str_trim(next_line(&rest));
        if (line.len > 0 &&
            !take_capability(arena, line, &has_protocol, capabilities, failure)) {
            return false;
        }
    }
    if (capabilities->mode == STORE_JOURNAL_LOCKED && !capabilities->lists) {
        return bad(failure, "a journal needs `list`", text);
    }
    return has_protocol || bad(failure, "no line `protocol 1`", text);
}
