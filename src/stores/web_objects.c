/* Single objects of a web server. */
#include <inttypes.h>

#include "net/host.h"
#include "net/retry.h"
#include "stores/web_parts.h"

enum {
    /* Apache calls a file's ETag weak for about as long. */
    WEAK_WAIT_MS = 1100,
    WEAK_TRIES = 4
};

static bool is_done(long status) {
    return status == 200 || status == 201 || status == 204;
}

static bool is_gone(long status) {
    return status == 404 || status == 410;
}

/* --- reading --- */

/* An ETag is seconds and a size on many servers: only who is to compare it takes it. */
static bool set_object(struct web *web, struct store_call *call, struct str name,
                       struct str bytes, const struct http_response *response,
                       struct store_object *object) {
    if (object == NULL) {
        return true;
    }
    char hash[SHA256_TEXT_BYTES + 1];
    struct str revision = http_header_of(response, STR("etag"));
    if (web->store.mode != STORE_CAS) {
        sha256_of(bytes, hash);
        revision = str_of(hash);
    } else if (str_starts_with(revision, STR("W/"))) {
        revision = STR_NONE;
    }
    *object = (struct store_object){.name = arena_copy(call->arena, name),
                                    .size_bytes = bytes.len};
    if (revision.ptr != NULL) {
        object->revision = arena_copy(call->arena, revision);
    }
    struct str modified = http_header_of(response, STR("last-modified"));
    int64_t time_s;
    if (modified.ptr != NULL && retry_http_date(modified, host_now_s(NULL), &time_s)) {
        object->modified_s = time_s;
    }
    return object->name.ptr != NULL &&
           (revision.ptr == NULL || object->revision.ptr != NULL);
}

/* A page for people, where a file should be: many servers have one for what is missing.
 */
static enum store_status take_page(struct store_call *call, struct str name) {
    if (!str_equal(name, STORE_INDEX_NAME)) {
        return STORE_ABSENT;
    }
    failure_set(&call->failure, ERROR_STORE_BAD_RESPONSE, name,
                "the server answers with a web page where the index should be: a page "
                "to log in, or one for what is not there");
    return STORE_FAILED;
}

static enum store_status get_once(struct web *web, struct store_call *call,
                                  struct str name, uint64_t max_bytes,
                                  struct buf *bytes, struct store_object *object) {
    struct http_header fresh = {STR("Cache-Control"), STR("no-cache")};
    struct http_request request = {.method = "GET",
                                   .url = web_url(web, call, name),
                                   .headers = &fresh,
                                   .header_count =
                                       str_equal(name, STORE_INDEX_NAME) ? 1 : 0,
                                   .follow = HTTP_FOLLOW_READ,
                                   .max_bytes = max_bytes};
    struct web_exchange exchange;
    enum store_status status = web_send(web, call, &request, &exchange);
    if (status != STORE_OK) {
        return status;
    }
    struct http_response *response = &exchange.response;
    if (is_gone(response->status)) {
        status = STORE_ABSENT;
    } else if (response->status != 200) {
        status = web_fail(web, call, name, "GET", &exchange);
    } else if (web_is_page(response)) {
        status = take_page(call, name);
    } else if (!set_object(web, call, name, buf_str(&response->body), response,
                           object)) {
        status = store_out_of_memory(call);
    } else {
        *bytes = response->body;
        buf_init(&response->body, 0);
    }
    http_response_release(response);
    return status;
}

enum store_status web_get(struct store *store, struct store_call *call, struct str name,
                          uint64_t max_bytes, struct buf *bytes,
                          struct store_object *object) {
    struct web *web = (struct web *)store;
    for (int tries = 1;; tries++) {
        buf_init(bytes, 0);
        enum store_status status = get_once(web, call, name, max_bytes, bytes, object);
        bool is_weak = status == STORE_OK && object != NULL &&
                       store->mode == STORE_CAS && object->revision.ptr == NULL;
        if (!is_weak || !web->is_writer || tries == WEAK_TRIES) {
            return status;
        }
        buf_release(bytes);
        host_sleep_ms(NULL, WEAK_WAIT_MS);
    }
}

/* --- writing --- */

struct condition {
    struct str name; /* absent: none */
    struct str value;
};

static enum store_status put(struct web *web, struct store_call *call, struct str name,
                             struct str bytes, struct condition condition,
                             struct web_exchange *exchange) {
    struct http_header headers[2] = {
        {STR("Content-Type"), objects_content_type(name)},
        {condition.name, condition.value},
    };
    struct http_request request = {.method = "PUT",
                                   .url = web_url(web, call, name),
                                   .headers = headers,
                                   .header_count = condition.name.ptr == NULL ? 1 : 2,
                                   .body = bytes,
                                   .is_repeatable = true};
    return web_send(web, call, &request, exchange);
}

/* Bytes under a name, whatever is there. */
static enum store_status put_plainly(struct web *web, struct store_call *call,
                                     const struct store_put *order, struct str name,
                                     struct store_object *now) {
    struct web_exchange exchange;
    enum store_status status =
        put(web, call, name, order->bytes, (struct condition){0}, &exchange);
    if (status != STORE_OK) {
        return status;
    }
    if (!is_done(exchange.response.status)) {
        status = web_fail(web, call, order->name, "PUT", &exchange);
    } else if (!set_object(web, call, name, order->bytes, &exchange.response, now)) {
        status = store_out_of_memory(call);
    }
    http_response_release(&exchange.response);
    return status;
}

/* STORE_OK: an answer came. */
static enum store_status move(struct web *web, struct store_call *call, struct str from,
                              struct str to, struct web_exchange *exchange) {
    struct http_header headers[] = {{STR("Destination"), web_url(web, call, to)},
                                    {STR("Overwrite"), STR("F")}};
    struct http_request request = {.method = "MOVE",
                                   .url = web_url(web, call, from),
                                   .headers = headers,
                                   .header_count = 2};
    if (headers[0].value.ptr == NULL) {
        return STORE_FAILED;
    }
    return web_send(web, call, &request, exchange);
}

static enum store_status erase(struct web *web, struct store_call *call,
                               struct str name, struct condition condition) {
    struct http_header header = {condition.name, condition.value};
    struct http_request request = {.method = "DELETE",
                                   .url = web_url(web, call, name),
                                   .headers = &header,
                                   .header_count = condition.name.ptr == NULL ? 0 : 1,
                                   .is_repeatable = true};
    struct web_exchange exchange;
    enum store_status status = web_send(web, call, &request, &exchange);
    if (status != STORE_OK) {
        return status;
    }
    long answer = exchange.response.status;
    if (is_gone(answer)) {
        status = STORE_ABSENT;
    } else if (answer == 412) {
        status = STORE_CONFLICT;
    } else if (!is_done(answer) && answer != 202) {
        status = web_fail(web, call, name, "DELETE", &exchange);
    }
    http_response_release(&exchange.response);
    return status;
}

/* Is gone, or will be found as an incomplete object. */
static void discard(struct web *web, struct store_call *call, struct str name) {
    struct failure before = call->failure;
    (void)erase(web, call, name, (struct condition){0});
    call->failure = before;
}

static struct str temporary_name(struct store_call *call) {
    struct str name = arena_printf(call->arena, "%s%016" PRIx64 ".tmp",
                                   WEB_TEMPORARY.ptr, host_random(NULL));
    if (name.ptr == NULL) {
        failure_memory(&call->failure);
    }
    return name;
}

/* Under a temporary name, then moved where nothing is. `*is_settled` is false where the
 * server has no MOVE, and nothing was done. */
static enum store_status put_and_move(struct web *web, struct store_call *call,
                                      const struct store_put *order,
                                      struct store_object *created, bool *is_settled) {
    *is_settled = true;
    struct web_exchange exchange;
    struct str temporary = temporary_name(call);
    enum store_status status = temporary.ptr == NULL
                                   ? STORE_FAILED
                                   : put_plainly(web, call, order, temporary, created);
    if (status != STORE_OK) {
        /* Nothing stands under the name that was asked for. */
        return status == STORE_UNCERTAIN ? STORE_FAILED : status;
    }
    status = move(web, call, temporary, order->name, &exchange);
    if (status != STORE_OK) {
        return status;
    }
    long answer = exchange.response.status;
    if (answer == 412) {
        status = STORE_EXISTS;
    } else if ((answer == 405 || answer == 501) && web->store.mode == STORE_OVERWRITE) {
        atomic_store(&web->cannot_move, true);
        *is_settled = false;
    } else if (!is_done(answer)) {
        status = web_fail(web, call, order->name, "MOVE", &exchange);
    }
    http_response_release(&exchange.response);
    if (answer == 412 || !is_done(answer)) {
        discard(web, call, temporary);
    }
    if (status == STORE_OK && created != NULL) {
        created->name = order->name;
    }
    return status;
}

/* STORE_OK: it is there. */
static enum store_status look(struct web *web, struct store_call *call,
                              struct str name) {
    struct http_request request = {
        .method = "HEAD", .url = web_url(web, call, name), .follow = HTTP_FOLLOW_READ};
    struct web_exchange exchange;
    enum store_status status = web_send(web, call, &request, &exchange);
    if (status != STORE_OK) {
        return status;
    }
    long answer = exchange.response.status;
    if (is_gone(answer) || (answer == 200 && web_is_page(&exchange.response))) {
        status = STORE_ABSENT;
    } else if (answer != 200) {
        status = web_fail(web, call, name, "HEAD", &exchange);
    }
    http_response_release(&exchange.response);
    return status;
}

static enum store_status put_if(struct web *web, struct store_call *call,
                                const struct store_put *order,
                                struct condition condition, enum store_status refused,
                                struct store_object *now) {
    struct web_exchange exchange;
    enum store_status status =
        put(web, call, order->name, order->bytes, condition, &exchange);
    if (status != STORE_OK) {
        return status;
    }
    long answer = exchange.response.status;
    if (answer == 412) {
        /* Where a try of our own may have been the one that is there, look. */
        status = exchange.response.was_repeated && refused == STORE_CONFLICT
                     ? STORE_UNCERTAIN
                     : refused;
    } else if (is_gone(answer) && refused == STORE_CONFLICT) {
        status = STORE_ABSENT;
    } else if (!is_done(answer)) {
        status = web_fail(web, call, order->name, "PUT", &exchange);
    } else if (!set_object(web, call, order->name, order->bytes, &exchange.response,
                           now)) {
        status = store_out_of_memory(call);
    }
    http_response_release(&exchange.response);
    if (status == STORE_UNCERTAIN) {
        failure_set(&call->failure, ERROR_STORE_SERVER_ERROR, order->name,
                    "it is not known whether it was replaced");
    }
    return status;
}

enum store_status web_put_new(struct store *store, struct store_call *call,
                              const struct store_put *order,
                              struct store_object *created) {
    struct web *web = (struct web *)store;
    if (store->mode == STORE_CAS) {
        return put_if(web, call, order,
                      (struct condition){STR("If-None-Match"), STR("*")}, STORE_EXISTS,
                      created);
    }
    if (!atomic_load(&web->cannot_move)) {
        bool is_settled = true;
        enum store_status status = put_and_move(web, call, order, created, &is_settled);
        if (is_settled) {
            return status;
        }
    } else if (store->mode == STORE_JOURNAL_LOCKED) {
        failure_set(&call->failure, ERROR_STORE_UNSUPPORTED, order->name,
                    "the server has no MOVE, which `?mode=journal` needs");
        return STORE_FAILED;
    }
    enum store_status there = look(web, call, order->name);
    if (there != STORE_ABSENT) {
        return there == STORE_OK ? STORE_EXISTS : there;
    }
    return put_plainly(web, call, order, order->name, created);
}

enum store_status web_replace(struct store *store, struct store_call *call,
                              const struct store_put *order,
                              const struct store_object *seen,
                              struct store_object *now) {
    struct web *web = (struct web *)store;
    if (store->mode != STORE_CAS) {
        return put_plainly(web, call, order, order->name, now);
    }
    if (seen == NULL || seen->revision.len == 0) {
        failure_set(&call->failure, ERROR_STORE_UNSUPPORTED, order->name,
                    "the server tells no strong ETag, which `?mode=cas` needs");
        return STORE_FAILED;
    }
    return put_if(web, call, order, (struct condition){STR("If-Match"), seen->revision},
                  STORE_CONFLICT, now);
}

/* What was moved away is looked at, and moved back if it is not what was seen. */
static enum store_status remove_moved(struct web *web, struct store_call *call,
                                      struct str moved,
                                      const struct store_object *seen) {
    struct buf bytes;
    struct store_object found = {0};
    struct web_exchange exchange;
    enum store_status status =
        web_get(&web->store, call, moved, (uint64_t)1 << 32, &bytes, &found);
    buf_release(&bytes);
    if (status == STORE_OK && !str_equal(found.revision, seen->revision)) {
        status = move(web, call, moved, seen->name, &exchange);
        if (status == STORE_OK) {
            http_response_release(&exchange.response);
            status = STORE_CONFLICT;
        }
    }
    if (status == STORE_OK || status == STORE_CONFLICT) {
        discard(web, call, moved);
    }
    return status;
}

enum store_status web_remove(struct store *store, struct store_call *call,
                             const struct store_object *seen) {
    struct web *web = (struct web *)store;
    bool is_locked = store->mode == STORE_JOURNAL_LOCKED &&
                     str_starts_with(seen->revision, STR("sha256:")) &&
                     !atomic_load(&web->cannot_move);
    if (!is_locked) {
        bool has_condition = store->mode == STORE_CAS && seen->revision.len > 0;
        return erase(web, call, seen->name,
                     has_condition ? (struct condition){STR("If-Match"), seen->revision}
                                   : (struct condition){0});
    }
    struct str moved = temporary_name(call);
    struct web_exchange exchange;
    enum store_status status = moved.ptr == NULL
                                   ? STORE_FAILED
                                   : move(web, call, seen->name, moved, &exchange);
    if (status != STORE_OK) {
        return status;
    }
    long answer = exchange.response.status;
    if (is_gone(answer)) {
        status = STORE_ABSENT;
    } else if (!is_done(answer)) {
        status = web_fail(web, call, seen->name, "MOVE", &exchange);
    }
    http_response_release(&exchange.response);
    return status == STORE_OK ? remove_moved(web, call, moved, seen) : status;
}
