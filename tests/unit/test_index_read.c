#include "index_spec.h"
#include "schema/index_read.h"

static const char base[] =
    "{\"index_schema_version\":\"2.1\",\"artifacts_url\":\"https://a.example/x\","
    "\"plugins\":[{\"name\":\"alpha\",\"version\":\"1.0.0\","
    "\"published_at\":\"2024-02-29T23:59:59Z\",\"description\":\"About.\","
    "\"triggers\":[\"process_writes\"],\"homepage\":\"https://h.example/\","
    "\"dependencies\":{\"database_version\":\">=3.0.0\",\"python\":[\"requests>=2\"],"
    "\"plugins\":[{\"index_url\":\"https://i.example/x\",\"name\":\"beta\","
    "\"version\":\"^1\"}]},\"hash\":\"" SPEC_HASH "\",\"yanked\":false}]}";

/* The base document with the first `old` replaced. */
static void load_changed(struct buf *source, struct str old, struct str new) {
    buf_init(source, 1 << 20);
    size_t at = 0;
    while (at + old.len <= sizeof base - 1 &&
           memcmp(base + at, old.ptr, old.len) != 0) {
        at++;
    }
    assert_true(at + old.len <= sizeof base - 1); /* it is there */
    buf_append(source, (struct str){base, at});
    buf_append(source, new);
    buf_append(source, str_of(base + at + old.len));
}

/* `Variant field; Variant field`, or `ok`. */
static void append_verdict(struct buf *out, enum index_status status,
                           const struct diag_list *defects) {
    if (status == INDEX_OK) {
        buf_append(out, STR("ok"));
    }
    for (const struct diag *diag = defects->first; diag != NULL; diag = diag->next) {
        buf_append(out, diag == defects->first ? STR("") : STR("; "));
        buf_append(out, str_of(diag_variant_name(diag)));
        if (diag->field.ptr != NULL) {
            buf_append_byte(out, ' ');
            buf_append(out, diag->field);
        }
    }
}

static void documents_have_their_verdicts(void **state) {
    (void)state;
    struct claims claims;
    struct str columns[3];
    claims_open(&claims, TEST_DATA "/index_read.txt");
    while (claims_next(&claims, columns, 3)) {
        struct buf source;
        struct buf verdict;
        struct index index;
        struct arena arena = {0};
        struct diag_list defects = {0};
        load_changed(&source, columns[0], columns[1]);
        buf_init(&verdict, 1 << 20);
        enum index_status status =
            index_read(&index, &source, STR("index.json"), &arena, &defects);
        append_verdict(&verdict, status, &defects);
        claims_equal(&claims, buf_str(&verdict), columns[2]);
        assert_true((status == INDEX_OK) == (defects.count == 0));
        buf_release(&verdict);
        index_release(&index);
        arena_release(&arena);
    }
}

static void publication_times_that_are_no_string_are_shown(void **state) {
    (void)state;
    struct claims claims;
    struct str columns[2];
    claims_open(&claims, TEST_DATA "/index_published.txt");
    while (claims_next(&claims, columns, 2)) {
        struct buf source;
        struct index index;
        struct arena arena = {0};
        struct diag_list defects = {0};
        load_changed(&source, STR("\"2024-02-29T23:59:59Z\""), columns[0]);
        assert_int_equal(
            index_read(&index, &source, STR("index.json"), &arena, &defects),
            INDEX_INVALID);
        assert_int_equal(defects.count, 1);
        bool structure = defects.first->variant == VARIANT_JSON_PARSE;
        claims_equal(&claims,
                     structure ? STR("JsonParse") : defects.first->details[0].text,
                     columns[1]);
        index_release(&index);
        arena_release(&arena);
    }
}

static void publication_times_nest_down_to_depth_127_of_the_document(void **state) {
    (void)state;
    for (size_t depth = 123; depth <= 126; depth++) {
        struct buf value;
        struct buf source;
        struct index index;
        struct arena arena = {0};
        struct diag_list defects = {0};
        buf_init(&value, 1000);
        buf_append_fill(&value, '[', depth);
        buf_append_fill(&value, ']', depth);
        load_changed(&source, STR("\"2024-02-29T23:59:59Z\""), buf_str(&value));
        index_read(&index, &source, STR("index.json"), &arena, &defects);
        assert_int_equal(defects.count, 1);
        assert_int_equal(defects.first->variant, depth <= 124
                                                     ? VARIANT_INVALID_PUBLISHED_AT
                                                     : VARIANT_JSON_PARSE);
        buf_release(&value);
        index_release(&index);
        arena_release(&arena);
    }
}

static void append_identity_verdict(struct buf *out, const struct diag *diag) {
    if (diag->variant == VARIANT_DUPLICATE_INDEX_ENTRY) {
        buf_append(out, STR(" duplicate"));
        return;
    }
    assert_int_equal(diag->variant, VARIANT_INDEX_CANONICAL_COLLISION);
    buf_append(out, STR(" collides "));
    buf_append(out, diag->details[1].text);
    const struct detail *existing = &diag->details[2];
    for (size_t i = 0; i < existing->count; i++) {
        buf_append(out, i == 0 ? STR(":") : STR(","));
        buf_append(out, existing->versions[i].name);
        buf_append_byte(out, '@');
        buf_append(out, existing->versions[i].version);
    }
}

static void names_and_versions_are_compared_as_written(void **state) {
    (void)state;
    struct claims claims;
    struct str columns[2];
    claims_open(&claims, TEST_DATA "/index_names.txt");
    while (claims_next(&claims, columns, 2)) {
        struct buf verdict;
        struct index index;
        struct arena arena = {0};
        struct diag_list defects = {0};
        buf_init(&verdict, 1 << 16);
        enum index_status status = spec_read(&index, columns[0], &arena, &defects);
        buf_append(&verdict, status == INDEX_OK ? STR("ok") : STR(""));
        for (const struct diag *diag = defects.first; diag != NULL; diag = diag->next) {
            if (diag->variant == VARIANT_INVALID_VERSION ||
                diag->variant == VARIANT_RESERVED_PLUGIN_NAME) {
                continue;
            }
            buf_append(&verdict, verdict.len == 0 ? STR("") : STR("; "));
            buf_append(&verdict, diag->field);
            append_identity_verdict(&verdict, diag);
        }
        claims_equal(&claims, buf_str(&verdict), columns[1]);
        buf_release(&verdict);
        index_release(&index);
        arena_release(&arena);
    }
}

static void defects_have_their_places(void **state) {
    (void)state;
    struct claims claims;
    struct str columns[4];
    claims_open(&claims, TEST_DATA "/index_places.txt");
    while (claims_next(&claims, columns, 4)) {
        struct buf source;
        struct index index;
        struct arena arena = {0};
        struct diag_list defects = {0};
        char place[64];
        load_changed(&source, columns[0], columns[1]);
        index_read(&index, &source, STR("index.json"), &arena, &defects);
        assert_true(defects.count >= 1);
        const struct place *at = &defects.first->place;
        snprintf(place, sizeof place, "%u:%u", at->line, at->column);
        claims_equal(&claims, str_of(place), columns[2]);
        struct str want = columns[3];
        struct str text = buf_str(&index.source);
        assert_true(at->offset <= text.len);
        struct str rest = str_skip(text, at->offset);
        claims_equal(&claims, rest.len < want.len ? rest : str_first(rest, want.len),
                     want);
        assert_true(str_equal(at->file, STR("index.json")));
        index_release(&index);
        arena_release(&arena);
    }
}

/* A plugin of many versions, in an order that no shortcut knows, the last one twice. */
static void many_versions_of_one_plugin_are_read_in_linear_time(void **state) {
    (void)state;
    enum { VERSIONS = 30000 };
    struct buf spec;
    struct index index;
    struct arena arena = {0};
    struct diag_list defects = {0};
    buf_init(&spec, 1 << 22);
    for (unsigned i = 0; i < VERSIONS; i++) {
        buf_printf(&spec, "%salpha|%u.0.0-rc.%u", i == 0 ? "" : " / ",
                   i * 7919U % VERSIONS, i % 3);
    }
    buf_append(&spec, STR(" / alpha|0.0.0-rc.0"));
    assert_int_equal(spec_read(&index, buf_str(&spec), &arena, &defects),
                     INDEX_INVALID);
    assert_int_equal(defects.count, 1);
    assert_int_equal(defects.first->variant, VARIANT_DUPLICATE_INDEX_ENTRY);
    buf_release(&spec);
    index_release(&index);
    arena_release(&arena);
}

static void an_entry_is_decoded_whole(void **state) {
    (void)state;
    struct buf source;
    struct index index;
    struct index_record record;
    struct arena arena = {0};
    struct diag_list defects = {0};
    load_changed(&source, STR("https://h.example/"), STR("HTTPS:\\/\\/h.example"));
    assert_int_equal(index_read(&index, &source, STR("x"), &arena, &defects), INDEX_OK);
    assert_true(index_entry_decode(&index, 0, &arena, &record));
    const struct fields *fields = &record.fields;
    assert_true(str_equal(fields->name, STR("alpha")));
    assert_true(str_equal(fields->version, STR("1.0.0")));
    assert_true(str_equal(fields->description, STR("About.")));
    assert_int_equal(fields->trigger_count, 1);
    assert_true(str_equal(fields->triggers[0], STR("process_writes")));
    assert_true(str_equal(fields->homepage, STR("https://h.example/")));
    assert_null(fields->repository.ptr);
    assert_null(fields->documentation.ptr);
    assert_true(str_equal(fields->database_version, STR(">=3.0.0")));
    assert_int_equal(fields->python_count, 1);
    assert_true(str_equal(fields->python[0], STR("requests>=2")));
    assert_int_equal(fields->plugin_count, 1);
    assert_true(str_equal(fields->plugins[0].index_url, STR("https://i.example/x")));
    assert_true(str_equal(fields->plugins[0].name, STR("beta")));
    assert_true(str_equal(fields->plugins[0].version, STR("^1")));
    assert_true(str_equal(record.published_at, STR("2024-02-29T23:59:59Z")));
    assert_true(str_equal(record.hash, STR(SPEC_HASH)));
    assert_false(record.yanked);
    index_release(&index);
    arena_release(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(documents_have_their_verdicts),
        cmocka_unit_test(publication_times_that_are_no_string_are_shown),
        cmocka_unit_test(publication_times_nest_down_to_depth_127_of_the_document),
        cmocka_unit_test(names_and_versions_are_compared_as_written),
        cmocka_unit_test(defects_have_their_places),
        cmocka_unit_test(many_versions_of_one_plugin_are_read_in_linear_time),
        cmocka_unit_test(an_entry_is_decoded_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
