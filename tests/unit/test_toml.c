#include "unit.h"

#include "base/buf.h"
#include "claims.h"
#include "schema/toml.h"

static void show(const struct toml_node *node, struct buf *out) {
    if (node->type == TOML_STRING) {
        buf_append_byte(out, '"');
        buf_append(out, node->text);
        buf_append_byte(out, '"');
        assert_string_equal(node->type_name, "string");
        return;
    }
    if (node->type == TOML_OTHER) {
        buf_append(out, str_of(node->type_name));
        return;
    }
    bool is_table = node->type == TOML_TABLE;
    assert_string_equal(node->type_name, is_table ? "table" : "array");
    size_t count = 0;
    buf_append_byte(out, is_table ? '{' : '[');
    for (const struct toml_node *child = node->first; child != NULL;
         child = child->next) {
        buf_append(out, count++ == 0 ? STR("") : STR(","));
        if (is_table) {
            buf_append(out, child->key);
            buf_append_byte(out, ':');
        }
        show(child, out);
    }
    buf_append_byte(out, is_table ? '}' : ']');
    assert_int_equal(count, node->count);
}

/* Of exactly the document's size, so that a byte too far is seen. */
static struct str own_copy(struct str text) {
    char *bytes = malloc(text.len == 0 ? 1 : text.len);
    assert_non_null(bytes);
    memcpy(bytes, text.ptr, text.len);
    return (struct str){bytes, text.len};
}

static void valid_documents_hold_what_they_say(void **state) {
    (void)state;
    struct claims claims;
    struct str column[2];
    struct buf shown;
    buf_init(&shown, 1 << 20);
    claims_open(&claims, TEST_DATA "/toml_valid.txt");
    while (claims_next(&claims, column, 2)) {
        struct arena arena = {0};
        struct toml_node *root;
        struct toml_error error;
        struct str document = own_copy(column[0]);
        buf_clear(&shown);
        if (toml_parse(&arena, document, &root, &error) == TOML_OK) {
            show(root, &shown);
            claims_equal(&claims, buf_str(&shown), column[1]);
        } else {
            claims_fail(&claims, error.message);
        }
        free((char *)document.ptr);
        arena_release(&arena);
    }
    buf_release(&shown);
}

static void invalid_documents_say_where(void **state) {
    (void)state;
    struct claims claims;
    struct str column[2];
    claims_open(&claims, TEST_DATA "/toml_invalid.txt");
    while (claims_next(&claims, column, 2)) {
        struct arena arena = {0};
        struct toml_node *root;
        struct toml_error error = {STR(""), SIZE_MAX};
        struct str document = own_copy(column[0]);
        if (toml_parse(&arena, document, &root, &error) != TOML_INVALID) {
            claims_fail(&claims, STR("no defect"));
        } else {
            claims_equal(&claims, arena_printf(&arena, "%zu", error.offset), column[1]);
            assert_true(error.message.len > 0);
        }
        free((char *)document.ptr);
        arena_release(&arena);
    }
}

static const struct toml_node *follow(struct arena *arena, const struct toml_node *node,
                                      struct str path) {
    while (path.len > 0 && node != NULL) {
        struct str key = str_first(path, str_find(path, '.'));
        path = str_skip(path, key.len + (key.len < path.len));
        node = toml_find(node, arena_c_string(arena, key));
    }
    return node;
}

static void keys_and_values_have_places(void **state) {
    (void)state;
    struct arena arena = {0};
    struct claims claims;
    struct str column[4];
    claims_open(&claims, TEST_DATA "/toml_places.txt");
    while (claims_next(&claims, column, 4)) {
        struct toml_node *root;
        struct toml_error error;
        assert_int_equal(toml_parse(&arena, column[0], &root, &error), TOML_OK);
        const struct toml_node *node = follow(&arena, root, column[1]);
        assert_non_null(node);
        claims_equal(&claims, arena_printf(&arena, "%zu", node->key_offset), column[2]);
        claims_equal(&claims, arena_printf(&arena, "%zu", node->offset), column[3]);
    }
    arena_release(&arena);
}

static struct str repeat(struct arena *arena, const char *before, const char *part,
                         size_t times, const char *after) {
    struct buf buf;
    buf_init(&buf, 1 << 22);
    buf_append(&buf, str_of(before));
    for (size_t i = 0; i < times; i++) {
        buf_append(&buf, str_of(part));
    }
    buf_append(&buf, str_of(after));
    struct str text = arena_copy(arena, buf_str(&buf));
    buf_release(&buf);
    return text;
}

static enum toml_status verdict(struct str document) {
    struct arena arena = {0};
    struct toml_node *root;
    struct toml_error error;
    enum toml_status status = toml_parse(&arena, document, &root, &error);
    arena_release(&arena);
    return status;
}

static void nesting_of_80_is_a_defect(void **state) {
    (void)state;
    struct arena arena = {0};
    static const struct {
        const char *before, *part, *middle, *end, *after;
        size_t most; /* parts that are valid */
    } rows[] = {
        {"x = ", "[", "", "]", "", 79},        {"x = ", "{a = ", "1", "}", "", 79},
        {"x = ", "[{a = ", "1", "}]", "", 39}, {"", "a.", "a = 1", "", "", 78},
        {"[", "a.", "a", "", "]", 78},         {"[[", "'a' . ", "a", "", "]]", 78},
        {"x = {", "a.", "a = 1", "", "}", 78},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (size_t more = 0; more < 2; more++) {
            size_t times = rows[i].most + more;
            struct str open =
                repeat(&arena, rows[i].before, rows[i].part, times, rows[i].middle);
            struct str close = repeat(&arena, "", rows[i].end, times, rows[i].after);
            struct str document = arena_concat(&arena, (struct str[]){open, close}, 2);
            assert_int_equal(verdict(document), more == 0 ? TOML_OK : TOML_INVALID);
        }
    }
    /* Each alone counts, not their sum. */
    struct str key = repeat(&arena, "", "a.", 78, "a");
    struct str all = arena_printf(&arena, "[%s]\n%s = {%s = {%s = [[1]]}}", key.ptr,
                                  key.ptr, key.ptr, key.ptr);
    assert_int_equal(verdict(all), TOML_OK);
    arena_release(&arena);
}

static void large_documents_take_linear_time(void **state) {
    (void)state;
    struct arena arena = {0};
    enum { KEYS = 60000 };
    struct buf buf;
    buf_init(&buf, 1 << 22);
    for (int i = 0; i < KEYS; i++) {
        buf_printf(&buf, "[a.k%d]\nx.y = 1\n", i);
    }
    assert_int_equal(verdict(buf_str(&buf)), TOML_OK);
    buf_append(&buf, STR("[a.k0]"));
    assert_int_equal(verdict(buf_str(&buf)), TOML_INVALID);
    buf_release(&buf);
    assert_int_equal(verdict(repeat(&arena, "x = ", "[", 1 << 20, "")), TOML_INVALID);
    assert_int_equal(verdict(repeat(&arena, "x = [", "[],", 300000, "]")), TOML_OK);
    assert_int_equal(verdict(repeat(&arena, "", "[[a]]\n", 150000, "")), TOML_OK);
    assert_int_equal(verdict(repeat(&arena, "x = '''", "''\n", 300000, "'''")),
                     TOML_OK);
    arena_release(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(valid_documents_hold_what_they_say),
        cmocka_unit_test(invalid_documents_say_where),
        cmocka_unit_test(keys_and_values_have_places),
        cmocka_unit_test(nesting_of_80_is_a_defect),
        cmocka_unit_test(large_documents_take_linear_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
