#include "index_spec.h"
#include "registry/query.h"
#include "registry/text_match.h"

/* `yanked`, `incompatible`, `trigger=T`, `db=V`, apart by spaces. */
static void take_flags(struct str flags, struct query_filter *filter,
                       struct semver *version) {
    struct syntax_error error;
    while (flags.len > 0) {
        struct str flag = spec_take(&flags, " ");
        if (str_equal(flag, STR("yanked"))) {
            filter->include_yanked = true;
        } else if (str_equal(flag, STR("incompatible"))) {
            filter->include_incompatible = true;
        } else if (str_starts_with(flag, STR("trigger="))) {
            filter->trigger = str_skip(flag, 8);
        } else {
            assert_true(str_starts_with(flag, STR("db=")));
            filter->database_version_text = str_skip(flag, 3);
            filter->database_version = version;
            assert_int_equal(
                semver_parse(filter->database_version_text, version, &error),
                GRAMMAR_OK);
        }
    }
}

static void append_reasons(struct buf *out, const struct hidden_reason *reasons,
                           size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (reasons[i].yanked) {
            buf_append(out, STR("!yanked"));
        } else {
            buf_append(out, STR("!"));
            buf_append(out, reasons[i].required);
            buf_append(out, STR("!"));
            buf_append(out, reasons[i].actual);
        }
    }
}

static void append_hit(struct buf *out, const struct index *index,
                       const struct query_hit *hit) {
    spec_append_entry(out, index, hit->entry);
    assert_true(
        str_equal(hit->record.fields.name, index_entry_name(index, hit->entry)));
    append_reasons(out, hit->reasons, hit->reason_count);
}

static void searches_find_the_newest_of_each_plugin(void **state) {
    (void)state;
    struct claims claims;
    struct str columns[4];
    claims_open(&claims, TEST_DATA "/query_search.txt");
    while (claims_next(&claims, columns, 4)) {
        struct index index;
        struct query_hits hits;
        struct semver version;
        struct query_filter filter = {.text = columns[1]};
        struct buf got;
        struct arena arena = {0};
        struct diag_list defects = {0};
        assert_int_equal(spec_read(&index, columns[0], &arena, &defects), INDEX_OK);
        take_flags(columns[2], &filter, &version);
        assert_true(query_search(&index, &filter, &arena, &hits));
        buf_init(&got, 1 << 16);
        for (size_t i = 0; i < hits.count; i++) {
            buf_append(&got, i == 0 ? STR("") : STR(" "));
            append_hit(&got, &index, &hits.items[i]);
        }
        claims_equal(&claims, buf_str(&got), columns[3]);
        buf_release(&got);
        index_release(&index);
        arena_release(&arena);
    }
}

static void append_info(struct buf *out, const struct index *index,
                        const struct info_result *result) {
    switch (result->outcome) {
    case INFO_FOUND:
        append_hit(out, index, &result->hit);
        buf_append_byte(out, ' ');
        buf_append(out, result->artifact_url);
        return;
    case INFO_NOT_FOUND:
        buf_append(out, STR("not found"));
        return;
    case INFO_FILTERED_OUT:
        buf_append(out, STR("filtered out "));
        append_reasons(out, result->reasons, result->reason_count);
    }
}

/* The second column is a name, or `name@version`. */
static void info_shows_one_plugin(void **state) {
    (void)state;
    struct claims claims;
    struct str columns[4];
    claims_open(&claims, TEST_DATA "/query_info.txt");
    while (claims_next(&claims, columns, 4)) {
        struct index index;
        struct info_result result;
        struct semver version;
        struct query_filter filter = {0};
        struct buf got;
        struct arena arena = {0};
        struct diag_list defects = {0};
        assert_int_equal(spec_read(&index, columns[0], &arena, &defects), INDEX_OK);
        take_flags(columns[2], &filter, &version);
        struct str name = columns[1];
        struct str wanted = STR_NONE;
        size_t at = str_find(name, '@');
        if (at < name.len) {
            wanted = str_skip(name, at + 1);
            name = str_first(name, at);
        }
        assert_true(query_info(&index, name, wanted, &filter, &arena, &result));
        buf_init(&got, 1 << 16);
        append_info(&got, &index, &result);
        claims_equal(&claims, buf_str(&got), columns[3]);
        buf_release(&got);
        index_release(&index);
        arena_release(&arena);
    }
}

static void texts_are_found_in_texts(void **state) {
    (void)state;
    struct claims claims;
    struct str columns[4];
    struct arena arena = {0};
    claims_open(&claims, TEST_DATA "/text_match.txt");
    while (claims_next(&claims, columns, 4)) {
        struct text_needle needle;
        bool canonical = str_equal(columns[2], STR("canonical"));
        assert_true(text_needle_init(&needle, &arena, columns[1], canonical));
        claims_equal(&claims,
                     text_contains(columns[0], &needle) ? STR("yes") : STR("no"),
                     columns[3]);
    }
    arena_release(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(searches_find_the_newest_of_each_plugin),
        cmocka_unit_test(info_shows_one_plugin),
        cmocka_unit_test(texts_are_found_in_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
