/* Azure Blob Storage: block blobs written whole, under conditions on their ETag. */
#include <inttypes.h>

#include "net/host.h"
#include "net/retry.h"
#include "stores/azure_parts.h"

#define SERIAL_HEADER "x-ms-meta-i3pserial"

static bool is_code(const struct http_response *response, const char *code) {
    return str_equal(azure_error_code(response), str_of(code));
}

/* --- reading --- */

static void describe(const struct http_response *response, struct str name,
                     struct store_object *object) {
    *object = (struct store_object){.name = name, .size_bytes = response->body.len};
    object->revision = http_header_of(response, STR("etag"));
    object->serial = objects_number(http_header_of(response, STR(SERIAL_HEADER)));
    struct str modified = http_header_of(response, STR("last-modified"));
    if (!retry_http_date(modified, host_now_s(NULL), &object->modified_s)) {
        object->modified_s = 0;
    }
}

enum store_status azure_get(struct store *store, struct store_call *call,
                            struct str name, uint64_t max_bytes, struct buf *bytes,
                            struct store_object *object) {
    struct azure *azure = (struct azure *)store;
    buf_init(bytes, SIZE_MAX);
    struct str url = objects_url(call->arena, azure->place, azure->prefix, name);
    struct http_request request = {
        .method = "GET", .url = url, .max_bytes = max_bytes, .is_repeatable = true};
    struct http_response response;
    if (!azure_send(azure, call, &request, &response, NULL)) {
        return STORE_FAILED;
    }
    enum store_status status = STORE_FAILED;
    if (response.status == 404 && is_code(&response, "BlobNotFound")) {
        status = STORE_ABSENT;
    } else if (response.status != 200) {
        azure_refused(azure, call, &response, "reading", name);
    } else {
        status = STORE_OK;
        if (object != NULL) {
            describe(&response, name, object);
        }
        *bytes = response.body;
        response.body = (struct buf){0};
    }
    http_response_release(&response);
    return status;
}

/* --- writing --- */

static bool is_conflict(const struct http_response *response) {
    return (response->status == 412 && is_code(response, "ConditionNotMet")) ||
           (response->status == 412 && azure_error_code(response).len == 0);
}

static bool is_taken(const struct http_response *response) {
    return is_conflict(response) ||
           (response->status == 409 && is_code(response, "BlobAlreadyExists"));
}

static enum store_status judge_put(struct azure *azure, struct store_call *call,
                                   const struct http_response *response,
                                   const struct store_put *put, bool is_new,
                                   struct store_object *object) {
    if (response->status == 201) {
        if (object != NULL) {
            *object =
                (struct store_object){.name = put->name,
                                      .revision = http_header_of(response, STR("etag")),
                                      .size_bytes = put->bytes.len,
                                      .serial = put->serial};
        }
        return STORE_OK;
    }
    if (is_new && is_taken(response)) {
        return STORE_EXISTS;
    }
    if (!is_new && is_conflict(response)) {
        if (!response->was_repeated) {
            return STORE_CONFLICT;
        }
        /* The first try may have been the one that changed it. */
        failure_set(&call->failure, ERROR_STORE_SERVER_ERROR, put->name,
                    "the connection broke while it was written, and it is not known "
                    "whether it was");
        return STORE_UNCERTAIN;
    }
    if (!is_new && response->status == 404 && is_code(response, "BlobNotFound")) {
        return STORE_ABSENT;
    }
    azure_refused(azure, call, response, "writing", put->name);
    return STORE_FAILED;
}

/* Put Blob, under one condition. */
static enum store_status put_blob(struct azure *azure, struct store_call *call,
                                  const struct store_put *put,
                                  struct http_header condition,
                                  struct store_object *object) {
    bool is_new = str_equal(condition.name, STR("if-none-match"));
    struct str url = objects_url(call->arena, azure->place, azure->prefix, put->name);
    struct str serial =
        put->serial == 0 ? STR("") : arena_printf(call->arena, "%" PRIu64, put->serial);
    struct http_header headers[AZURE_MAX_HEADERS] = {
        condition,
        {STR("content-type"), objects_content_type(put->name)},
        {STR("x-ms-blob-type"), STR("BlockBlob")},
        {STR("x-ms-blob-cache-control"), objects_cache_control(put->name)},
        {STR(SERIAL_HEADER), serial}};
    /* Under its condition a repeated write does nothing twice. */
    struct http_request request = {.method = "PUT",
                                   .url = url,
                                   .headers = headers,
                                   .header_count = put->serial == 0 ? 4 : 5,
                                   .body = put->bytes,
                                   .max_bytes = AZURE_ANSWER_BYTES,
                                   .is_repeatable = true};
    if (request.body.ptr == NULL) {
        request.body = STR("");
    }
    struct http_response response;
    if (serial.ptr == NULL) {
        return store_out_of_memory(call);
    }
    bool may_have_happened = false;
    if (!azure_send(azure, call, &request, &response, &may_have_happened)) {
        return may_have_happened ? STORE_UNCERTAIN : STORE_FAILED;
    }
    enum store_status status = judge_put(azure, call, &response, put, is_new, object);
    http_response_release(&response);
    return status;
}

enum store_status azure_put_new(struct store *store, struct store_call *call,
                                const struct store_put *put,
                                struct store_object *created) {
    struct http_header condition = {STR("if-none-match"), STR("*")};
    return put_blob((struct azure *)store, call, put, condition, created);
}

enum store_status azure_replace(struct store *store, struct store_call *call,
                                const struct store_put *put,
                                const struct store_object *seen,
                                struct store_object *now) {
    if (seen == NULL || seen->revision.len == 0) {
        failure_set(&call->failure, ERROR_STORE_BAD_RESPONSE, put->name,
                    "the host did not tell the ETag of what is to be replaced");
        return STORE_FAILED;
    }
    struct http_header condition = {STR("if-match"), seen->revision};
    return put_blob((struct azure *)store, call, put, condition, now);
}

/* A condition fails as well where nothing is there: which of both is it? */
static enum store_status look_again(struct azure *azure, struct store_call *call,
                                    struct str url) {
    struct http_request request = {.method = "HEAD",
                                   .url = url,
                                   .max_bytes = AZURE_ANSWER_BYTES,
                                   .is_repeatable = true};
    struct http_response response;
    if (!azure_send(azure, call, &request, &response, NULL)) {
        return STORE_FAILED;
    }
    bool is_absent = response.status == 404;
    http_response_release(&response);
    return is_absent ? STORE_ABSENT : STORE_CONFLICT;
}

enum store_status azure_remove(struct store *store, struct store_call *call,
                               const struct store_object *seen) {
    struct azure *azure = (struct azure *)store;
    struct str url = objects_url(call->arena, azure->place, azure->prefix, seen->name);
    struct http_header headers[AZURE_MAX_HEADERS] = {{STR("if-match"), seen->revision}};
    struct http_request request = {.method = "DELETE",
                                   .url = url,
                                   .headers = headers,
                                   .header_count = seen->revision.len == 0 ? 0 : 1,
                                   .max_bytes = AZURE_ANSWER_BYTES,
                                   .is_repeatable = true};
    struct http_response response;
    bool may_have_happened = false;
    if (!azure_send(azure, call, &request, &response, &may_have_happened)) {
        return may_have_happened ? STORE_UNCERTAIN : STORE_FAILED;
    }
    enum store_status status = STORE_FAILED;
    if (response.status == 202) {
        status = STORE_OK;
    } else if (response.status == 404 && is_code(&response, "BlobNotFound")) {
        status = STORE_ABSENT;
    } else if (is_conflict(&response)) {
        status = STORE_CONFLICT;
    } else {
        azure_refused(azure, call, &response, "removing", seen->name);
    }
    http_response_release(&response);
    return status == STORE_CONFLICT ? look_again(azure, call, url) : status;
}
