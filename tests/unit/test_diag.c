#include "unit.h"

#include "base/diag.h"
#include "claims.h"

static unsigned long number_of(struct str text) {
    char digits[32] = "";
    memcpy(digits, text.ptr, text.len < sizeof digits - 1 ? text.len : 0);
    return strtoul(digits, NULL, 10);
}

static struct diag *empty_description(struct arena *arena) {
    return diag_new_variant(arena, VARIANT_DESCRIPTION_EMPTY, STR("plugin.description"),
                            NULL, 0);
}

static void an_offset_becomes_line_column_and_text(void **state) {
    (void)state;
    struct arena arena = {0};
    struct claims claims;
    struct str column[5];
    claims_open(&claims, TEST_DATA "/diag_locate.txt");
    while (claims_next(&claims, column, 5)) {
        struct diag *diag = empty_description(&arena);
        diag->place.offset = number_of(column[1]);
        diag_locate(diag, STR("file"), column[0]);
        struct str got = arena_printf(&arena, "%u:%u", (unsigned)diag->place.line,
                                      (unsigned)diag->place.column);
        struct str want =
            arena_printf(&arena, "%lu:%lu", number_of(column[2]), number_of(column[3]));
        claims_equal(&claims, got, want);
        claims_equal(&claims, diag->place.text, column[4]);
        assert_true(str_equal(diag->place.file, STR("file")));
    }
    arena_release(&arena);
}

static void places_of_a_list_are_as_each_alone(void **state) {
    (void)state;
    struct arena arena = {0};
    struct str document = STR("\u00e9a\r\n\n\u20acb\u00e9\nlast line\r\n");
    struct diag_list list = {0};
    uint32_t random = 1;
    for (int i = 0; i < 500; i++) {
        struct diag *diag = empty_description(&arena);
        random = random * 1664525 + 1013904223;
        diag->place.offset = (random >> 16) % (document.len + 2);
        diag_append(&list, diag);
    }
    diag_locate_all(&list, STR("f"), document);
    for (struct diag *diag = list.first; diag != NULL; diag = diag->next) {
        struct diag *alone = empty_description(&arena);
        alone->place.offset = diag->place.offset;
        diag_locate(alone, STR("f"), document);
        assert_int_equal(diag->place.line, alone->place.line);
        assert_int_equal(diag->place.column, alone->place.column);
        assert_ptr_equal(diag->place.text.ptr, alone->place.text.ptr);
        assert_int_equal(diag->place.text.len, alone->place.text.len);
    }
    arena_release(&arena);
}

static void without_an_offset_only_the_file_is_known(void **state) {
    (void)state;
    struct arena arena = {0};
    struct diag *diag = empty_description(&arena);
    diag_locate(diag, STR("file"), STR("a\nb"));
    assert_true(str_equal(diag->place.file, STR("file")));
    assert_int_equal(diag->place.offset, DIAG_NOWHERE);
    assert_int_equal(diag->place.line, 0);
    assert_null(diag->place.text.ptr);
    arena_release(&arena);
}

static void a_list_keeps_order_and_nests(void **state) {
    (void)state;
    struct arena arena = {0};
    struct diag_list list = {0};
    struct str document = STR("a\nb\nc\nd");
    for (size_t i = 0; i < 4; i++) {
        struct diag *diag = empty_description(&arena);
        /* Out of order: a list is not sorted by place. */
        diag->place.offset = (3 - i) * 2;
        diag_append(&list, diag);
    }
    diag_locate_all(&list, STR("f"), document);
    assert_int_equal(list.count, 4);
    uint32_t line = 4;
    for (struct diag *diag = list.first; diag != NULL; diag = diag->next) {
        assert_int_equal(diag->place.line, line);
        assert_int_equal(diag->place.text.ptr[0], 'a' + (int)line - 1);
        line--;
    }
    struct diag *parent = diag_new(&arena, ERROR_VALIDATE_FAILED, STR_NONE, NULL, 0);
    diag_nest(parent, &list);
    struct buf message;
    buf_init(&message, 1000);
    diag_message(parent, &message);
    assert_string_equal(message.ptr, "validation failed: 4 diagnostic(s)");
    assert_ptr_equal(parent->first, list.first);
    assert_int_equal(diag_exit_status(parent), 1);
    buf_release(&message);
    arena_release(&arena);
}

static void details_are_copied_and_texts_viewed(void **state) {
    (void)state;
    struct arena arena = {0};
    struct str name = STR("1x");
    struct detail details[] = {DETAIL_TEXT(name)};
    struct diag *diag = diag_new_variant(&arena, VARIANT_INVALID_PLUGIN_NAME,
                                         STR("plugin.name"), details, 1);
    details[0].text = STR("other");
    assert_ptr_equal(diag->details[0].text.ptr, name.ptr);
    struct buf json;
    buf_init(&json, 1000);
    diag_details_json(diag, &json);
    assert_string_equal(json.ptr,
                        "{\"schema_variant\":\"InvalidPluginName\",\"name\":\"1x\"}");
    assert_string_equal(diag_code(diag), "validate::schema_reported");
    buf_release(&json);
    arena_release(&arena);
}

/* All texts are made in an arena that is gone when the copy is looked at. */
static void a_copy_views_nothing(void **state) {
    (void)state;
    struct arena first = {0};
    struct arena second = {0};
    struct name_version *version = arena_alloc(&first, sizeof *version);
    struct str *cause = arena_alloc(&first, sizeof *cause);
    version->name = arena_copy(&first, STR("a-b"));
    version->version = arena_copy(&first, STR("1.0.0"));
    *cause = arena_copy(&first, STR("because"));
    struct diag *nested = diag_new(
        &first, ERROR_CANONICAL_COLLISION, arena_copy(&first, STR("plugin.name")),
        (struct detail[]){DETAIL_TEXT(arena_copy(&first, STR("A_b"))),
                          DETAIL_TEXT(arena_copy(&first, STR("a_b"))),
                          DETAIL_VERSIONS(version, 1)},
        3);
    struct str *files = arena_array(&first, 2, sizeof *files);
    files[0] = arena_copy(&first, STR("x.py"));
    files[1] = arena_copy(&first, STR("y.py"));
    struct diag *other = diag_new(&first, ERROR_AMBIGUOUS_ENTRY_POINT, STR_NONE,
                                  (struct detail[]){DETAIL_TEXTS(files, 2)}, 1);
    struct diag *parent = diag_new(&first, ERROR_VALIDATE_FAILED, STR_NONE, NULL, 0);
    struct diag_list list = {0};
    nested->note = arena_copy(&first, STR("a note"));
    nested->causes = cause;
    nested->cause_count = 1;
    nested->place = (struct place){.file = arena_copy(&first, STR("f")),
                                   .line = 7,
                                   .text = arena_copy(&first, STR("line"))};
    diag_append(&list, nested);
    diag_append(&list, other);
    diag_nest(parent, &list);
    struct diag *copy = diag_copy(&second, parent);
    arena_release(&first);
    assert_non_null(copy);
    assert_int_equal(copy->nested_count, 2);
    assert_true(str_equal(copy->first->note, STR("a note")));
    assert_true(str_equal(copy->first->causes[0], STR("because")));
    assert_true(str_equal(copy->first->place.text, STR("line")));
    assert_int_equal(copy->first->place.line, 7);
    struct buf json;
    buf_init(&json, 1000);
    diag_details_json(copy->first, &json);
    diag_details_json(copy->first->next, &json);
    assert_string_equal(json.ptr,
                        "{\"name\":\"A_b\",\"canonical\":\"a_b\",\"existing\":["
                        "{\"name\":\"a-b\",\"version\":\"1.0.0\"}]}"
                        "{\"files\":[\"x.py\",\"y.py\"]}");
    assert_null(copy->first->next->next);
    buf_release(&json);
    arena_release(&second);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_offset_becomes_line_column_and_text),
        cmocka_unit_test(places_of_a_list_are_as_each_alone),
        cmocka_unit_test(without_an_offset_only_the_file_is_known),
        cmocka_unit_test(a_list_keeps_order_and_nests),
        cmocka_unit_test(details_are_copied_and_texts_viewed),
        cmocka_unit_test(a_copy_views_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
