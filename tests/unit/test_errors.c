#include "unit.h"

#include "base/diag.h"

struct row {
    bool is_variant;
    int id;
    const char *name; /* code or schema variant */
    int exit;
    const char *details;
    const char *message;
};

static const struct row rows[] = {
#define ERROR(id, code, exit, details, message, advice)                                \
    {false, ERROR_##id, code, exit, details, message},
#define VARIANT(id, name, details, message, advice)                                    \
    {true, VARIANT_##id, name, 1, details, message},
#include "base/errors.def"
#undef ERROR
#undef VARIANT
};

enum { ROW_COUNT = sizeof rows / sizeof rows[0], MAX_DETAILS = 8 };

static const struct str two_texts[] = {{"u\xff", 2}, {"v", 1}};
static const struct name_version two_versions[] = {{{"n", 1}, {"1.0.0", 5}},
                                                   {{"m", 1}, {"2.0.0", 5}}};

/* A value of each type, and how JSON and prose show it. */
static const struct {
    const char *type;
    struct detail value;
    const char *json;
    const char *prose;
} samples[] = {
    {"text", {.text = {"t\"\xff", 3}}, "\"t\\\"\xef\xbf\xbd\"", "t\"\xff"},
    {"number", {.number = 7}, "7", "7"},
    {"texts",
     {.texts = two_texts, .count = 2},
     "[\"u\xef\xbf\xbd\",\"v\"]",
     "u\xff, v"},
    {"versions",
     {.versions = two_versions, .count = 2},
     "[{\"name\":\"n\",\"version\":\"1.0.0\"},{\"name\":\"m\",\"version\":\"2.0.0\"}]",
     "n@1.0.0, m@2.0.0"},
    {"pairs",
     {.versions = two_versions, .count = 2},
     "[[\"n\",\"1.0.0\"],[\"m\",\"2.0.0\"]]",
     "n@1.0.0, m@2.0.0"},
};

static size_t sample_of(const char *type, size_t len) {
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        if (strlen(samples[i].type) == len &&
            strncmp(samples[i].type, type, len) == 0) {
            return i;
        }
    }
    fail_msg("no such type: %s", type);
    return 0;
}

/* The diagnostic of a row with a sample for each detail, and the JSON it must show. */
static struct diag *make(struct arena *arena, const struct row *row, struct buf *json) {
    struct detail details[MAX_DETAILS];
    size_t count = 0;
    buf_append(json, STR("{"));
    if (row->is_variant) {
        buf_printf(json, "\"schema_variant\":\"%s\"", row->name);
    }
    for (const char *at = row->details; *at != '\0';) {
        size_t name = strcspn(at, ":");
        size_t type = strcspn(at + name + 1, " ");
        size_t sample = sample_of(at + name + 1, type);
        buf_printf(json, "%s\"%.*s\":%s", json->len > 1 ? "," : "", (int)name, at,
                   samples[sample].json);
        details[count++] = samples[sample].value;
        at += name + 1 + type;
        at += *at == ' ';
    }
    buf_append(json, STR("}"));
    struct diag *diag =
        row->is_variant
            ? diag_new_variant(arena, (enum variant_id)row->id, STR("f"), details,
                               count)
            : diag_new(arena, (enum error_id)row->id, STR("f"), details, count);
    diag->note = STR("a note");
    return diag;
}

static void every_row_shows_its_details(void **state) {
    (void)state;
    for (size_t i = 0; i < ROW_COUNT; i++) {
        struct arena arena = {0};
        struct buf want;
        struct buf got;
        buf_init(&want, 4096);
        buf_init(&got, 4096);
        struct diag *diag = make(&arena, &rows[i], &want);
        diag_details_json(diag, &got);
        bool has_none = !rows[i].is_variant && rows[i].details[0] == '\0';
        assert_string_equal(got.len == 0 ? "" : got.ptr, has_none ? "" : want.ptr);
        buf_release(&want);
        buf_release(&got);
        arena_release(&arena);
    }
}

/* Does the text stand in the message at `*at`? Steps over it. */
static void expect(const char **at, const char *text, size_t len) {
    assert_int_equal(strncmp(*at, text, len), 0);
    *at += len;
}

static const char *prose_of(const struct row *row, const char *key, size_t len) {
    if (len == 4 && strncmp(key, "note", 4) == 0) {
        return "a note";
    }
    if (len == 5 && strncmp(key, "count", 5) == 0) {
        return "0";
    }
    for (const char *at = row->details; *at != '\0';) {
        size_t name = strcspn(at, ":");
        size_t type = strcspn(at + name + 1, " ");
        if (name == len && strncmp(at, key, len) == 0) {
            return samples[sample_of(at + name + 1, type)].prose;
        }
        at += name + 1 + type;
        at += *at == ' ';
    }
    fail_msg("%s: the message names `%.*s`", row->name, (int)len, key);
    return "";
}

/* The message is the row's, with each name in braces replaced. */
static void every_row_says_its_message(void **state) {
    (void)state;
    for (size_t i = 0; i < ROW_COUNT; i++) {
        struct arena arena = {0};
        struct buf json;
        struct buf message;
        buf_init(&json, 4096);
        buf_init(&message, 4096);
        diag_message(make(&arena, &rows[i], &json), &message);
        assert_true(message.len > 0);
        const char *at = message.ptr;
        for (const char *from = rows[i].message; *from != '\0';) {
            size_t plain = strcspn(from, "{");
            expect(&at, from, plain);
            from += plain;
            if (*from == '{') {
                size_t key = strcspn(from, "}");
                const char *prose = prose_of(&rows[i], from + 1, key - 1);
                expect(&at, prose, strlen(prose));
                from += key + 1;
            }
        }
        assert_string_equal(at, "");
        buf_release(&json);
        buf_release(&message);
        arena_release(&arena);
    }
}

static void codes_tell_the_exit_status(void **state) {
    (void)state;
    for (size_t i = 0; i < ROW_COUNT; i++) {
        if (!rows[i].is_variant) {
            bool is_usage = strncmp(rows[i].name, "usage::", 7) == 0;
            bool is_warning = strncmp(rows[i].name, "warning::", 9) == 0;
            assert_int_equal(rows[i].exit, is_usage ? 2 : is_warning ? 0 : 1);
        }
    }
}

static void no_code_stands_twice(void **state) {
    (void)state;
    for (size_t i = 0; i < ROW_COUNT; i++) {
        for (size_t j = 0; j < i; j++) {
            assert_true(strcmp(rows[i].name, rows[j].name) != 0);
        }
    }
    assert_int_equal(error_row_count(), ERROR_COUNT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_shows_its_details),
        cmocka_unit_test(every_row_says_its_message),
        cmocka_unit_test(codes_tell_the_exit_status),
        cmocka_unit_test(no_code_stands_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
