/* What is signed with an account's key, by the examples of "Authorize with Shared Key".
 */
#include "unit.h"

#include "net/auth_azure_parts.h"

static void assert_signed(const struct http_request *request, const char *wanted) {
    struct arena arena = {0};
    struct str text = azure_string_to_sign(&arena, STR("myaccount"), request);
    assert_non_null(text.ptr);
    assert_string_equal(text.ptr, wanted);
    arena_release(&arena);
}

static void container_metadata(void **state) {
    (void)state;
    const struct http_header headers[] = {
        {STR("x-ms-version"), STR("2015-02-21")},
        {STR("x-ms-date"), STR("Fri, 26 Jun 2015 23:39:12 GMT")},
    };
    const struct http_request request = {
        .method = "GET",
        .url = STR("https://myaccount.blob.core.windows.net/mycontainer"
                   "?restype=container&comp=metadata&timeout=20"),
        .headers = headers,
        .header_count = 2};
    assert_signed(&request, "GET\n\n\n\n\n\n\n\n\n\n\n\n"
                            "x-ms-date:Fri, 26 Jun 2015 23:39:12 GMT\n"
                            "x-ms-version:2015-02-21\n"
                            "/myaccount/mycontainer\n"
                            "comp:metadata\nrestype:container\ntimeout:20");
}

/* Values of parameters are signed decoded, paths as they are sent. */
static void listing(void **state) {
    (void)state;
    const struct http_header headers[] = {
        {STR("x-ms-date"), STR("Fri, 26 Jun 2015 23:39:12 GMT")},
    };
    const struct http_request request = {
        .method = "GET",
        .url = STR("http://127.0.0.1:10000/myaccount/my%24root"
                   "?restype=container&prefix=a%2Bb%2F%C3%A9&marker=&comp=list"),
        .headers = headers,
        .header_count = 1};
    assert_signed(&request,
                  "GET\n\n\n\n\n\n\n\n\n\n\n\n"
                  "x-ms-date:Fri, 26 Jun 2015 23:39:12 GMT\n"
                  "/myaccount/myaccount/my%24root\n"
                  "comp:list\nmarker:\nprefix:a+b/\xc3\xa9\nrestype:container");
}

/* An empty body has no length there; conditions and types have their own lines. */
static void writing(void **state) {
    (void)state;
    const struct http_header headers[] = {
        {STR("if-none-match"), STR("*")},
        {STR("content-type"), STR("application/json")},
        {STR("x-ms-blob-type"), STR("BlockBlob")},
        {STR("x-ms-blob-cache-control"), STR(" no-cache ")},
    };
    struct http_request request = {
        .method = "PUT",
        .url = STR("https://myaccount.blob.core.windows.net/c/index.json"),
        .headers = headers,
        .header_count = 4,
        .body = STR("")};
    assert_signed(&request, "PUT\n\n\n\n\napplication/json\n\n\n\n*\n\n\n"
                            "x-ms-blob-cache-control:no-cache\n"
                            "x-ms-blob-type:BlockBlob\n"
                            "/myaccount/c/index.json");
    request.body = STR("hello world");
    assert_signed(&request, "PUT\n\n\n11\n\napplication/json\n\n\n\n*\n\n\n"
                            "x-ms-blob-cache-control:no-cache\n"
                            "x-ms-blob-type:BlockBlob\n"
                            "/myaccount/c/index.json");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(container_metadata),
                                       cmocka_unit_test(listing),
                                       cmocka_unit_test(writing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
