/* Opening an Azure Blob Storage store, and sending its requests. */
#include <stdlib.h>

#include "stores/azure_parts.h"

/* Metadata, conditions and large uploads are in it; what Azure keeps is for years. */
#define API_VERSION "2021-08-06"

static void azure_close(struct store *store) {
    struct azure *azure = (struct azure *)store;
    auth_azure_free(azure->auth);
    http_free(azure->http);
    arena_release(&azure->arena);
    free(azure);
}

static const struct store_ops azure_ops = {
    .get = azure_get,
    .put_new = azure_put_new,
    .replace = azure_replace,
    .list = azure_list,
    .remove = azure_remove,
    .prepare = azure_prepare,
    .close = azure_close,
};

/* Three to 24 lowercase letters and digits. */
static bool is_account(struct str text) {
    bool is_good = text.len >= 3 && text.len <= 24;
    for (size_t i = 0; i < text.len && is_good; i++) {
        is_good =
            ascii_is_digit(text.ptr[i]) || (text.ptr[i] >= 'a' && text.ptr[i] <= 'z');
    }
    return is_good;
}

/* Lowercase letters, digits and hyphens, or one of the names with a meaning. */
static bool is_container(struct str text) {
    bool is_good = text.len >= 3 && text.len <= 63 && text.ptr[0] != '-';
    for (size_t i = 0; i < text.len && is_good; i++) {
        is_good = ascii_is_digit(text.ptr[i]) || text.ptr[i] == '-' ||
                  (text.ptr[i] >= 'a' && text.ptr[i] <= 'z');
    }
    return is_good || str_equal(text, STR("$root")) || str_equal(text, STR("$web"));
}

/* `CONTAINER[/PREFIX]` */
static bool take_place(struct azure *azure, const struct location *location,
                       struct failure *failure) {
    struct str path = location_prefix(location);
    size_t slash = str_find(path, '/');
    struct str container = str_first(path, slash);
    struct str rest = str_skip(path, slash);
    while (rest.len > 0 && rest.ptr[0] == '/') {
        rest = str_skip(rest, 1);
    }
    if (!is_account(location->host) || !is_container(container)) {
        failure_set(
            failure, ERROR_USAGE_INVALID_LOCATION, STR_NONE,
            "write it as in `az://ACCOUNT/CONTAINER[/PREFIX]`: an account has 3 "
            "to 24 lowercase letters and digits, a container 3 to 63, hyphens "
            "too");
        return false;
    }
    azure->account = arena_copy(&azure->arena, location->host);
    azure->container = arena_copy(&azure->arena, container);
    azure->base.location = arena_copy(&azure->arena, location->text);
    azure->prefix = arena_concat(
        &azure->arena, (struct str[]){rest, rest.len > 0 ? STR("/") : STR("")}, 2);
    if (azure->account.ptr == NULL || azure->container.ptr == NULL ||
        azure->base.location.ptr == NULL || azure->prefix.ptr == NULL) {
        failure_memory(failure);
        return false;
    }
    return true;
}

/* The parameter, else what a connection string says, else Azure's. */
static bool set_address(struct azure *azure, const struct location *location) {
    struct arena *arena = &azure->arena;
    struct str base = location_parameter(location, STR("endpoint"));
    if (base.ptr == NULL) {
        base = auth_azure_endpoint(azure->auth);
    }
    if (base.ptr == NULL) {
        base = arena_concat(arena,
                            (struct str[]){STR("https://"), azure->account,
                                           STR(".blob.core.windows.net")},
                            3);
    }
    if (base.ptr == NULL) {
        return false;
    }
    struct str container = objects_encoded(arena, azure->container, false);
    azure->place =
        container.ptr == NULL
            ? STR_NONE
            : arena_concat(arena,
                           (struct str[]){objects_base(base), STR("/"), container}, 3);
    if (azure->place.ptr == NULL) {
        return false;
    }
    struct str whole = objects_url(arena, azure->place, azure->prefix, STR(""));
    azure->base.artifacts_url = objects_base(whole);
    return whole.ptr != NULL;
}

struct store *store_azure_open(const struct location *location,
                               const struct stores_options *options,
                               struct failure *failure) {
    struct azure *azure = calloc(1, sizeof *azure);
    if (azure == NULL) {
        failure_memory(failure);
        return NULL;
    }
    azure->base.ops = &azure_ops;
    azure->base.mode = STORE_CAS;
    azure->writes = options->writes;
    struct http_options client = {.connect_timeout_ms = options->connect_timeout_ms,
                                  .stall_timeout_ms = options->stall_timeout_ms,
                                  .total_timeout_ms = options->timeout_ms,
                                  .allow_insecure = options->allow_insecure,
                                  .requests = &azure->base.requests};
    azure->http = http_new(&client);
    bool is_open = azure->http != NULL && take_place(azure, location, failure);
    if (is_open) {
        azure->auth = auth_azure_new(azure->http, azure->account, failure);
        is_open = azure->auth != NULL && set_address(azure, location);
    }
    if (!is_open) {
        if (!failure->is_set) {
            failure_memory(failure);
        }
        azure_close(&azure->base);
        return NULL;
    }
    return &azure->base;
}

bool azure_send(struct azure *azure, struct store_call *call,
                const struct http_request *request, struct http_response *response,
                bool *may_have_happened) {
    struct http_header headers[AZURE_MAX_HEADERS + 1];
    if (request->url.ptr == NULL) {
        return failure_memory(&call->failure);
    }
    for (size_t i = 0; i < request->header_count; i++) {
        headers[i] = request->headers[i];
    }
    headers[request->header_count] =
        (struct http_header){STR("x-ms-version"), STR(API_VERSION)};
    struct failure unfit = {0}; /* credentials, which a public read can do without */
    for (bool is_first = true;; is_first = false) {
        struct http_request whole = *request;
        whole.headers = headers;
        whole.header_count = request->header_count + 1;
        if (!auth_azure_apply(azure->auth, azure->writes || !is_first, call->arena,
                              &whole, &unfit) &&
            (azure->writes || !is_first || unfit.is_memory_out)) {
            call->failure = unfit;
            return false;
        }
        if (!http_send(azure->http, call->arena, &whole, response, may_have_happened,
                       &call->failure)) {
            return false;
        }
        bool is_anonymous =
            unfit.is_set || auth_azure_kind(azure->auth) == AUTH_AZURE_NONE;
        bool asks_who =
            is_anonymous
                ? response->status == 401 || response->status == 403 ||
                      response->status == 409 ||
                      str_equal(azure_error_code(response), STR("ResourceNotFound"))
                : response->status == 401 && auth_azure_refused(azure->auth, &whole);
        if (!is_first || !asks_who) {
            return true;
        }
        http_response_release(response);
    }
}
