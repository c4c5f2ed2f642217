/* URLs: a serialization means itself, and so do the URLs built from it. The rest of the
 * input behind a newline is a path segment. */
#include "fuzz.h"

#include "grammar/idna.h"
#include "grammar/url.h"

static void check_same(struct arena *arena, struct str href) {
    struct url again;
    struct syntax_error error;
    FUZZ_CHECK(url_parse(arena, href, &again, &error) == GRAMMAR_OK);
    FUZZ_CHECK(str_equal(again.href, href));
}

static void check_parts(const struct url *url) {
    FUZZ_CHECK(str_starts_with(url->href, url->scheme));
    FUZZ_CHECK(url->href.ptr[url->scheme.len] == ':');
    FUZZ_CHECK(url->path.ptr + url->path.len == url->tail.ptr);
    FUZZ_CHECK(url->tail.ptr + url->tail.len == url->href.ptr + url->href.len);
    for (size_t i = 0; i < url->href.len; i++) {
        FUZZ_CHECK(url->href.ptr[i] >= ' ' && url->href.ptr[i] < 0x7F);
    }
}

static void check_host(struct arena *arena, struct str text) {
    struct str ascii;
    struct str again;
    struct syntax_error error;
    enum grammar_status status = idna_to_ascii(arena, text, &ascii, &error);
    FUZZ_CHECK(status == GRAMMAR_OK || error.offset <= text.len);
    if (status == GRAMMAR_OK) {
        FUZZ_CHECK(idna_to_ascii(arena, ascii, &again, &error) == GRAMMAR_OK);
        FUZZ_CHECK(str_equal(again, ascii));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena arena = {0};
    struct str input = {(const char *)data, size};
    size_t newline = str_find(input, '\n');
    struct str segment = newline < size ? str_skip(input, newline + 1) : STR("");
    struct url url;
    struct syntax_error error = {NULL, SIZE_MAX};
    enum grammar_status status = url_parse(&arena, input, &url, &error);
    FUZZ_CHECK(status != GRAMMAR_NO_MEMORY);
    if (status == GRAMMAR_OK) {
        check_parts(&url);
        check_same(&arena, url.href);
        struct str href;
        bool drive =
            url.kind == URL_SCHEME_FILE && str_find(segment, '|') < segment.len;
        if (segment.len > 0 && !drive &&
            url_append_segment(&arena, &url, segment, &href) == GRAMMAR_OK) {
            check_same(&arena, href);
        }
    } else {
        FUZZ_CHECK(error.rule != NULL && error.offset <= size);
    }
    check_host(&arena, input);
    arena_release(&arena);
    return 0;
}
