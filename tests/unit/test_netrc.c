#include "unit.h"

#include "stores/netrc.h"

/* `login:password`, or "-" where there is none. */
static void assert_found(const char *text, const char *host, const char *expected) {
    struct arena arena = {0};
    struct str login;
    struct str password;
    enum netrc_status status =
        netrc_find(&arena, str_of(text), str_of(host), &login, &password);
    if (status == NETRC_NONE) {
        assert_string_equal("-", expected);
    } else {
        assert_int_equal(status, NETRC_FOUND);
        struct str got = arena_printf(&arena, "%s:%s", login.ptr, password.ptr);
        assert_string_equal(got.ptr, expected);
    }
    arena_release(&arena);
}

static void entries_are_found_by_their_host(void **state) {
    (void)state;
    const char *text = "# mine\n"
                       "machine a.example login ann password p1\n"
                       "machine b.example\n  password p2 login bob\n"
                       "machine c.example login carol\n"
                       "machine d.example password p4\n"
                       "machine a.example login other password p9\n";
    assert_found(text, "a.example", "ann:p1");
    assert_found(text, "A.EXAMPLE", "ann:p1");
    assert_found(text, "b.example", "bob:p2");
    assert_found(text, "c.example", "-");
    assert_found(text, "d.example", ":p4");
    assert_found(text, "e.example", "-");
    assert_found("", "a.example", "-");
}

static void the_default_is_for_the_others(void **state) {
    (void)state;
    const char *text = "machine a.example login ann password p1 default login x "
                       "password y";
    assert_found(text, "a.example", "ann:p1");
    assert_found(text, "b.example", "x:y");
}

static void macros_are_passed_over(void **state) {
    (void)state;
    const char *text = "machine a.example login ann macdef init\n"
                       "machine b.example login no password no\n\n"
                       "password p1\nmachine b.example login bob password p2\n";
    assert_found(text, "b.example", "bob:p2");
    assert_found(text, "a.example", "ann:p1");
}

static void words_may_be_quoted(void **state) {
    (void)state;
    assert_found("machine a.example login \"a b\" password \"x\\\"y\\\\z\"\n",
                 "a.example", "a b:x\"y\\z");
    assert_found("machine a.example login l password \"open", "a.example", "l:open");
}

static void what_is_cut_off_is_none(void **state) {
    (void)state;
    assert_found("machine", "a.example", "-");
    assert_found("machine a.example login", "a.example", "-");
    assert_found("machine a.example password", "a.example", "-");
    assert_found("macdef", "a.example", "-");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_are_found_by_their_host),
        cmocka_unit_test(the_default_is_for_the_others),
        cmocka_unit_test(macros_are_passed_over),
        cmocka_unit_test(words_may_be_quoted),
        cmocka_unit_test(what_is_cut_off_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
