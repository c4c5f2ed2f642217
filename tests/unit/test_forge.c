#include "unit.h"

#include <stdlib.h>

#include "stores/forge.h"

static const struct stores_options writing = {.writes = true};

static struct store *opened(const char *location, struct failure *failure) {
    *failure = (struct failure){0};
    return stores_open(str_of(location), &writing, failure);
}

static void claim_url(const char *location, const char *url) {
    struct failure failure;
    struct store *store = opened(location, &failure);
    if (store == NULL) {
        fail_msg("%s: %s", location, failure.note);
    }
    assert_int_equal(store->mode, STORE_JOURNAL);
    assert_true(store->waits_for_index);
    if (!str_equal(store->artifacts_url, str_of(url))) {
        fail_msg("%s: %.*s", location, STR_ARG(store->artifacts_url));
    }
    assert_true(str_equal(store->location, str_of(location)));
    store_close(store);
}

static void claim_refused(const char *location) {
    struct failure failure;
    struct store *store = opened(location, &failure);
    if (store != NULL) {
        fail_msg("%s was taken", location);
    }
    assert_int_equal(failure.id, ERROR_USAGE_INVALID_LOCATION);
}

/* Addresses as the pages "About releases", "Getting started with the REST API" of
 * Enterprise Server, and of data residency have them. */
static void test_github_addresses(void **state) {
    (void)state;
    claim_url("github://octo/plugins/registry",
              "https://github.com/octo/plugins/releases/download/registry");
    claim_url("github://octo/my.plug_ins/v1%2B2",
              "https://github.com/octo/my.plug_ins/releases/download/v1%2B2");
    claim_url("github://octo/plugins/reg/one",
              "https://github.com/octo/plugins/releases/download/reg%2Fone");
    claim_url("github://octo/plugins/reg?api=ghe.example:8443",
              "https://ghe.example:8443/octo/plugins/releases/download/reg");
    claim_url("github://octo/plugins/reg?api=ghe",
              "https://ghe/octo/plugins/releases/download/reg");
    claim_url("github://octo/plugins/reg?api=https://ghe.example/api/v3/",
              "https://ghe.example/octo/plugins/releases/download/reg");
    claim_url("github://octo/plugins/reg?api=https://api.octocorp.ghe.com",
              "https://octocorp.ghe.com/octo/plugins/releases/download/reg");
    claim_url("github://octo/plugins/reg?api=http://127.0.0.1:8080/api/v3",
              "http://127.0.0.1:8080/octo/plugins/releases/download/reg");
}

static void test_gitlab_addresses(void **state) {
    (void)state;
    claim_url("gitlab://gitlab.com/acme/plugins/-/registry",
              "https://gitlab.com/acme/plugins/-/releases/registry/downloads");
    claim_url("gitlab://git.example:8443/a/b/c/-/reg/one",
              "https://git.example:8443/a/b/c/-/releases/reg%2Fone/downloads");
    claim_url("gitlab://git.example/a/b/-/reg?api=https://git.example/lab/api/v4",
              "https://git.example/lab/a/b/-/releases/reg/downloads");
}

static void test_forms_that_are_refused(void **state) {
    (void)state;
    static const char *const forms[] = {
        "github://octo",
        "github://octo/plugins",
        "github://octo/plugins/",
        "github://octo/pl%2Fugins/tag",
        "github://octo:80/plugins/tag",
        "github://octo/plugins/tag?api=https://user@ghe.example",
        "github://octo/plugins/tag?api=ftp://ghe.example",
        "github://octo/plugins/tag?api=https://ghe.example/?x",
        "gitlab://gitlab.com/acme/plugins",
        "gitlab://gitlab.com/acme/plugins/-/",
        "gitlab://gitlab.com/plugins/-/tag",
        "gitlab://gitlab.com/acme/plugins/tag",
        "gitlab://gitlab.com/acme/plugins/-/tag?api=https://gitlab.com",
    };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        claim_refused(forms[i]);
    }
}

static void test_plain_names(void **state) {
    (void)state;
    assert_true(forge_name_is_plain(STR("A_b-c-1.2.3-rc.1.tar.gz")));
    assert_true(forge_name_is_plain(STR("a")));
    assert_false(forge_name_is_plain(STR("")));
    assert_false(forge_name_is_plain(STR("a-1.0.0+b.tar.gz")));
    assert_false(forge_name_is_plain(STR(".a.json")));
    assert_false(forge_name_is_plain(STR("a.json.")));
    assert_false(forge_name_is_plain(STR("a/b.json")));
    assert_false(forge_name_is_plain(STR("\xc3\xa4.json")));
}

/* [About releases]: "Each file must be under 2 GiB". Neither is a byte looked at nor a
 * request made. */
static void test_github_two_gibibytes(void **state) {
    (void)state;
    struct failure failure;
    struct store *store = opened("github://octo/plugins/registry", &failure);
    assert_non_null(store);
    struct arena arena = {0};
    struct store_call call = {.arena = &arena};
    struct store_put put = {.name = STR("a-1.0.0.tar.gz"),
                            .bytes = {"", (size_t)2 << 30}};
    assert_int_equal(store->ops->put_new(store, &call, &put, NULL), STORE_FAILED);
    assert_int_equal(call.failure.id, ERROR_STORE_TOO_LARGE);
    assert_int_equal(atomic_load(&store->requests), 0);
    arena_release(&arena);
    store_close(store);
}

int main(void) {
    (void)setenv("GH_TOKEN", "token-of-the-tests", 1);
    (void)setenv("GITLAB_TOKEN", "token-of-the-tests", 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_github_addresses),
        cmocka_unit_test(test_gitlab_addresses),
        cmocka_unit_test(test_forms_that_are_refused),
        cmocka_unit_test(test_plain_names),
        cmocka_unit_test(test_github_two_gibibytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
