#include "net/oidc.h"

#include "net/host.h"
#include "net/json_fields.h"

static const char own_variable[] = "INFLUXDB3_PLUGIN_ID_TOKEN";

const char *oidc_source(void) {
    if (host_variable(own_variable).ptr != NULL) {
        return own_variable;
    }
    if (host_variable("ACTIONS_ID_TOKEN_REQUEST_URL").ptr != NULL &&
        host_variable("ACTIONS_ID_TOKEN_REQUEST_TOKEN").ptr != NULL) {
        return "GitHub Actions";
    }
    return NULL;
}

static bool ask_url(struct arena *arena, struct str base, struct str audience,
                    struct str *url) {
    struct buf text;
    buf_init(&text, 16384);
    bool has_query = str_find(base, '?') < base.len;
    (void)(buf_append(&text, base) &&
           buf_append(&text, has_query ? STR("&audience=") : STR("?audience=")) &&
           http_append_encoded(&text, audience, false));
    *url = text.failed ? STR_NONE : arena_copy(arena, buf_str(&text));
    buf_release(&text);
    return url->ptr != NULL;
}

static bool read_answer(struct http *http, struct arena *arena,
                        const struct http_response *response, struct str *token,
                        struct failure *failure) {
    if (response->status != 200) {
        failure_set(failure, ERROR_AUTH_EXCHANGE_FAILED, STR_NONE,
                    "GitHub Actions gives no identity token: its service answers %ld; "
                    "the job needs the permission `id-token: write`",
                    response->status);
        return false;
    }
    struct json_fields fields;
    *token = STR_NONE;
    if (json_fields_begin(&fields, arena, buf_str(&response->body))) {
        *token = json_fields_text(&fields, fields.root, "value");
    }
    if (fields.no_memory || !http_hide(http, *token)) {
        failure_memory(failure);
        return false;
    }
    if (token->len == 0) {
        failure_set(
            failure, ERROR_AUTH_EXCHANGE_FAILED, STR_NONE,
            "GitHub Actions gives no identity token: its service's answer holds "
            "none");
        return false;
    }
    return true;
}

static bool ask_github(struct http *http, struct arena *arena, struct str audience,
                       struct str *token, struct failure *failure) {
    struct str bearer = host_variable("ACTIONS_ID_TOKEN_REQUEST_TOKEN");
    struct http_request request = {
        .method = "GET",
        .headers = &(struct http_header){STR("Accept"), STR("application/json")},
        .header_count = 1,
        .auth = {.kind = HTTP_AUTH_BEARER, .token = bearer},
        .max_bytes = 64 << 10};
    if (!http_hide(http, bearer) ||
        !ask_url(arena, host_variable("ACTIONS_ID_TOKEN_REQUEST_URL"), audience,
                 &request.url)) {
        failure_memory(failure);
        return false;
    }
    struct http_response response;
    bool done = http_send(http, arena, &request, &response, NULL, failure);
    if (done) {
        done = read_answer(http, arena, &response, token, failure);
        http_response_release(&response);
    }
    return done;
}

bool oidc_token(struct http *http, struct arena *arena, struct str audience,
                struct str *token, struct failure *failure) {
    const char *source = oidc_source();
    if (source == NULL) {
        failure_set(failure, ERROR_AUTH_EXCHANGE_FAILED, STR_NONE,
                    "this is no pipeline that gives identity tokens: neither %s nor "
                    "GitHub Actions' ACTIONS_ID_TOKEN_REQUEST_URL is set",
                    own_variable);
        return false;
    }
    if (source != own_variable) {
        return ask_github(http, arena, audience, token, failure);
    }
    *token = arena_copy(arena, str_trim(host_variable(own_variable)));
    if (token->ptr == NULL || !http_hide(http, *token)) {
        failure_memory(failure);
        return false;
    }
    return true;
}
