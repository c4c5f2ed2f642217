#include "stores/stores.h"

#include "base/nearest.h"
#include "grammar/url.h"
#include "grammar/url_parts.h"
#include "stores/location_secret.h"

enum { SHOWN_MAX = 120 };

/* Always false. */
static bool refuse(struct failure *failure, const char *reason) {
    failure_set(failure, ERROR_USAGE_INVALID_LOCATION, STR_NONE, "%s", reason);
    return false;
}

static struct str shortened(struct str s) {
    return s.len > SHOWN_MAX ? str_first(s, SHOWN_MAX) : s;
}

/* The bytes before `:` where these are a scheme; else 0. */
static size_t scheme_len(struct str text) {
    size_t at = 0;
    while (at < text.len && (ascii_is_alnum(text.ptr[at]) || text.ptr[at] == '+' ||
                             text.ptr[at] == '-' || text.ptr[at] == '.')) {
        at++;
    }
    bool is_scheme =
        at > 0 && ascii_is_alpha(text.ptr[0]) && at < text.len && text.ptr[at] == ':';
    return is_scheme ? at : 0;
}

static bool unknown_scheme(struct str scheme, struct failure *failure) {
    const char *names[16];
    char known[160] = "";
    size_t used = 0;
    for (size_t i = 0; i < store_kind_count && i < 16; i++) {
        struct str name = str_of(store_kinds[i].scheme);
        names[i] = store_kinds[i].scheme;
        if (name.len > 0 && used + name.len + 2 < sizeof known) {
            memcpy(known + used, used == 0 ? "" : ", ", used == 0 ? 0 : 2);
            used += used == 0 ? 0 : 2;
            memcpy(known + used, name.ptr, name.len + 1);
            used += name.len;
        }
    }
    struct str near = STR_NONE;
    bool is_near = nearest_word(scheme, names, store_kind_count, &near);
    failure_set(failure, ERROR_USAGE_INVALID_LOCATION, STR_NONE,
                "`%.*s` is no scheme of a location%s%.*s%s; there are %s, and plain "
                "paths",
                STR_ARG(shortened(scheme)), is_near ? ", did you mean `" : "",
                is_near ? (int)near.len : 0, is_near ? near.ptr : "",
                is_near ? "`?" : "", known);
    return false;
}

static bool has_control(struct str text) {
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.ptr[i] < ' ' || text.ptr[i] == 0x7F) {
            return true;
        }
    }
    return false;
}

/* --- parameters --- */

static bool unknown_parameter(const struct store_kind *kind, struct str name,
                              struct failure *failure) {
    size_t count = 0;
    char known[120] = "";
    size_t used = 0;
    for (; kind->parameters[count] != NULL; count++) {
        struct str each = str_of(kind->parameters[count]);
        if (used + each.len + 4 < sizeof known) {
            memcpy(known + used, count == 0 ? "`" : ", `", count == 0 ? 1 : 3);
            used += count == 0 ? 1 : 3;
            memcpy(known + used, each.ptr, each.len);
            used += each.len;
            memcpy(known + used, "`", 2);
            used++;
        }
    }
    struct str near = STR_NONE;
    bool is_near = nearest_word(name, kind->parameters, count, &near);
    if (is_near) {
        failure_set(failure, ERROR_USAGE_INVALID_LOCATION, STR_NONE,
                    "unknown parameter `%.*s`, did you mean `%.*s`?",
                    STR_ARG(shortened(name)), STR_ARG(near));
    } else {
        failure_set(failure, ERROR_USAGE_INVALID_LOCATION, STR_NONE,
                    "unknown parameter `%.*s`; %s takes %s", STR_ARG(shortened(name)),
                    kind->form, count == 0 ? "none" : known);
    }
    return false;
}

static bool kind_takes(const struct store_kind *kind, struct str name) {
    for (size_t i = 0; kind->parameters[i] != NULL; i++) {
        if (str_equal(name, str_of(kind->parameters[i]))) {
            return true;
        }
    }
    return false;
}

static bool is_encoded_well(struct str text) {
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '%' && (text.len - i < 3 || !ascii_is_hex(text.ptr[i + 1]) ||
                                   !ascii_is_hex(text.ptr[i + 2]))) {
            return false;
        }
    }
    return true;
}

/* A decoded copy. */
static bool decode(struct arena *arena, struct str text, struct str *decoded,
                   struct failure *failure) {
    if (!is_encoded_well(text)) {
        return refuse(failure, "a `%` is not followed by two hexadecimal digits; write "
                               "`%25` for a `%`");
    }
    struct str plain = url_percent_decode(arena, text);
    *decoded = plain.ptr == NULL ? STR_NONE : arena_copy(arena, plain);
    if (decoded->ptr == NULL) {
        return failure_memory(failure);
    }
    return !has_control(*decoded) ||
           refuse(failure, "it has a control character, percent-encoded");
}

static bool take_parameter(struct arena *arena, struct str item,
                           const struct store_kind *kind, struct location *location,
                           struct failure *failure) {
    size_t equals = str_find(item, '=');
    struct str name;
    struct str value = STR("");
    if (!decode(arena, str_first(item, equals), &name, failure) ||
        (equals < item.len &&
         !decode(arena, str_skip(item, equals + 1), &value, failure))) {
        return false;
    }
    if (!kind_takes(kind, name)) {
        return unknown_parameter(kind, name, failure);
    }
    if (location_parameter(location, name).ptr != NULL) {
        failure_set(failure, ERROR_USAGE_INVALID_LOCATION, STR_NONE,
                    "the parameter `%.*s` is there twice", STR_ARG(name));
        return false;
    }
    if (value.len == 0) {
        failure_set(failure, ERROR_USAGE_INVALID_LOCATION, STR_NONE,
                    "the parameter `%.*s` has no value", STR_ARG(name));
        return false;
    }
    /* A name that is known and new: there are fewer of those than there is room for. */
    size_t at = location->parameter_count++;
    location->parameters[at] = (struct location_parameter){name, value};
    return true;
}

static bool take_query(struct arena *arena, struct str query,
                       const struct store_kind *kind, struct location *location,
                       struct failure *failure) {
    if (location_query_has_secret(query)) {
        return refuse(failure,
                      "it has a credential in its query; credentials come from "
                      "the environment, never from a location");
    }
    if (location_is_index(location)) {
        location->query = arena_copy(arena, query);
        return location->query.ptr != NULL || failure_memory(failure);
    }
    for (size_t at = 0; at < query.len;) {
        struct str rest = str_skip(query, at);
        size_t end = str_find(rest, '&');
        if (end > 0 &&
            !take_parameter(arena, str_first(rest, end), kind, location, failure)) {
            return false;
        }
        at += end + 1;
    }
    return true;
}

struct str location_parameter(const struct location *location, struct str name) {
    for (size_t i = 0; i < location->parameter_count; i++) {
        if (str_equal(location->parameters[i].name, name)) {
            return location->parameters[i].value;
        }
    }
    return STR_NONE;
}

/* --- the parts --- */

static bool is_host_byte(char c) {
    return ascii_is_alnum(c) || c == '.' || c == '-' || c == '_' || c == '~' ||
           c == ':' || c == '[' || c == ']';
}

/* Its port, if it has one, is a number. */
static bool host_is_good(struct str host) {
    for (size_t i = 0; i < host.len; i++) {
        if (!is_host_byte(host.ptr[i])) {
            return false;
        }
    }
    struct str rest = host;
    if (host.len > 0 && host.ptr[0] == '[') {
        size_t close = str_find(host, ']');
        if (close == host.len) {
            return false;
        }
        rest = str_skip(host, close + 1);
        if (rest.len > 0 && rest.ptr[0] != ':') {
            return false;
        }
    }
    size_t colon = str_find(rest, ':');
    unsigned port = 0;
    for (size_t i = colon + 1; i < rest.len; i++) {
        if (!ascii_is_digit(rest.ptr[i]) || i - colon > 5) {
            return false;
        }
        port = port * 10 + (unsigned)(rest.ptr[i] - '0');
    }
    return colon == rest.len || (port >= 1 && port <= 65535);
}

static bool has_dots(struct str path) {
    for (size_t at = 0; at <= path.len;) {
        struct str rest = str_skip(path, at);
        size_t end = str_find(rest, '/');
        if (url_dot_segment(str_first(rest, end)) != 0) {
            return true;
        }
        at += end + 1;
    }
    return false;
}

static bool take_web(struct arena *arena, struct str text, struct location *location,
                     struct failure *failure) {
    struct url url;
    struct syntax_error error;
    enum grammar_status status = url_parse(arena, text, &url, &error);
    if (status == GRAMMAR_NO_MEMORY) {
        return failure_memory(failure);
    }
    if (status != GRAMMAR_OK) {
        failure_set(failure, ERROR_USAGE_INVALID_LOCATION, STR_NONE, "%s",
                    error.rule == NULL ? "it is no URL" : error.rule);
        return false;
    }
    const char *start = url.scheme.ptr + url.scheme.len + strlen("://");
    location->host =
        arena_copy(arena, (struct str){start, (size_t)(url.path.ptr - start)});
    location->path = arena_copy(arena, url.path);
    return (location->host.ptr != NULL && location->path.ptr != NULL) ||
           failure_memory(failure);
}

static bool take_user(struct arena *arena, struct str user, struct location *location,
                      struct failure *failure) {
    bool is_sftp = str_equal(location->scheme, STR("sftp"));
    if (!is_sftp || str_find(user, ':') < user.len) {
        return refuse(
            failure, is_sftp ? "it has a password in it; keys come from the agent or "
                               "from files, as ssh finds them"
                             : "it has credentials in it (before the `@`); credentials "
                               "come from the environment, never from a location");
    }
    if (!decode(arena, user, &location->user, failure)) {
        return false;
    }
    return (location->user.len > 0 && location->user.ptr[0] != '-') ||
           refuse(failure, "the user before the `@` is no user name");
}

/* What follows `scheme://`, and the whole text. */
static bool take_parts(struct arena *arena, struct str rest, struct str text,
                       const struct store_kind *kind, struct location *location,
                       struct failure *failure) {
    if (str_find(rest, '#') < rest.len) {
        return refuse(failure, "a location has no `#` part; write `%23` for a `#`");
    }
    size_t mark = str_find(rest, '?');
    struct str before = str_first(rest, mark);
    size_t slash = str_find(before, '/');
    struct str host = str_first(before, slash);
    struct str path = str_skip(before, slash);
    size_t at = str_find_last(host, '@');
    if (at < host.len) {
        if (!take_user(arena, str_first(host, at), location, failure)) {
            return false;
        }
        host = str_skip(host, at + 1);
    }
    bool is_file = str_equal(location->scheme, STR("file"));
    if (is_file &&
        (path.len == 0 || (host.len > 0 && !str_equal(host, STR("localhost"))))) {
        return refuse(failure, "a file location is an absolute path: write "
                               "`file:///PATH`, or the plain path");
    }
    if (str_starts_with(location->scheme, STR("http"))) {
        if (!take_web(arena, str_first(text, text.len - (rest.len - mark)), location,
                      failure)) {
            return false;
        }
    } else {
        if (!is_file && (host.len == 0 || host.ptr[0] == '-' || !host_is_good(host))) {
            failure_set(failure, ERROR_USAGE_INVALID_LOCATION, STR_NONE,
                        "what follows `%.*s://` is not as in `%s`",
                        STR_ARG(location->scheme), kind->form);
            return false;
        }
        if (!is_file && has_dots(path)) {
            return refuse(failure, "it has a `.` or `..` between slashes");
        }
        location->host = arena_copy(arena, is_file ? STR("") : host);
        location->path = arena_copy(arena, path);
        if (location->host.ptr == NULL || location->path.ptr == NULL) {
            return failure_memory(failure);
        }
    }
    return mark == rest.len ||
           take_query(arena, str_skip(rest, mark + 1), kind, location, failure);
}

static bool take_plain(struct arena *arena, struct str path, struct location *location,
                       struct failure *failure) {
    location->path = arena_copy(arena, path);
    return location->path.ptr != NULL || failure_memory(failure);
}

static bool take_exec(struct arena *arena, struct str command,
                      struct location *location, struct failure *failure) {
    command = str_trim(command);
    if (command.len == 0) {
        return refuse(failure, "`exec:` is followed by no command");
    }
    return take_plain(arena, command, location, failure);
}

bool location_parse(struct arena *arena, struct str text, struct location *location,
                    struct failure *failure) {
    *location = (struct location){.scheme = STR(""), .host = STR("")};
    if (text.len == 0) {
        return refuse(failure, "it is empty");
    }
    location->text = arena_copy(arena, text);
    if (location->text.ptr == NULL) {
        return failure_memory(failure);
    }
    if (has_control(text)) {
        return refuse(failure, "it has a line break or another control character");
    }
    size_t len = scheme_len(text);
    struct str rest = len == 0 ? STR("") : str_skip(text, len + 1);
    struct str scheme = arena_copy(arena, str_first(text, len));
    if (scheme.ptr == NULL) {
        return failure_memory(failure);
    }
    char *lower = arena_bytes(arena, len + 1);
    if (lower == NULL) {
        return failure_memory(failure);
    }
    for (size_t i = 0; i <= len; i++) {
        lower[i] = ascii_lower(scheme.ptr[i]);
    }
    scheme.ptr = lower;
    const struct store_kind *kind = store_kind_of(scheme);
    bool has_slashes = str_starts_with(rest, STR("//"));
    if (len > 0 && kind != NULL && str_equal(scheme, STR("exec"))) {
        location->scheme = scheme;
        return take_exec(arena, rest, location, failure);
    }
    if (len > 0 && kind == NULL && has_slashes) {
        return unknown_scheme(scheme, failure);
    }
    if (len == 0 || kind == NULL) {
        return take_plain(arena, text, location, failure);
    }
    location->scheme = scheme;
    if (!has_slashes) {
        failure_set(failure, ERROR_USAGE_INVALID_LOCATION, STR_NONE,
                    "write it as in `%s`", kind->form);
        return false;
    }
    return take_parts(arena, str_skip(rest, 2), text, kind, location, failure);
}

struct str location_prefix(const struct location *location) {
    struct str path = location->path;
    while (path.len > 0 && path.ptr[0] == '/') {
        path = str_skip(path, 1);
    }
    while (path.len > 0 && path.ptr[path.len - 1] == '/') {
        path.len--;
    }
    return path;
}

bool location_is_index(const struct location *location) {
    return str_starts_with(location->scheme, STR("http")) &&
           str_ends_with(location->path, STR(".json"));
}
