#include "unit.h"

#include <pthread.h>
#include <string.h>

#include <influxdb3_plugin.h>

static const char index_text[] =
    "{\"index_schema_version\":\"2.1\",\"artifacts_url\":\"https://x.example/a\","
    "\"plugins\":["
    "{\"name\":\"alpha\",\"version\":\"1.0.0\",\"published_at\":\"2024-02-29T23:59:"
    "59Z\","
    "\"description\":\"About alpha.\",\"triggers\":[\"process_writes\"],"
    "\"homepage\":\"https://"
    "h.example\",\"dependencies\":{\"database_version\":\">=3.0.0\","
    "\"python\":[\"requests>=2\"],\"plugins\":[{\"index_url\":\"https://i.example/x\","
    "\"name\":\"beta\",\"version\":\"1.2\"}]},\"hash\":\"sha256:"
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\"},"
    "{\"name\":\"gone\",\"version\":\"1.0.0\",\"published_at\":\"2024-02-29T23:59:"
    "59Z\","
    "\"description\":\"About gone.\",\"triggers\":[\"process_request\"],"
    "\"dependencies\":{\"database_version\":\"^4\"},\"hash\":\"sha256:"
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\","
    "\"yanked\":true}]}";

static void assert_text(i3p_text text, const char *want) {
    assert_non_null(text.ptr);
    assert_int_equal(text.len, strlen(want));
    assert_memory_equal(text.ptr, want, text.len);
}

static void assert_absent(i3p_text text) {
    assert_null(text.ptr);
    assert_int_equal(text.len, 0);
}

static void assert_fails(i3p_status status, i3p_result *result, const char *code,
                         int exit_status) {
    assert_int_equal(status, I3P_FAILED);
    const i3p_diagnostic *error = i3p_result_error(result);
    assert_non_null(error);
    assert_text(i3p_diagnostic_code(error), code);
    assert_int_equal(i3p_diagnostic_exit_status(error), exit_status);
    assert_true(i3p_diagnostic_message(error).len > 0);
    i3p_result_free(result);
}

static i3p_index *open_index(void) {
    i3p_index *index;
    i3p_result *result;
    assert_int_equal(
        i3p_index_parse(index_text, sizeof index_text - 1, &index, &result), I3P_OK);
    i3p_result_free(result);
    return index;
}

static void an_index_is_parsed(void **state) {
    (void)state;
    i3p_index *index = open_index();
    assert_int_equal(i3p_index_entry_count(index), 2);
    assert_text(i3p_index_artifacts_url(index), "https://x.example/a");
    i3p_index_free(index);
}

static void what_is_no_index_is_refused(void **state) {
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
    } cases[] = {{"", 0}, {"{", 1}, {"\xff", 1}, {"{}\0", 3}, {"[]", 2}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        i3p_index *index;
        i3p_result *result;
        i3p_status status =
            i3p_index_parse(cases[i].bytes, cases[i].size, &index, &result);
        assert_null(index);
        assert_int_equal(i3p_diagnostic_nested_count(i3p_result_error(result)), 1);
        assert_fails(status, result, "index::index_parse_failed", 1);
    }
}

static void a_defect_has_its_place(void **state) {
    (void)state;
    static const char text[] =
        "{\n  \"index_schema_version\": \"9.0\",\n"
        "  \"artifacts_url\": \"https://x\", \"plugins\": []\n}\n";
    i3p_index *index;
    i3p_result *result;
    assert_int_equal(i3p_index_parse(text, sizeof text - 1, &index, &result),
                     I3P_FAILED);
    const i3p_diagnostic *defect = i3p_diagnostic_nested(i3p_result_error(result), 0);
    assert_text(i3p_diagnostic_code(defect), "validate::schema_reported");
    assert_text(i3p_diagnostic_field(defect), "index_schema_version");
    assert_text(i3p_diagnostic_details_json(defect),
                "{\"schema_variant\":\"UnsupportedIndexMajor\",\"found\":\"9.0\","
                "\"supported\":2}");
    assert_text(i3p_diagnostic_file(defect), "index.json");
    assert_int_equal(i3p_diagnostic_line(defect), 2);
    assert_int_equal(i3p_diagnostic_column(defect), 27);
    assert_text(i3p_diagnostic_line_text(defect),
                "  \"index_schema_version\": \"9.0\",");
    assert_true(i3p_diagnostic_advice(defect).len > 0);
    i3p_result_free(result);
}

static void search_gives_one_plugin_a_hit(void **state) {
    (void)state;
    i3p_index *index = open_index();
    struct i3p_query query = I3P_QUERY_INIT;
    i3p_result *result;
    assert_int_equal(i3p_search(index, &query, &result), I3P_OK);
    assert_int_equal(i3p_result_plugin_count(result), 1);
    const i3p_plugin *plugin = i3p_result_plugin(result, 0);
    assert_text(i3p_plugin_name(plugin), "alpha");
    assert_text(i3p_plugin_version(plugin), "1.0.0");
    assert_int_equal(i3p_plugin_hidden_count(plugin), 0);
    assert_null(i3p_result_plugin(result, 1));
    i3p_result_free(result);
    assert_int_equal(i3p_search(index, NULL, &result), I3P_OK); /* the defaults */
    assert_int_equal(i3p_result_plugin_count(result), 1);
    i3p_result_free(result);
    i3p_index_free(index);
}

static void hidden_plugins_say_why(void **state) {
    (void)state;
    i3p_index *index = open_index();
    char version[] = "3.0.0";
    struct i3p_query query = I3P_QUERY_INIT;
    i3p_result *result;
    query.database_version = version;
    query.include_yanked = query.include_incompatible = 1;
    query.trigger = "process_request";
    assert_int_equal(i3p_search(index, &query, &result), I3P_OK);
    memset(version, 'x', sizeof version - 1); /* the result does not look at it */
    assert_int_equal(i3p_result_plugin_count(result), 1);
    const i3p_plugin *plugin = i3p_result_plugin(result, 0);
    assert_true(i3p_plugin_yanked(plugin));
    assert_int_equal(i3p_plugin_hidden_count(plugin), 2);
    assert_text(i3p_plugin_hidden_kind(plugin, 0), "yanked");
    assert_absent(i3p_plugin_hidden_required(plugin, 0));
    assert_text(i3p_plugin_hidden_kind(plugin, 1), "incompatible_database_version");
    assert_text(i3p_plugin_hidden_required(plugin, 1), "^4");
    assert_text(i3p_plugin_hidden_actual(plugin, 1), "3.0.0");
    assert_absent(i3p_plugin_hidden_kind(plugin, 2));
    i3p_result_free(result);
    i3p_index_free(index);
}

static void info_shows_all_of_an_entry(void **state) {
    (void)state;
    i3p_index *index = open_index();
    i3p_result *result;
    assert_int_equal(i3p_info(index, "ALPHA", "1.0.0", NULL, &result), I3P_OK);
    assert_int_equal(i3p_result_info_outcome(result), I3P_INFO_FOUND);
    const i3p_plugin *plugin = i3p_result_plugin(result, 0);
    assert_text(i3p_plugin_published_at(plugin), "2024-02-29T23:59:59Z");
    assert_text(i3p_plugin_description(plugin), "About alpha.");
    assert_int_equal(i3p_plugin_trigger_count(plugin), 1);
    assert_text(i3p_plugin_trigger(plugin, 0), "process_writes");
    assert_text(i3p_plugin_homepage(plugin), "https://h.example/");
    assert_absent(i3p_plugin_repository(plugin));
    assert_absent(i3p_plugin_documentation(plugin));
    assert_text(i3p_plugin_artifact_url(plugin),
                "https://x.example/a/alpha-1.0.0.tar.gz");
    assert_text(i3p_plugin_database_version(plugin), ">=3.0.0");
    assert_int_equal(i3p_plugin_python_count(plugin), 1);
    assert_text(i3p_plugin_python(plugin, 0), "requests>=2");
    assert_int_equal(i3p_plugin_dependency_count(plugin), 1);
    assert_text(i3p_plugin_dependency_index_url(plugin, 0), "https://i.example/x");
    assert_text(i3p_plugin_dependency_name(plugin, 0), "beta");
    assert_text(i3p_plugin_dependency_version(plugin, 0), "^1.2");
    assert_int_equal(i3p_plugin_hash(plugin).len, 71);
    assert_false(i3p_plugin_yanked(plugin));
    i3p_result_free(result);
    i3p_index_free(index);
}

static void info_has_three_outcomes(void **state) {
    (void)state;
    i3p_index *index = open_index();
    i3p_result *result;
    assert_int_equal(i3p_info(index, "nobody", NULL, NULL, &result), I3P_OK);
    assert_int_equal(i3p_result_info_outcome(result), I3P_INFO_NOT_FOUND);
    assert_int_equal(i3p_result_plugin_count(result), 0);
    i3p_result_free(result);
    assert_int_equal(i3p_info(index, "gone", NULL, NULL, &result), I3P_OK);
    assert_int_equal(i3p_result_info_outcome(result), I3P_INFO_FILTERED_OUT);
    const i3p_plugin *plugin = i3p_result_plugin(result, 0);
    assert_int_equal(i3p_plugin_hidden_count(plugin), 1);
    assert_absent(i3p_plugin_name(plugin));
    assert_int_equal(i3p_plugin_trigger_count(plugin), 0);
    i3p_result_free(result);
    i3p_index_free(index);
}

static void bad_requests_are_refused_before_and_in_the_call(void **state) {
    (void)state;
    i3p_index *index = open_index();
    struct i3p_query query = I3P_QUERY_INIT;
    i3p_result *result;
    i3p_status status = i3p_query_check("1x", NULL, NULL, &result);
    assert_fails(status, result, "usage::invalid_name", 2);
    status = i3p_query_check("con", NULL, NULL, &result);
    assert_fails(status, result, "usage::invalid_name", 2);
    status = i3p_query_check("x", "1", NULL, &result);
    assert_fails(status, result, "usage::value_validation", 2);
    status = i3p_info(index, NULL, NULL, NULL, &result);
    assert_fails(status, result, "usage::invalid_name", 2);
    query.database_version = "3";
    status = i3p_search(index, &query, &result);
    assert_fails(status, result, "usage::invalid_database_version", 2);
    query.trigger = "nope"; /* comes first */
    status = i3p_search(index, &query, &result);
    assert_fails(status, result, "usage::invalid_value", 2);
    i3p_index_free(index);
}

static void what_is_required_is_asked_for(void **state) {
    (void)state;
    struct i3p_package_options package = I3P_PACKAGE_OPTIONS_INIT;
    struct i3p_yank_options yank = I3P_YANK_OPTIONS_INIT;
    struct i3p_new_options new_options = I3P_NEW_OPTIONS_INIT;
    i3p_index *index;
    i3p_result *result;
    i3p_status status = i3p_package(&package, &result);
    assert_fails(status, result, "usage::missing_required_argument", 2);
    package.index_path = "x";
    status = i3p_package(&package, &result);
    assert_fails(status, result, "usage::missing_required_argument", 2);
    status = i3p_yank(&yank, &result);
    assert_fails(status, result, "usage::missing_required_argument", 2);
    new_options.kind = I3P_TEMPLATE_COUNT;
    status = i3p_new(&new_options, &result);
    assert_fails(status, result, "usage::missing_required_argument", 2);
    status = i3p_index_open(NULL, &index, &result);
    assert_null(index);
    assert_fails(status, result, "usage::missing_required_argument", 2);
}

/* A program compiled against an older header gives a shorter struct. */
static void a_shorter_struct_means_the_defaults(void **state) {
    (void)state;
    struct i3p_query query = I3P_QUERY_INIT;
    i3p_index *index = open_index();
    i3p_result *result;
    query.struct_size = offsetof(struct i3p_query, include_yanked);
    query.include_yanked = 1; /* not looked at */
    assert_int_equal(i3p_search(index, &query, &result), I3P_OK);
    assert_int_equal(i3p_result_plugin_count(result), 1);
    i3p_result_free(result);
    query.struct_size = sizeof query;
    assert_int_equal(i3p_search(index, &query, &result), I3P_OK);
    assert_int_equal(i3p_result_plugin_count(result), 2);
    i3p_result_free(result);
    i3p_index_free(index);
}

static void templates_have_names(void **state) {
    (void)state;
    assert_string_equal(i3p_template_short_name(I3P_TEMPLATE_PROCESS_WRITES),
                        "process_writes");
    assert_string_equal(i3p_template_title(I3P_TEMPLATE_PROCESS_SCHEDULED_CALL),
                        "Scheduled Call Plugin");
    assert_string_equal(i3p_template_short_name(I3P_TEMPLATE_INDEX), "index");
    assert_null(i3p_template_title(I3P_TEMPLATE_COUNT));
    assert_true(strlen(i3p_version()) >= 5);
}

/* NULL handles and places that are not there. */
static void accessors_never_fail(void **state) {
    (void)state;
    i3p_result_free(NULL);
    i3p_index_free(NULL);
    assert_int_equal(i3p_index_entry_count(NULL), 0);
    assert_absent(i3p_index_artifacts_url(NULL));
    assert_null(i3p_result_error(NULL));
    assert_int_equal(i3p_result_warning_count(NULL), 0);
    assert_null(i3p_result_warning(NULL, 0));
    assert_null(i3p_result_plugin(NULL, 0));
    assert_absent(i3p_result_artifact_path(NULL));
    assert_absent(i3p_result_file(NULL, 0));
    assert_absent(i3p_result_yank_outcome(NULL));
    assert_absent(i3p_plugin_name(NULL));
    assert_absent(i3p_plugin_artifact_url(NULL));
    assert_absent(i3p_plugin_dependency_name(NULL, 0));
    assert_int_equal(i3p_plugin_hidden_count(NULL), 0);
    assert_false(i3p_plugin_yanked(NULL));
    assert_absent(i3p_diagnostic_code(NULL));
    assert_absent(i3p_diagnostic_cause(NULL, 0));
    assert_null(i3p_diagnostic_nested(NULL, 0));
    assert_int_equal(i3p_diagnostic_line(NULL), 0);
    assert_int_equal(i3p_diagnostic_exit_status(NULL), 0);
}

static void *search_often(void *index) {
    size_t found = 0;
    for (int i = 0; i < 50; i++) {
        struct i3p_query query = I3P_QUERY_INIT;
        i3p_result *result;
        query.text = "alpha";
        if (i3p_search(index, &query, &result) == I3P_OK) {
            found += i3p_result_plugin_count(result);
        }
        i3p_result_free(result);
    }
    return (void *)found;
}

static void threads_share_an_index(void **state) {
    (void)state;
    i3p_index *index = open_index();
    pthread_t threads[4];
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, search_often, index), 0);
    }
    for (size_t i = 0; i < 4; i++) {
        void *found;
        assert_int_equal(pthread_join(threads[i], &found), 0);
        assert_int_equal((size_t)found, 50);
    }
    i3p_index_free(index);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_index_is_parsed),
        cmocka_unit_test(what_is_no_index_is_refused),
        cmocka_unit_test(a_defect_has_its_place),
        cmocka_unit_test(search_gives_one_plugin_a_hit),
        cmocka_unit_test(hidden_plugins_say_why),
        cmocka_unit_test(info_shows_all_of_an_entry),
        cmocka_unit_test(info_has_three_outcomes),
        cmocka_unit_test(bad_requests_are_refused_before_and_in_the_call),
        cmocka_unit_test(what_is_required_is_asked_for),
        cmocka_unit_test(a_shorter_struct_means_the_defaults),
        cmocka_unit_test(templates_have_names),
        cmocka_unit_test(accessors_never_fail),
        cmocka_unit_test(threads_share_an_index),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
