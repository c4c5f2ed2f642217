#include "net/oauth.h"

#include "net/json_fields.h"
#include "net/skew.h"

enum {
    ANSWER_BYTES = 256 << 10,
    MESSAGE_MAX = 400,
    SKEW_MINIMUM_S = 240,
    METADATA_CONNECT_MS = 2000,
    METADATA_TRIES = 2
};

static struct str form_of(struct arena *arena, const struct oauth_request *request) {
    struct buf form;
    buf_init(&form, ANSWER_BYTES);
    for (size_t i = 0; i < request->count; i++) {
        const struct oauth_field *field = &request->fields[i];
        if (field->value.ptr != NULL) {
            buf_printf(&form, "%s%s=", form.len == 0 ? "" : "&", field->name);
            http_append_encoded(&form, field->value, false);
        }
    }
    struct str text = form.failed ? STR_NONE : arena_copy(arena, buf_str(&form));
    buf_release(&form);
    return text;
}

static struct str without_query(struct str url) {
    return str_first(url, str_find(url, '?'));
}

/* The first line, and not too much of it. */
static struct str shortened(struct str text) {
    if (text.ptr == NULL) {
        return STR("");
    }
    struct str line = str_trim(str_first(text, str_find(text, '\n')));
    line = str_first(line, str_find(line, '\r'));
    return line.len > MESSAGE_MAX ? str_first(line, MESSAGE_MAX) : line;
}

/* OAuth has `error` and `error_description`; Google's own services have an object. */
static void read_error(struct json_fields *fields, struct str *code,
                       struct str *message) {
    struct str error = json_fields_get(fields, fields->root, "error");
    if (json_fields_is_object(error)) {
        *code = json_fields_text(fields, error, "status");
        *message = json_fields_text(fields, error, "message");
    } else {
        *code = json_fields_string(fields, error);
        *message = json_fields_text(fields, fields->root, "error_description");
    }
}

void oauth_refused(struct http *http, struct arena *arena, const char *what,
                   struct str url, const struct http_response *response,
                   struct failure *failure) {
    struct str code = STR_NONE;
    struct str message = STR_NONE;
    struct json_fields fields;
    if (json_fields_begin(&fields, arena, buf_str(&response->body))) {
        read_error(&fields, &code, &message);
    }
    code = shortened(code);
    message = shortened(message);
    char skew[SKEW_TEXT_BYTES];
    skew_text(response, skew);
    int64_t ahead_s = skew_of(response);
    bool is_skewed = ahead_s > SKEW_MINIMUM_S || ahead_s < -SKEW_MINIMUM_S;
    url = without_query(url);
    failure_set(failure,
                is_skewed ? ERROR_STORE_CLOCK_SKEW : ERROR_AUTH_EXCHANGE_FAILED,
                STR_NONE, "%s gives no token at %.*s: status %ld%s%.*s%s%.*s%s%s", what,
                STR_ARG(url), response->status, code.len > 0 ? ", " : "", STR_ARG(code),
                message.len > 0 ? ": " : "", STR_ARG(message), is_skewed ? "; " : "",
                is_skewed ? skew : "");
    http_redact(http, failure->note);
}

bool oauth_take(struct http *http, struct arena *arena, const char *what,
                struct str url, const struct http_response *response,
                const char *token_name, struct token_grant *grant,
                struct failure *failure) {
    struct json_fields fields;
    if (response->status != 200) {
        oauth_refused(http, arena, what, url, response, failure);
        return false;
    }
    if (!json_fields_begin(&fields, arena, buf_str(&response->body)) ||
        (grant->token = json_fields_text(&fields, fields.root, token_name)).len == 0) {
        url = without_query(url);
        failure_set(failure, ERROR_AUTH_EXCHANGE_FAILED, STR_NONE,
                    "the answer of %.*s has no `%s`", STR_ARG(url), token_name);
        return false;
    }
    if (!json_fields_u64(&fields, fields.root, "expires_in", &grant->lifetime_s)) {
        grant->lifetime_s = 0;
    }
    if (fields.no_memory || !http_hide(http, grant->token)) {
        failure_memory(failure);
        return false;
    }
    return true;
}

bool oauth_fetch(struct http *http, struct arena *arena,
                 const struct oauth_request *request, struct token_grant *grant,
                 struct failure *failure) {
    struct str form = form_of(arena, request);
    if (form.ptr == NULL) {
        failure_memory(failure);
        return false;
    }
    struct http_header headers[] = {
        {STR("content-type"), STR("application/x-www-form-urlencoded")},
        {STR("accept"), STR("application/json")},
    };
    struct http_request post = {.method = "POST",
                                .url = request->url,
                                .headers = headers,
                                .header_count = 2,
                                .body = form,
                                .auth = request->auth,
                                .max_bytes = ANSWER_BYTES,
                                .is_repeatable = true};
    struct http_response response;
    if (!http_send(http, arena, &post, &response, NULL, failure)) {
        return false;
    }
    bool is_given = oauth_take(http, arena, request->what, request->url, &response,
                               "access_token", grant, failure);
    http_response_release(&response);
    return is_given;
}

bool oauth_authorize(struct token_cache *cache, token_fetch fetch, void *context,
                     struct arena *arena, struct http_auth *auth,
                     struct failure *failure) {
    struct str token;
    if (!token_get(cache, fetch, context, arena, &token, failure)) {
        return false;
    }
    *auth = (struct http_auth){.kind = HTTP_AUTH_BEARER, .token = token};
    return true;
}

bool oauth_ask_machine(struct http *http, struct arena *arena, struct str url,
                       struct http_header header, bool is_named,
                       struct http_response *response, struct failure *unreached) {
    struct http_request request = {.method = "GET",
                                   .url = url,
                                   .headers = &header,
                                   .header_count = 1,
                                   .max_bytes = ANSWER_BYTES,
                                   .is_repeatable = true,
                                   .max_tries = is_named ? 0 : METADATA_TRIES,
                                   .connect_timeout_ms = METADATA_CONNECT_MS};
    if (url.ptr == NULL) {
        return failure_memory(unreached);
    }
    return http_send(http, arena, &request, response, NULL, unreached);
}
