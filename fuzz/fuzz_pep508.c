/* Python requirements: what is accepted stays accepted, with the same parts, when it is
 * put together again from them, with whitespace around. */
#include <stdlib.h>

#include "fuzz.h"

#include "base/buf.h"
#include "grammar/marker.h"
#include "grammar/pep440.h"
#include "grammar/pep508.h"

enum { MOST_BYTES = 1 << 20 };

static void check_inside(struct str text, struct str part) {
    FUZZ_CHECK(part.ptr == NULL || (part.ptr >= text.ptr && part.len <= text.len &&
                                    part.ptr + part.len <= text.ptr + text.len));
}

static bool same_part(struct str a, struct str b) {
    return (a.ptr == NULL) == (b.ptr == NULL) && str_equal(a, b);
}

static void append_part(struct buf *out, const char *before, struct str part,
                        const char *after) {
    if (part.ptr != NULL) {
        buf_append(out, str_of(before));
        buf_append(out, part);
        buf_append(out, str_of(after));
    }
}

static void check_together(struct arena *arena, const struct pep508 *parts) {
    struct buf buf;
    buf_init(&buf, MOST_BYTES);
    append_part(&buf, "\n", parts->name, "\u3000");
    append_part(&buf, "[", parts->extras, "]\t");
    append_part(&buf, "( ", parts->specifiers, "\u2028)");
    append_part(&buf, "@\v", parts->url, "\r\n");
    append_part(&buf, ";\u00a0", parts->marker, "");
    buf_append(&buf, STR(" \f"));
    struct pep508 again;
    struct syntax_error error;
    FUZZ_CHECK(!buf.failed);
    FUZZ_CHECK(pep508_parse(arena, buf_str(&buf), &again, &error) == GRAMMAR_OK);
    FUZZ_CHECK(same_part(again.name, parts->name));
    FUZZ_CHECK(same_part(again.extras, parts->extras));
    FUZZ_CHECK(same_part(again.specifiers, parts->specifiers));
    FUZZ_CHECK(same_part(again.url, parts->url));
    FUZZ_CHECK(same_part(again.marker, parts->marker));
    buf_release(&buf);
}

static void check_marker(struct str text) {
    struct str whole = STR_NONE;
    struct str again = STR_NONE;
    struct syntax_error error = {NULL, 0};
    if (marker_parse(text, 0, &whole, &error) != GRAMMAR_OK) {
        FUZZ_CHECK(error.rule != NULL && error.offset <= text.len);
        return;
    }
    check_inside(text, whole);
    FUZZ_CHECK(marker_parse(whole, 0, &again, &error) == GRAMMAR_OK);
    FUZZ_CHECK(str_equal(whole, again));
}

static void check_version(struct str text) {
    struct pep440 version;
    struct syntax_error error = {NULL, 0};
    if (pep440_parse(text, &version, &error) != GRAMMAR_OK) {
        FUZZ_CHECK(error.rule != NULL && error.offset <= text.len);
        return;
    }
    FUZZ_CHECK(version.release_numbers > 0);
    FUZZ_CHECK(!version.wildcard || !version.local);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct str text = {(const char *)data, size};
    struct arena arena = {0};
    struct pep508 parts;
    struct syntax_error error = {NULL, 0};
    if (size > MOST_BYTES / 2) {
        return 0;
    }
    check_marker(text);
    check_version(text);
    FUZZ_CHECK(pep508_same_name(text, text));
    if (pep508_parse(&arena, text, &parts, &error) == GRAMMAR_OK) {
        const struct str views[] = {parts.name, parts.extras, parts.specifiers,
                                    parts.url, parts.marker};
        for (size_t i = 0; i < sizeof views / sizeof views[0]; i++) {
            check_inside(text, views[i]);
        }
        FUZZ_CHECK(parts.name.len > 0);
        FUZZ_CHECK(parts.url.ptr == NULL || parts.specifiers.ptr == NULL);
        check_together(&arena, &parts);
    } else {
        FUZZ_CHECK(error.rule != NULL && error.offset <= size);
    }
    arena_release(&arena);
    return 0;
}
