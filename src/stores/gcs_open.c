/* Opening a Google Cloud Storage store, and sending its requests. */
#include "stores/gcs_parts.h"

#include <stdlib.h>

#define HOST "https://storage.googleapis.com"

static void gcs_close(struct store *store) {
    struct gcs *gcs = (struct gcs *)store;
    auth_gcp_free(gcs->auth);
    http_free(gcs->http);
    arena_release(&gcs->arena);
    free(gcs);
}

static const struct store_ops gcs_ops = {
    .get = gcs_get,
    .put_new = gcs_put_new,
    .replace = gcs_replace,
    .list = gcs_list,
    .remove = gcs_remove,
    .prepare = gcs_prepare,
    .close = gcs_close,
};

/* The parameter, else the emulator that the environment names, else Google's. */
static struct str base_address(struct arena *arena, const struct location *location,
                               bool *is_emulator) {
    struct str endpoint = location_parameter(location, STR("endpoint"));
    const char *emulator = getenv("STORAGE_EMULATOR_HOST");
    *is_emulator = false;
    if (endpoint.ptr != NULL) {
        return arena_copy(arena, objects_base(endpoint));
    }
    if (emulator == NULL || *emulator == '\0') {
        return STR(HOST);
    }
    *is_emulator = true;
    struct str host = objects_base(str_of(emulator));
    bool has_scheme =
        str_starts_with(host, STR("http://")) || str_starts_with(host, STR("https://"));
    return arena_concat(arena,
                        (struct str[]){has_scheme ? STR("") : STR("http://"), host}, 2);
}

static bool set_addresses(struct gcs *gcs, const struct location *location,
                          struct str base) {
    struct arena *arena = &gcs->arena;
    struct str payer = location_parameter(location, STR("user_project"));
    gcs->bucket = arena_copy(arena, location->host);
    gcs->prefix = objects_prefix(arena, location);
    gcs->payer = payer.ptr == NULL ? STR_NONE : arena_copy(arena, payer);
    gcs->base.location = arena_copy(arena, location->text);
    if (gcs->bucket.ptr == NULL || gcs->prefix.ptr == NULL ||
        gcs->base.location.ptr == NULL ||
        (payer.ptr != NULL && gcs->payer.ptr == NULL)) {
        return false;
    }
    gcs->api = arena_concat(
        arena, (struct str[]){base, STR("/storage/v1/b/"), gcs->bucket}, 3);
    gcs->uploads = arena_concat(
        arena,
        (struct str[]){base, STR("/upload/storage/v1/b/"), gcs->bucket, STR("/o")}, 4);
    gcs->media = arena_concat(arena, (struct str[]){base, STR("/"), gcs->bucket}, 3);
    if (gcs->api.ptr == NULL || gcs->uploads.ptr == NULL || gcs->media.ptr == NULL) {
        return false;
    }
    struct str whole = objects_url(arena, gcs->media, gcs->prefix, STR(""));
    gcs->base.artifacts_url = objects_base(whole);
    return whole.ptr != NULL;
}

struct store *store_gcs_open(const struct location *location,
                             const struct stores_options *options,
                             struct failure *failure) {
    struct gcs *gcs = calloc(1, sizeof *gcs);
    if (gcs == NULL) {
        failure_memory(failure);
        return NULL;
    }
    gcs->base.ops = &gcs_ops;
    gcs->base.mode = STORE_CAS;
    gcs->writes = options->writes;
    struct http_options client = {.connect_timeout_ms = options->connect_timeout_ms,
                                  .stall_timeout_ms = options->stall_timeout_ms,
                                  .total_timeout_ms = options->timeout_ms,
                                  .allow_insecure = options->allow_insecure,
                                  .requests = &gcs->base.requests};
    bool is_emulator;
    struct str base = base_address(&gcs->arena, location, &is_emulator);
    gcs->http = http_new(&client);
    if (base.ptr == NULL || gcs->http == NULL || !set_addresses(gcs, location, base)) {
        failure_memory(failure);
        gcs_close(&gcs->base);
        return NULL;
    }
    if (!is_emulator) {
        gcs->auth = auth_gcp_new(gcs->http, failure);
        if (gcs->auth == NULL) {
            gcs_close(&gcs->base);
            return NULL;
        }
    }
    return &gcs->base;
}

struct str gcs_object_url(const struct gcs *gcs, struct arena *arena, struct str name,
                          const char *query) {
    struct str whole = arena_concat(arena, (struct str[]){gcs->prefix, name}, 2);
    struct str encoded =
        whole.ptr == NULL ? STR_NONE : objects_encoded(arena, whole, false);
    if (encoded.ptr == NULL) {
        return STR_NONE;
    }
    return arena_concat(
        arena, (struct str[]){gcs->api, STR("/o/"), encoded, str_of(query)}, 4);
}

bool gcs_send(struct gcs *gcs, struct store_call *call,
              const struct http_request *request, struct http_response *response,
              bool *may_have_happened) {
    struct http_request whole = *request;
    struct http_header headers[GCS_MAX_HEADERS + 1];
    if (request->url.ptr == NULL) {
        return failure_memory(&call->failure);
    }
    for (size_t i = 0; i < request->header_count; i++) {
        headers[i] = request->headers[i];
    }
    if (gcs->payer.ptr != NULL) {
        headers[whole.header_count++] =
            (struct http_header){STR("x-goog-user-project"), gcs->payer};
    }
    whole.headers = headers;
    struct failure unfit = {0}; /* credentials, which a public read can do without */
    for (bool is_first = true;; is_first = false) {
        if (gcs->auth != NULL &&
            !auth_gcp_apply(gcs->auth, gcs->writes || !is_first, call->arena,
                            &whole.auth, &unfit) &&
            (gcs->writes || !is_first || unfit.is_memory_out)) {
            call->failure = unfit;
            return false;
        }
        if (!http_send(gcs->http, call->arena, &whole, response, may_have_happened,
                       &call->failure)) {
            return false;
        }
        bool is_anonymous = whole.auth.kind == HTTP_AUTH_NONE;
        bool asks_who =
            response->status == 401 || (response->status == 403 && is_anonymous);
        if (!is_first || !asks_who || gcs->auth == NULL ||
            (!is_anonymous && !auth_gcp_refused(gcs->auth, whole.auth.token))) {
            return true;
        }
        http_response_release(response);
    }
}
