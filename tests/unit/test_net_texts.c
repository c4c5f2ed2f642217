/* The small readers and writers of the network room. */
#include "unit.h"

#include "net/http.h"
#include "net/json_fields.h"
#include "net/redact.h"
#include "net/xml_fields.h"

static void secrets_become_stars(void **state) {
    (void)state;
    struct redact redact = {0};
    assert_true(redact_add(&redact, STR("")));
    assert_true(redact_add(&redact, STR_NONE));
    assert_int_equal(redact.count, 0);
    assert_true(redact_add(&redact, STR("hunter")));
    assert_true(redact_add(&redact, STR("hunter22")));
    assert_true(redact_add(&redact, STR("hunter")));
    assert_true(redact_add(&redact, STR("q!")));
    assert_int_equal(redact.count, 3);
    char text[] = "a hunter22, a hunter and q!; hunterhunter";
    redact_text(&redact, text);
    assert_string_equal(text, "a ***, a *** and **; ******");
    assert_true(redact_finds(&redact, STR("--hunter--")));
    assert_false(redact_finds(&redact, STR("hunte")));
    assert_false(redact_finds(&redact, STR_NONE));
    redact_release(&redact);
    assert_false(redact_finds(&redact, STR("hunter")));
}

static void assert_text(struct str actual, const char *expected) {
    assert_non_null(actual.ptr);
    assert_int_equal(actual.len, strlen(expected));
    assert_memory_equal(actual.ptr, expected, actual.len);
}

static void members_are_read(void **state) {
    (void)state;
    struct arena arena = {0};
    struct json_fields fields;
    assert_true(json_fields_begin(
        &fields, &arena,
        STR(" {\"a\":{\"b\":\"x\\u00e9\\n\"}, \"n\" : 18446744073709551615,"
            "\"g\":\"1700000000000001\",\"t\":true,\"f\":false,\"z\":null,"
            "\"minus\":-1,\"big\":18446744073709551616,\"real\":1.0,"
            "\"list\":[1, \"two\" ,{\"k\":[]} , null],\"e\":[ ],\"o\":{}} ")));
    struct str root = fields.root;
    uint64_t number = 0;
    assert_text(json_fields_text(&fields, json_fields_get(&fields, root, "a"), "b"),
                "x\xc3\xa9\n");
    assert_true(json_fields_u64(&fields, root, "n", &number));
    assert_true(number == UINT64_MAX);
    assert_true(json_fields_u64(&fields, root, "g", &number));
    assert_true(number == 1700000000000001);
    assert_false(json_fields_u64(&fields, root, "minus", &number));
    assert_false(json_fields_u64(&fields, root, "big", &number));
    assert_false(json_fields_u64(&fields, root, "real", &number));
    assert_true(json_fields_is_true(&fields, root, "t"));
    assert_false(json_fields_is_true(&fields, root, "f"));
    assert_null(json_fields_get(&fields, root, "z").ptr);
    assert_null(json_fields_get(&fields, root, "b").ptr);
    assert_null(json_fields_text(&fields, root, "n").ptr);
    assert_null(json_fields_get(&fields, json_fields_get(&fields, root, "o"), "x").ptr);

    struct str list = json_fields_get(&fields, root, "list");
    static const char *const items[] = {"1", "\"two\"", "{\"k\":[]}", "null"};
    struct str item;
    size_t at = 0, count = 0;
    while (json_fields_next(&fields, list, &at, &item)) {
        assert_true(count < 4);
        assert_text(item, items[count++]);
    }
    assert_int_equal(count, 4);
    at = 0;
    assert_false(
        json_fields_next(&fields, json_fields_get(&fields, root, "e"), &at, &item));
    assert_false(
        json_fields_next(&fields, json_fields_get(&fields, root, "o"), &at, &item));
    assert_false(fields.no_memory);
    arena_release(&arena);
}

static void what_is_not_json_is_refused(void **state) {
    (void)state;
    static const char *const texts[] = {"",          " ",    "{",     "{\"a\":1",
                                        "{\"a\" 1}", "[1,]", "{} {}", "<html>",
                                        "\"\xff\"",  "nul"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct arena arena = {0};
        struct json_fields fields;
        assert_false(json_fields_begin(&fields, &arena, str_of(texts[i])));
        assert_null(json_fields_get(&fields, fields.root, "a").ptr);
        arena_release(&arena);
    }
}

static void elements_are_read(void **state) {
    (void)state;
    struct arena arena = {0};
    struct str text =
        STR("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- > -->"
            "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
            "<Name>b &amp; c</Name><Prefix/><e x='>'></e>"
            "<Contents><Key>a&#x2F;b.json</Key><ETag>&quot;9b&quot;</ETag></Contents>"
            "<s3:Contents><s3:Key><![CDATA[<k>]]>&lt;&unknown;</s3:Key></s3:Contents>"
            "</ListBucketResult>\n");
    struct str name, root;
    assert_true(xml_fields_root(text, &name, &root));
    assert_text(name, "ListBucketResult");
    assert_text(xml_fields_text(&arena, xml_fields_get(root, "Name"), NULL), "b & c");
    assert_text(xml_fields_text(&arena, xml_fields_get(root, "Prefix"), NULL), "");
    assert_null(xml_fields_get(root, "Key").ptr);
    assert_null(xml_fields_text(&arena, xml_fields_get(root, "None"), NULL).ptr);
    static const char *const keys[] = {"a/b.json", "<k><&unknown;"};
    size_t at = 0, count = 0;
    struct str inner;
    while (xml_fields_next(root, &at, &name, &inner)) {
        if (str_equal(name, STR("Contents"))) {
            assert_text(xml_fields_text(&arena, xml_fields_get(inner, "Key"), NULL),
                        keys[count++]);
        }
    }
    assert_int_equal(count, 2);
    arena_release(&arena);
}

static void what_is_not_xml_is_refused(void **state) {
    (void)state;
    static const char *const texts[] = {
        "",         "plain",          "<a>",
        "<a></b>",  "<a><b></a></b>", "<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>",
        "<a/><b/>", "<a b=\"></a>",   "<a><!-- </a>",
        "< a></a>"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        assert_false(xml_fields_root(str_of(texts[i]), NULL, NULL));
    }
    char deep[33 * 3 + 33 * 4 + 1] = "";
    for (size_t i = 0; i < 33; i++) {
        memcpy(deep + i * 3, "<a>", 3);
        memcpy(deep + 33 * 3 + i * 4, "</a>", 4);
    }
    assert_false(xml_fields_root(str_of(deep), NULL, NULL));
    assert_true(
        xml_fields_root((struct str){deep + 3, sizeof deep - 1 - 3 - 4}, NULL, NULL));
}

static void addresses_are_encoded(void **state) {
    (void)state;
    struct buf out;
    buf_init(&out, 200);
    assert_true(http_append_encoded(&out, STR("aZ09-._~/ +%\xc3\xa9"), true));
    assert_string_equal(out.ptr, "aZ09-._~/%20%2B%25%C3%A9");
    buf_clear(&out);
    assert_true(http_append_encoded(&out, STR("a/b:c"), false));
    assert_string_equal(out.ptr, "a%2Fb%3Ac");
    buf_release(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(secrets_become_stars),
        cmocka_unit_test(members_are_read),
        cmocka_unit_test(what_is_not_json_is_refused),
        cmocka_unit_test(elements_are_read),
        cmocka_unit_test(what_is_not_xml_is_refused),
        cmocka_unit_test(addresses_are_encoded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
