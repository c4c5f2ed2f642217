#include "net/auth_gcp_parts.h"

#include <errno.h>
#include <stdlib.h>

#include "base/fs.h"
#include "net/host.h"
#include "net/oidc.h"

static bool use_token(struct auth_gcp *auth, const char *name,
                      struct failure *failure) {
    auth->kind = GCP_TOKEN;
    auth->token = arena_copy(&auth->arena, host_variable(name));
    auth->source = arena_printf(&auth->arena, "the access token in %s", name);
    return (auth->token.ptr != NULL && auth->source.ptr != NULL &&
            http_hide(auth->http, auth->token)) ||
           failure_memory(failure);
}

/* The runner's identity is exchanged; nothing but two names is configured. */
static bool use_runner(struct auth_gcp *auth, struct str provider,
                       struct failure *failure) {
    struct arena *arena = &auth->arena;
    struct str account = host_variable("GCP_SERVICE_ACCOUNT");
    const char *runner = oidc_source();
    if (runner == NULL) {
        failure_set(failure, ERROR_AUTH_NO_CREDENTIALS, STR_NONE,
                    "GCP_WORKLOAD_IDENTITY_PROVIDER is set, but this runner gives no "
                    "identity token: a GitHub job needs the permission `id-token: "
                    "write`, a GitLab job `id_tokens` with INFLUXDB3_PLUGIN_ID_TOKEN");
        return false;
    }
    auth->kind = GCP_EXTERNAL;
    auth->external.subject = GCP_SUBJECT_RUNNER;
    auth->external.type = STR("urn:ietf:params:oauth:token-type:jwt");
    auth->external.audience =
        arena_concat(arena, (struct str[]){STR("//iam.googleapis.com/"), provider}, 2);
    auth->external.place = arena_concat(
        arena, (struct str[]){STR("https://iam.googleapis.com/"), provider}, 2);
    struct str sts = host_variable("GCP_STS_URL");
    auth->token_url = sts.ptr == NULL ? STR("https://sts.googleapis.com/v1/token")
                                      : arena_copy(arena, sts);
    auth->source =
        arena_printf(arena, "%s, exchanged at GCP_WORKLOAD_IDENTITY_PROVIDER", runner);
    bool is_whole = auth->external.audience.ptr != NULL &&
                    auth->external.place.ptr != NULL && auth->source.ptr != NULL &&
                    auth->token_url.ptr != NULL;
    if (account.ptr != NULL) {
        struct str iam = host_variable("GCP_IAM_CREDENTIALS_URL");
        auth->impersonation_url = arena_concat(
            arena,
            (struct str[]){
                iam.ptr == NULL ? STR("https://iamcredentials.googleapis.com") : iam,
                STR("/v1/projects/-/serviceAccounts/"), account,
                STR(":generateAccessToken")},
            4);
        is_whole = is_whole && auth->impersonation_url.ptr != NULL;
    }
    return is_whole || failure_memory(failure);
}

/* Where gcloud keeps its own; absent where there is no such place. */
static bool user_file(struct auth_gcp *auth, struct str *path,
                      struct failure *failure) {
    struct str folder = host_variable("CLOUDSDK_CONFIG");
    struct str home = host_variable("HOME");
    struct str name = STR("/application_default_credentials.json");
    *path = STR_NONE;
    if (folder.ptr != NULL) {
        *path = arena_concat(&auth->arena, (struct str[]){folder, name}, 2);
    } else if (home.ptr != NULL) {
        *path = arena_concat(&auth->arena,
                             (struct str[]){home, STR("/.config/gcloud"), name}, 3);
    } else {
        return true;
    }
    return path->ptr != NULL || failure_memory(failure);
}

static bool find(struct auth_gcp *auth, struct failure *failure) {
    static const char *const tokens[] = {"CLOUDSDK_AUTH_ACCESS_TOKEN",
                                         "GOOGLE_OAUTH_ACCESS_TOKEN"};
    for (size_t i = 0; i < sizeof tokens / sizeof *tokens; i++) {
        if (host_variable(tokens[i]).ptr != NULL) {
            return use_token(auth, tokens[i], failure);
        }
    }
    struct str named = host_variable("GOOGLE_APPLICATION_CREDENTIALS");
    if (named.ptr != NULL) {
        return gcp_read_file(auth, named, "named by GOOGLE_APPLICATION_CREDENTIALS",
                             failure);
    }
    struct str provider = host_variable("GCP_WORKLOAD_IDENTITY_PROVIDER");
    if (provider.ptr != NULL) {
        return use_runner(auth, provider, failure);
    }
    struct str path;
    if (!user_file(auth, &path, failure)) {
        return false;
    }
    if (path.ptr != NULL && fs_exists(path)) {
        return gcp_read_file(
            auth, path, "written by `gcloud auth application-default login`", failure);
    }
    auth->kind = GCP_METADATA;
    auth->source = STR("the service account of this machine, from the metadata server");
    return true;
}

struct auth_gcp *auth_gcp_new(struct http *http, struct failure *failure) {
    struct auth_gcp *auth = calloc(1, sizeof *auth);
    if (auth == NULL || !token_cache_init(&auth->cache)) {
        free(auth);
        failure_memory(failure);
        return NULL;
    }
    auth->http = http;
    auth->impersonation_s = 3600;
    if (!find(auth, failure)) {
        auth_gcp_free(auth);
        return NULL;
    }
    return auth;
}

void auth_gcp_free(struct auth_gcp *auth) {
    if (auth != NULL) {
        token_cache_release(&auth->cache);
        arena_release(&auth->arena);
        free(auth);
    }
}

bool auth_gcp_apply(struct auth_gcp *auth, bool is_needed, struct arena *arena,
                    struct http_auth *header, struct failure *failure) {
    *header = (struct http_auth){.kind = HTTP_AUTH_NONE};
    if (auth->kind == GCP_TOKEN) {
        *header = (struct http_auth){.kind = HTTP_AUTH_BEARER, .token = auth->token};
        return true;
    }
    if (auth->kind == GCP_METADATA && !is_needed && !auth->has_metadata) {
        return true;
    }
    return oauth_authorize(&auth->cache, gcp_fetch, auth, arena, header, failure);
}

bool auth_gcp_refused(struct auth_gcp *auth, struct str token) {
    if (auth->kind == GCP_TOKEN) {
        return false;
    }
    token_forget(&auth->cache, token);
    return true;
}

struct str auth_gcp_source(const struct auth_gcp *auth) {
    return auth->kind == GCP_METADATA && !auth->has_metadata ? STR_NONE : auth->source;
}
