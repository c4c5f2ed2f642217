#include "stores/forge.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "net/host.h"
#include "net/retry.h"

enum {
    /* A thousand assets with their uploaders are two megabytes. */
    ANSWER_MAX = 64 << 20,
    WAITS_MAX = 4,
    /* Both hosts' documentation: wait at least a minute where they do not say. */
    WAIT_UNSAID_S = 60,
    /* Without --timeout nobody waits longer than this at once. */
    WAIT_MAX_S = 900,
    SAID_MAX = 240
};

/* Client, location and counter. */
static bool begin(struct forge *forge, const struct location *location,
                  const struct stores_options *options, struct failure *failure) {
    struct http_options http = {
        .connect_timeout_ms = options->connect_timeout_ms,
        .stall_timeout_ms = options->stall_timeout_ms,
        .total_timeout_ms = options->timeout_ms,
        .allow_insecure = options->allow_insecure,
        .requests = &forge->store.requests,
    };
    atomic_init(&forge->store.requests, 0);
    forge->http = http_new(&http);
    forge->store.location = arena_copy(&forge->arena, location->text);
    if (forge->http == NULL || forge->store.location.ptr == NULL) {
        failure_memory(failure);
        return false;
    }
    forge->store.mode = STORE_JOURNAL;
    forge->store.waits_for_index = true;
    return true;
}

struct store *forge_new(size_t size, const struct forge_host *host,
                        const struct location *location,
                        const struct stores_options *options, struct failure *failure) {
    struct forge *forge = calloc(1, size);
    if (forge == NULL || pthread_mutex_init(&forge->mutex, NULL) != 0) {
        free(forge);
        failure_memory(failure);
        return NULL;
    }
    if (!forge_known_init(&forge->known)) {
        (void)pthread_mutex_destroy(&forge->mutex);
        free(forge);
        failure_memory(failure);
        return NULL;
    }
    forge->host = host;
    if (!begin(forge, location, options, failure) ||
        !host->take_all(forge, location, options, failure)) {
        forge_close(&forge->store);
        return NULL;
    }
    return &forge->store;
}

void forge_close(struct store *store) {
    struct forge *forge = forge_of(store);
    (void)pthread_mutex_destroy(&forge->mutex);
    forge_known_release(&forge->known);
    http_free(forge->http);
    arena_release(&forge->arena);
    free(forge);
}

bool forge_may_write(struct forge *forge, const struct stores_options *options,
                     struct failure *failure) {
    if (options->writes && forge->token_name.ptr == NULL) {
        failure_set(failure, ERROR_AUTH_NO_CREDENTIALS, STR_NONE,
                    "writing to a release of %s takes a token, and there is none in %s",
                    forge->host->name, forge->token_names);
        return false;
    }
    return true;
}

bool forge_take_token(struct forge *forge, const char *const *variables,
                      enum http_auth_kind kind, struct str header,
                      struct failure *failure) {
    for (size_t i = 0; variables[i] != NULL; i++) {
        struct str token = str_trim(str_of(getenv(variables[i])));
        if (token.len == 0) {
            continue;
        }
        for (size_t at = 0; at < token.len; at++) {
            if (token.ptr[at] <= ' ' || token.ptr[at] > '~') {
                failure_set(failure, ERROR_AUTH_INVALID_CREDENTIALS, STR_NONE,
                            "what %s holds is no token: it has a space, a line break "
                            "or a character beyond ASCII in it",
                            variables[i]);
                return false;
            }
        }
        forge->auth = (struct http_auth){
            .kind = kind, .token = arena_copy(&forge->arena, token), .header = header};
        forge->token_name = str_of(variables[i]);
        if (forge->auth.token.ptr == NULL || !http_hide(forge->http, token)) {
            failure_memory(failure);
            return false;
        }
        return true;
    }
    return true;
}

bool forge_take_api(struct forge *forge, struct str given, struct failure *failure) {
    given = objects_base(given);
    bool has_scheme = str_starts_with(given, STR("https://")) ||
                      str_starts_with(given, STR("http://"));
    for (size_t i = 0; i < given.len; i++) {
        char c = given.ptr[i];
        bool is_good = ascii_is_alnum(c) || strchr(".-_~:/[]%", c) != NULL;
        if (!is_good ||
            (!has_scheme && str_starts_with(str_skip(given, i), STR("://")))) {
            failure_set(failure, ERROR_USAGE_INVALID_LOCATION, STR_NONE,
                        "`api=` is the URL of the host's API, without credentials, "
                        "query and fragment");
            return false;
        }
    }
    forge->api =
        arena_concat(&forge->arena,
                     (struct str[]){has_scheme ? STR("") : STR("https://"), given}, 2);
    if (forge->api.ptr == NULL) {
        failure_memory(failure);
        return false;
    }
    return true;
}

/* --- rate limits --- */

/* -1: it is no number. */
static int64_t number_of(struct str text) {
    text = str_trim(text);
    int64_t number = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (!ascii_is_digit(text.ptr[i]) || number > INT32_MAX) {
            return -1;
        }
        number = number * 10 + (text.ptr[i] - '0');
    }
    return text.len > 0 ? number : -1;
}

/* The host's own time, so that a clock that is wrong here does no harm. */
static int64_t host_time(const struct http_response *response) {
    int64_t now = host_now_s(NULL);
    int64_t theirs = 0;
    struct str date = http_header_of(response, STR("date"));
    return date.ptr != NULL && retry_http_date(date, now, &theirs) ? theirs : now;
}

bool forge_says(const struct http_response *response, struct str words) {
    struct str body = buf_str(&response->body);
    for (size_t at = 0; at + words.len <= body.len; at++) {
        if (str_equal_ignore_case((struct str){body.ptr + at, words.len}, words)) {
            return true;
        }
    }
    return false;
}

static bool is_limited(const struct http_response *response) {
    if (response->status == 429) {
        return true;
    }
    struct str left = http_header_of(response, STR("x-ratelimit-remaining"));
    return response->status == 403 &&
           (http_header_of(response, STR("retry-after")).ptr != NULL ||
            (left.ptr != NULL && str_equal(str_trim(left), STR("0"))) ||
            forge_says(response, STR("rate limit")));
}

static int64_t wait_of(const struct http_response *response, unsigned waits) {
    struct str after = http_header_of(response, STR("retry-after"));
    int64_t now = host_time(response);
    int64_t end = 0;
    if (after.ptr != NULL && number_of(after) >= 0) {
        return number_of(after);
    }
    if (after.ptr != NULL && retry_http_date(after, now, &end)) {
        return end > now ? end - now : 1;
    }
    struct str left = http_header_of(response, STR("x-ratelimit-remaining"));
    struct str reset = http_header_of(response, STR("x-ratelimit-reset"));
    if (reset.ptr == NULL) {
        left = http_header_of(response, STR("ratelimit-remaining"));
        reset = http_header_of(response, STR("ratelimit-reset"));
    }
    if (left.ptr != NULL && reset.ptr != NULL && number_of(left) == 0 &&
        number_of(reset) >= 0) {
        return number_of(reset) > now ? number_of(reset) - now : 1;
    }
    return (int64_t)WAIT_UNSAID_S << (waits < 4 ? waits : 4);
}

/* False: it takes too long, and the failure is set. */
static bool wait_out(struct forge *forge, struct store_call *call,
                     const struct http_response *response, unsigned waits) {
    int64_t wait_s = wait_of(response, waits);
    int64_t deadline = http_deadline_ms(forge->http);
    bool is_late =
        deadline != INT64_MAX && host_monotonic_ms() + wait_s * 1000 >= deadline;
    if (is_late || wait_s > WAIT_MAX_S || waits >= WAITS_MAX) {
        forge_fail(forge, call, ERROR_STORE_RATE_LIMITED, STR_NONE,
                   "%s limits the requests of %.*s and asks to wait %lld s%s",
                   forge->host->name,
                   STR_ARG(forge->token_name.ptr == NULL
                               ? STR("this address (there is no token)")
                               : forge_token_shown(forge, call->arena)),
                   (long long)wait_s,
                   is_late ? ", longer than is left of --timeout" : "");
        return false;
    }
    host_sleep_ms(NULL, (uint32_t)wait_s * 1000);
    return true;
}

enum forge_sent forge_send(struct forge *forge, struct store_call *call,
                           const struct forge_request *request,
                           struct http_response *response) {
    struct http_header headers[FORGE_HEADERS_MAX + 2];
    size_t count = 0;
    if (!request->is_bare) {
        memcpy(headers, forge->headers, sizeof forge->headers);
        count = forge->header_count;
    }
    headers[count++] = (struct http_header){STR("Accept"), request->accept.ptr == NULL
                                                               ? STR("application/json")
                                                               : request->accept};
    if (request->content_type.ptr != NULL) {
        headers[count++] =
            (struct http_header){STR("Content-Type"), request->content_type};
    }
    struct http_request http = {
        .method = request->method,
        .url = request->url,
        .headers = headers,
        .header_count = count,
        .body = request->body,
        .follow = request->follows ? HTTP_FOLLOW_READ : HTTP_FOLLOW_NONE,
        .max_bytes = request->max_bytes == 0 ? ANSWER_MAX : request->max_bytes,
        .is_repeatable = request->is_repeatable,
        .max_tries = request->is_impatient ? 1 : 0,
    };
    if (!request->is_bare) {
        http.auth = forge->auth;
    }
    for (unsigned waits = 0;; waits++) {
        bool may_have_happened = false;
        if (!http_send(forge->http, call->arena, &http, response, &may_have_happened,
                       &call->failure)) {
            return may_have_happened ? FORGE_UNCERTAIN : FORGE_FAILED;
        }
        if (request->is_impatient || !is_limited(response)) {
            return FORGE_ANSWERED;
        }
        bool waited = wait_out(forge, call, response, waits);
        http_response_release(response);
        if (!waited) {
            return FORGE_FAILED;
        }
    }
}

enum forge_sent forge_send_json(struct forge *forge, struct store_call *call,
                                const struct forge_request *request, struct buf *body,
                                struct http_response *response) {
    struct forge_request with_body = *request;
    enum forge_sent sent = FORGE_FAILED;
    with_body.content_type = STR("application/json");
    with_body.body = buf_str(body);
    if (body->failed || request->url.ptr == NULL) {
        (void)store_out_of_memory(call);
    } else {
        sent = forge_send(forge, call, &with_body, response);
    }
    buf_release(body);
    return sent;
}

bool forge_pause(struct forge *forge, unsigned tries) {
    uint32_t wait_ms = retry_backoff_ms(tries, host_random(NULL));
    if (host_monotonic_ms() + (int64_t)wait_ms >= http_deadline_ms(forge->http)) {
        return false;
    }
    host_sleep_ms(NULL, wait_ms);
    return true;
}

/* --- refusals --- */

/* `["a", "b"]` or `"a"`, as one text. */
static struct str said(struct json_fields *fields, struct str value) {
    if (!json_fields_is_array(value)) {
        return json_fields_string(fields, value);
    }
    struct str all = STR("");
    struct str item;
    for (size_t at = 0;
         all.ptr != NULL && json_fields_next(fields, value, &at, &item);) {
        all = arena_concat(fields->arena,
                           (struct str[]){all, all.len > 0 ? STR(", ") : STR(""),
                                          json_fields_string(fields, item)},
                           3);
    }
    return all;
}

/* In one line, and no longer than is of use. */
static struct str tidy(struct arena *arena, struct str text) {
    text = text.len > SAID_MAX ? str_first(text, SAID_MAX) : text;
    char *clean = arena_bytes(arena, text.len + 1);
    if (clean == NULL) {
        return STR("");
    }
    for (size_t at = 0; at < text.len; at++) {
        char c = text.ptr[at];
        clean[at] = (unsigned char)c < ' ' || c == 0x7F ? ' ' : c;
    }
    clean[text.len] = '\0';
    return str_trim((struct str){clean, text.len});
}

struct str forge_message(struct arena *arena, const struct http_response *response) {
    static const char *const members[] = {"message", "error_description", "error"};
    struct json_fields fields;
    if (!json_fields_begin(&fields, arena, buf_str(&response->body))) {
        return STR("");
    }
    for (size_t i = 0; i < 3; i++) {
        struct str text =
            said(&fields, json_fields_get(&fields, fields.root, members[i]));
        if (text.len > 0) {
            return tidy(arena, text);
        }
    }
    return STR("");
}

bool forge_is_whole(struct forge *forge, struct store_call *call,
                    const struct store_object *object, struct str bytes) {
    char digest[SHA256_TEXT_BYTES + 1] = "";
    if (object->digest[0] != '\0') {
        sha256_of(bytes, digest);
    }
    if ((object->size_bytes != UINT64_MAX && object->size_bytes != bytes.len) ||
        strcmp(digest, object->digest) != 0) {
        forge_fail(forge, call, ERROR_STORE_BAD_RESPONSE, object->name,
                   "what was downloaded (%zu bytes) is not what %s says it holds",
                   bytes.len, forge->host->name);
        return false;
    }
    return true;
}

void forge_fail(struct forge *forge, struct store_call *call, enum error_id id,
                struct str object, const char *format, ...) {
    if (call->failure.is_set) {
        return;
    }
    char note[FAILURE_NOTE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(note, sizeof note, format, arguments);
    va_end(arguments);
    http_redact(forge->http, note);
    failure_set(&call->failure, id, object, "%s", note);
}

struct str forge_token_shown(struct forge *forge, struct arena *arena) {
    if (forge->token_name.ptr == NULL) {
        return STR("nobody (there is no token)");
    }
    struct str shown =
        arena_concat(arena, (struct str[]){STR("the token in "), forge->token_name}, 2);
    return shown.ptr == NULL ? STR("the token") : shown;
}

void forge_refuse(struct forge *forge, struct store_call *call,
                  const struct http_response *response, struct str object,
                  const char *doing) {
    forge->host->explain(forge, call, response, object, doing);
    if (call->failure.is_set) {
        return;
    }
    struct str words = forge_message(call->arena, response);
    const char *colon = words.len > 0 ? ": " : "";
    long status = response->status;
    if (status == 401 && forge->token_name.ptr == NULL) {
        forge_fail(forge, call, ERROR_AUTH_NO_CREDENTIALS, object,
                   "%s wants a token for this (%s), and there is none in %s",
                   forge->host->name, doing, forge->token_names);
    } else if (status == 401) {
        forge_fail(forge, call, ERROR_AUTH_UNAUTHORIZED, object,
                   "%s does not accept %.*s%s%.*s", forge->host->name,
                   STR_ARG(forge_token_shown(forge, call->arena)), colon,
                   STR_ARG(words));
    } else if (status == 413) {
        forge_fail(forge, call, ERROR_STORE_TOO_LARGE, object,
                   "%s takes no file of this size%s%.*s", forge->host->name, colon,
                   STR_ARG(words));
    } else if (status == 403) {
        forge_fail(forge, call, ERROR_STORE_ACCESS_DENIED, object,
                   "%s does not allow this (%s) to %.*s%s%.*s", forge->host->name,
                   doing, STR_ARG(forge_token_shown(forge, call->arena)), colon,
                   STR_ARG(words));
    } else if (status >= 500) {
        forge_fail(forge, call, ERROR_STORE_SERVER_ERROR, object,
                   "%s answered %ld (%s)%s%.*s", forge->host->name, status, doing,
                   colon, STR_ARG(words));
    } else {
        forge_fail(forge, call, ERROR_STORE_BAD_RESPONSE, object,
                   "%s answered %ld, which was not expected (%s)%s%.*s",
                   forge->host->name, status, doing, colon, STR_ARG(words));
    }
}

/* --- texts --- */

bool forge_name_is_plain(struct str name) {
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (!ascii_is_alnum(c) && c != '.' && c != '-' && c != '_') {
            return false;
        }
    }
    return name.len > 0 && name.ptr[0] != '.' && ascii_is_alnum(name.ptr[name.len - 1]);
}
