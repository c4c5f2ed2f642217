#include "claims.h"

#include "base/arena.h"
#include "base/buf.h"
#include "plugin/python.h"

/* The functions in the form of the data file. */
static void append_facts(struct buf *out, const struct python_module *module) {
    for (size_t i = 0; i < module->function_count; i++) {
        const struct python_function *f = &module->functions[i];
        assert_true(buf_printf(out, "%s%.*s:%s%zu:%zu:%zu%s%s", i == 0 ? "" : " ",
                               STR_ARG(f->name), f->is_async ? "async:" : "",
                               f->positional, f->positional_required,
                               f->keyword_required, f->has_var_positional ? ":*" : "",
                               f->has_var_keyword ? ":**" : ""));
    }
    if (module->function_count == 0) {
        assert_true(buf_append_byte(out, '-'));
    }
}

static void valid_source_parses_and_shows_its_functions(void **state) {
    (void)state;
    struct claims claims;
    struct str columns[2];
    struct arena arena = {0};
    struct buf facts;
    buf_init(&facts, 1 << 16);
    claims_open(&claims, TEST_DATA "/python_valid.txt");
    while (claims_next(&claims, columns, 2)) {
        struct python_module module;
        buf_clear(&facts);
        if (python_parse(&arena, columns[1], &module) != PYTHON_OK) {
            claims_fail(&claims, module.message);
        } else {
            append_facts(&facts, &module);
            claims_equal(&claims, buf_str(&facts), columns[0]);
        }
        arena_release(&arena);
    }
    buf_release(&facts);
}

static void invalid_source_is_refused_at_its_defect(void **state) {
    (void)state;
    struct claims claims;
    struct str columns[2];
    struct arena arena = {0};
    claims_open(&claims, TEST_DATA "/python_invalid.txt");
    while (claims_next(&claims, columns, 2)) {
        struct python_module module;
        char where[32] = "accepted";
        if (python_parse(&arena, columns[1], &module) == PYTHON_SYNTAX_ERROR) {
            assert_true(module.message.len > 0);
            assert_true(module.offset <= columns[1].len);
            snprintf(where, sizeof where, "%u:%u", module.line, module.column);
        }
        bool anywhere = str_equal(columns[0], STR("-"));
        if (!anywhere || strcmp(where, "accepted") == 0) {
            claims_equal(&claims, str_of(where), columns[0]);
        }
        arena_release(&arena);
    }
}

/* `count` times `before`, the middle, `count` times `after`. */
static enum python_status parse_nested(const char *before, const char *middle,
                                       const char *after, size_t count) {
    struct arena arena = {0};
    struct buf source;
    struct python_module module;
    buf_init(&source, 1 << 26);
    for (size_t i = 0; i < count; i++) {
        assert_true(buf_append(&source, str_of(before)));
    }
    assert_true(buf_append(&source, str_of(middle)));
    for (size_t i = 0; i < count; i++) {
        assert_true(buf_append(&source, str_of(after)));
    }
    enum python_status status = python_parse(&arena, buf_str(&source), &module);
    buf_release(&source);
    arena_release(&arena);
    return status;
}

/* CPython's limits; what it leaves to its stack has none here. */
static void nesting_is_limited_as_in_cpython(void **state) {
    (void)state;
    assert_int_equal(parse_nested("(", "1", ")", 200), PYTHON_OK);
    assert_int_equal(parse_nested("(", "1", ")", 201), PYTHON_SYNTAX_ERROR);
    assert_int_equal(parse_nested("[", "", "]", 200), PYTHON_OK);
    assert_int_equal(parse_nested("[", "", "]", 201), PYTHON_SYNTAX_ERROR);
    assert_int_equal(parse_nested("f'{", "1", "}'", 149), PYTHON_OK);
    assert_int_equal(parse_nested("f'{", "1", "}'", 150), PYTHON_SYNTAX_ERROR);
    assert_int_equal(parse_nested("", "0x1", "1", 100000), PYTHON_OK);
    assert_int_equal(parse_nested("", "", "1", 4300), PYTHON_OK);
    assert_int_equal(parse_nested("", "", "1", 4301), PYTHON_SYNTAX_ERROR);
    assert_int_equal(parse_nested("", "", "0", 4301), PYTHON_OK);
    assert_int_equal(parse_nested("lambda a=", "1", ": a", 200000), PYTHON_OK);
    assert_int_equal(parse_nested("lambda: ", "1", "", 200000), PYTHON_OK);
    assert_int_equal(parse_nested("x if y else ", "z", "", 200000), PYTHON_OK);
    assert_int_equal(parse_nested("not ", "z", " + ~w", 200000), PYTHON_OK);
    assert_int_equal(parse_nested("if x: pass\nelse:\n ", "y\n", "", 1), PYTHON_OK);
}

static enum python_status parse_indented(size_t levels) {
    struct arena arena = {0};
    struct buf source;
    struct python_module module;
    buf_init(&source, 1 << 20);
    for (size_t i = 0; i < levels; i++) {
        assert_true(buf_append_fill(&source, ' ', i) &&
                    buf_append(&source, STR("if x:\n")));
    }
    assert_true(buf_append_fill(&source, ' ', levels) &&
                buf_append(&source, STR("y\n")));
    enum python_status status = python_parse(&arena, buf_str(&source), &module);
    buf_release(&source);
    arena_release(&arena);
    return status;
}

static void indentation_has_a_hundred_levels(void **state) {
    (void)state;
    assert_int_equal(parse_indented(99), PYTHON_OK);
    assert_int_equal(parse_indented(100), PYTHON_SYNTAX_ERROR);
}

static void the_last_definition_is_found(void **state) {
    (void)state;
    struct arena arena = {0};
    struct python_module module;
    struct str source = STR("def f(): pass\ndef g(a): pass\n@d\ndef f(a, b): pass\n");
    assert_int_equal(python_parse(&arena, source, &module), PYTHON_OK);
    assert_int_equal(module.function_count, 3);
    const struct python_function *found = python_find(&module, STR("f"));
    assert_non_null(found);
    assert_int_equal(found->positional, 2);
    assert_int_equal(found->offset, 36);
    assert_null(python_find(&module, STR("h")));
    arena_release(&arena);
}

static void many_functions_are_kept_in_order(void **state) {
    (void)state;
    enum { COUNT = 1000 };
    struct arena arena = {0};
    struct buf source;
    struct python_module module;
    buf_init(&source, 1 << 20);
    for (int i = 0; i < COUNT; i++) {
        assert_true(buf_printf(&source, "def f%d(a): pass\n", i));
    }
    assert_int_equal(python_parse(&arena, buf_str(&source), &module), PYTHON_OK);
    assert_int_equal(module.function_count, COUNT);
    for (int i = 0; i < COUNT; i++) {
        char name[16];
        snprintf(name, sizeof name, "f%d", i);
        assert_true(str_equal(module.functions[i].name, str_of(name)));
        assert_int_equal(module.functions[i].positional_required, 1);
    }
    buf_release(&source);
    arena_release(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(valid_source_parses_and_shows_its_functions),
        cmocka_unit_test(invalid_source_is_refused_at_its_defect),
        cmocka_unit_test(nesting_is_limited_as_in_cpython),
        cmocka_unit_test(indentation_has_a_hundred_levels),
        cmocka_unit_test(the_last_definition_is_found),
        cmocka_unit_test(many_functions_are_kept_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
