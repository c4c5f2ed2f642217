/* Single objects of an S3 store. */
#include "net/host.h"
#include "net/retry.h"
#include "stores/s3_parts.h"

enum { HEADERS_MAX = 6 };

static struct str metadata_serial(void) {
    return STR("x-amz-meta-i3p-serial");
}

static bool fill_url(struct s3 *s3, struct store_call *call, struct str name,
                     struct http_request *request) {
    request->url = objects_url(call->arena, s3->base, s3->prefix, name);
    if (request->url.ptr == NULL) {
        failure_memory(&call->failure);
    }
    return request->url.ptr != NULL;
}

/* What headers tell of an object; texts in the arena. */
static void fill_object(const struct http_response *response, struct str name,
                        uint64_t size_bytes, struct store_object *object) {
    struct str modified = http_header_of(response, STR("last-modified"));
    *object = (struct store_object){
        .name = name,
        .revision = http_header_of(response, STR("etag")),
        .size_bytes = size_bytes,
        .serial = objects_number(http_header_of(response, metadata_serial()))};
    int64_t time_s;
    if (modified.ptr != NULL && retry_http_date(modified, host_now_s(NULL), &time_s)) {
        object->modified_s = time_s;
    }
}

enum store_status s3_get(struct store *store, struct store_call *call, struct str name,
                         uint64_t max_bytes, struct buf *bytes,
                         struct store_object *object) {
    struct s3 *s3 = (struct s3 *)store;
    struct http_request request = {.method = "GET", .max_bytes = max_bytes};
    struct s3_exchange exchange;
    buf_init(bytes, 0);
    if (!fill_url(s3, call, name, &request)) {
        return STORE_FAILED;
    }
    enum store_status status = s3_send(s3, call, &request, &exchange);
    if (status != STORE_OK) {
        return status;
    }
    long answer = exchange.response.status;
    if (answer == 200) {
        if (object != NULL) {
            fill_object(&exchange.response, name, exchange.response.body.len, object);
        }
        *bytes = exchange.response.body;
        buf_init(&exchange.response.body, 0);
    } else if (answer == 404 &&
               !str_equal(s3_code(call, &exchange), STR("NoSuchBucket"))) {
        status = STORE_ABSENT;
    } else {
        status = s3_fail(s3, call, name, false, &exchange);
    }
    http_response_release(&exchange.response);
    return status;
}

/* Is the object there? By its headers alone. */
static enum store_status look(struct s3 *s3, struct store_call *call, struct str name) {
    struct http_request request = {.method = "HEAD"};
    struct s3_exchange exchange;
    if (!fill_url(s3, call, name, &request)) {
        return STORE_FAILED;
    }
    enum store_status status = s3_send(s3, call, &request, &exchange);
    if (status != STORE_OK) {
        return status;
    }
    if (exchange.response.status == 404) {
        status = STORE_ABSENT;
    } else if (exchange.response.status != 200) {
        status = s3_fail(s3, call, name, false, &exchange);
    }
    http_response_release(&exchange.response);
    return status;
}

/* The condition of a write: a header, or none. */
struct condition {
    struct str name;
    struct str value;
};

static enum store_status put_once(struct s3 *s3, struct store_call *call,
                                  const struct store_put *put,
                                  const struct condition *condition,
                                  struct s3_exchange *exchange) {
    struct http_header headers[HEADERS_MAX];
    size_t count = 0;
    headers[count++] =
        (struct http_header){STR("Content-Type"), objects_content_type(put->name)};
    headers[count++] =
        (struct http_header){STR("Cache-Control"), objects_cache_control(put->name)};
    if (condition->name.ptr != NULL) {
        headers[count++] = (struct http_header){condition->name, condition->value};
    }
    if (put->serial > 0) {
        struct str serial =
            arena_printf(call->arena, "%llu", (unsigned long long)put->serial);
        if (serial.ptr == NULL) {
            failure_memory(&call->failure);
            return STORE_FAILED;
        }
        headers[count++] = (struct http_header){metadata_serial(), serial};
    }
    struct http_request request = {.method = "PUT",
                                   .headers = headers,
                                   .header_count = count,
                                   .body = put->bytes,
                                   .is_repeatable = true};
    if (!fill_url(s3, call, put->name, &request)) {
        return STORE_FAILED;
    }
    return s3_send(s3, call, &request, exchange);
}

/* 409: another write of the same name was under way. Nothing was decided. */
static enum store_status put_settled(struct s3 *s3, struct store_call *call,
                                     const struct store_put *put,
                                     const struct condition *condition,
                                     struct s3_exchange *exchange) {
    for (unsigned tries = 1;; tries++) {
        enum store_status status = put_once(s3, call, put, condition, exchange);
        if (status != STORE_OK || exchange->response.status != 409 ||
            tries == S3_CONFLICT_TRIES) {
            return status;
        }
        http_response_release(&exchange->response);
        host_sleep_ms(NULL, retry_backoff_ms(tries, host_random(NULL)));
    }
}

static enum store_status written(struct s3 *s3, struct store_call *call,
                                 const struct store_put *put,
                                 const struct s3_exchange *exchange,
                                 struct store_object *object) {
    long answer = exchange->response.status;
    if (answer != 200 && answer != 201 && answer != 204) {
        return s3_fail(s3, call, put->name, true, exchange);
    }
    if (object != NULL) {
        fill_object(&exchange->response, put->name, put->bytes.len, object);
        object->serial = put->serial;
    }
    return STORE_OK;
}

enum store_status s3_put_new(struct store *store, struct store_call *call,
                             const struct store_put *put,
                             struct store_object *created) {
    struct s3 *s3 = (struct s3 *)store;
    struct condition condition = {STR("If-None-Match"), STR("*")};
    struct s3_exchange exchange;
    if (store->mode == STORE_OVERWRITE) {
        enum store_status there = look(s3, call, put->name);
        if (there != STORE_ABSENT) {
            return there == STORE_OK ? STORE_EXISTS : there;
        }
        condition.name = STR_NONE;
    }
    enum store_status status = put_settled(s3, call, put, &condition, &exchange);
    if (status != STORE_OK) {
        return status;
    }
    status = exchange.response.status == 412
                 ? STORE_EXISTS
                 : written(s3, call, put, &exchange, created);
    http_response_release(&exchange.response);
    return status;
}

/* A try of our own may have been first: then what is there is ours. */
static enum store_status own_or_conflict(struct store *store, struct store_call *call,
                                         const struct store_put *put,
                                         struct store_object *now) {
    struct buf bytes;
    struct store_object there = {0};
    enum store_status status =
        s3_get(store, call, put->name, put->bytes.len, &bytes, &there);
    bool is_larger = status == STORE_FAILED && call->failure.is_set &&
                     call->failure.id == ERROR_STORE_TOO_LARGE;
    if (is_larger) {
        call->failure = (struct failure){0};
        status = STORE_CONFLICT;
    } else if (status == STORE_OK) {
        bool is_own =
            str_equal(buf_str(&bytes), put->bytes) && there.serial == put->serial;
        status = is_own ? STORE_OK : STORE_CONFLICT;
        if (is_own && now != NULL) {
            *now = there;
        }
    }
    buf_release(&bytes);
    return status;
}

enum store_status s3_replace(struct store *store, struct store_call *call,
                             const struct store_put *put,
                             const struct store_object *seen,
                             struct store_object *now) {
    struct s3 *s3 = (struct s3 *)store;
    struct condition condition = {STR_NONE, STR_NONE};
    struct s3_exchange exchange;
    if (store->mode == STORE_CAS) {
        if (seen == NULL || seen->revision.len == 0) {
            return STORE_CONFLICT;
        }
        condition = (struct condition){STR("If-Match"), seen->revision};
    }
    enum store_status status = put_settled(s3, call, put, &condition, &exchange);
    if (status != STORE_OK) {
        return status;
    }
    long answer = exchange.response.status;
    bool was_repeated = exchange.response.was_repeated;
    if (answer == 412) {
        status = STORE_CONFLICT;
    } else if (answer == 404 &&
               !str_equal(s3_code(call, &exchange), STR("NoSuchBucket"))) {
        status = STORE_ABSENT;
    } else {
        status = written(s3, call, put, &exchange, now);
    }
    http_response_release(&exchange.response);
    return status == STORE_CONFLICT && was_repeated
               ? own_or_conflict(store, call, put, now)
               : status;
}

static enum store_status remove_once(struct s3 *s3, struct store_call *call,
                                     const struct store_object *seen,
                                     bool with_condition,
                                     struct s3_exchange *exchange) {
    struct http_header header = {STR("If-Match"), seen->revision};
    struct http_request request = {.method = "DELETE",
                                   .headers = &header,
                                   .header_count = with_condition ? 1 : 0,
                                   .is_repeatable = true};
    if (!fill_url(s3, call, seen->name, &request)) {
        return STORE_FAILED;
    }
    return s3_send(s3, call, &request, exchange);
}

enum store_status s3_remove(struct store *store, struct store_call *call,
                            const struct store_object *seen) {
    struct s3 *s3 = (struct s3 *)store;
    struct s3_exchange exchange;
    bool with_condition = seen->revision.len > 0;
    enum store_status status = remove_once(s3, call, seen, with_condition, &exchange);
    if (status == STORE_OK && with_condition && exchange.response.status == 501) {
        /* Amazon knows this condition since September 2025, others do not yet. */
        http_response_release(&exchange.response);
        status = remove_once(s3, call, seen, false, &exchange);
    }
    if (status != STORE_OK) {
        return status;
    }
    long answer = exchange.response.status;
    if (answer == 412) {
        /* So SeaweedFS answers, too, where there is nothing. */
        status = look(s3, call, seen->name);
        status = status == STORE_OK ? STORE_CONFLICT : status;
    } else if (answer == 404 &&
               !str_equal(s3_code(call, &exchange), STR("NoSuchBucket"))) {
        status = STORE_ABSENT;
    } else if (answer != 200 && answer != 204) {
        status = s3_fail(s3, call, seen->name, true, &exchange);
    }
    http_response_release(&exchange.response);
    return status;
}

/* Amazon reads a `+` in an address as a space, and readers write it as it is. */
enum store_status s3_admit(struct store *store, struct store_call *call,
                           const struct str *names, size_t count) {
    const struct s3 *s3 = (const struct s3 *)store;
    for (size_t i = 0; i < count; i++) {
        if (s3->is_amazon && str_find(names[i], '+') < names[i].len) {
            failure_set(&call->failure, ERROR_STORE_NAME_REFUSED, names[i],
                        "readers would not find `%.*s`: Amazon S3 takes the `+` in an "
                        "address for a space",
                        (int)(names[i].len < 200 ? names[i].len : 200), names[i].ptr);
            return STORE_FAILED;
        }
    }
    return STORE_OK;
}
