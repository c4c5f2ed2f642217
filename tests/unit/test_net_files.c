/* Files and commands that credentials come from. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "net/ini.h"
#include "net/netrc.h"
#include "net/process.h"

static void assert_text(struct str actual, const char *expected) {
    if (expected == NULL) {
        assert_null(actual.ptr);
        return;
    }
    assert_non_null(actual.ptr);
    assert_int_equal(actual.len, strlen(expected));
    assert_memory_equal(actual.ptr, expected, actual.len);
}

static void profiles_are_read(void **state) {
    (void)state;
    struct str text = STR("# comment\r\n"
                          "aws_access_key_id = before any section\n"
                          "[default]\n"
                          "region=eu-central-1\n"
                          "s3 =\n"
                          "  region = nested\n"
                          "[profile  two words ]\n"
                          "REGION = us-east-1   # the nearest\n"
                          "role_arn\t=\tarn:aws:iam::1:role/a#b\r\n"
                          "; region = no\n"
                          "[profile twice]\n"
                          "region = one\n"
                          "region = two\n"
                          "empty =\n"
                          "[no end\n");
    assert_text(ini_get(text, STR("default"), "region"), "eu-central-1");
    assert_text(ini_get(text, STR("default"), "s3"), "");
    assert_text(ini_get(text, STR("default"), "aws_access_key_id"), NULL);
    assert_text(ini_get(text, STR("profile two words"), "region"), "us-east-1");
    assert_text(ini_get(text, STR("profile two words"), "role_arn"),
                "arn:aws:iam::1:role/a#b");
    assert_text(ini_get(text, STR("profile twice"), "region"), "two");
    assert_text(ini_get(text, STR("profile twice"), "empty"), "");
    assert_text(ini_get(text, STR("two words"), "region"), NULL);
    assert_true(ini_has(text, STR("default")));
    assert_true(ini_has(text, STR("profile twice")));
    assert_false(ini_has(text, STR("profile")));
    assert_false(ini_has(text, STR("no end")));
    assert_false(ini_has(STR(""), STR("")));
}

static void assert_netrc(const char *text, const char *host, const char *user,
                         const char *password) {
    struct arena arena = {0};
    struct str found_user = STR_NONE, found_password = STR_NONE;
    enum netrc_status status =
        netrc_look(&arena, str_of(text), str_of(host), &found_user, &found_password);
    assert_int_equal(status, password == NULL ? NETRC_NONE : NETRC_FOUND);
    if (password != NULL) {
        assert_text(found_user, user);
        assert_text(found_password, password);
    }
    arena_release(&arena);
}

static void netrc_is_read(void **state) {
    (void)state;
    static const char text[] = "machine a.example login alice password one\n"
                               "# machine b.example login no password no\n"
                               "machine b.example\n\tlogin \"bob b\"\n"
                               "\tpassword \"t\\\"w\\\\o\" account x\n"
                               "machine c.example login carol\n"
                               "macdef init\ncd /machine\npassword none\n\n"
                               "machine d.example password four\n"
                               "default login anonymous password guest\n";
    assert_netrc(text, "a.example", "alice", "one");
    assert_netrc(text, "A.Example", "alice", "one");
    assert_netrc(text, "b.example", "bob b", "t\"w\\o");
    assert_netrc(text, "c.example", NULL, NULL);
    assert_netrc(text, "d.example", "", "four");
    assert_netrc(text, "e.example", "anonymous", "guest");
    assert_netrc("machine a.example login x password y", "b.example", NULL, NULL);
    assert_netrc("", "a.example", NULL, NULL);
    struct arena arena = {0};
    struct str user, password;
    assert_int_equal(
        netrc_look(&arena, STR("machine a login \"x"), STR("a"), &user, &password),
        NETRC_FAILED);
    arena_release(&arena);
}

static void commands_are_split_as_a_shell_does(void **state) {
    (void)state;
    static const char *const expected[] = {"/opt/my tool", "--user",  "",   "a\"b\\",
                                           "c'd e",        "$HOME;x", "end"};
    struct arena arena = {0};
    bool unclosed = true;
    char **words = process_words(
        &arena,
        STR(" '/opt/my tool' --user \"\"\t\"a\\\"b\\\\\" c\\'d\\ e $HOME;x e'n'd "),
        &unclosed);
    assert_non_null(words);
    for (size_t i = 0; i < 7; i++) {
        assert_string_equal(words[i], expected[i]);
    }
    assert_null(words[7]);
    assert_false(unclosed);
    assert_null(process_words(&arena, STR("a 'b"), &unclosed));
    assert_true(unclosed);
    arena_release(&arena);
}

static void run(const char *command, uint32_t timeout_ms, const char *output,
                const char *reason) {
    struct arena arena = {0};
    struct buf out;
    char why[PROCESS_REASON_BYTES];
    buf_init(&out, 1000);
    bool done = process_read(&arena, str_of(command), timeout_ms, &out, why);
    if (output != NULL) {
        assert_true(done);
        assert_text(buf_str(&out), output);
    } else {
        assert_false(done);
        assert_non_null(strstr(why, reason));
    }
    buf_release(&out);
    arena_release(&arena);
}

static void programs_are_asked(void **state) {
    (void)state;
    run("printf %s 'a b'", 60000, "a b", NULL);
    run("sh -c 'cat; echo in; echo hidden >&2'", 60000, "in\n", NULL);
    run("sh -c 'exit 3'", 60000, NULL, "status 3");
    run("sh -c 'kill -9 $$'", 60000, NULL, "signal");
    run("no-such-program-anywhere", 60000, NULL, "no such program");
    run("", 60000, NULL, "empty");
    run("'", 60000, NULL, "quote");
    run("sleep 600", 100, NULL, "in time");
    run("sh -c 'exec >&-; exec sleep 600'", 300, NULL, "in time");
    run("sh -c 'while :; do echo 0123456789; done'", 60000, NULL, "too long");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(profiles_are_read),
        cmocka_unit_test(netrc_is_read),
        cmocka_unit_test(commands_are_split_as_a_shell_does),
        cmocka_unit_test(programs_are_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
