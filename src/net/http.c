#include "net/http.h"

#include <stdlib.h>

#include "net/host.h"
#include "net/http_parts.h"
#include "net/retry.h"

/* One call of http_send on its way over tries and redirects. */
struct sending {
    struct http *http;
    struct arena *arena;
    const struct http_request *request;
    struct http_response *response;
    struct failure *failure;
    unsigned max_tries;
    bool is_repeatable;
    bool may_have_happened; /* in one of the tries that brought no usable answer */
};

static bool reads(const struct http_request *request) {
    return strcmp(request->method, "GET") == 0 || strcmp(request->method, "HEAD") == 0;
}

static bool holds_secret(struct http *http, const struct http_request *request) {
    (void)pthread_mutex_lock(&http->mutex);
    bool found = redact_finds(&http->secrets, request->url);
    for (size_t i = 0; i < request->header_count && !found; i++) {
        found = redact_finds(&http->secrets, request->headers[i].value);
    }
    found = found || redact_finds(&http->secrets, request->body);
    (void)pthread_mutex_unlock(&http->mutex);
    return found;
}

static bool check_secure(const struct sending *sending, const struct http_url *url) {
    const struct http_request *request = sending->request;
    if (url->is_secure || url->is_near || sending->http->options.allow_insecure) {
        return true;
    }
    bool writes = !reads(request) && strcmp(request->method, "PROPFIND") != 0 &&
                  strcmp(request->method, "OPTIONS") != 0;
    if (writes) {
        failure_set(sending->failure, ERROR_STORE_INSECURE, STR_NONE,
                    "`%s` would be written to over an unprotected connection (http)",
                    url->origin);
        return false;
    }
    if (request->auth.kind != HTTP_AUTH_NONE || holds_secret(sending->http, request)) {
        failure_set(
            sending->failure, ERROR_STORE_INSECURE, STR_NONE,
            "credentials would go to `%s` over an unprotected connection (http)",
            url->origin);
        return false;
    }
    return true;
}

/* Waits before the next try. False: none is worth it. */
static bool wait_for_retry(struct sending *sending, unsigned tries, int64_t asked_ms) {
    if (tries >= sending->max_tries || asked_ms > RETRY_AFTER_CAP_MS) {
        return false;
    }
    uint64_t random = host_random(NULL);
    int64_t wait_ms = retry_backoff_ms(tries, random);
    if (asked_ms >= 0) {
        /* Not sooner than asked, and not all at once. */
        wait_ms = asked_ms + (int64_t)(random % RETRY_BASE_MS);
    }
    int64_t deadline_ms = sending->http->deadline_ms;
    if (deadline_ms != INT64_MAX && host_monotonic_ms() + wait_ms >= deadline_ms) {
        return false;
    }
    host_sleep_ms(NULL, (uint32_t)wait_ms);
    return true;
}

static bool check_deadline(const struct sending *sending, const struct http_url *url) {
    int64_t deadline_ms = sending->http->deadline_ms;
    if (deadline_ms != INT64_MAX && host_monotonic_ms() >= deadline_ms) {
        failure_set(sending->failure, ERROR_STORE_TIMEOUT, STR_NONE,
                    "the time for all requests was over before the next one to `%s`",
                    url->origin);
        return false;
    }
    return true;
}

/* Takes over what the try brought. */
static bool accept_answer(struct sending *sending, struct http_try *attempt) {
    struct http_response *response = sending->response;
    buf_release(&response->body);
    response->body = attempt->body;
    buf_init(&attempt->body, 0);
    response->status = attempt->status;
    response->was_repeated = sending->may_have_happened;
    if (!http_parse_headers(sending->arena, buf_str(&attempt->headers), response)) {
        failure_memory(sending->failure);
        return false;
    }
    return true;
}

enum next { NEXT_DONE, NEXT_AGAIN, NEXT_FAILED };

static enum next after_answer(struct sending *sending, struct http_try *attempt,
                              unsigned tries) {
    if (!accept_answer(sending, attempt)) {
        return NEXT_FAILED;
    }
    struct str asked = http_header_of(sending->response, STR("retry-after"));
    int64_t asked_ms = asked.ptr == NULL ? -1 : retry_after_ms(asked, host_now_s(NULL));
    enum retry_verdict verdict = retry_of_status(attempt->status, asked_ms >= 0);
    if (verdict == RETRY_NOT ||
        (verdict == RETRY_UNCERTAIN && !sending->is_repeatable)) {
        return NEXT_DONE;
    }
    if (!wait_for_retry(sending, tries, asked_ms)) {
        return NEXT_DONE;
    }
    if (verdict == RETRY_UNCERTAIN) {
        sending->may_have_happened = true;
    }
    return NEXT_AGAIN;
}

static enum next after_break(struct sending *sending, struct http_try *attempt,
                             unsigned tries) {
    bool may_repeat = attempt->end == HTTP_TRY_BROKEN &&
                      (sending->is_repeatable || !attempt->may_have_happened);
    sending->may_have_happened |= attempt->may_have_happened;
    if (may_repeat && wait_for_retry(sending, tries, -1)) {
        return NEXT_AGAIN;
    }
    if (!sending->failure->is_set) {
        *sending->failure = attempt->failure;
    }
    return NEXT_FAILED;
}

/* One address, as often as it takes. */
static bool send_to(struct sending *sending, const char *url,
                    const struct http_url *parts, bool with_credentials) {
    for (unsigned tries = 1;; tries++) {
        if (!check_deadline(sending, parts)) {
            return false;
        }
        struct http_try attempt = {.http = sending->http,
                                   .request = sending->request,
                                   .url = url,
                                   .parts = parts,
                                   .with_credentials = with_credentials};
        http_try_run(&attempt);
        sending->response->tries++;
        enum next next = attempt.end == HTTP_TRY_ANSWERED
                             ? after_answer(sending, &attempt, tries)
                             : after_break(sending, &attempt, tries);
        http_try_release(&attempt);
        if (next != NEXT_AGAIN) {
            return next == NEXT_DONE;
        }
    }
}

static bool is_redirect(const struct sending *sending) {
    long status = sending->response->status;
    return sending->request->follow == HTTP_FOLLOW_READ && reads(sending->request) &&
           (status == 301 || status == 302 || status == 303 || status == 307 ||
            status == 308);
}

/* The address to go to next, checked; NULL: refused, or there is none. */
static char *next_address(struct sending *sending, const char *base,
                          const struct http_url *from, struct http_url *to) {
    struct str location = http_header_of(sending->response, STR("location"));
    const char *text =
        location.ptr == NULL ? "" : arena_c_string(sending->arena, location);
    bool no_memory = text == NULL;
    char *next = no_memory ? NULL : http_url_resolve(base, text, &no_memory);
    if (no_memory) {
        failure_memory(sending->failure);
        return NULL;
    }
    if (location.len == 0 || next == NULL || !http_url_parse(next, to)) {
        failure_set(sending->failure, ERROR_STORE_REDIRECT_REFUSED, STR_NONE,
                    "`%s` redirects to where http and https do not lead", from->origin);
    } else if (from->is_secure && !to->is_secure) {
        failure_set(sending->failure, ERROR_STORE_REDIRECT_REFUSED, STR_NONE,
                    "`%s` redirects from https to http, at `%s`", from->origin,
                    to->origin);
    } else if (to->is_near && !from->is_near) {
        failure_set(sending->failure, ERROR_STORE_REDIRECT_REFUSED, STR_NONE,
                    "`%s` redirects to this machine, at `%s`", from->origin,
                    to->origin);
    } else {
        return next;
    }
    http_redact(sending->http, sending->failure->note);
    curl_free(next);
    return NULL;
}

static bool send_and_follow(struct sending *sending, const char *url,
                            const struct http_url *first) {
    struct http_url here = *first;
    char *address = NULL;
    bool with_credentials = true;
    bool done = false;
    for (unsigned redirects = 0;; redirects++) {
        done =
            send_to(sending, address == NULL ? url : address, &here, with_credentials);
        if (!done || !is_redirect(sending)) {
            break;
        }
        done = false;
        if (redirects == HTTP_MAX_REDIRECTS) {
            failure_set(sending->failure, ERROR_STORE_REDIRECT_REFUSED, STR_NONE,
                        "`%s` redirects more than %d times", first->origin,
                        HTTP_MAX_REDIRECTS);
            break;
        }
        struct http_url there;
        char *next =
            next_address(sending, address == NULL ? url : address, &here, &there);
        if (next == NULL) {
            break;
        }
        curl_free(address);
        address = next;
        here = there;
        with_credentials = with_credentials && http_url_same_origin(first, &there);
    }
    curl_free(address);
    return done;
}

bool http_send(struct http *http, struct arena *arena,
               const struct http_request *request, struct http_response *response,
               bool *may_have_happened, struct failure *failure) {
    *response = (struct http_response){0};
    buf_init(&response->body, 0);
    struct sending sending = {.http = http,
                              .arena = arena,
                              .request = request,
                              .response = response,
                              .failure = failure,
                              .is_repeatable = request->is_repeatable || reads(request),
                              .max_tries = request->max_tries == 0
                                               ? http->options.max_tries
                                               : request->max_tries};
    struct http_url parts;
    const char *url = arena_c_string(arena, request->url);
    bool done = false;
    if (url == NULL) {
        failure_memory(failure);
    } else if (strlen(url) != request->url.len || !http_url_parse(url, &parts)) {
        failure_set(failure, ERROR_STORE_UNREACHABLE, STR_NONE,
                    "the address to call is not one of http or https");
    } else if (check_secure(&sending, &parts)) {
        done = send_and_follow(&sending, url, &parts);
    }
    if (!done) {
        buf_release(&response->body);
    }
    if (may_have_happened != NULL) {
        *may_have_happened = !done && sending.may_have_happened;
    }
    return done;
}
