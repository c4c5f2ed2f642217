/* An access token of Google's, however it is to be had. */
#include "net/auth_gcp_parts.h"

#include <inttypes.h>

#include "base/json_write.h"
#include "net/crypto.h"
#include "net/host.h"
#include "net/instant.h"
#include "net/json_fields.h"

enum { ASSERTION_S = 3600 };

/* --- a service account's key --- */

static void append_member(struct buf *out, const char *key, struct str value) {
    buf_append_byte(out, out->len > 0 && out->ptr[out->len - 1] == '{' ? ' ' : ',');
    json_append_key(out, str_of(key));
    json_append_string(out, value);
}

/* `HEADER.CLAIMS`, both in base64: what is signed. */
static void append_claims(struct buf *out, const struct auth_gcp *auth) {
    struct buf header;
    struct buf claims;
    buf_init(&header, GCP_ANSWER_BYTES);
    buf_init(&claims, GCP_ANSWER_BYTES);
    buf_append_byte(&header, '{');
    append_member(&header, "alg", STR("RS256"));
    append_member(&header, "typ", STR("JWT"));
    if (auth->key_id.ptr != NULL) {
        append_member(&header, "kid", auth->key_id);
    }
    buf_append_byte(&header, '}');
    int64_t now_s = host_now_s(NULL);
    buf_append_byte(&claims, '{');
    append_member(&claims, "iss", auth->email);
    append_member(&claims, "scope", GCP_SCOPE);
    append_member(&claims, "aud", auth->token_url);
    buf_printf(&claims, ",\"iat\":%" PRId64 ",\"exp\":%" PRId64 "}", now_s,
               now_s + ASSERTION_S);
    crypto_append_base64(out, buf_str(&header), CRYPTO_BASE64_URL);
    buf_append_byte(out, '.');
    crypto_append_base64(out, buf_str(&claims), CRYPTO_BASE64_URL);
    out->failed = out->failed || header.failed || claims.failed;
    buf_release(&header);
    buf_release(&claims);
}

static bool append_signature(struct buf *out, const struct auth_gcp *auth,
                             struct failure *failure) {
    struct buf signature;
    buf_init(&signature, GCP_ANSWER_BYTES);
    const char *reason = NULL;
    bool is_signed = crypto_sign_rs256(&signature, auth->key, buf_str(out), &reason);
    if (is_signed) {
        buf_append_byte(out, '.');
        crypto_append_base64(out, buf_str(&signature), CRYPTO_BASE64_URL);
    } else if (reason != NULL) {
        failure_set(failure, ERROR_AUTH_INVALID_CREDENTIALS, STR_NONE,
                    "%.*s cannot sign: %s", STR_ARG(auth->source), reason);
    }
    buf_release(&signature);
    return is_signed && !out->failed;
}

static bool fetch_by_key(struct auth_gcp *auth, struct arena *arena,
                         struct token_grant *grant, struct failure *failure) {
    struct buf assertion;
    buf_init(&assertion, GCP_ANSWER_BYTES);
    append_claims(&assertion, auth);
    bool is_fetched = false;
    if (assertion.failed || !append_signature(&assertion, auth, failure)) {
        if (!failure->is_set) {
            failure_memory(failure);
        }
    } else {
        const struct oauth_field fields[] = {
            {"grant_type", STR("urn:ietf:params:oauth:grant-type:jwt-bearer")},
            {"assertion", buf_str(&assertion)},
        };
        struct oauth_request request = {.url = auth->token_url,
                                        .fields = fields,
                                        .count = 2,
                                        .what = auth->source.ptr};
        is_fetched = oauth_fetch(auth->http, arena, &request, grant, failure);
    }
    buf_release(&assertion);
    return is_fetched;
}

/* --- a user's refresh token --- */

static bool fetch_by_sign_in(struct auth_gcp *auth, struct arena *arena,
                             struct token_grant *grant, struct failure *failure) {
    const struct oauth_field fields[] = {
        {"grant_type", STR("refresh_token")},
        {"client_id", auth->client_id},
        {"client_secret", auth->client_secret},
        {"refresh_token", auth->refresh_token},
    };
    struct oauth_request request = {
        .url = auth->token_url, .fields = fields, .count = 4, .what = auth->source.ptr};
    return oauth_fetch(auth->http, arena, &request, grant, failure);
}

/* --- the machine's own --- */

/* Always false. */
static bool nothing_found(struct failure *failure, const char *last) {
    failure_set(failure, ERROR_AUTH_NO_CREDENTIALS, STR_NONE,
                "there are no Google Cloud credentials: CLOUDSDK_AUTH_ACCESS_TOKEN, "
                "GOOGLE_OAUTH_ACCESS_TOKEN, GOOGLE_APPLICATION_CREDENTIALS and "
                "GCP_WORKLOAD_IDENTITY_PROVIDER are not set, gcloud has left no "
                "application_default_credentials.json, and %s",
                last);
    return false;
}

static bool fetch_from_machine(struct auth_gcp *auth, struct arena *arena,
                               struct token_grant *grant, struct failure *failure) {
    struct str host = host_variable("GCE_METADATA_HOST");
    bool is_named = host.ptr != NULL;
    if (host_variable_is_true("NO_GCE_CHECK")) {
        return nothing_found(failure, "NO_GCE_CHECK keeps from asking the machine");
    }
    struct str url = arena_printf(
        arena, "http://%s/computeMetadata/v1/instance/service-accounts/default/token",
        is_named ? host.ptr : "169.254.169.254");
    struct http_header header = {STR("metadata-flavor"), STR("Google")};
    struct http_response response;
    struct failure unreached = {0};
    if (!oauth_ask_machine(auth->http, arena, url, header, is_named, &response,
                           &unreached)) {
        return unreached.is_memory_out
                   ? failure_memory(failure)
                   : nothing_found(failure, "no metadata server answers: this is no "
                                            "machine of Google Cloud");
    }
    bool is_google =
        str_equal(http_header_of(&response, STR("metadata-flavor")), STR("Google"));
    bool is_fetched = false;
    if (!is_google) {
        nothing_found(failure, "what answers as metadata server is none of Google's");
    } else if (response.status == 404) {
        nothing_found(failure, "this machine has no service account");
    } else {
        is_fetched = oauth_take(auth->http, arena, "the metadata server", url,
                                &response, "access_token", grant, failure);
    }
    http_response_release(&response);
    auth->has_metadata = auth->has_metadata || is_fetched;
    return is_fetched;
}

/* --- acting as a service account --- */

static void take_expiry(struct arena *arena, const struct http_response *response,
                        struct token_grant *grant) {
    struct json_fields fields;
    int64_t end_s;
    int64_t now_s = host_now_s(NULL);
    if (json_fields_begin(&fields, arena, buf_str(&response->body)) &&
        instant_parse(json_fields_text(&fields, fields.root, "expireTime"), &end_s) &&
        end_s > now_s) {
        grant->lifetime_s = (uint64_t)(end_s - now_s);
    }
}

/* With the token that `grant` has; puts the account's in its place. */
static bool impersonate(struct auth_gcp *auth, struct arena *arena,
                        struct token_grant *grant, struct failure *failure) {
    struct str body =
        arena_printf(arena, "{\"scope\":[\"%s\"],\"lifetime\":\"%" PRIu64 "s\"}",
                     GCP_SCOPE.ptr, auth->impersonation_s);
    struct http_header headers[] = {{STR("content-type"), STR("application/json")}};
    struct http_request request = {
        .method = "POST",
        .url = auth->impersonation_url,
        .headers = headers,
        .header_count = 1,
        .body = body,
        .auth = {.kind = HTTP_AUTH_BEARER, .token = grant->token},
        .max_bytes = GCP_ANSWER_BYTES,
        .is_repeatable = true};
    struct http_response response;
    if (body.ptr == NULL) {
        return failure_memory(failure);
    }
    if (!http_send(auth->http, arena, &request, &response, NULL, failure)) {
        return false;
    }
    *grant = (struct token_grant){0};
    bool is_fetched =
        oauth_take(auth->http, arena, "acting as the service account",
                   auth->impersonation_url, &response, "accessToken", grant, failure);
    if (is_fetched) {
        take_expiry(arena, &response, grant);
    }
    http_response_release(&response);
    return is_fetched;
}

bool gcp_fetch(void *context, struct arena *arena, struct token_grant *grant,
               struct failure *failure) {
    struct auth_gcp *auth = context;
    bool is_fetched = false;
    switch (auth->kind) {
    case GCP_SERVICE_ACCOUNT:
        is_fetched = fetch_by_key(auth, arena, grant, failure);
        break;
    case GCP_USER:
        is_fetched = fetch_by_sign_in(auth, arena, grant, failure);
        break;
    case GCP_EXTERNAL:
        is_fetched = gcp_fetch_external(auth, arena, grant, failure);
        break;
    case GCP_METADATA:
        is_fetched = fetch_from_machine(auth, arena, grant, failure);
        break;
    case GCP_TOKEN:
        grant->token = auth->token;
        is_fetched = true;
        break;
    }
    return is_fetched && (auth->impersonation_url.ptr == NULL ||
                          impersonate(auth, arena, grant, failure));
}
