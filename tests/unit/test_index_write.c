#include "index_spec.h"
#include "schema/index_read.h"
#include "schema/index_write.h"

static bool collect(void *context, struct str bytes) {
    return buf_append(context, bytes);
}

static bool refuse(void *context, struct str bytes) {
    (void)bytes;
    ++*(int *)context;
    return false;
}

static void load(struct buf *source, const char *folder, const char *name) {
    char path[512];
    char chunk[4096];
    size_t got;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        fail_msg("%s cannot be opened", path);
    }
    buf_init(source, (size_t)1 << 24);
    while ((got = fread(chunk, 1, sizeof chunk, file)) > 0) {
        buf_append(source, (struct str){chunk, got});
    }
    fclose(file);
}

/* Reads the text, which it takes over, and writes what was read. */
static void rewrite(struct buf *source, struct buf *out) {
    struct index index;
    struct arena arena = {0};
    struct diag_list defects = {0};
    struct diag *defect = NULL;
    enum index_status status = index_read(&index, source, STR("x"), &arena, &defects);
    if (status == INDEX_INVALID) {
        print_error("%s: %.*s\n", diag_variant_name(defects.first),
                    STR_ARG(defects.first->field));
    }
    assert_int_equal(status, INDEX_OK);
    buf_init(out, (size_t)1 << 28);
    assert_int_equal(index_write(&index, collect, out, &arena, &defect),
                     INDEX_WRITE_OK);
    index_release(&index);
    arena_release(&arena);
}

static void indexes_are_written_in_one_form(void **state) {
    (void)state;
    struct claims claims;
    struct str name;
    claims_open(&claims, TEST_DATA "/index_write.txt");
    while (claims_next(&claims, &name, 1)) {
        char file[256];
        struct buf source;
        struct buf want;
        struct buf out;
        struct buf again;
        snprintf(file, sizeof file, "%.*s.json", STR_ARG(name));
        load(&source, TEST_DATA "/index_write", file);
        snprintf(file, sizeof file, "%.*s.out", STR_ARG(name));
        load(&want, TEST_DATA "/index_write", file);
        rewrite(&source, &out);
        claims_equal(&claims, buf_str(&out), buf_str(&want));
        rewrite(&out, &again);
        claims_equal(&claims, buf_str(&again), buf_str(&want));
        buf_release(&out);
        buf_release(&again);
        buf_release(&want);
    }
}

/* The member `"x": VALUE` of the root, and how it is written. */
static void unknown_members_get_the_layout(void **state) {
    (void)state;
    struct claims claims;
    struct str columns[2];
    claims_open(&claims, TEST_DATA "/index_unknown.txt");
    while (claims_next(&claims, columns, 2)) {
        struct buf source;
        struct buf out;
        buf_init(&source, 1 << 20);
        buf_append(&source, STR("{\"index_schema_version\":\"2.1\",\"artifacts_url\":"
                                "\"https://a.example/\",\"plugins\":[],"));
        buf_append(&source, columns[0]);
        buf_append(&source, STR("}"));
        rewrite(&source, &out);
        struct str rest = buf_str(&out);
        spec_take(&rest, "\"plugins\": []");
        claims_equal(&claims, rest, columns[1]);
        buf_release(&out);
    }
}

/* Indentation would make gigabytes of a deep value. */
static void deep_values_are_written_without_white_space(void **state) {
    (void)state;
    enum { DEPTH = 200000 };
    struct buf source;
    struct buf out;
    struct buf again;
    buf_init(&source, 1 << 24);
    buf_append(&source, STR("{\"x\":"));
    buf_append_fill(&source, '[', DEPTH);
    buf_append_fill(&source, ']', DEPTH);
    buf_append(&source, STR(",\"index_schema_version\":\"2.1\",\"artifacts_url\":"
                            "\"https://a.example/\",\"plugins\":[]}"));
    size_t len = source.len;
    rewrite(&source, &out);
    assert_in_range(out.len, len, len + 64 * 64 * 2);
    size_t out_len = out.len;
    rewrite(&out, &again);
    assert_int_equal(again.len, out_len);
    buf_release(&again);
}

static void entries_are_sorted_by_name_and_precedence(void **state) {
    (void)state;
    struct claims claims;
    struct str columns[2];
    claims_open(&claims, TEST_DATA "/index_order.txt");
    while (claims_next(&claims, columns, 2)) {
        struct index index;
        struct buf out;
        struct buf order;
        struct arena arena = {0};
        struct diag_list defects = {0};
        struct diag *defect = NULL;
        assert_int_equal(spec_read(&index, columns[0], &arena, &defects), INDEX_OK);
        buf_init(&out, 1 << 20);
        buf_init(&order, 1 << 20);
        assert_int_equal(index_write(&index, collect, &out, &arena, &defect),
                         INDEX_WRITE_OK);
        index_release(&index);
        assert_int_equal(index_read(&index, &out, STR("x"), &arena, &defects),
                         INDEX_OK);
        for (size_t i = 0; i < index.count; i++) {
            buf_append(&order, i == 0 ? STR("") : STR(" "));
            spec_append_entry(&order, &index, i);
        }
        claims_equal(&claims, buf_str(&order), columns[1]);
        buf_release(&order);
        index_release(&index);
        arena_release(&arena);
    }
}

static void
a_description_that_nfc_makes_too_long_is_told_before_the_first_byte(void **state) {
    (void)state;
    struct buf spec;
    struct buf out;
    struct index index;
    struct arena arena = {0};
    struct diag_list defects = {0};
    struct diag *defect = NULL;
    buf_init(&spec, 1 << 16);
    buf_init(&out, 1 << 16);
    /* U+0958 is two characters in NFC: 2 * 150, and for the first name one more. */
    buf_append(&spec, STR("b|1.0.0|||"));
    for (size_t i = 0; i < 150; i++) {
        buf_append(&spec, STR("\xe0\xa5\x98"));
    }
    buf_append(&spec, STR(" / a|1.0.0|||a"));
    for (size_t i = 0; i < 150; i++) {
        buf_append(&spec, STR("\xe0\xa5\x98"));
    }
    assert_int_equal(spec_read(&index, buf_str(&spec), &arena, &defects), INDEX_OK);
    assert_int_equal(index_write(&index, collect, &out, &arena, &defect),
                     INDEX_WRITE_DESCRIPTION_TOO_LONG);
    assert_int_equal(out.len, 0);
    assert_int_equal(defect->variant, VARIANT_DESCRIPTION_TOO_LONG);
    assert_int_equal(defect->details[0].number, 301);
    buf_release(&spec);
    buf_release(&out);
    index_release(&index);
    arena_release(&arena);
}

static void a_sink_can_stop_the_writing(void **state) {
    (void)state;
    struct index index;
    struct arena arena = {0};
    struct diag_list defects = {0};
    struct diag *defect = NULL;
    int calls = 0;
    assert_int_equal(spec_read(&index, STR("a|1.0.0"), &arena, &defects), INDEX_OK);
    assert_int_equal(index_write(&index, refuse, &calls, &arena, &defect),
                     INDEX_WRITE_OK);
    assert_int_equal(calls, 1);
    index_release(&index);
    arena_release(&arena);
}

static void what_is_appended_or_yanked_is_written(void **state) {
    (void)state;
    struct buf source;
    struct buf want;
    struct buf out;
    struct index index;
    struct arena arena = {0};
    struct diag_list defects = {0};
    struct diag *defect = NULL;
    struct str trigger = STR("process_request");
    struct index_record record = {.fields = {.name = STR("beta"),
                                             .version = STR("1.0.0"),
                                             .description = STR("e\u0301"),
                                             .triggers = &trigger,
                                             .trigger_count = 1,
                                             .database_version = STR(">=3.0.0")},
                                  .published_at = STR("2025-01-01T00:00:00Z"),
                                  .hash = STR(SPEC_HASH)};
    load(&source, TEST_DATA "/index_write", "appended.json");
    load(&want, TEST_DATA "/index_write", "appended.out");
    assert_int_equal(index_read(&index, &source, STR("x"), &arena, &defects), INDEX_OK);
    assert_true(index_append(&index, &record));
    index_entry_set_yanked(&index, index_find(&index, STR("gamma"), STR("1.0.0")).exact,
                           true);
    index_entry_set_yanked(&index, index_find(&index, STR("alpha"), STR("1.0.0")).exact,
                           false);
    buf_init(&out, 1 << 20);
    assert_int_equal(index_write(&index, collect, &out, &arena, &defect),
                     INDEX_WRITE_OK);
    assert_string_equal(out.ptr, want.ptr);
    buf_release(&out);
    buf_release(&want);
    index_release(&index);
    arena_release(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(indexes_are_written_in_one_form),
        cmocka_unit_test(unknown_members_get_the_layout),
        cmocka_unit_test(deep_values_are_written_without_white_space),
        cmocka_unit_test(entries_are_sorted_by_name_and_precedence),
        cmocka_unit_test(
            a_description_that_nfc_makes_too_long_is_told_before_the_first_byte),
        cmocka_unit_test(a_sink_can_stop_the_writing),
        cmocka_unit_test(what_is_appended_or_yanked_is_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
