#include "base/utf8.h"
#include "grammar/url.h"
#include "registry/change_drive.h"

/* What is before the host and ends with `@`; empty if there is none. Nothing else of an
 * address that was parsed has an `@` before its path. */
static struct str credentials_of(const struct url *url) {
    size_t start = url->scheme.len + strlen("://");
    size_t end = url->href.len - url->path.len - url->tail.len;
    for (size_t at = start; at < end; at++) {
        if (url->href.ptr[at] == '@') {
            return (struct str){url->href.ptr + start, at + 1 - start};
        }
    }
    return STR("");
}

static enum registry_status refuse(struct arena *arena, struct str text,
                                   struct str rule, struct diag **failure) {
    if (text.ptr != NULL) {
        *failure = diag_new(arena, ERROR_USAGE_INVALID_ARTIFACTS_URL, STR_NONE,
                            (struct detail[]){DETAIL_TEXT(text), DETAIL_TEXT(rule)}, 2);
    }
    return text.ptr == NULL || *failure == NULL ? REGISTRY_NO_MEMORY : REGISTRY_FAILED;
}

static enum registry_status refuse_credentials(struct arena *arena,
                                               const struct url *url,
                                               struct str credentials,
                                               struct diag **failure) {
    struct str rest = str_skip(url->href, (size_t)(credentials.ptr - url->href.ptr) +
                                              credentials.len);
    struct str shown =
        arena_printf(arena, "%.*s://***@%.*s", STR_ARG(url->scheme), STR_ARG(rest));
    return refuse(
        arena, shown,
        STR("it has credentials in it (before the `@`), which the index would "
            "show to every reader"),
        failure);
}

enum registry_status change_artifacts_url(struct arena *arena, struct str text,
                                          struct str *href, struct diag **failure) {
    struct url url = {0};
    struct syntax_error error = {"it is not UTF-8", 0};
    enum grammar_status status =
        utf8_is_valid(text) ? url_parse(arena, text, &url, &error) : GRAMMAR_INVALID;
    if (status == GRAMMAR_NO_MEMORY) {
        return REGISTRY_NO_MEMORY;
    }
    if (status != GRAMMAR_OK) {
        return refuse(arena, text, str_of(error.rule), failure);
    }
    if (url.kind == URL_SCHEME_OTHER) {
        return refuse(arena, text, STR("its scheme must be https, http or file"),
                      failure);
    }
    struct str credentials = credentials_of(&url);
    if (credentials.len > 0) {
        return refuse_credentials(arena, &url, credentials, failure);
    }
    *href = url.href;
    return REGISTRY_OK;
}
