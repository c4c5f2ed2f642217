#include "net/netrc.h"

#include <errno.h>
#include <stdlib.h>

#include "base/fs.h"
#include "net/redact.h"

enum { FILE_BYTES = 1 << 20 };

static bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The next word, without its quotes; absent at the end. `*bad`: a quote has no end, or
 * memory is out. */
static struct str take_word(struct arena *arena, struct str *text, bool *bad) {
    size_t at = 0;
    for (;;) {
        while (at < text->len && is_space(text->ptr[at])) {
            at++;
        }
        if (at == text->len || text->ptr[at] != '#') {
            break;
        }
        at += str_find(str_skip(*text, at), '\n');
    }
    if (at == text->len) {
        *text = str_skip(*text, at);
        return STR_NONE;
    }
    if (text->ptr[at] != '"') {
        size_t end = at;
        while (end < text->len && !is_space(text->ptr[end])) {
            end++;
        }
        struct str word = {text->ptr + at, end - at};
        *text = str_skip(*text, end);
        return word;
    }
    char *out = arena_bytes(arena, text->len - at);
    size_t len = 0;
    at++;
    while (out != NULL && at < text->len && text->ptr[at] != '"') {
        char c = text->ptr[at++];
        if (c == '\\' && at < text->len) {
            c = text->ptr[at++];
            c = (char)(c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c);
        }
        out[len++] = c;
    }
    *bad = out == NULL || at >= text->len;
    *text = str_skip(*text, *bad ? text->len : at + 1);
    return *bad ? STR_NONE : (struct str){out, len};
}

/* Over a macro, whose name was read: to the next empty line. */
static void skip_macro(struct str *text) {
    *text = str_skip(*text, str_find(*text, '\n'));
    *text = str_skip(*text, text->len > 0 ? 1 : 0);
    while (text->len > 0) {
        size_t end = str_find(*text, '\n');
        bool is_empty = str_trim(str_first(*text, end)).len == 0;
        *text = str_skip(*text, end < text->len ? end + 1 : end);
        if (is_empty) {
            return;
        }
    }
}

enum netrc_status netrc_look(struct arena *arena, struct str text, struct str host,
                             struct str *user, struct str *password) {
    bool fits = false;
    bool bad = false;
    struct str found_user = STR_NONE, found_password = STR_NONE;
    for (;;) {
        struct str word = take_word(arena, &text, &bad);
        bool begins =
            str_equal(word, STR("machine")) || str_equal(word, STR("default"));
        if (bad) {
            return NETRC_FAILED;
        }
        if (fits && (begins || word.ptr == NULL)) {
            break;
        }
        if (word.ptr == NULL) {
            return NETRC_NONE;
        }
        if (str_equal(word, STR("default"))) {
            fits = true;
        } else if (str_equal(word, STR("machine"))) {
            fits = str_equal_ignore_case(take_word(arena, &text, &bad), host);
        } else if (str_equal(word, STR("macdef"))) {
            (void)take_word(arena, &text, &bad);
            skip_macro(&text);
        } else {
            struct str value = take_word(arena, &text, &bad);
            if (fits && str_equal(word, STR("login"))) {
                found_user = value;
            } else if (fits && str_equal(word, STR("password"))) {
                found_password = value;
            }
        }
    }
    if (found_password.ptr == NULL) {
        return NETRC_NONE;
    }
    *user = arena_copy(arena, found_user.ptr == NULL ? STR("") : found_user);
    *password = arena_copy(arena, found_password);
    return user->ptr == NULL || password->ptr == NULL ? NETRC_FAILED : NETRC_FOUND;
}

static bool path_of(struct arena *arena, struct str *path) {
    const char *chosen = getenv("NETRC");
    const char *home = getenv("HOME");
    *path = STR_NONE;
    if (chosen != NULL && *chosen != '\0') {
        *path = str_of(chosen);
    } else if (home != NULL && *home != '\0') {
        *path = arena_concat(arena, (struct str[]){str_of(home), STR("/.netrc")}, 2);
        return path->ptr != NULL;
    }
    return true;
}

enum netrc_status netrc_find(struct arena *arena, struct str host, struct str *user,
                             struct str *password, struct failure *failure) {
    struct str path;
    if (!path_of(arena, &path)) {
        failure_memory(failure);
        return NETRC_FAILED;
    }
    if (path.ptr == NULL || !fs_exists(path)) {
        return NETRC_NONE;
    }
    struct buf text;
    buf_init(&text, FILE_BYTES);
    int error = fs_read(path, &text);
    enum netrc_status status = NETRC_FAILED;
    if (error == ENOMEM) {
        failure_memory(failure);
    } else if (error != 0) {
        failure_set(failure, ERROR_AUTH_INVALID_CREDENTIALS, path,
                    "cannot read `%.*s`: %s", STR_ARG(path), fs_error_text(error));
    } else {
        status = netrc_look(arena, buf_str(&text), host, user, password);
        if (status == NETRC_FAILED) {
            failure_set(failure, ERROR_AUTH_INVALID_CREDENTIALS, path,
                        "`%.*s` is not as a netrc file is written", STR_ARG(path));
        }
    }
    if (text.ptr != NULL) {
        redact_wipe(text.ptr, text.room);
    }
    buf_release(&text);
    return status;
}
