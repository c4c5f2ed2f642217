/* Listing an S3 store, and looking whether it is there. */
#include "net/instant.h"
#include "net/xml_fields.h"
#include "stores/s3_parts.h"

/* Keys in byte order, as signing wants them. */
static struct str page_url(struct s3 *s3, struct store_call *call, struct str token,
                           struct str prefix, const char *most) {
    struct str encoded_token = STR_NONE;
    struct str encoded_prefix = objects_encoded(call->arena, prefix, false);
    bool complete = encoded_prefix.ptr != NULL;
    if (token.ptr != NULL) {
        encoded_token = objects_encoded(call->arena, token, false);
        complete = complete && encoded_token.ptr != NULL;
    }
    bool goes_on = token.ptr != NULL;
    return complete ? arena_concat(
                          call->arena,
                          (struct str[]){s3->base, STR("/?"),
                                         goes_on ? STR("continuation-token=") : STR(""),
                                         goes_on ? encoded_token : STR(""),
                                         goes_on ? STR("&") : STR(""),
                                         STR("delimiter=%2F&list-type=2&max-keys="),
                                         str_of(most), STR("&prefix="), encoded_prefix},
                          9)
                    : STR_NONE;
}

static bool add_object(struct s3 *s3, struct store_call *call, struct str contents,
                       struct objects_found *found) {
    bool no_memory = false;
    struct arena *arena = call->arena;
    struct str key =
        xml_fields_text(arena, xml_fields_get(contents, "Key"), &no_memory);
    struct str etag =
        xml_fields_text(arena, xml_fields_get(contents, "ETag"), &no_memory);
    struct str size =
        xml_fields_text(arena, xml_fields_get(contents, "Size"), &no_memory);
    struct str modified =
        xml_fields_text(arena, xml_fields_get(contents, "LastModified"), &no_memory);
    if (no_memory) {
        return false;
    }
    if (!str_starts_with(key, s3->prefix) || key.len == s3->prefix.len) {
        return true; /* the marker of a folder, for one */
    }
    struct store_object object = {.name = str_skip(key, s3->prefix.len),
                                  .revision = etag,
                                  .size_bytes =
                                      size.len > 0 ? objects_number(size) : UINT64_MAX};
    int64_t time_s;
    if (modified.ptr != NULL && instant_parse(modified, &time_s)) {
        object.modified_s = time_s;
    }
    return objects_add(arena, found, &object);
}

/* `*token` becomes the next page's; absent: this was the last. */
static enum store_status read_page(struct s3 *s3, struct store_call *call,
                                   struct str text, struct objects_found *found,
                                   struct str *token) {
    struct str name = STR(""), root, inner;
    bool no_memory = false;
    size_t at = 0;
    if (!xml_fields_root(text, &name, &root) ||
        !str_equal(name, STR("ListBucketResult"))) {
        failure_set(&call->failure, ERROR_STORE_BAD_RESPONSE, STR_NONE,
                    "the server's list of objects is not the XML that is documented");
        return STORE_FAILED;
    }
    while (xml_fields_next(root, &at, &name, &inner)) {
        if (str_equal(name, STR("Contents")) && !add_object(s3, call, inner, found)) {
            failure_memory(&call->failure);
            return STORE_FAILED;
        }
    }
    struct str before = *token;
    *token = STR_NONE;
    if (str_equal(xml_fields_get(root, "IsTruncated"), STR("true"))) {
        *token = xml_fields_text(
            call->arena, xml_fields_get(root, "NextContinuationToken"), &no_memory);
        if (no_memory) {
            failure_memory(&call->failure);
            return STORE_FAILED;
        }
        if (token->len == 0 || (before.ptr != NULL && str_equal(before, *token))) {
            failure_set(&call->failure, ERROR_STORE_BAD_RESPONSE, STR_NONE,
                        "the server's list of objects has no next page, and is not "
                        "complete");
            return STORE_FAILED;
        }
    }
    return STORE_OK;
}

/* One page. */
static enum store_status ask(struct s3 *s3, struct store_call *call, struct str url,
                             struct s3_exchange *exchange) {
    struct http_request request = {
        .method = "GET", .url = url, .max_bytes = S3_PAGE_BYTES};
    if (url.ptr == NULL) {
        failure_memory(&call->failure);
        return STORE_FAILED;
    }
    enum store_status status = s3_send(s3, call, &request, exchange);
    if (status == STORE_OK && exchange->response.status != 200) {
        status = s3_fail(s3, call, STR(""), false, exchange);
        http_response_release(&exchange->response);
    }
    return status;
}

enum store_status s3_list(struct store *store, struct store_call *call,
                          struct str prefix, struct store_list *list) {
    struct s3 *s3 = (struct s3 *)store;
    struct objects_found found = {0};
    struct str full = arena_concat(call->arena, (struct str[]){s3->prefix, prefix}, 2);
    struct str token = STR_NONE;
    if (full.ptr == NULL) {
        failure_memory(&call->failure);
        return STORE_FAILED;
    }
    for (unsigned pages = 0; pages == 0 || token.ptr != NULL; pages++) {
        struct s3_exchange exchange;
        if (pages == S3_MAX_PAGES) {
            failure_set(&call->failure, ERROR_STORE_BAD_RESPONSE, STR_NONE,
                        "the server's list of objects has no end");
            return STORE_FAILED;
        }
        enum store_status status =
            ask(s3, call, page_url(s3, call, token, full, "1000"), &exchange);
        if (status != STORE_OK) {
            return status;
        }
        status = read_page(s3, call, buf_str(&exchange.response.body), &found, &token);
        http_response_release(&exchange.response);
        if (status != STORE_OK) {
            return status;
        }
    }
    objects_sort(&found);
    *list = (struct store_list){.objects = found.objects, .count = found.count};
    return STORE_OK;
}

enum store_status s3_prepare(struct store *store, struct store_call *call) {
    struct s3 *s3 = (struct s3 *)store;
    struct s3_exchange exchange;
    enum store_status status =
        ask(s3, call, page_url(s3, call, STR_NONE, s3->prefix, "1"), &exchange);
    if (status == STORE_OK) {
        http_response_release(&exchange.response);
    }
    return status;
}
