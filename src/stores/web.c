/* A web server: its address, who one is there, and sending. */
#include "stores/web_parts.h"

#include <stdlib.h>

#include "net/host.h"
#include "net/netrc.h"

static void web_close(struct store *store) {
    struct web *web = (struct web *)store;
    http_free(web->http);
    arena_release(&web->arena);
    free(web);
}

/* --- who one is --- */

/* `host[:port]`, or the host alone. */
static struct str host_alone(struct str host) {
    size_t from = host.len > 0 && host.ptr[0] == '[' ? str_find(host, ']') : 0;
    return str_first(host, from + str_find(str_skip(host, from), ':'));
}

static bool set_auth(struct web *web, const struct http_auth *auth, const char *source,
                     struct failure *failure) {
    web->auth = (struct http_auth){.kind = auth->kind,
                                   .user = arena_copy(&web->arena, auth->user),
                                   .secret = arena_copy(&web->arena, auth->secret),
                                   .token = arena_copy(&web->arena, auth->token)};
    web->source = source;
    if (!http_hide(web->http, auth->secret) || !http_hide(web->http, auth->token)) {
        failure_memory(failure);
        return false;
    }
    return true;
}

/* Of the variables. They are for one host where INFLUXDB3_PLUGIN_WEB_HOST says so. */
static bool take_variables(struct web *web, struct str host, struct failure *failure) {
    struct str only = host_variable("INFLUXDB3_PLUGIN_WEB_HOST");
    struct str user = host_variable("INFLUXDB3_PLUGIN_WEB_USER");
    struct str password = host_variable("INFLUXDB3_PLUGIN_WEB_PASSWORD");
    struct str token = host_variable("INFLUXDB3_PLUGIN_WEB_TOKEN");
    if (only.ptr != NULL && !str_equal_ignore_case(only, host) &&
        !str_equal_ignore_case(only, host_alone(host))) {
        return true;
    }
    if (user.ptr != NULL && password.ptr != NULL) {
        if (str_find(user, ':') < user.len) {
            failure_set(failure, ERROR_AUTH_INVALID_CREDENTIALS, STR_NONE,
                        "INFLUXDB3_PLUGIN_WEB_USER has a `:` in it, which HTTP's basic "
                        "authentication does not take");
            return false;
        }
        struct http_auth auth = {
            .kind = HTTP_AUTH_BASIC, .user = user, .secret = password};
        return set_auth(web, &auth,
                        "INFLUXDB3_PLUGIN_WEB_USER and INFLUXDB3_PLUGIN_WEB_PASSWORD",
                        failure);
    }
    if (token.ptr != NULL) {
        struct http_auth auth = {.kind = HTTP_AUTH_BEARER, .token = token};
        return set_auth(web, &auth, "INFLUXDB3_PLUGIN_WEB_TOKEN", failure);
    }
    return true;
}

/* Of the file that NETRC names, or else of ~/.netrc, if that is there. */
static bool take_netrc(struct web *web, struct str host, struct failure *failure) {
    struct arena scratch = {0};
    struct http_auth auth = {.kind = HTTP_AUTH_BASIC};
    bool is_good = true;
    switch (netrc_find(&scratch, host_alone(host), &auth.user, &auth.secret, failure)) {
    case NETRC_FOUND:
        is_good = set_auth(web, &auth, "the netrc file", failure);
        break;
    case NETRC_NONE:
        break;
    case NETRC_FAILED:
        is_good = false;
    }
    arena_release(&scratch);
    return is_good;
}

/* --- opening --- */

static bool set_mode(struct web *web, struct str mode, struct failure *failure) {
    if (mode.ptr == NULL || str_equal(mode, STR("overwrite"))) {
        web->store.mode = STORE_OVERWRITE;
    } else if (str_equal(mode, STR("journal"))) {
        web->store.mode = STORE_JOURNAL_LOCKED;
    } else if (str_equal(mode, STR("cas"))) {
        web->store.mode = STORE_CAS;
    } else {
        failure_set(failure, ERROR_USAGE_INVALID_LOCATION, STR_NONE,
                    "`mode` is `overwrite`, `journal` or `cas`");
        return false;
    }
    web->store.needs_exclusive = web->store.mode == STORE_OVERWRITE;
    return true;
}

static bool set_addresses(struct web *web, const struct location *location,
                          struct failure *failure) {
    struct str path = location->path;
    if (location_is_index(location)) {
        struct str parts[] = {location->scheme,
                              STR("://"),
                              location->host,
                              path,
                              location->query.ptr == NULL ? STR("") : STR("?"),
                              location->query.ptr == NULL ? STR("") : location->query};
        web->index_url = arena_concat(&web->arena, parts, 6);
        path = str_first(path, str_find_last(path, '/'));
    }
    struct str parts[] = {location->scheme, STR("://"), location->host,
                          objects_base(path)};
    web->base = arena_concat(&web->arena, parts, 4);
    web->store.artifacts_url = web->base;
    web->store.location = arena_copy(&web->arena, location->text);
    if (web->base.ptr == NULL || web->store.location.ptr == NULL ||
        (location_is_index(location) && web->index_url.ptr == NULL)) {
        failure_memory(failure);
        return false;
    }
    return true;
}

/* Does a comma-separated list of words hold this one? */
static bool has_word(struct str list, struct str word) {
    while (list.len > 0) {
        size_t end = str_find(list, ',');
        if (str_equal_ignore_case(str_trim(str_first(list, end)), word)) {
            return true;
        }
        list = str_skip(list, end < list.len ? end + 1 : end);
    }
    return false;
}

/* Does the server speak WebDAV? One that does not answer that may know MOVE still. */
static bool ask_abilities(struct web *web, struct failure *failure) {
    struct arena scratch = {0};
    struct store_call call = {.arena = &scratch};
    struct http_request request = {.method = "OPTIONS", .is_repeatable = true};
    struct web_exchange exchange;
    request.url = arena_concat(&scratch, (struct str[]){web->base, STR("/")}, 2);
    bool is_good = request.url.ptr != NULL;
    if (!is_good) {
        failure_memory(failure);
    } else if (web_send(web, &call, &request, &exchange) == STORE_OK) {
        long status = exchange.response.status;
        struct str dav = http_header_of(&exchange.response, STR("dav"));
        struct str allow = http_header_of(&exchange.response, STR("allow"));
        bool is_answered = status >= 200 && status < 300;
        if (is_answered && (dav.len > 0 || has_word(allow, STR("PROPFIND")))) {
            web->ops.list = web_list;
        }
        if (is_answered && dav.len == 0 && allow.len > 0 &&
            !has_word(allow, STR("MOVE"))) {
            atomic_store(&web->cannot_move, true);
        }
        http_response_release(&exchange.response);
    } else {
        *failure = call.failure;
        is_good = false;
    }
    arena_release(&scratch);
    return is_good;
}

static bool start(struct web *web, const struct location *location,
                  struct failure *failure) {
    if (!set_mode(web, location_parameter(location, STR("mode")), failure) ||
        !set_addresses(web, location, failure) ||
        !take_variables(web, location->host, failure)) {
        return false;
    }
    if (web->auth.kind == HTTP_AUTH_NONE && !take_netrc(web, location->host, failure)) {
        return false;
    }
    return !web->is_writer || ask_abilities(web, failure);
}

struct store *store_web_open(const struct location *location,
                             const struct stores_options *options,
                             struct failure *failure) {
    struct web *web = calloc(1, sizeof *web);
    if (web == NULL) {
        failure_memory(failure);
        return NULL;
    }
    web->ops = (struct store_ops){.get = web_get,
                                  .put_new = web_put_new,
                                  .replace = web_replace,
                                  .remove = web_remove,
                                  .prepare = web_prepare,
                                  .close = web_close};
    web->store.ops = &web->ops;
    web->is_writer = options->writes;
    web->http = http_new(
        &(struct http_options){.connect_timeout_ms = options->connect_timeout_ms,
                               .stall_timeout_ms = options->stall_timeout_ms,
                               .total_timeout_ms = options->timeout_ms,
                               .allow_insecure = options->allow_insecure,
                               .requests = &web->store.requests});
    if (web->http == NULL) {
        failure_memory(failure);
    }
    if (web->http == NULL || !start(web, location, failure)) {
        web_close(&web->store);
        return NULL;
    }
    return &web->store;
}

/* --- sending --- */

struct str web_url(struct web *web, struct store_call *call, struct str name) {
    if (web->index_url.ptr != NULL && str_equal(name, STORE_INDEX_NAME)) {
        return web->index_url;
    }
    struct str url = objects_url(call->arena, web->base, STR(""), name);
    if (url.ptr == NULL) {
        failure_memory(&call->failure);
    }
    return url;
}

static enum store_status send_as(struct web *web, struct store_call *call,
                                 struct http_request *request, bool names_itself,
                                 struct web_exchange *exchange) {
    request->auth = names_itself ? web->auth : (struct http_auth){0};
    *exchange = (struct web_exchange){0};
    if (http_send(web->http, call->arena, request, &exchange->response,
                  &exchange->may_have_happened, &call->failure)) {
        return STORE_OK;
    }
    bool reads = strcmp(request->method, "GET") == 0 ||
                 strcmp(request->method, "HEAD") == 0 ||
                 strcmp(request->method, "OPTIONS") == 0 ||
                 strcmp(request->method, "PROPFIND") == 0;
    return exchange->may_have_happened && !reads ? STORE_UNCERTAIN : STORE_FAILED;
}

enum store_status web_send(struct web *web, struct store_call *call,
                           struct http_request *request,
                           struct web_exchange *exchange) {
    if (request->url.ptr == NULL) {
        return STORE_FAILED;
    }
    bool has_auth = web->auth.kind != HTTP_AUTH_NONE;
    bool names_itself = has_auth && (web->is_writer || atomic_load(&web->was_asked));
    enum store_status status = send_as(web, call, request, names_itself, exchange);
    /* What is public is read without telling who one is. */
    if (status == STORE_OK && has_auth && !names_itself &&
        exchange->response.status == 401) {
        http_response_release(&exchange->response);
        atomic_store(&web->was_asked, true);
        status = send_as(web, call, request, true, exchange);
    }
    return status;
}
