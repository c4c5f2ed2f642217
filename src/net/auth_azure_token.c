/* An access token of Entra ID for storage, however it is to be had. */
#include "net/auth_azure_parts.h"

#include <errno.h>
#include <stdlib.h>

#include "base/fs.h"
#include "net/host.h"
#include "net/json_fields.h"
#include "net/oidc.h"

/* Of a format: storage, percent-encoded. */
#define RESOURCE "https%%3A%%2F%%2Fstorage.azure.com%%2F"

/* --- the login endpoint --- */

static bool assertion_from_file(const struct auth_azure *auth, struct arena *arena,
                                struct str *assertion, struct failure *failure) {
    struct buf content;
    buf_init(&content, AZURE_ANSWER_BYTES);
    int error = fs_read_text(auth->token_file, &content);
    bool is_read = false;
    if (error == ENOMEM) {
        failure_memory(failure);
    } else if (error != 0) {
        failure_set(failure, ERROR_AUTH_INVALID_CREDENTIALS, STR_NONE,
                    "the token file `%.*s`, named by AZURE_FEDERATED_TOKEN_FILE, "
                    "cannot be read: %s",
                    STR_ARG(auth->token_file), fs_error_text(error));
    } else {
        *assertion = arena_copy(arena, str_trim(buf_str(&content)));
        is_read = assertion->ptr != NULL && http_hide(auth->http, *assertion);
        if (!is_read) {
            failure_memory(failure);
        }
    }
    buf_release(&content);
    return is_read;
}

static bool fetch_by_login(struct auth_azure *auth, struct arena *arena,
                           struct token_grant *grant, struct failure *failure) {
    struct str assertion = STR_NONE;
    if (auth->means == AZURE_FEDERATED_FILE) {
        if (!assertion_from_file(auth, arena, &assertion, failure)) {
            return false;
        }
    } else if (auth->means == AZURE_FEDERATED_RUNNER &&
               !oidc_token(auth->http, arena, STR("api://AzureADTokenExchange"),
                           &assertion, failure)) {
        return false;
    }
    struct str type =
        assertion.ptr == NULL
            ? STR_NONE
            : STR("urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
    const struct oauth_field fields[] = {
        {"grant_type", STR("client_credentials")},
        {"client_id", auth->client_id},
        {"scope", STR("https://storage.azure.com/.default")},
        {"client_assertion_type", type},
        {"client_assertion", assertion},
        {"client_secret", auth->secret},
    };
    struct oauth_request request = {.url = auth->token_url,
                                    .fields = fields,
                                    .count = sizeof fields / sizeof *fields,
                                    .what = auth->source.ptr};
    return oauth_fetch(auth->http, arena, &request, grant, failure);
}

/* --- managed identity --- */

/* Some of its services tell only when the token ends. */
static void take_expiry(struct arena *arena, const struct http_response *response,
                        struct token_grant *grant) {
    struct json_fields fields;
    uint64_t end_s;
    int64_t now_s = host_now_s(NULL);
    if (grant->lifetime_s == 0 &&
        json_fields_begin(&fields, arena, buf_str(&response->body)) &&
        json_fields_u64(&fields, fields.root, "expires_on", &end_s) &&
        end_s > (uint64_t)now_s) {
        grant->lifetime_s = end_s - (uint64_t)now_s;
    }
}

static bool fetch_from_endpoint(struct auth_azure *auth, struct arena *arena,
                                struct token_grant *grant, struct failure *failure) {
    const char *endpoint = getenv("IDENTITY_ENDPOINT");
    struct str url = arena_printf(
        arena, "%s?api-version=2019-08-01&resource=" RESOURCE "%s%.*s",
        endpoint == NULL ? "" : endpoint, auth->client_id.len > 0 ? "&client_id=" : "",
        STR_ARG(auth->client_id));
    struct http_request request = {.method = "GET",
                                   .url = url,
                                   .auth = {.kind = HTTP_AUTH_HEADER,
                                            .header = STR("x-identity-header"),
                                            .token = auth->secret},
                                   .max_bytes = AZURE_ANSWER_BYTES,
                                   .is_repeatable = true};
    struct http_response response;
    if (url.ptr == NULL) {
        return failure_memory(failure);
    }
    if (!http_send(auth->http, arena, &request, &response, NULL, failure)) {
        return false;
    }
    bool is_fetched = oauth_take(auth->http, arena, auth->source.ptr, url, &response,
                                 "access_token", grant, failure);
    if (is_fetched) {
        take_expiry(arena, &response, grant);
    }
    http_response_release(&response);
    return is_fetched;
}

/* Always false. */
static bool nothing_found(struct failure *failure, const char *last) {
    failure_set(failure, ERROR_AUTH_NO_CREDENTIALS, STR_NONE,
                "there are no Azure credentials: AZURE_STORAGE_SAS_TOKEN, "
                "AZURE_STORAGE_KEY, AZURE_STORAGE_CONNECTION_STRING, AZURE_CLIENT_ID "
                "with AZURE_TENANT_ID and a token or secret, and IDENTITY_ENDPOINT are "
                "not set, and %s",
                last);
    return false;
}

static bool fetch_from_machine(struct auth_azure *auth, struct arena *arena,
                               struct token_grant *grant, struct failure *failure) {
    struct str host = host_variable("AZURE_POD_IDENTITY_AUTHORITY_HOST");
    bool is_named = host.ptr != NULL;
    struct str base = is_named ? host : STR("http://169.254.169.254");
    while (base.len > 0 && base.ptr[base.len - 1] == '/') {
        base.len--;
    }
    if (host_variable_is_true("AZURE_IMDS_DISABLED")) {
        return nothing_found(failure, "AZURE_IMDS_DISABLED keeps from asking the "
                                      "machine");
    }
    struct str url = arena_printf(
        arena,
        "%.*s/metadata/identity/oauth2/token?api-version=2018-02-01&resource=" RESOURCE
        "%s%.*s",
        STR_ARG(base), auth->client_id.len > 0 ? "&client_id=" : "",
        STR_ARG(auth->client_id));
    struct http_header header = {STR("metadata"), STR("true")};
    struct http_response response;
    struct failure unreached = {0};
    if (!oauth_ask_machine(auth->http, arena, url, header, is_named, &response,
                           &unreached)) {
        return unreached.is_memory_out
                   ? failure_memory(failure)
                   : nothing_found(failure, "no metadata service answers: this is no "
                                            "machine of Azure");
    }
    bool is_fetched = false;
    if (response.status == 404 || response.status == 405) {
        nothing_found(failure, "what answers as metadata service is none of Azure's");
    } else {
        is_fetched =
            oauth_take(auth->http, arena, "the managed identity of this machine", url,
                       &response, "access_token", grant, failure);
    }
    if (is_fetched) {
        take_expiry(arena, &response, grant);
    }
    http_response_release(&response);
    auth->has_metadata = auth->has_metadata || is_fetched;
    return is_fetched;
}

bool azure_fetch(void *context, struct arena *arena, struct token_grant *grant,
                 struct failure *failure) {
    struct auth_azure *auth = context;
    switch (auth->means) {
    case AZURE_ENDPOINT:
        return fetch_from_endpoint(auth, arena, grant, failure);
    case AZURE_METADATA:
        return fetch_from_machine(auth, arena, grant, failure);
    default:
        return fetch_by_login(auth, arena, grant, failure);
    }
}
