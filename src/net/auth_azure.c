#include "net/auth_azure_parts.h"

#include <stdlib.h>

#include "net/crypto.h"
#include "net/host.h"
#include "net/instant.h"
#include "net/oidc.h"
#include "net/redact.h"

enum { KEY_BYTES = 1024 };

/* Always false. */
static bool invalid(struct failure *failure, const char *place, const char *reason) {
    failure_set(failure, ERROR_AUTH_INVALID_CREDENTIALS, STR_NONE, "%s %s", place,
                reason);
    return false;
}

/* --- a signature given, or a key --- */

/* The value of `sig` alone is secret, encoded as it is and decoded. */
static bool hide_signature(struct auth_azure *auth, struct str sas) {
    for (size_t at = 0; at < sas.len;) {
        struct str item = str_skip(sas, at);
        size_t end = str_find(item, '&');
        item = str_first(item, end);
        if (str_starts_with(item, STR("sig=")) &&
            !http_hide(auth->http, str_skip(item, strlen("sig=")))) {
            return false;
        }
        at += end + 1;
    }
    return true;
}

static bool use_sas(struct auth_azure *auth, struct str sas, const char *place,
                    struct failure *failure) {
    sas = str_trim(sas);
    if (sas.len > 0 && sas.ptr[0] == '?') {
        sas = str_skip(sas, 1);
    }
    for (size_t i = 0; i < sas.len; i++) {
        if ((unsigned char)sas.ptr[i] <= ' ' || sas.ptr[i] == '#') {
            return invalid(failure, place, "has a byte that no signature has");
        }
    }
    bool has_signature = str_starts_with(sas, STR("sig="));
    for (size_t i = 0; i + 5 <= sas.len && !has_signature; i++) {
        has_signature = str_starts_with(str_skip(sas, i), STR("&sig="));
    }
    if (!has_signature) {
        return invalid(failure, place,
                       "holds no shared access signature: there is no `sig=`");
    }
    auth->means = AZURE_SAS;
    auth->sas = arena_copy(&auth->arena, sas);
    auth->source =
        arena_printf(&auth->arena, "the shared access signature in %s", place);
    return (auth->sas.ptr != NULL && auth->source.ptr != NULL &&
            hide_signature(auth, sas)) ||
           failure_memory(failure);
}

static bool use_key(struct auth_azure *auth, struct str key, const char *place,
                    struct failure *failure) {
    auth->means = AZURE_KEY;
    auth->source = arena_printf(&auth->arena, "the account key in %s", place);
    if (auth->source.ptr == NULL || !http_hide(auth->http, str_trim(key))) {
        return failure_memory(failure);
    }
    return (crypto_decode_base64(&auth->key, str_trim(key)) && auth->key.len > 0) ||
           invalid(failure, place, "holds no account key: it is not base64");
}

/* `Name=value;Name=value`; the value of one. */
static struct str part_of(struct str connection, struct str name) {
    for (size_t at = 0; at < connection.len;) {
        struct str item = str_skip(connection, at);
        size_t end = str_find(item, ';');
        item = str_trim(str_first(item, end));
        size_t equals = str_find(item, '=');
        if (equals < item.len && str_equal(str_first(item, equals), name)) {
            return str_skip(item, equals + 1);
        }
        at += end + 1;
    }
    return STR_NONE;
}

static bool take_endpoint(struct auth_azure *auth, struct str connection,
                          struct failure *failure) {
    struct str whole = part_of(connection, STR("BlobEndpoint"));
    struct str suffix = part_of(connection, STR("EndpointSuffix"));
    struct str protocol = part_of(connection, STR("DefaultEndpointsProtocol"));
    if (whole.len > 0) {
        while (whole.len > 0 && whole.ptr[whole.len - 1] == '/') {
            whole.len--;
        }
        auth->endpoint = arena_copy(&auth->arena, whole);
    } else if (suffix.len > 0) {
        auth->endpoint = arena_concat(
            &auth->arena,
            (struct str[]){protocol.len > 0 ? protocol : STR("https"), STR("://"),
                           auth->account, STR(".blob."), suffix},
            5);
    } else {
        return true;
    }
    return auth->endpoint.ptr != NULL || failure_memory(failure);
}

static bool use_connection(struct auth_azure *auth, struct str connection,
                           struct failure *failure) {
    static const char place[] = "AZURE_STORAGE_CONNECTION_STRING";
    struct str account = part_of(connection, STR("AccountName"));
    struct str key = part_of(connection, STR("AccountKey"));
    struct str sas = part_of(connection, STR("SharedAccessSignature"));
    if (account.ptr != NULL && !str_equal(account, auth->account)) {
        failure_set(failure, ERROR_AUTH_INVALID_CREDENTIALS, STR_NONE,
                    "%s is of the account `%.*s`, the location of `%.*s`", place,
                    STR_ARG(account), STR_ARG(auth->account));
        return false;
    }
    if (!take_endpoint(auth, connection, failure)) {
        return false;
    }
    if (sas.len > 0) {
        return use_sas(auth, sas, place, failure);
    }
    return key.len > 0 ? use_key(auth, key, place, failure)
                       : invalid(failure, place,
                                 "has neither AccountKey nor SharedAccessSignature");
}

/* --- Entra ID --- */

/* Of a tenant or a client: most are UUIDs. */
static bool is_name(struct str text) {
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (!ascii_is_alnum(c) && c != '-' && c != '.' && c != '_') {
            return false;
        }
    }
    return true;
}

static bool set_login(struct auth_azure *auth, struct str tenant,
                      struct failure *failure) {
    struct str host = host_variable("AZURE_AUTHORITY_HOST");
    host = host.ptr == NULL ? STR("https://login.microsoftonline.com") : host;
    while (host.len > 0 && host.ptr[host.len - 1] == '/') {
        host.len--;
    }
    bool has_scheme =
        str_starts_with(host, STR("https://")) || str_starts_with(host, STR("http://"));
    if (!is_name(tenant)) {
        return invalid(failure, "AZURE_TENANT_ID", "holds no tenant");
    }
    auth->token_url =
        arena_concat(&auth->arena,
                     (struct str[]){has_scheme ? STR("") : STR("https://"), host,
                                    STR("/"), tenant, STR("/oauth2/v2.0/token")},
                     5);
    return auth->token_url.ptr != NULL || failure_memory(failure);
}

static bool set_application(struct auth_azure *auth, struct str tenant,
                            struct failure *failure) {
    struct str file = host_variable("AZURE_FEDERATED_TOKEN_FILE");
    struct str secret = host_variable("AZURE_CLIENT_SECRET");
    const char *runner = oidc_source();
    struct arena *arena = &auth->arena;
    if (file.ptr != NULL) {
        auth->means = AZURE_FEDERATED_FILE;
        auth->token_file = arena_copy(arena, file);
        auth->source = STR("the token in AZURE_FEDERATED_TOKEN_FILE");
        if (auth->token_file.ptr == NULL) {
            return failure_memory(failure);
        }
    } else if (runner != NULL) {
        auth->means = AZURE_FEDERATED_RUNNER;
        auth->source =
            arena_printf(arena, "the identity token of this pipeline (%s)", runner);
    } else {
        auth->means = AZURE_SECRET;
        auth->source = STR("the secret in AZURE_CLIENT_SECRET");
        auth->secret = arena_copy(arena, secret);
        if (auth->secret.ptr == NULL || !http_hide(auth->http, secret)) {
            return failure_memory(failure);
        }
    }
    return (auth->source.ptr != NULL || failure_memory(failure)) &&
           set_login(auth, tenant, failure);
}

static bool set_identity(struct auth_azure *auth, struct failure *failure) {
    struct str header = host_variable("IDENTITY_HEADER");
    bool is_endpoint =
        host_variable("IDENTITY_ENDPOINT").ptr != NULL && header.ptr != NULL;
    auth->means = is_endpoint ? AZURE_ENDPOINT : AZURE_METADATA;
    auth->source = is_endpoint ? STR("the managed identity at IDENTITY_ENDPOINT")
                               : STR("the managed identity of this machine");
    if (is_endpoint) {
        auth->secret = arena_copy(&auth->arena, header);
        return (auth->secret.ptr != NULL && http_hide(auth->http, header)) ||
               failure_memory(failure);
    }
    return true;
}

static bool find(struct auth_azure *auth, struct failure *failure) {
    struct str sas = host_variable("AZURE_STORAGE_SAS_TOKEN");
    struct str key = host_variable("AZURE_STORAGE_KEY");
    struct str connection = host_variable("AZURE_STORAGE_CONNECTION_STRING");
    struct str client = host_variable("AZURE_CLIENT_ID");
    struct str tenant = host_variable("AZURE_TENANT_ID");
    if (sas.ptr != NULL) {
        return use_sas(auth, sas, "AZURE_STORAGE_SAS_TOKEN", failure);
    }
    if (key.ptr != NULL) {
        return use_key(auth, key, "AZURE_STORAGE_KEY", failure);
    }
    if (connection.ptr != NULL) {
        return use_connection(auth, connection, failure);
    }
    bool has_proof = host_variable("AZURE_FEDERATED_TOKEN_FILE").ptr != NULL ||
                     host_variable("AZURE_CLIENT_SECRET").ptr != NULL ||
                     oidc_source() != NULL;
    if (client.ptr != NULL && !is_name(client)) {
        return invalid(failure, "AZURE_CLIENT_ID", "holds no client");
    }
    if (client.ptr != NULL) {
        auth->client_id = arena_copy(&auth->arena, client);
        if (auth->client_id.ptr == NULL) {
            return failure_memory(failure);
        }
    }
    return client.ptr != NULL && tenant.ptr != NULL && has_proof
               ? set_application(auth, tenant, failure)
               : set_identity(auth, failure);
}

struct auth_azure *auth_azure_new(struct http *http, struct str account,
                                  struct failure *failure) {
    struct auth_azure *auth = calloc(1, sizeof *auth);
    if (auth == NULL || !token_cache_init(&auth->cache)) {
        free(auth);
        failure_memory(failure);
        return NULL;
    }
    auth->http = http;
    buf_init(&auth->key, KEY_BYTES);
    auth->account = arena_copy(&auth->arena, account);
    if (auth->account.ptr == NULL) {
        failure_memory(failure);
    }
    if (auth->account.ptr == NULL || !find(auth, failure)) {
        auth_azure_free(auth);
        return NULL;
    }
    return auth;
}

void auth_azure_free(struct auth_azure *auth) {
    if (auth != NULL) {
        token_cache_release(&auth->cache);
        if (auth->key.ptr != NULL) {
            redact_wipe(auth->key.ptr, auth->key.len);
        }
        buf_release(&auth->key);
        arena_release(&auth->arena);
        free(auth);
    }
}

/* --- a request --- */

static bool add_sas(const struct auth_azure *auth, struct arena *arena,
                    struct http_request *request, struct failure *failure) {
    bool has_query = str_find(request->url, '?') < request->url.len;
    request->url = arena_concat(
        arena, (struct str[]){request->url, has_query ? STR("&") : STR("?"), auth->sas},
        3);
    return request->url.ptr != NULL || failure_memory(failure);
}

bool auth_azure_apply(struct auth_azure *auth, bool is_needed, struct arena *arena,
                      struct http_request *request, struct failure *failure) {
    request->auth = (struct http_auth){.kind = HTTP_AUTH_NONE};
    if (auth->means == AZURE_SAS) {
        return add_sas(auth, arena, request, failure);
    }
    if (auth->means == AZURE_KEY) {
        return azure_sign(auth, arena, request, failure);
    }
    if (auth->means == AZURE_METADATA && !is_needed && !auth->has_metadata) {
        return true;
    }
    return oauth_authorize(&auth->cache, azure_fetch, auth, arena, &request->auth,
                           failure);
}

bool auth_azure_refused(struct auth_azure *auth, const struct http_request *request) {
    if (request->auth.kind != HTTP_AUTH_BEARER) {
        return false;
    }
    token_forget(&auth->cache, request->auth.token);
    return true;
}

enum auth_azure_kind auth_azure_kind(const struct auth_azure *auth) {
    switch (auth->means) {
    case AZURE_SAS:
        return AUTH_AZURE_SAS;
    case AZURE_KEY:
        return AUTH_AZURE_KEY;
    case AZURE_METADATA:
        return auth->has_metadata ? AUTH_AZURE_TOKEN : AUTH_AZURE_NONE;
    default:
        return AUTH_AZURE_TOKEN;
    }
}

bool auth_azure_has_ended(const struct auth_azure *auth) {
    struct str rest = auth->sas;
    while (rest.len > 0) {
        size_t end = str_find(rest, '&');
        struct str item = str_first(rest, end);
        char text[32]; /* `se=2026-11-25T17%3A31%3A39Z`, decoded */
        size_t len = 0;
        for (size_t i = strlen("se="); i < item.len && len < sizeof text; i++) {
            bool is_colon = str_starts_with(str_skip(item, i), STR("%3A")) ||
                            str_starts_with(str_skip(item, i), STR("%3a"));
            text[len++] = is_colon ? ':' : item.ptr[i];
            i += is_colon ? 2 : 0;
        }
        int64_t end_s;
        if (str_starts_with(item, STR("se=")) &&
            instant_parse((struct str){text, len}, &end_s)) {
            return end_s < host_now_s(NULL);
        }
        rest = str_skip(rest, end < rest.len ? end + 1 : end);
    }
    return false;
}

struct str auth_azure_source(const struct auth_azure *auth) {
    return auth_azure_kind(auth) == AUTH_AZURE_NONE ? STR_NONE : auth->source;
}

struct str auth_azure_endpoint(const struct auth_azure *auth) {
    return auth->endpoint;
}
