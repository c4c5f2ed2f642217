#include "claims.h"

#include "grammar/url.h"

static struct str kind_name(enum url_scheme kind) {
    switch (kind) {
    case URL_SCHEME_HTTP:
        return STR("http");
    case URL_SCHEME_HTTPS:
        return STR("https");
    case URL_SCHEME_FILE:
        return STR("file");
    default:
        return STR("other");
    }
}

/* A URL in serialized form means itself, and its parts lie where it says. */
static void check_fixed_point(struct claims *claims, struct arena *arena,
                              const struct url *url) {
    struct url again;
    struct syntax_error error;
    if (url_parse(arena, url->href, &again, &error) != GRAMMAR_OK) {
        claims_fail(claims, url->href);
        return;
    }
    claims_equal(claims, again.href, url->href);
    claims_equal(claims, again.path, url->path);
    claims_equal(claims, again.tail, url->tail);
    claims_equal(claims, str_first(url->href, url->scheme.len), url->scheme);
    assert_ptr_equal(url->path.ptr + url->path.len, url->tail.ptr);
    assert_ptr_equal(url->tail.ptr + url->tail.len, url->href.ptr + url->href.len);
}

static void urls_are_serialized_as_the_standard_says(void **state) {
    (void)state;
    struct claims claims;
    struct str columns[2];
    claims_open(&claims, TEST_DATA "/url_valid.txt");
    while (claims_next(&claims, columns, 2)) {
        struct arena arena = {0};
        struct url url;
        struct syntax_error error = {"", 0};
        if (url_parse(&arena, columns[0], &url, &error) != GRAMMAR_OK) {
            claims_fail(&claims, str_of(error.rule));
        } else {
            claims_equal(&claims, url.href, columns[1]);
            check_fixed_point(&claims, &arena, &url);
        }
        arena_release(&arena);
    }
}

static void invalid_urls_are_rejected_where_they_break_a_rule(void **state) {
    (void)state;
    struct claims claims;
    struct str columns[3];
    claims_open(&claims, TEST_DATA "/url_invalid.txt");
    while (claims_next(&claims, columns, 3)) {
        struct arena arena = {0};
        struct url url;
        struct syntax_error error = {"", 0};
        if (url_parse(&arena, columns[0], &url, &error) != GRAMMAR_INVALID) {
            claims_fail(&claims, STR("a URL"));
        }
        char offset[24];
        snprintf(offset, sizeof offset, "%zu", error.offset);
        claims_equal(&claims, str_of(offset), columns[1]);
        claims_equal(&claims, str_of(error.rule), columns[2]);
        arena_release(&arena);
    }
}

static void the_parts_of_a_url_are_views_into_it(void **state) {
    (void)state;
    struct claims claims;
    struct str columns[5];
    claims_open(&claims, TEST_DATA "/url_parts.txt");
    while (claims_next(&claims, columns, 5)) {
        struct arena arena = {0};
        struct url url;
        struct syntax_error error;
        assert_int_equal(url_parse(&arena, columns[0], &url, &error), GRAMMAR_OK);
        claims_equal(&claims, kind_name(url.kind), columns[1]);
        claims_equal(&claims, url.scheme, columns[2]);
        claims_equal(&claims, url.path, columns[3]);
        claims_equal(&claims, url.tail, columns[4]);
        arena_release(&arena);
    }
}

static void serialized_web_addresses_are_taken_as_they_lie(void **state) {
    (void)state;
    struct claims claims;
    struct str columns[1];
    claims_open(&claims, TEST_DATA "/url_plain.txt");
    while (claims_next(&claims, columns, 1)) {
        struct arena arena = {0};
        struct url url;
        struct syntax_error error;
        assert_int_equal(url_parse(&arena, columns[0], &url, &error), GRAMMAR_OK);
        claims_equal(&claims, url.href, columns[0]);
        assert_ptr_equal(url.href.ptr, columns[0].ptr);
        assert_null(arena.chunk);
    }
}

static void a_segment_is_appended_before_query_and_fragment(void **state) {
    (void)state;
    struct claims claims;
    struct str columns[3];
    claims_open(&claims, TEST_DATA "/url_append.txt");
    while (claims_next(&claims, columns, 3)) {
        struct arena arena = {0};
        struct url base;
        struct syntax_error error;
        struct str href = STR("invalid");
        assert_int_equal(url_parse(&arena, columns[0], &base, &error), GRAMMAR_OK);
        enum grammar_status status =
            url_append_segment(&arena, &base, columns[1], &href);
        assert_int_equal(status, str_equal(columns[2], STR("invalid")) ? GRAMMAR_INVALID
                                                                       : GRAMMAR_OK);
        claims_equal(&claims, href, columns[2]);
        arena_release(&arena);
    }
}

static void a_path_becomes_a_file_url(void **state) {
    (void)state;
    struct claims claims;
    struct str columns[2];
    claims_open(&claims, TEST_DATA "/url_of_path.txt");
    while (claims_next(&claims, columns, 2)) {
        struct arena arena = {0};
        struct str href = STR("invalid");
        url_of_path(&arena, columns[0], &href);
        claims_equal(&claims, href, columns[1]);
        arena_release(&arena);
    }
}

/* Every byte in every place: encoded exactly where the Standard's set has it. */
static void bytes_are_encoded_place_by_place(void **state) {
    (void)state;
    static const struct place {
        const char *before;
        const char *after;
        const char *kept; /* printable ASCII that stays; else it is encoded */
        const char *skip; /* delimiters there */
    } places[] = {
        {"x://h/a", "a", "!$%&'()*+,-.:;=@[\\]^_|~", "/?#"},
        {"http://h/a", "a", "!$%&'()*+,-.:;=@[]^_|~", "/\\?#"},
        {"x://h/?a", "a", "!$%&'()*+,-./:;=?@[\\]^_`{|}~", "#"},
        {"http://h/?a", "a", "!$%&()*+,-./:;=?@[\\]^_`{|}~", "#"},
        {"http://h/#a", "a", "!#$%&'()*+,-./:;=?@[\\]^_{|}~", ""},
        {"x://a", "a@h", "!$%&'()*+,-._~", "/?#:"},
        {"x:a", "a", "!\"$%&'()*+,-./:;<=>@[\\]^_`{|}~ ", "?#"},
        {"x://a", "a", "!\"$%&'()*+,-.;=_`{}~", "/?#:@[]<>\\^| "},
    };
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        const struct place *place = &places[i];
        for (unsigned byte = 1; byte < 0x80; byte++) {
            bool dropped = byte == '\t' || byte == '\n' || byte == '\r';
            if (dropped || strchr(place->skip, (int)byte) != NULL) {
                continue;
            }
            char text[64];
            char want[64];
            bool kept =
                strchr(place->kept, (int)byte) != NULL || ascii_is_alnum((char)byte);
            snprintf(text, sizeof text, "%s%c%s", place->before, (int)byte,
                     place->after);
            snprintf(want, sizeof want, kept ? "%s%c%s" : "%s%%%02X%s", place->before,
                     byte, place->after);
            struct arena arena = {0};
            struct url url;
            struct syntax_error error = {"", 0};
            assert_int_equal(url_parse(&arena, str_of(text), &url, &error), GRAMMAR_OK);
            assert_int_equal(url.href.len, strlen(want));
            assert_memory_equal(url.href.ptr, want, url.href.len);
            arena_release(&arena);
        }
    }
}

/* Characters that no domain may hold, escaped or not, and those that it may. */
static void host_characters_are_forbidden_as_the_standard_says(void **state) {
    (void)state;
    for (unsigned byte = 0; byte < 0x80; byte++) {
        char text[32];
        snprintf(text, sizeof text, "http://a%%%02Xa/", byte);
        bool allowed =
            byte > 0x20 && byte < 0x7F && strchr("#%/:<>?@[\\]^|", (int)byte) == NULL;
        struct arena arena = {0};
        struct url url;
        struct syntax_error error;
        assert_int_equal(url_parse(&arena, str_of(text), &url, &error),
                         allowed ? GRAMMAR_OK : GRAMMAR_INVALID);
        arena_release(&arena);
    }
}

static void an_absent_text_is_no_url(void **state) {
    (void)state;
    struct arena arena = {0};
    struct url url;
    struct syntax_error error = {NULL, 1};
    assert_int_equal(url_parse(&arena, STR_NONE, &url, &error), GRAMMAR_INVALID);
    assert_int_equal(error.offset, 0);
    arena_release(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(urls_are_serialized_as_the_standard_says),
        cmocka_unit_test(invalid_urls_are_rejected_where_they_break_a_rule),
        cmocka_unit_test(the_parts_of_a_url_are_views_into_it),
        cmocka_unit_test(serialized_web_addresses_are_taken_as_they_lie),
        cmocka_unit_test(a_segment_is_appended_before_query_and_fragment),
        cmocka_unit_test(a_path_becomes_a_file_url),
        cmocka_unit_test(bytes_are_encoded_place_by_place),
        cmocka_unit_test(host_characters_are_forbidden_as_the_standard_says),
        cmocka_unit_test(an_absent_text_is_no_url),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
