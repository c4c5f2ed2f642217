#include "unit.h"

#include "base/json_write.h"
#include "claims.h"
#include "schema/fields.h"

static struct field_text text_at(struct str text, size_t offset) {
    return (struct field_text){text, offset};
}

/* Fields of which none has a defect. */
static const struct field_text one_trigger[] = {{{"process_writes", 14}, 40}};

static struct raw_fields good_fields(void) {
    return (struct raw_fields){
        .name = {STR("sample"), 10},
        .version = {STR("1.0.0"), 20},
        .description = {STR("A sample."), 30},
        .triggers = one_trigger,
        .trigger_count = 1,
        .triggers_offset = 39,
        .database_version = {STR(">=3.0.0"), 50},
    };
}

/* What a check left: a value or a defect. */
struct outcome {
    struct arena arena;
    struct diag_list defects;
    struct fields checked;
    struct str kept;
    struct str field;
};

static void check_all(struct outcome *outcome, const struct raw_fields *raw,
                      bool in_index) {
    struct field_scope scope = {in_index, 3, &outcome->arena, &outcome->defects};
    assert_true(fields_check_identity(&scope, raw, &outcome->checked));
    assert_true(fields_check_rest(&scope, raw, &outcome->checked));
}

static struct str number_text(struct arena *arena, uint32_t number) {
    return arena_printf(arena, "%lu", (unsigned long)number);
}

/* A field that stands at the root of its document. */
static bool check_root(struct outcome *outcome, struct str field,
                       const struct field_text *value) {
    struct arena *arena = &outcome->arena;
    struct diag_list *defects = &outcome->defects;
    outcome->field = field;
    if (str_equal(field, STR("artifacts_url"))) {
        assert_true(artifacts_url_check(arena, defects, value, &outcome->kept));
        return true;
    }
    bool in_index = str_equal(field, STR("index_schema_version"));
    if (!in_index && !str_equal(field, STR("manifest_schema_version"))) {
        return false;
    }
    uint32_t minor = 0;
    assert_true(schema_version_check(arena, defects, in_index, value, &minor));
    outcome->kept = number_text(arena, minor);
    return true;
}

struct target {
    const char *field;
    const char *manifest_path;
    const char *index_path;
    size_t raw;
    size_t checked;
};

static const struct target targets[] = {
#define AT(member) offsetof(struct raw_fields, member), offsetof(struct fields, member)
    {"name", "plugin.name", "plugins[3].name", AT(name)},
    {"version", "plugin.version", "plugins[3].version", AT(version)},
    {"description", "plugin.description", "plugins[3].description", AT(description)},
    {"homepage", "plugin.homepage", "plugins[3].homepage", AT(homepage)},
    {"repository", "plugin.repository", "plugins[3].repository", AT(repository)},
    {"documentation", "plugin.documentation", "plugins[3].documentation",
     AT(documentation)},
    {"database_version", "dependencies.database_version",
     "plugins[3].dependencies.database_version", AT(database_version)},
#undef AT
};

/* The value as the second item of its array, behind a good one. */
static void check_item(struct outcome *outcome, struct str field, struct str value,
                       bool in_index) {
    struct raw_fields raw = good_fields();
    struct field_text items[] = {text_at(STR("process_request"), 1), text_at(value, 7)};
    struct raw_dependency plugins[] = {
        {text_at(STR("https://a.com/"), 1), text_at(STR("first"), 2),
         text_at(STR("1"), 3), 0},
        {text_at(STR("https://b.com/"), 7), text_at(STR("second"), 7),
         text_at(STR("2"), 7), 6}};
    const char *path = NULL;
    if (str_equal(field, STR("trigger"))) {
        raw.triggers = items;
        raw.trigger_count = 2;
        path = in_index ? "plugins[3].triggers[1]" : "plugin.triggers[1]";
    } else if (str_equal(field, STR("python"))) {
        items[0].text = STR("numpy");
        raw.python = items;
        raw.python_count = 2;
        path =
            in_index ? "plugins[3].dependencies.python[1]" : "dependencies.python[1]";
    } else {
        assert_true(str_starts_with(field, STR("plugin.")));
        struct str key = str_skip(field, 7);
        struct field_text *member = str_equal(key, STR("index_url"))
                                        ? &plugins[1].index_url
                                    : str_equal(key, STR("name")) ? &plugins[1].name
                                                                  : &plugins[1].version;
        member->text = value;
        raw.plugins = plugins;
        raw.plugin_count = 2;
        path = arena_printf(&outcome->arena, "%sdependencies.plugins[1].%.*s",
                            in_index ? "plugins[3]." : "", STR_ARG(key))
                   .ptr;
    }
    outcome->field = str_of(path);
    check_all(outcome, &raw, in_index);
    const struct fields *checked = &outcome->checked;
    if (raw.triggers == items) {
        outcome->kept = checked->triggers[1];
    } else if (raw.python == items) {
        outcome->kept = checked->python[1];
    } else {
        const struct plugin_dependency *item = &checked->plugins[1];
        outcome->kept = str_ends_with(field, STR("url"))    ? item->index_url
                        : str_ends_with(field, STR("name")) ? item->name
                                                            : item->version;
    }
}

static void check_field(struct outcome *outcome, struct str field, struct str value,
                        bool in_index) {
    struct field_text text = text_at(value, 7);
    if (check_root(outcome, field, &text)) {
        return;
    }
    for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
        if (str_equal(field, str_of(targets[i].field))) {
            struct raw_fields raw = good_fields();
            memcpy((char *)&raw + targets[i].raw, &text, sizeof text);
            check_all(outcome, &raw, in_index);
            memcpy(&outcome->kept, (char *)&outcome->checked + targets[i].checked,
                   sizeof outcome->kept);
            outcome->field =
                str_of(in_index ? targets[i].index_path : targets[i].manifest_path);
            return;
        }
    }
    check_item(outcome, field, value, in_index);
}

/* The details that a claim names, `parse_error` left out but not empty. */
static struct str details_of(struct arena *arena, const struct diag *diag) {
    struct buf json;
    buf_init(&json, 1 << 20);
    diag_details_json(diag, &json);
    struct str all = buf_str(&json);
    struct str prefix =
        arena_printf(arena, "{\"schema_variant\":\"%s\"", diag_variant_name(diag));
    assert_true(str_starts_with(all, prefix));
    struct str rest = str_skip(all, prefix.len);
    rest = str_starts_with(rest, STR(",")) ? str_skip(rest, 1) : rest;
    const char *error = strstr(rest.ptr, ",\"parse_error\":\"");
    if (error != NULL) {
        assert_true(strlen(error) > strlen(",\"parse_error\":\"x\"}"));
        rest = arena_printf(arena, "%.*s}", (int)(error - rest.ptr), rest.ptr);
    }
    struct str text = arena_printf(arena, "{%.*s", STR_ARG(rest));
    buf_release(&json);
    return text;
}

static void check_claim(struct claims *claims, const struct str *column,
                        bool in_index) {
    struct outcome outcome = {0};
    check_field(&outcome, column[0], column[1], in_index);
    const struct diag *defect = outcome.defects.first;
    if (str_equal(column[2], STR("ok"))) {
        if (defect != NULL) {
            claims_fail(claims, str_of(diag_variant_name(defect)));
        } else {
            claims_equal(claims, outcome.kept, column[3]);
        }
        /* What needs no change is not copied where a document has thousands of it. */
        assert_true(str_equal(column[0], STR("artifacts_url")) ||
                    !str_equal(outcome.kept, column[1]) ||
                    outcome.kept.ptr == column[1].ptr);
    } else if (defect == NULL) {
        claims_fail(claims, STR("no defect"));
    } else {
        claims_equal(claims, str_of(diag_variant_name(defect)), column[2]);
        claims_equal(claims, details_of(&outcome.arena, defect), column[3]);
        claims_equal(claims, defect->field, outcome.field);
        assert_int_equal(defect->place.offset, 7);
        assert_int_equal(outcome.defects.count, 1);
    }
    arena_release(&outcome.arena);
}

static void every_field_has_its_rule(void **state) {
    (void)state;
    struct claims claims;
    struct str column[4];
    claims_open(&claims, TEST_DATA "/fields.txt");
    while (claims_next(&claims, column, 4)) {
        check_claim(&claims, column, false);
        check_claim(&claims, column, true);
    }
}

static void descriptions_have_200_characters(void **state) {
    (void)state;
    static const struct {
        const char *character;
        size_t times;
        const char *verdict;
    } rows[] = {
        {"a", 200, NULL},       {"a", 201, "{\"len\":201}"},
        {"\u20ac", 200, NULL},  {"\U0001f600", 201, "{\"len\":201}"},
        {"e\u0301", 100, NULL}, {"e\u0301", 101, "{\"len\":202}"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct buf text;
        struct outcome outcome = {0};
        buf_init(&text, 10000);
        for (size_t n = 0; n < rows[i].times; n++) {
            buf_append(&text, str_of(rows[i].character));
        }
        check_field(&outcome, STR("description"), buf_str(&text), false);
        if (rows[i].verdict == NULL) {
            assert_int_equal(outcome.defects.count, 0);
        } else {
            assert_int_equal(outcome.defects.count, 1);
            assert_string_equal(diag_variant_name(outcome.defects.first),
                                "DescriptionTooLong");
            assert_string_equal(details_of(&outcome.arena, outcome.defects.first).ptr,
                                rows[i].verdict);
        }
        buf_release(&text);
        arena_release(&outcome.arena);
    }
}

static void long_requirements_are_displayed_whole(void **state) {
    (void)state;
    struct buf text;
    struct buf want;
    struct outcome outcome = {0};
    buf_init(&text, 10000);
    buf_init(&want, 10000);
    for (int i = 0; i < 32; i++) {
        buf_printf(&text, "%s%d.2.3-%040d", i == 0 ? "" : ",", i, 0);
        buf_printf(&want, "%s^%d.2.3-%040d", i == 0 ? "" : ", ", i, 0);
        text.ptr[text.len - 40] = 'a';
        want.ptr[want.len - 40] = 'a';
    }
    check_field(&outcome, STR("database_version"), buf_str(&text), false);
    assert_int_equal(outcome.defects.count, 0);
    assert_true(str_equal(outcome.kept, buf_str(&want)));
    buf_release(&text);
    buf_release(&want);
    arena_release(&outcome.arena);
}

static void no_triggers_is_a_defect_of_the_list(void **state) {
    (void)state;
    for (int in_index = 0; in_index < 2; in_index++) {
        struct outcome outcome = {0};
        struct raw_fields raw = good_fields();
        raw.trigger_count = 0;
        check_all(&outcome, &raw, in_index);
        assert_int_equal(outcome.defects.count, 1);
        const struct diag *defect = outcome.defects.first;
        assert_string_equal(diag_variant_name(defect), "EmptyTriggers");
        assert_true(str_equal(defect->field, in_index ? STR("plugins[3].triggers")
                                                      : STR("plugin.triggers")));
        assert_int_equal(defect->place.offset, 39);
        arena_release(&outcome.arena);
    }
}

/* Splits off what is before the separator. */
static struct str next_word(struct str *rest, char separator) {
    struct str word = str_first(*rest, str_find(*rest, separator));
    *rest = str_skip(*rest, word.len + (word.len < rest->len));
    return word;
}

static void dependencies_are_unique_by_url_and_canonical_name(void **state) {
    (void)state;
    struct claims claims;
    struct str column[2];
    claims_open(&claims, TEST_DATA "/plugin_dependencies.txt");
    while (claims_next(&claims, column, 2)) {
        struct outcome outcome = {0};
        struct raw_dependency plugins[8];
        struct raw_fields raw = good_fields();
        raw.plugins = plugins;
        for (struct str rest = column[0]; rest.len > 0; raw.plugin_count++) {
            struct str item = next_word(&rest, ';');
            plugins[raw.plugin_count] =
                (struct raw_dependency){.index_url = text_at(next_word(&item, ' '), 1),
                                        .name = text_at(next_word(&item, ' '), 2),
                                        .version = text_at(item, 3),
                                        .offset = 100 + raw.plugin_count};
        }
        check_all(&outcome, &raw, true);
        struct str got = STR("");
        for (const struct diag *diag = outcome.defects.first; diag != NULL;
             diag = diag->next) {
            if (diag->variant != VARIANT_DUPLICATE_PLUGIN_DEPENDENCY) {
                continue;
            }
            size_t item = diag->place.offset - 100;
            got = arena_printf(&outcome.arena, "%.*s%s%zu", STR_ARG(got),
                               got.len == 0 ? "" : " ", item);
            struct str field = arena_printf(
                &outcome.arena, "plugins[3].dependencies.plugins[%zu]", item);
            assert_true(str_equal(diag->field, field));
            assert_true(str_equal(diag->details[1].text, plugins[item].name.text));
        }
        claims_equal(&claims, got.len == 0 ? STR("-") : got, column[1]);
        arena_release(&outcome.arena);
    }
}

static void defects_come_in_the_order_of_the_fields(void **state) {
    (void)state;
    static const char *const want[] = {
        "plugin.name",
        "plugin.version",
        "plugin.description",
        "plugin.triggers[0]",
        "plugin.homepage",
        "plugin.repository",
        "plugin.documentation",
        "dependencies.database_version",
        "dependencies.python[0]",
        "dependencies.python[1]",
        "dependencies.plugins[0].index_url",
        "dependencies.plugins[0].name",
        "dependencies.plugins[0].version",
        "dependencies.plugins[1].version",
        "dependencies.plugins[2]",
    };
    struct field_text bad = text_at(STR("?"), 0);
    struct field_text url = text_at(STR("https://a.com/"), 0);
    struct field_text name = text_at(STR("a"), 0);
    struct field_text good = text_at(STR("1"), 0);
    const struct field_text list[] = {bad, bad};
    const struct raw_dependency plugins[] = {
        {bad, bad, bad, 0}, {url, name, bad, 0}, {url, name, good, 0}};
    struct raw_fields raw = {.name = bad,
                             .version = bad,
                             .description = text_at(STR(""), 0),
                             .triggers = list,
                             .trigger_count = 1,
                             .homepage = bad,
                             .repository = bad,
                             .documentation = bad,
                             .database_version = bad,
                             .python = list,
                             .python_count = 2,
                             .plugins = plugins,
                             .plugin_count = 3};
    struct outcome outcome = {0};
    check_all(&outcome, &raw, false);
    size_t i = 0;
    for (const struct diag *diag = outcome.defects.first; diag != NULL;
         diag = diag->next) {
        assert_true(i < sizeof want / sizeof want[0]);
        assert_true(str_equal(diag->field, str_of(want[i++])));
    }
    assert_int_equal(i, sizeof want / sizeof want[0]);
    arena_release(&outcome.arena);
}

static void absent_fields_stay_absent(void **state) {
    (void)state;
    struct outcome outcome = {0};
    struct raw_fields raw = good_fields();
    check_all(&outcome, &raw, false);
    assert_int_equal(outcome.defects.count, 0);
    assert_null(outcome.checked.homepage.ptr);
    assert_null(outcome.checked.repository.ptr);
    assert_null(outcome.checked.documentation.ptr);
    assert_int_equal(outcome.checked.python_count, 0);
    assert_int_equal(outcome.checked.plugin_count, 0);
    assert_int_equal(outcome.checked.trigger_count, 1);
    arena_release(&outcome.arena);
}

static void many_dependencies_take_linear_time(void **state) {
    (void)state;
    enum { COUNT = 100000 };
    struct outcome outcome = {0};
    struct raw_dependency *plugins = calloc(COUNT, sizeof *plugins);
    assert_non_null(plugins);
    for (size_t i = 0; i < COUNT; i++) {
        struct str name = arena_printf(&outcome.arena, "p%zu", i % (COUNT - 1));
        plugins[i] =
            (struct raw_dependency){text_at(STR("https://a.com/"), 0), text_at(name, 0),
                                    text_at(STR("^1"), 0), i};
    }
    struct raw_fields raw = good_fields();
    raw.plugins = plugins;
    raw.plugin_count = COUNT;
    check_all(&outcome, &raw, false);
    assert_int_equal(outcome.defects.count, 1);
    assert_int_equal(outcome.defects.first->place.offset, COUNT - 1);
    free(plugins);
    arena_release(&outcome.arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_field_has_its_rule),
        cmocka_unit_test(descriptions_have_200_characters),
        cmocka_unit_test(long_requirements_are_displayed_whole),
        cmocka_unit_test(no_triggers_is_a_defect_of_the_list),
        cmocka_unit_test(dependencies_are_unique_by_url_and_canonical_name),
        cmocka_unit_test(defects_come_in_the_order_of_the_fields),
        cmocka_unit_test(absent_fields_stay_absent),
        cmocka_unit_test(many_dependencies_take_linear_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
