#include "grammar/url.h"

#include "grammar/url_parts.h"

static enum url_scheme scheme_kind(struct str scheme) {
    if (str_equal(scheme, STR("https"))) {
        return URL_SCHEME_HTTPS;
    }
    if (str_equal(scheme, STR("http"))) {
        return URL_SCHEME_HTTP;
    }
    return str_equal(scheme, STR("file")) ? URL_SCHEME_FILE : URL_SCHEME_OTHER;
}

static bool label_is_plain(const char *label, size_t len) {
    return len < 4 || label[0] != 'x' || memcmp(label, "xn--", 4) != 0;
}

/* Steps over a host that serializes to itself and is surely a domain; 0 if it is none.
 */
static size_t plain_host_end(struct str text, size_t host) {
    size_t at = host;
    size_t label = host;
    for (; at < text.len && !url_byte_is(text.ptr[at], URL_NOT_PLAIN_HOST); at++) {
        if (text.ptr[at] == '.') {
            if (!label_is_plain(text.ptr + label, at - label)) {
                return 0;
            }
            label = at + 1;
        }
    }
    bool named = at > label && !ascii_is_digit(text.ptr[label]);
    return named && label_is_plain(text.ptr + label, at - label) ? at : 0;
}

static size_t plain_port_end(struct str text, size_t at, unsigned standard) {
    unsigned port = 0;
    size_t start = at;
    for (; at < text.len && at - start < 5 && ascii_is_digit(text.ptr[at]); at++) {
        port = port * 10 + (unsigned)(text.ptr[at] - '0');
    }
    bool plain = at > start && (text.ptr[start] != '0' || at == start + 1) &&
                 port <= 65535 && port != standard;
    return plain ? at : 0;
}

/* Steps over a path without what might be a dot segment. */
static size_t plain_path_end(struct str text, size_t at) {
    for (; at < text.len && !url_byte_is(text.ptr[at], URL_NOT_PLAIN_PATH); at++) {
        if (text.ptr[at] == '/' && at + 1 < text.len &&
            (text.ptr[at + 1] == '.' || text.ptr[at + 1] == '%')) {
            return 0;
        }
    }
    return at;
}

static size_t plain_end(struct str text, size_t at, unsigned rule) {
    while (at < text.len && !url_byte_is(text.ptr[at], rule)) {
        at++;
    }
    return at;
}

/* The common case: a web address that is its own serialization, seen at a glance. */
static bool parse_plain(struct str text, struct url *url) {
    size_t scheme = 0;
    if (str_starts_with(text, STR("https://"))) {
        scheme = 5;
    } else if (str_starts_with(text, STR("http://"))) {
        scheme = 4;
    } else {
        return false;
    }
    size_t at = plain_host_end(text, scheme + 3);
    if (at != 0 && at < text.len && text.ptr[at] == ':') {
        at = plain_port_end(text, at + 1, scheme == 5 ? 443 : 80);
    }
    if (at == 0 || at == text.len || text.ptr[at] != '/') {
        return false;
    }
    size_t path = at;
    at = plain_path_end(text, path);
    if (at == 0) {
        return false;
    }
    size_t tail = at;
    if (at < text.len && text.ptr[at] == '?') {
        at = plain_end(text, at + 1, URL_IN_SPECIAL_QUERY);
    }
    if (at < text.len && text.ptr[at] == '#') {
        at = plain_end(text, at + 1, URL_IN_FRAGMENT);
    }
    if (at < text.len) {
        return false;
    }
    url->href = text;
    url->kind = scheme == 5 ? URL_SCHEME_HTTPS : URL_SCHEME_HTTP;
    url->scheme = str_first(text, scheme);
    url->path = (struct str){text.ptr + path, tail - path};
    url->tail = str_skip(text, tail);
    return true;
}

static bool is_dropped(char c) {
    return c == '\t' || c == '\n' || c == '\r';
}

/* The text without what the parser ignores: controls and spaces around it, tabs and
 * newlines in it. `*start` is the offset of its first byte. */
static bool clean(struct arena *arena, struct str text, struct str *cleaned,
                  size_t *start) {
    size_t first = 0;
    while (first < text.len && (unsigned char)text.ptr[first] <= ' ') {
        first++;
    }
    size_t end = text.len;
    while (end > first && (unsigned char)text.ptr[end - 1] <= ' ') {
        end--;
    }
    *start = first;
    *cleaned = (struct str){text.len == 0 ? "" : text.ptr + first, end - first};
    size_t at = 0;
    while (at < cleaned->len && !is_dropped(cleaned->ptr[at])) {
        at++;
    }
    if (at == cleaned->len) {
        return true;
    }
    char *bytes = arena_bytes(arena, cleaned->len);
    if (bytes == NULL) {
        return false;
    }
    size_t len = 0;
    for (size_t i = 0; i < cleaned->len; i++) {
        if (!is_dropped(cleaned->ptr[i])) {
            bytes[len++] = cleaned->ptr[i];
        }
    }
    *cleaned = (struct str){bytes, len};
    return true;
}

/* Where the byte at an offset of the cleaned text stood. */
static size_t original_offset(struct str text, size_t start, size_t offset) {
    size_t at = start;
    for (; at < text.len; at++) {
        if (is_dropped(text.ptr[at])) {
            continue;
        }
        if (offset == 0) {
            break;
        }
        offset--;
    }
    return at;
}

static char *write(char *out, struct str s) {
    if (s.len > 0) {
        memcpy(out, s.ptr, s.len);
    }
    return out + s.len;
}

static char *write_port(char *out, unsigned port) {
    *out++ = ':';
    for (unsigned unit = 10000; unit > 0; unit /= 10) {
        if (port >= unit || unit == 1) {
            *out++ = (char)('0' + port / unit % 10);
        }
    }
    return out;
}

static char *write_authority(char *out, const struct url_parts *parts) {
    out = write(out, STR("//"));
    if (parts->username.len > 0 || parts->password.len > 0) {
        out = url_encode(out, parts->username, URL_IN_USERINFO);
        if (parts->password.len > 0) {
            *out++ = ':';
            out = url_encode(out, parts->password, URL_IN_USERINFO);
        }
        *out++ = '@';
    }
    out = write(out, parts->host);
    return parts->port == URL_NO_PORT ? out : write_port(out, parts->port);
}

static size_t most_bytes(const struct url_parts *parts) {
    return parts->scheme.len + url_encoded_len(parts->username, URL_IN_USERINFO) +
           url_encoded_len(parts->password, URL_IN_USERINFO) + parts->host.len +
           url_encoded_len(parts->path,
                           parts->opaque_path ? URL_IN_OPAQUE : URL_IN_PATH) +
           url_encoded_len(parts->query, URL_IN_SPECIAL_QUERY) +
           url_encoded_len(parts->fragment, URL_IN_FRAGMENT) + URL_PATH_EXTRA +
           sizeof "://:@:65535/.?#";
}

static char *write_path(char *out, const struct url_parts *parts, struct str *path) {
    size_t len = (size_t)(url_path_write(out, parts) - out);
    if (parts->host.ptr == NULL && !parts->opaque_path && len >= 2 && out[1] == '/') {
        /* So that it is not read as a host. */
        memmove(out + 2, out, len);
        *out++ = '/';
        *out++ = '.';
    }
    *path = (struct str){out, len};
    return out + len;
}

/* The URL serializer. */
static bool serialize(struct arena *arena, const struct url_parts *parts,
                      struct url *url) {
    char *href = arena_bytes(arena, most_bytes(parts));
    if (href == NULL) {
        return false;
    }
    char *out = write(href, parts->scheme);
    *out++ = ':';
    if (parts->host.ptr != NULL) {
        out = write_authority(out, parts);
    }
    out = write_path(out, parts, &url->path);
    char *tail = out;
    if (parts->query.ptr != NULL) {
        *out++ = '?';
        out = url_encode(out, parts->query,
                         parts->special ? URL_IN_SPECIAL_QUERY : URL_IN_QUERY);
    }
    if (parts->fragment.ptr != NULL) {
        *out++ = '#';
        out = url_encode(out, parts->fragment, URL_IN_FRAGMENT);
    }
    url->href = (struct str){href, (size_t)(out - href)};
    url->kind = scheme_kind(parts->scheme);
    url->scheme = str_first(url->href, parts->scheme.len);
    url->tail = (struct str){tail, (size_t)(out - tail)};
    return true;
}

enum grammar_status url_parse(struct arena *arena, struct str text, struct url *url,
                              struct syntax_error *error) {
    if (parse_plain(text, url)) {
        return GRAMMAR_OK;
    }
    struct str cleaned;
    size_t start;
    if (!clean(arena, text, &cleaned, &start)) {
        return GRAMMAR_NO_MEMORY;
    }
    struct url_parts parts;
    enum grammar_status status = url_split(arena, cleaned, &parts, error);
    if (status == GRAMMAR_INVALID) {
        error->offset = original_offset(text, start, error->offset);
    }
    if (status != GRAMMAR_OK) {
        return status;
    }
    return serialize(arena, &parts, url) ? GRAMMAR_OK : GRAMMAR_NO_MEMORY;
}
