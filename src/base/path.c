#include "base/path.h"

#include <stdint.h>

/* The next component, stepping `*at` past it; false at the end. */
static bool next_component(struct str path, size_t *at, struct str *component) {
    while (*at < path.len && path.ptr[*at] == '/') {
        (*at)++;
    }
    if (*at == path.len) {
        return false;
    }
    struct str rest = str_skip(path, *at);
    *component = str_first(rest, str_find(rest, '/'));
    *at += component->len;
    return true;
}

/* Writes `/component` for each that is not `.`. */
static char *append_components(char *out, struct str path) {
    size_t at = 0;
    struct str component;
    while (next_component(path, &at, &component)) {
        if (!str_equal(component, STR("."))) {
            *out++ = '/';
            memcpy(out, component.ptr, component.len);
            out += component.len;
        }
    }
    return out;
}

struct str path_absolute(struct arena *arena, struct str cwd, struct str path) {
    bool is_absolute = str_starts_with(path, STR("/"));
    /* POSIX lets exactly two slashes at the start mean something of their own. */
    bool is_double =
        str_starts_with(path, STR("//")) && !str_starts_with(path, STR("///"));
    if (path.len > SIZE_MAX / 2 || cwd.len > SIZE_MAX / 2 - 5) {
        return STR_NONE;
    }
    /* A slash before each component, one more at both ends, the NUL. */
    char *bytes = arena_bytes(arena, cwd.len + path.len + 5);
    if (bytes == NULL) {
        return STR_NONE;
    }
    bytes[0] = '/';
    char *root = bytes + is_double;
    char *out = is_absolute ? root : append_components(root, cwd);
    out = append_components(out, path);
    if (out == root || str_ends_with(path, STR("/"))) {
        *out++ = '/';
    }
    *out = '\0';
    return (struct str){bytes, (size_t)(out - bytes)};
}

struct str path_join(struct arena *arena, struct str base, struct str name) {
    struct str slash = str_ends_with(base, STR("/")) ? STR("") : STR("/");
    if (base.len == 0) {
        return arena_copy(arena, name);
    }
    return arena_concat(arena, (struct str[]){base, slash, name}, 3);
}

struct str path_last(struct str path) {
    struct str last = STR_NONE;
    size_t at = 0;
    struct str component;
    while (next_component(path, &at, &component)) {
        if (!str_equal(component, STR("."))) {
            last = component;
        }
    }
    return str_equal(last, STR("..")) ? STR_NONE : last;
}

struct str path_parent(struct str path) {
    while (path.len > 1 && path.ptr[path.len - 1] == '/') {
        path.len--;
    }
    size_t slash = str_find_last(path, '/');
    if (slash == path.len) {
        return STR(".");
    }
    while (slash > 0 && path.ptr[slash - 1] == '/') {
        slash--;
    }
    return str_first(path, slash == 0 ? 1 : slash);
}

struct str path_shown(struct str cwd, struct str path) {
    if (cwd.len == 0 || !str_starts_with(path, cwd)) {
        return path;
    }
    struct str rest = str_skip(path, cwd.len);
    if (cwd.ptr[cwd.len - 1] != '/') {
        if (!str_starts_with(rest, STR("/"))) {
            return path;
        }
        rest = str_skip(rest, 1);
    }
    return rest.len == 0 ? path : rest;
}
