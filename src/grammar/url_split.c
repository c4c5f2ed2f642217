#include "grammar/url_parts.h"

/* Where the Standard's states from "special authority slashes" on stand in the text. */
struct cursor {
    struct arena *arena;
    struct str text;
    struct url_parts *parts;
    struct syntax_error *error;
};

static const struct special {
    struct str scheme;
    unsigned port;
} specials[] = {
    {{"ftp", 3}, 21},  {{"file", 4}, URL_NO_PORT},
    {{"http", 4}, 80}, {{"https", 5}, 443},
    {{"ws", 2}, 80},   {{"wss", 3}, 443},
};

static unsigned default_port(const struct url_parts *parts) {
    for (size_t i = 0; i < sizeof specials / sizeof specials[0]; i++) {
        if (str_equal(specials[i].scheme, parts->scheme)) {
            return specials[i].port;
        }
    }
    return URL_NO_PORT;
}

static bool is_special(struct str scheme) {
    for (size_t i = 0; i < sizeof specials / sizeof specials[0]; i++) {
        if (str_equal(specials[i].scheme, scheme)) {
            return true;
        }
    }
    return false;
}

static enum grammar_status take_scheme(const struct cursor *cursor, size_t *at) {
    static const char rule[] = "no scheme, and relative URLs have no base here";
    struct str text = cursor->text;
    size_t len = 0;
    while (len < text.len &&
           (ascii_is_alpha(text.ptr[len]) ||
            (len > 0 && (ascii_is_digit(text.ptr[len]) || text.ptr[len] == '+' ||
                         text.ptr[len] == '-' || text.ptr[len] == '.')))) {
        len++;
    }
    if (len == 0 || len == text.len || text.ptr[len] != ':') {
        return grammar_reject(cursor->error, rule, len);
    }
    char *scheme = arena_bytes(cursor->arena, len);
    if (scheme == NULL) {
        return GRAMMAR_NO_MEMORY;
    }
    for (size_t i = 0; i < len; i++) {
        scheme[i] = ascii_lower(text.ptr[i]);
    }
    cursor->parts->scheme = (struct str){scheme, len};
    cursor->parts->special = is_special(cursor->parts->scheme);
    cursor->parts->file = str_equal(cursor->parts->scheme, STR("file"));
    *at = len + 1;
    return GRAMMAR_OK;
}

/* Cuts fragment and query off, returns where the rest ends. */
static size_t take_tail(const struct cursor *cursor, size_t at) {
    struct str rest = str_skip(cursor->text, at);
    size_t hash = str_find(rest, '#');
    if (hash < rest.len) {
        cursor->parts->fragment = str_skip(rest, hash + 1);
        rest.len = hash;
    }
    size_t mark = str_find(rest, '?');
    if (mark < rest.len) {
        cursor->parts->query = str_skip(rest, mark + 1);
    }
    return at + mark;
}

static bool is_slash(const struct cursor *cursor, char c) {
    return c == '/' || (c == '\\' && cursor->parts->special);
}

static size_t find_slash(const struct cursor *cursor, size_t at, size_t end) {
    while (at < end && !is_slash(cursor, cursor->text.ptr[at])) {
        at++;
    }
    return at;
}

static enum grammar_status parse_host(const struct cursor *cursor, size_t start,
                                      size_t end) {
    struct str text = {cursor->text.ptr + start, end - start};
    enum grammar_status status =
        url_host_parse(cursor->arena, text, !cursor->parts->special,
                       &cursor->parts->host, cursor->error);
    if (status == GRAMMAR_INVALID) {
        cursor->error->offset += start;
    }
    return status;
}

static enum grammar_status parse_port(const struct cursor *cursor, size_t start,
                                      size_t end) {
    unsigned port = 0;
    for (size_t i = start; i < end; i++) {
        char c = cursor->text.ptr[i];
        if (!ascii_is_digit(c)) {
            return grammar_reject(cursor->error, "port is not a number", i);
        }
        port = port * 10 + (unsigned)(c - '0');
        if (port > 65535) {
            return grammar_reject(cursor->error, "port is over 65535", start);
        }
    }
    if (start < end && port != default_port(cursor->parts)) {
        cursor->parts->port = port;
    }
    return GRAMMAR_OK;
}

static void take_credentials(const struct cursor *cursor, size_t start,
                             size_t at_sign) {
    struct str text = {cursor->text.ptr + start, at_sign - start};
    size_t colon = str_find(text, ':');
    cursor->parts->username = str_first(text, colon);
    if (colon < text.len) {
        cursor->parts->password = str_skip(text, colon + 1);
    }
}

static enum grammar_status parse_authority(const struct cursor *cursor, size_t start,
                                           size_t end) {
    struct str text = cursor->text;
    size_t host = start;
    size_t sign =
        str_find_last((struct str){text.ptr + start, end - start}, '@') + start;
    if (sign < end) {
        take_credentials(cursor, start, sign);
        host = sign + 1;
    }
    size_t colon = host;
    bool in_brackets = false;
    while (colon < end && (in_brackets || text.ptr[colon] != ':')) {
        if (text.ptr[colon] == '[') {
            in_brackets = true;
        } else if (text.ptr[colon] == ']') {
            in_brackets = false;
        }
        colon++;
    }
    if (host == colon && (cursor->parts->special || sign < end || colon < end)) {
        return grammar_reject(cursor->error, "host is empty", host);
    }
    enum grammar_status status = parse_host(cursor, host, colon);
    if (status == GRAMMAR_OK && colon < end) {
        status = parse_port(cursor, colon + 1, end);
    }
    return status;
}

/* The states "file", "file slash" and "file host". */
static enum grammar_status split_file(const struct cursor *cursor, size_t at,
                                      size_t end) {
    const char *text = cursor->text.ptr;
    struct url_parts *parts = cursor->parts;
    parts->host = STR("");
    size_t slashes = 0;
    while (slashes < 2 && at + slashes < end && is_slash(cursor, text[at + slashes])) {
        slashes++;
    }
    if (slashes < 2) {
        parts->path = (struct str){text + at, end - at};
        return GRAMMAR_OK;
    }
    size_t host = at + 2;
    size_t path = find_slash(cursor, host, end);
    if (url_is_drive_letter((struct str){text + host, path - host})) {
        path = host;
    } else if (path > host) {
        enum grammar_status status = parse_host(cursor, host, path);
        if (status != GRAMMAR_OK) {
            return status;
        }
        if (str_equal(parts->host, STR("localhost"))) {
            parts->host = STR("");
        }
    }
    parts->path = (struct str){text + path, end - path};
    return GRAMMAR_OK;
}

enum grammar_status url_split(struct arena *arena, struct str text,
                              struct url_parts *parts, struct syntax_error *error) {
    *parts = (struct url_parts){.port = URL_NO_PORT};
    struct cursor cursor = {arena, text, parts, error};
    size_t at;
    enum grammar_status status = take_scheme(&cursor, &at);
    if (status != GRAMMAR_OK) {
        return status;
    }
    size_t end = take_tail(&cursor, at);
    if (parts->file) {
        return split_file(&cursor, at, end);
    }
    bool slashed = end - at >= 2 && text.ptr[at] == '/' && text.ptr[at + 1] == '/';
    if (parts->special || slashed) {
        if (parts->special) {
            while (at < end && is_slash(&cursor, text.ptr[at])) {
                at++;
            }
        } else {
            at += 2;
        }
        size_t path = find_slash(&cursor, at, end);
        status = parse_authority(&cursor, at, path);
        at = path;
    } else {
        parts->opaque_path = at == end || text.ptr[at] != '/';
    }
    parts->path = (struct str){text.ptr + at, end - at};
    return status;
}
