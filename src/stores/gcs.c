/* Google Cloud Storage: written through the JSON API, whose conditions hold in any
 * race; read through the XML API, which alone tells an object's own metadata beside its
 * bytes. Both show the same objects at once. */
#include "stores/gcs_parts.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/json_write.h"
#include "net/crypto.h"
#include "net/host.h"
#include "net/json_fields.h"
#include "net/retry.h"
#include "stores/crc32c.h"

#define SERIAL_KEY "i3p-serial"

enum {
    /* A name takes one write a second, and everybody publishing writes index.json. */
    RATE_ROUNDS = 8,
    RATE_WAIT_MS = 1000
};

/* --- reading --- */

/* Of the content, as the host writes it: big endian, in base64. */
static bool append_checksum(struct buf *out, struct str content) {
    uint32_t crc = crc32c(content);
    char bytes[4] = {(char)(crc >> 24), (char)(crc >> 16), (char)(crc >> 8), (char)crc};
    return crypto_append_base64(out, (struct str){bytes, sizeof bytes}, CRYPTO_BASE64);
}

/* The host tells the checksum of what it holds, in one of several headers. */
static struct str checksum_told(const struct http_response *response) {
    for (size_t i = 0; i < response->header_count; i++) {
        struct str rest = response->headers[i].value;
        if (!str_equal(response->headers[i].name, STR("x-goog-hash"))) {
            continue;
        }
        while (rest.len > 0) {
            size_t end = str_find(rest, ',');
            struct str item = str_trim(str_first(rest, end));
            if (str_starts_with(item, STR("crc32c="))) {
                return str_skip(item, strlen("crc32c="));
            }
            rest = str_skip(rest, end < rest.len ? end + 1 : end);
        }
    }
    return STR_NONE;
}

static bool checksum_is_right(const struct http_response *response) {
    struct str told = checksum_told(response);
    struct buf own;
    buf_init(&own, 64);
    bool is_right =
        told.ptr == NULL || (append_checksum(&own, buf_str(&response->body)) &&
                             str_equal(buf_str(&own), told));
    buf_release(&own);
    return is_right;
}

static void describe(const struct http_response *response, struct str name,
                     struct store_object *object) {
    *object = (struct store_object){.name = name, .size_bytes = response->body.len};
    object->revision = http_header_of(response, STR("x-goog-generation"));
    object->serial =
        objects_number(http_header_of(response, STR("x-goog-meta-" SERIAL_KEY)));
    struct str modified = http_header_of(response, STR("last-modified"));
    if (!retry_http_date(modified, host_now_s(NULL), &object->modified_s)) {
        object->modified_s = 0;
    }
}

enum store_status gcs_get(struct store *store, struct store_call *call, struct str name,
                          uint64_t max_bytes, struct buf *bytes,
                          struct store_object *object) {
    struct gcs *gcs = (struct gcs *)store;
    buf_init(bytes, SIZE_MAX);
    /* An emulator may have the plain names elsewhere, and tells metadata here. */
    struct str url = gcs->auth != NULL
                         ? objects_url(call->arena, gcs->media, gcs->prefix, name)
                         : gcs_object_url(gcs, call->arena, name, "?alt=media");
    struct http_header headers[GCS_MAX_HEADERS] = {
        {STR("cache-control"), STR("no-cache")}};
    struct http_request request = {.method = "GET",
                                   .url = url,
                                   .headers = headers,
                                   .header_count = 1,
                                   .max_bytes = max_bytes,
                                   .is_repeatable = true};
    struct http_response response;
    if (!gcs_send(gcs, call, &request, &response, NULL)) {
        return STORE_FAILED;
    }
    enum store_status status = STORE_FAILED;
    if (response.status == 404 && !gcs_bucket_is_missing(call, &response)) {
        status = STORE_ABSENT;
    } else if (response.status != 200) {
        gcs_refused(gcs, call, &response, "reading", name);
    } else if (!checksum_is_right(&response)) {
        failure_set(&call->failure, ERROR_STORE_BAD_RESPONSE, name,
                    "what was received does not have the checksum that the host tells");
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

/* The two parts of an upload. The boundary is the content's own hash: no content holds
 * that. */
static bool append_parts(const struct gcs *gcs, const struct store_put *put,
                         struct str boundary, struct buf *body) {
    struct buf name;
    buf_init(&name, 4096);
    buf_append(&name, gcs->prefix);
    buf_append(&name, put->name);
    buf_reserve(body, put->bytes.len + 2048);
    buf_append(body, STR("--"));
    buf_append(body, boundary);
    buf_append(body, STR("\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n"
                         "{\"name\":"));
    json_append_string(body, buf_str(&name));
    buf_append(body, STR(",\"contentType\":"));
    json_append_string(body, objects_content_type(put->name));
    buf_append(body, STR(",\"cacheControl\":"));
    json_append_string(body, objects_cache_control(put->name));
    buf_append(body, STR(",\"crc32c\":\""));
    append_checksum(body, put->bytes);
    buf_append_byte(body, '"');
    if (put->serial > 0) {
        buf_printf(body, ",\"metadata\":{\"" SERIAL_KEY "\":\"%" PRIu64 "\"}",
                   put->serial);
    }
    buf_append(body, STR("}\r\n--"));
    buf_append(body, boundary);
    buf_append(body, STR("\r\nContent-Type: "));
    buf_append(body, objects_content_type(put->name));
    buf_append(body, STR("\r\n\r\n"));
    buf_append(body, put->bytes);
    buf_append(body, STR("\r\n--"));
    buf_append(body, boundary);
    buf_append(body, STR("--\r\n"));
    bool is_whole = !name.failed && !body->failed;
    buf_release(&name);
    return is_whole;
}

static void describe_upload(struct store_call *call,
                            const struct http_response *response,
                            const struct store_put *put, struct store_object *object) {
    struct json_fields fields;
    struct str generation = STR_NONE;
    if (json_fields_begin(&fields, call->arena, buf_str(&response->body))) {
        generation = json_fields_text(&fields, fields.root, "generation");
    }
    *object = (struct store_object){.name = put->name,
                                    .revision = generation,
                                    .size_bytes = put->bytes.len,
                                    .serial = put->serial};
}

/* What the answer to an upload under a condition means. */
static enum store_status judge_upload(struct gcs *gcs, struct store_call *call,
                                      const struct http_response *response,
                                      const struct store_put *put, bool is_new,
                                      struct store_object *object) {
    if (response->status == 200 || response->status == 201) {
        if (object != NULL) {
            describe_upload(call, response, put, object);
        }
        return STORE_OK;
    }
    if (response->status != 412) {
        gcs_refused(gcs, call, response, "writing", put->name);
        return STORE_FAILED;
    }
    if (is_new) {
        return STORE_EXISTS;
    }
    if (response->was_repeated) {
        /* The first try may have been the one that changed it. */
        failure_set(&call->failure, ERROR_STORE_SERVER_ERROR, put->name,
                    "the connection broke while it was written, and it is not known "
                    "whether it was");
        return STORE_UNCERTAIN;
    }
    return STORE_CONFLICT;
}

static void wait_a_round(void) {
    host_sleep_ms(NULL, RATE_WAIT_MS + (uint32_t)(host_random(NULL) % RATE_WAIT_MS));
}

static enum store_status send_upload(struct gcs *gcs, struct store_call *call,
                                     struct http_request *request,
                                     const struct store_put *put, bool is_new,
                                     struct store_object *object) {
    for (unsigned round = 1;; round++) {
        struct http_response response;
        bool may_have_happened = false;
        if (!gcs_send(gcs, call, request, &response, &may_have_happened)) {
            return may_have_happened ? STORE_UNCERTAIN : STORE_FAILED;
        }
        if (response.status == 429 && round < RATE_ROUNDS) {
            http_response_release(&response);
            wait_a_round();
            continue;
        }
        enum store_status status =
            judge_upload(gcs, call, &response, put, is_new, object);
        http_response_release(&response);
        return status;
    }
}

/* `generation` "0": nothing may be there. */
static enum store_status upload(struct gcs *gcs, struct store_call *call,
                                const struct store_put *put, struct str generation,
                                struct store_object *object) {
    bool is_new = str_equal(generation, STR("0"));
    char boundary[SHA256_TEXT_BYTES + 1];
    sha256_of(put->bytes, boundary);
    struct str hash = str_skip(str_of(boundary), strlen("sha256:"));
    struct buf body;
    buf_init(&body, SIZE_MAX);
    struct str type =
        arena_printf(call->arena, "multipart/related; boundary=%s", hash.ptr);
    struct str url = arena_printf(
        call->arena,
        "%.*s?uploadType=multipart&ifGenerationMatch=%.*s&fields=generation",
        STR_ARG(gcs->uploads), STR_ARG(generation));
    struct http_header headers[GCS_MAX_HEADERS] = {{STR("content-type"), type}};
    enum store_status status;
    if (type.ptr == NULL || url.ptr == NULL || !append_parts(gcs, put, hash, &body)) {
        status = store_out_of_memory(call);
    } else {
        /* Under its condition a repeated upload does nothing twice. */
        struct http_request request = {.method = "POST",
                                       .url = url,
                                       .headers = headers,
                                       .header_count = 1,
                                       .body = buf_str(&body),
                                       .max_bytes = GCS_ANSWER_BYTES,
                                       .is_repeatable = true};
        status = send_upload(gcs, call, &request, put, is_new, object);
    }
    buf_release(&body);
    return status;
}

enum store_status gcs_put_new(struct store *store, struct store_call *call,
                              const struct store_put *put,
                              struct store_object *created) {
    return upload((struct gcs *)store, call, put, STR("0"), created);
}

enum store_status gcs_replace(struct store *store, struct store_call *call,
                              const struct store_put *put,
                              const struct store_object *seen,
                              struct store_object *now) {
    if (seen == NULL || objects_number(seen->revision) == 0) {
        failure_set(&call->failure, ERROR_STORE_BAD_RESPONSE, put->name,
                    "the host did not tell the generation of what is to be replaced");
        return STORE_FAILED;
    }
    return upload((struct gcs *)store, call, put, seen->revision, now);
}

/* A condition may fail as well where nothing is there: which of both is it? */
static enum store_status look_again(struct gcs *gcs, struct store_call *call,
                                    struct str name) {
    struct str url = gcs_object_url(gcs, call->arena, name, "?fields=generation");
    struct http_request request = {.method = "GET",
                                   .url = url,
                                   .max_bytes = GCS_ANSWER_BYTES,
                                   .is_repeatable = true};
    struct http_response response;
    if (!gcs_send(gcs, call, &request, &response, NULL)) {
        return STORE_FAILED;
    }
    bool is_absent = response.status == 404;
    http_response_release(&response);
    return is_absent ? STORE_ABSENT : STORE_CONFLICT;
}

enum store_status gcs_remove(struct store *store, struct store_call *call,
                             const struct store_object *seen) {
    struct gcs *gcs = (struct gcs *)store;
    struct str condition = objects_number(seen->revision) == 0
                               ? STR("")
                               : arena_printf(call->arena, "?ifGenerationMatch=%.*s",
                                              STR_ARG(seen->revision));
    struct str url = condition.ptr == NULL
                         ? STR_NONE
                         : gcs_object_url(gcs, call->arena, seen->name, condition.ptr);
    struct http_header headers[GCS_MAX_HEADERS];
    struct http_request request = {.method = "DELETE",
                                   .url = url,
                                   .headers = headers,
                                   .max_bytes = GCS_ANSWER_BYTES,
                                   .is_repeatable = true};
    struct http_response response;
    bool may_have_happened = false;
    if (!gcs_send(gcs, call, &request, &response, &may_have_happened)) {
        return may_have_happened ? STORE_UNCERTAIN : STORE_FAILED;
    }
    enum store_status status = STORE_FAILED;
    if (response.status == 200 || response.status == 204) {
        status = STORE_OK;
    } else if (response.status == 404 && !gcs_bucket_is_missing(call, &response)) {
        status = STORE_ABSENT;
    } else if (response.status == 412) {
        status = STORE_CONFLICT;
    } else {
        gcs_refused(gcs, call, &response, "removing", seen->name);
    }
    http_response_release(&response);
    return status == STORE_CONFLICT ? look_again(gcs, call, seen->name) : status;
}
