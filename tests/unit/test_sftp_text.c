#include "unit.h"

#include "stores/sftp_text.h"

static enum sftp_said said(const char *reply) {
    struct str why;
    return sftp_judge(str_of(reply), &why);
}

static void replies_are_judged(void **state) {
    (void)state;
    assert_int_equal(said("sftp> -put -f \"/a\" \"/b\"\n"), SFTP_SAID_NOTHING);
    assert_int_equal(said(""), SFTP_SAID_NOTHING);
    assert_int_equal(said("sftp> -put a b\nUploading a to /b\n"), SFTP_SAID_NOTHING);
    assert_int_equal(said("sftp> -get a b\nFetching /a to b\n"), SFTP_SAID_NOTHING);
    assert_int_equal(said("sftp> -get a b\nFile \"/a\" not found.\n"),
                     SFTP_SAID_ABSENT);
    assert_int_equal(said("sftp> -ls -lna a\nCan't ls: \"/a\" not found\n"),
                     SFTP_SAID_ABSENT);
    assert_int_equal(
        said("sftp> -ln a b\nremote link \"/a\" to \"/b\": No such file or "
             "directory\n"),
        SFTP_SAID_ABSENT);
    assert_int_equal(said("sftp> -rm a\nCouldn't delete file: Permission denied\n"),
                     SFTP_SAID_DENIED);
    assert_int_equal(
        said("x\nServer does not support hardlink@openssh.com extension\n"),
        SFTP_SAID_FAILURE);
    assert_int_equal(said("Server does not support hardlink@openssh.com extension\n"),
                     SFTP_SAID_UNSUPPORTED);
    assert_int_equal(said("remote link \"/a\" to \"/b\": Operation unsupported\n"),
                     SFTP_SAID_UNSUPPORTED);
    assert_int_equal(said("remote link \"/a\" to \"/b\": Failure\n"),
                     SFTP_SAID_FAILURE);
}

static void paths_are_quoted(void **state) {
    (void)state;
    struct buf out;
    buf_init(&out, 100);
    sftp_append_quoted(&out, STR("a \"b\" \\*[c]?'"));
    assert_true(str_equal(buf_str(&out), STR("\"a \\\"b\\\" \\\\*[c]?'\"")));
    buf_release(&out);
}

/* 2026-11-25T18:00:00Z */
enum { NOW = 1795629600 };

static void assert_object(const struct store_object *object, const char *name,
                          uint64_t size, int64_t modified_s, bool is_incomplete) {
    assert_true(str_equal(object->name, str_of(name)));
    assert_int_equal(object->size_bytes, size);
    assert_int_equal(object->modified_s, modified_s);
    assert_int_equal(object->is_incomplete, is_incomplete);
}

static void listings_are_read(void **state) {
    (void)state;
    struct arena arena = {0};
    struct store_list list;
    struct str reply =
        STR("sftp> -ls -lna \"/srv\"\n"
            "drwxr-xr-x    ? 0        0            4096 Nov 25 17:53 /srv/.\n"
            "-rw-r--r--    1 May User  Domain Group 12 Nov 25 17:53 /srv/m-1.json\n"
            "-rw-r--r--    ? 1000     1000   5000000000 Dec  2 17:53 /srv/m-2.json\n"
            "-rw-r--r--    ? 1000     1000            0 Dec 24 00:00 /srv/m-3.json\n"
            "-rw-r--r--    ? 1000     1000            3 Feb 29  2024 /srv/a b\n"
            "-rw-r--r--    ? 1000     1000            3 Jan  1  1970 m-0\n"
            "lrwxrwxrwx    ? 1000     1000            3 Jan  1  1970 /srv/m-link\n"
            "-rw-r--r--    ? 1000     1000            3 Nov 25 18:00 /srv/.t-1\n"
            "-rw-r--r-- nonsense\n-\n\n");
    assert_true(sftp_list_parse(&arena, reply, STR(""), STR(".t-"), NOW, &list));
    assert_int_equal(list.count, 6);
    assert_object(&list.objects[0], ".t-1", 3, NOW, true);
    assert_object(&list.objects[1], "a b", 3, 1709164800, false);
    assert_object(&list.objects[2], "m-0", 3, 0, false);
    assert_object(&list.objects[3], "m-1.json", 12, NOW - 7 * 60, false);
    /* Within a week: the host's clock is ahead. */
    assert_object(&list.objects[4], "m-2.json", 5000000000, NOW + 7 * 86400 - 7 * 60,
                  false);
    /* Beyond it: last year. */
    assert_object(&list.objects[5], "m-3.json", 0, 1766534400, false);
    assert_true(sftp_list_parse(&arena, reply, STR("m-"), STR(".t-"), NOW, &list));
    assert_int_equal(list.count, 4);
    arena_release(&arena);
}

static void failures_to_connect_have_their_rows(void **state) {
    (void)state;
    static const struct {
        const char *output;
        enum error_id id;
        bool again;
    } rows[] = {
        {"Host key verification failed.\r\nConnection closed\r\n", ERROR_STORE_HOST_KEY,
         false},
        {"a@b: Permission denied (publickey).\n", ERROR_AUTH_UNAUTHORIZED, false},
        {"ssh: connect to host h port 22: Connection refused\n",
         ERROR_STORE_UNREACHABLE, false},
        {"ssh: Could not resolve hostname h: Name or service not known\n",
         ERROR_STORE_UNREACHABLE, false},
        {"ssh: connect to host h port 22: Connection timed out\n", ERROR_STORE_TIMEOUT,
         false},
        {"kex_exchange_identification: Connection closed by remote host\n",
         ERROR_STORE_UNREACHABLE, true},
        {"subsystem request failed on channel 0\n", ERROR_STORE_UNSUPPORTED, false},
        {"", ERROR_STORE_UNREACHABLE, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct failure failure = {0};
        assert_int_equal(sftp_connect_failure(str_of(rows[i].output), &failure),
                         rows[i].again);
        assert_int_equal(failure.id, rows[i].id);
        assert_null(strchr(failure.note, '\n'));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replies_are_judged),
        cmocka_unit_test(paths_are_quoted),
        cmocka_unit_test(listings_are_read),
        cmocka_unit_test(failures_to_connect_have_their_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
