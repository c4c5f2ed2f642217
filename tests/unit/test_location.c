#include "unit.h"

#include "claims.h"
#include "stores/stores.h"

/* `scheme|user|host|path|parameters or query` */
static struct str summary(struct arena *arena, const struct location *location) {
    struct str text = arena_printf(
        arena, "%s|%s|%s|%s|%s%s", location->scheme.ptr,
        location->user.ptr == NULL ? "" : location->user.ptr, location->host.ptr,
        location->path.ptr, location->query.ptr == NULL ? "" : "?",
        location->query.ptr == NULL ? "" : location->query.ptr);
    for (size_t i = 0; i < location->parameter_count; i++) {
        text =
            arena_printf(arena, "%s%s=%s;", text.ptr, location->parameters[i].name.ptr,
                         location->parameters[i].value.ptr);
    }
    return text;
}

static void locations_are_taken_apart(void **state) {
    (void)state;
    struct claims claims;
    struct str column[2];
    claims_open(&claims, TEST_DATA "/location_valid.txt");
    while (claims_next(&claims, column, 2)) {
        struct arena arena = {0};
        struct failure failure = {0};
        struct location location;
        if (location_parse(&arena, column[0], &location, &failure)) {
            claims_equal(&claims, summary(&arena, &location), column[1]);
            assert_true(str_equal(location.text, column[0]));
        } else {
            claims_equal(&claims, str_of(failure.note), column[1]);
        }
        arena_release(&arena);
    }
}

static void others_are_refused_with_a_reason(void **state) {
    (void)state;
    struct claims claims;
    struct str column[2];
    claims_open(&claims, TEST_DATA "/location_invalid.txt");
    while (claims_next(&claims, column, 2)) {
        struct arena arena = {0};
        struct failure failure = {0};
        struct location location;
        bool good = location_parse(&arena, column[0], &location, &failure);
        assert_true(good || failure.id == ERROR_USAGE_INVALID_LOCATION);
        assert_true(good || failure.note[0] != '\0');
        char expected[256];
        (void)snprintf(expected, sizeof expected, "%.*s", STR_ARG(column[1]));
        bool says_so = !good && strstr(failure.note, expected) != NULL;
        claims_equal(&claims, says_so ? column[1] : str_of(failure.note), column[1]);
        arena_release(&arena);
    }
}

static void secrets_are_not_shown(void **state) {
    (void)state;
    struct claims claims;
    struct str column[2];
    claims_open(&claims, TEST_DATA "/location_shown.txt");
    while (claims_next(&claims, column, 2)) {
        struct arena arena = {0};
        claims_equal(&claims, location_shown(&arena, column[0]), column[1]);
        arena_release(&arena);
    }
}

static void an_index_is_not_written(void **state) {
    (void)state;
    struct failure failure = {0};
    struct stores_options options = {.writes = true};
    assert_null(stores_open(STR("https://127.0.0.1/r/index.json"), &options, &failure));
    assert_int_equal(failure.id, ERROR_USAGE_INVALID_LOCATION);
}

static void a_prefix_has_no_slashes_around_it(void **state) {
    (void)state;
    assert_true(
        str_equal(location_prefix(&(struct location){.path = STR("/team/registry/")}),
                  STR("team/registry")));
    assert_true(
        str_equal(location_prefix(&(struct location){.path = STR("//")}), STR("")));
    assert_true(
        str_equal(location_prefix(&(struct location){.path = STR("")}), STR("")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(locations_are_taken_apart),
        cmocka_unit_test(others_are_refused_with_a_reason),
        cmocka_unit_test(secrets_are_not_shown),
        cmocka_unit_test(an_index_is_not_written),
        cmocka_unit_test(a_prefix_has_no_slashes_around_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
