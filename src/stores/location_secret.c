#include "stores/location_secret.h"

#include "base/buf.h"
#include "stores/stores.h"

/* Names are compared in lowercase, without `-`, `_` and what is percent-encoded of
 * them. */
static const char *const secret_parts[] = {
    "token",  "secret",    "password",  "passwd",     "passphrase", "signature",
    "apikey", "accesskey", "sharedkey", "accountkey", "privatekey", "credential",
};
static const char *const secret_names[] = {"sig", "key",  "auth", "authorization",
                                           "pwd", "pass", "sas",  "jwt"};
static const char *const secret_starts[] = {
    "ghp_",   "gho_",  "ghu_",   "ghs_",   "ghr_", "github_pat_",
    "glpat-", "gldt-", "glcbt-", "glptt-", "AKIA", "ASIA",
};

enum { NAME_MAX_BYTES = 64 };

static unsigned hex_value(char c) {
    return ascii_is_digit(c) ? (unsigned)(c - '0')
                             : (unsigned)(ascii_lower(c) - 'a') + 10;
}

/* The name as it is compared; what does not fit is left out. */
static struct str plain_name(struct str name, char out[NAME_MAX_BYTES]) {
    size_t len = 0;
    for (size_t i = 0; i < name.len && len < NAME_MAX_BYTES; i++) {
        char c = name.ptr[i];
        if (c == '%' && name.len - i >= 3 && ascii_is_hex(name.ptr[i + 1]) &&
            ascii_is_hex(name.ptr[i + 2])) {
            c = (char)(hex_value(name.ptr[i + 1]) << 4 | hex_value(name.ptr[i + 2]));
            i += 2;
        }
        if (c != '-' && c != '_') {
            out[len++] = ascii_lower(c);
        }
    }
    return (struct str){out, len};
}

static bool contains(struct str text, struct str part) {
    for (size_t i = 0; i + part.len <= text.len; i++) {
        if (memcmp(text.ptr + i, part.ptr, part.len) == 0) {
            return true;
        }
    }
    return false;
}

/* An address within a value, as of an endpoint: with a name or password before its `@`.
 */
static bool has_address_with_user(struct str value) {
    char storage[512];
    size_t len = 0;
    for (size_t i = 0; i < value.len && len < sizeof storage; i++) {
        char c = value.ptr[i];
        if (c == '%' && value.len - i >= 3 && ascii_is_hex(value.ptr[i + 1]) &&
            ascii_is_hex(value.ptr[i + 2])) {
            c = (char)(hex_value(value.ptr[i + 1]) << 4 | hex_value(value.ptr[i + 2]));
            i += 2;
        }
        storage[len++] = c;
    }
    struct str text = {storage, len};
    return contains(text, STR("://")) && str_find(text, '@') < text.len;
}

static bool value_is_secret(struct str value) {
    if (has_address_with_user(value)) {
        return true;
    }
    for (size_t i = 0; i < sizeof secret_starts / sizeof *secret_starts; i++) {
        if (str_starts_with(value, str_of(secret_starts[i]))) {
            return true;
        }
    }
    return false;
}

bool location_name_is_secret(struct str text) {
    char storage[NAME_MAX_BYTES];
    struct str name = plain_name(text, storage);
    for (size_t i = 0; i < sizeof secret_parts / sizeof *secret_parts; i++) {
        if (contains(name, str_of(secret_parts[i]))) {
            return true;
        }
    }
    for (size_t i = 0; i < sizeof secret_names / sizeof *secret_names; i++) {
        if (str_equal(name, str_of(secret_names[i]))) {
            return true;
        }
    }
    /* SIGNING_KEY, but not a monkey. */
    size_t start = text.len < 4 ? 0 : text.len - 4;
    struct str end = str_skip(text, start);
    return str_equal_ignore_case(end, STR("_key")) ||
           str_equal_ignore_case(end, STR("-key"));
}

static bool item_is_secret(struct str item) {
    size_t equals = str_find(item, '=');
    return location_name_is_secret(str_first(item, equals)) || value_is_secret(item) ||
           (equals < item.len && value_is_secret(str_skip(item, equals + 1)));
}

bool location_query_has_secret(struct str query) {
    for (size_t at = 0; at < query.len;) {
        struct str rest = str_skip(query, at);
        size_t end = str_find(rest, '&');
        if (item_is_secret(str_first(rest, end))) {
            return true;
        }
        at += end + 1;
    }
    return false;
}

static void show_query(struct buf *out, struct str query) {
    for (size_t at = 0; at < query.len;) {
        struct str rest = str_skip(query, at);
        size_t end = str_find(rest, '&');
        struct str item = str_first(rest, end);
        if (item_is_secret(item)) {
            size_t equals = str_find(item, '=');
            buf_append(out, equals < item.len ? str_first(item, equals + 1) : STR(""));
            buf_append(out, STR("***"));
        } else {
            buf_append(out, item);
        }
        if (end < rest.len) {
            buf_append_byte(out, '&');
        }
        at += end + 1;
    }
}

/* How much of what follows `scheme:` and its slashes may be credentials: up to and with
 * the `@`. */
static size_t credentials_len(struct str scheme, struct str rest) {
    size_t end = 0;
    while (end < rest.len && rest.ptr[end] != '/' && rest.ptr[end] != '?' &&
           rest.ptr[end] != '#') {
        end++;
    }
    struct str host = str_first(rest, end);
    size_t at = str_find_last(host, '@');
    if (at < host.len) {
        bool is_user =
            str_equal_ignore_case(scheme, STR("sftp")) && str_find(host, ':') > at;
        return is_user ? 0 : at + 1;
    }
    /* A password may hold any of those: then no number follows the colon. */
    size_t colon = str_find_last(host, ':');
    bool is_port = true;
    for (size_t i = colon + 1; i < host.len; i++) {
        is_port = is_port && ascii_is_digit(host.ptr[i]);
    }
    at = str_find_last(rest, '@');
    return colon < host.len && !is_port && host.ptr[0] != '[' && at < rest.len ? at + 1
                                                                               : 0;
}

struct str location_shown(struct arena *arena, struct str text) {
    size_t colon = str_find(text, ':');
    size_t slash = str_find(text, '/');
    struct str scheme = str_first(text, colon);
    bool is_url = colon < slash && colon < text.len &&
                  (str_starts_with(str_skip(text, colon), STR("://")) ||
                   store_kind_of(scheme) != NULL) &&
                  !str_equal_ignore_case(scheme, STR("exec"));
    if (!is_url) {
        return arena_copy(arena, text);
    }
    size_t start = colon + 1;
    while (start < text.len && start < colon + 3 && text.ptr[start] == '/') {
        start++;
    }
    struct buf out;
    buf_init(&out, SIZE_MAX);
    buf_append(&out, str_first(text, start));
    struct str rest = str_skip(text, start);
    size_t hidden = credentials_len(scheme, rest);
    if (hidden > 0) {
        buf_append(&out, STR("***@"));
        rest = str_skip(rest, hidden);
    }
    size_t mark = str_find(rest, '?');
    buf_append(&out, str_first(rest, mark));
    if (mark < rest.len) {
        buf_append_byte(&out, '?');
        show_query(&out, str_skip(rest, mark + 1));
    }
    struct str shown = out.failed ? STR_NONE : arena_copy(arena, buf_str(&out));
    buf_release(&out);
    return shown;
}
