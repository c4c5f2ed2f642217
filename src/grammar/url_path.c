#include "grammar/url_parts.h"

int url_dot_segment(struct str segment) {
    int dots = 0;
    size_t at = 0;
    while (at < segment.len) {
        if (segment.ptr[at] == '.') {
            at++;
        } else if (segment.len - at >= 3 && segment.ptr[at] == '%' &&
                   segment.ptr[at + 1] == '2' &&
                   ascii_lower(segment.ptr[at + 2]) == 'e') {
            at += 3;
        } else {
            return 0;
        }
        if (++dots > 2) {
            return 0;
        }
    }
    return dots;
}

bool url_is_drive_letter(struct str segment) {
    return segment.len == 2 && ascii_is_alpha(segment.ptr[0]) &&
           (segment.ptr[1] == ':' || segment.ptr[1] == '|');
}

/* Takes the last segment off what is written, but no drive letter. */
static char *shorten(char *start, char *out, bool file) {
    if (file && out - start == 3 && url_is_drive_letter((struct str){start + 1, 2})) {
        return out;
    }
    while (out > start) {
        if (*--out == '/') {
            break;
        }
    }
    return out;
}

/* The "opaque path" state: a space right before query or fragment is encoded, for it
 * would be lost if they were. */
static char *write_opaque(char *out, const struct url_parts *parts) {
    struct str path = parts->path;
    bool tail = parts->query.ptr != NULL || parts->fragment.ptr != NULL;
    bool space = tail && str_ends_with(path, STR(" "));
    out = url_encode(out, str_first(path, path.len - space), URL_IN_OPAQUE);
    if (space) {
        memcpy(out, "%20", 3);
        out += 3;
    }
    return out;
}

static size_t segment_end(struct str path, size_t at, bool special) {
    while (at < path.len && path.ptr[at] != '/' && !(special && path.ptr[at] == '\\')) {
        at++;
    }
    return at;
}

/* A file URL's path of slashes alone is the root (docs/formats.md; the Standard would
 * keep them). */
static char *collapse_root(char *start, char *out) {
    for (const char *at = start; at < out; at++) {
        if (*at != '/') {
            return out;
        }
    }
    return start + 1;
}

char *url_path_write(char *out, const struct url_parts *parts) {
    if (parts->opaque_path) {
        return write_opaque(out, parts);
    }
    struct str path = parts->path;
    if (path.len == 0 && !parts->special) {
        return out;
    }
    char *start = out;
    size_t at = 0;
    if (segment_end(path, 0, parts->special) == 0 && path.len > 0) {
        at = 1;
    }
    for (;;) {
        size_t end = segment_end(path, at, parts->special);
        struct str segment = {path.ptr + at, end - at};
        int dots = url_dot_segment(segment);
        if (dots == 2) {
            out = shorten(start, out, parts->file);
        }
        if (dots == 0) {
            bool first = out == start;
            *out++ = '/';
            char *written = out;
            out = url_encode(out, segment, URL_IN_PATH);
            if (parts->file && first && url_is_drive_letter(segment)) {
                written[1] = ':';
            }
        } else if (end == path.len) {
            *out++ = '/';
        }
        if (end == path.len) {
            return parts->file ? collapse_root(start, out) : out;
        }
        at = end + 1;
    }
}
