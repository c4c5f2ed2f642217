#include "grammar/url.h"

#include "grammar/url_parts.h"

enum grammar_status url_append_segment(struct arena *arena, const struct url *base,
                                       struct str segment, struct str *href) {
    bool has_host =
        str_starts_with(str_skip(base->href, base->scheme.len + 1), STR("//"));
    if (!has_host || base->path.len == 0 || url_dot_segment(segment) != 0) {
        return GRAMMAR_INVALID;
    }
    struct str path = base->path;
    if (path.len > 1 && str_ends_with(path, STR("/"))) {
        path.len--;
    }
    struct str head = {base->href.ptr, (size_t)(path.ptr - base->href.ptr) + path.len};
    bool slash = path.len > 1;
    size_t len =
        head.len + slash + url_encoded_len(segment, URL_IN_SEGMENT) + base->tail.len;
    char *bytes = arena_bytes(arena, len);
    if (bytes == NULL) {
        return GRAMMAR_NO_MEMORY;
    }
    memcpy(bytes, head.ptr, head.len);
    char *out = bytes + head.len;
    if (slash) {
        *out++ = '/';
    }
    out = url_encode(out, segment, URL_IN_SEGMENT);
    if (base->tail.len > 0) {
        memcpy(out, base->tail.ptr, base->tail.len);
    }
    *href = (struct str){bytes, len};
    return GRAMMAR_OK;
}

enum grammar_status url_of_path(struct arena *arena, struct str path,
                                struct str *href) {
    if (!str_starts_with(path, STR("/"))) {
        return GRAMMAR_INVALID;
    }
    /* Every byte of a segment was counted, and so was the slash before it. */
    size_t most = sizeof "file:///" + url_encoded_len(path, URL_IN_SEGMENT);
    char *bytes = arena_bytes(arena, most);
    if (bytes == NULL) {
        return GRAMMAR_NO_MEMORY;
    }
    memcpy(bytes, "file://", 7);
    char *out = bytes + 7;
    for (size_t at = 0; at < path.len;) {
        struct str rest = str_skip(path, at + 1);
        struct str segment = str_first(rest, str_find(rest, '/'));
        if (segment.len > 0 && !str_equal(segment, STR("."))) {
            *out++ = '/';
            out = url_encode(out, segment, URL_IN_SEGMENT);
        }
        at += 1 + segment.len;
    }
    if (out == bytes + 7) {
        *out++ = '/';
    }
    *href = (struct str){bytes, (size_t)(out - bytes)};
    return GRAMMAR_OK;
}
