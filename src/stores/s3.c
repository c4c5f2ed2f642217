/* Amazon S3 and what speaks its protocol: where the bucket is, and sending. */
#include "stores/s3_parts.h"

#include <stdlib.h>

#include "net/host.h"

static void s3_close(struct store *store) {
    struct s3 *s3 = (struct s3 *)store;
    auth_aws_free(s3->auth);
    http_free(s3->http);
    arena_release(&s3->arena);
    free(s3);
}

static const struct store_ops s3_ops = {.get = s3_get,
                                        .put_new = s3_put_new,
                                        .replace = s3_replace,
                                        .list = s3_list,
                                        .remove = s3_remove,
                                        .admit = s3_admit,
                                        .prepare = s3_prepare,
                                        .close = s3_close};

static bool refuse(struct failure *failure, const char *why) {
    failure_set(failure, ERROR_USAGE_INVALID_LOCATION, STR_NONE, "%s", why);
    return false;
}

/* Of Amazon's rules those that keep the address whole; servers of others are laxer. */
static bool check_bucket(struct str bucket, struct failure *failure) {
    bool good = bucket.len >= 3 && bucket.len <= 255;
    for (size_t i = 0; i < bucket.len && good; i++) {
        char c = bucket.ptr[i];
        good = ascii_is_alnum(c) || (i > 0 && (c == '-' || c == '.' || c == '_'));
    }
    return good || refuse(failure, "a bucket's name has 3 to 63 letters, digits, `-` "
                                   "and `.`, and begins with a letter or digit");
}

static bool check_region(struct str region, struct failure *failure) {
    bool good = region.len > 0 && region.len <= 64;
    for (size_t i = 0; i < region.len && good; i++) {
        good = ascii_is_alnum(region.ptr[i]) || region.ptr[i] == '-';
    }
    return good || refuse(failure, "a region is a word as `eu-central-1`");
}

static bool check_endpoint(struct str endpoint, struct failure *failure) {
    bool has_scheme = str_starts_with(endpoint, STR("https://")) ||
                      str_starts_with(endpoint, STR("http://"));
    bool is_plain = str_find(endpoint, '?') == endpoint.len &&
                    str_find(endpoint, '#') == endpoint.len &&
                    str_find(endpoint, '@') == endpoint.len;
    return (has_scheme && is_plain) ||
           refuse(failure,
                  "an endpoint is an address as `https://HOST[:PORT]`, without "
                  "query and credentials");
}

static bool set_mode(struct s3 *s3, struct str mode, struct failure *failure) {
    if (mode.ptr == NULL || str_equal(mode, STR("cas"))) {
        s3->store.mode = STORE_CAS;
    } else if (str_equal(mode, STR("journal"))) {
        s3->store.mode = STORE_JOURNAL_LOCKED;
    } else if (str_equal(mode, STR("overwrite"))) {
        s3->store.mode = STORE_OVERWRITE;
        s3->store.needs_exclusive = true;
    } else {
        return refuse(failure, "`mode` is `cas`, `journal` or `overwrite`");
    }
    return true;
}

static bool host_is_amazon(struct str endpoint) {
    struct str host = str_skip(endpoint, str_find(endpoint, ':') + 3);
    size_t end = 0;
    while (end < host.len && host.ptr[end] != '/' && host.ptr[end] != ':') {
        end++;
    }
    host = str_first(host, end);
    return str_ends_with(host, STR(".amazonaws.com")) ||
           str_ends_with(host, STR(".amazonaws.com.cn"));
}

/* `scheme://BUCKET.host…` */
static struct str with_bucket_host(struct s3 *s3, struct str endpoint) {
    size_t scheme = str_find(endpoint, ':') + 3;
    return arena_concat(&s3->arena,
                        (struct str[]){str_first(endpoint, scheme), s3->bucket,
                                       STR("."), str_skip(endpoint, scheme)},
                        4);
}

static bool set_base(struct s3 *s3, struct str endpoint, struct str path_style,
                     struct failure *failure) {
    bool is_amazon = endpoint.ptr == NULL;
    s3->is_amazon = is_amazon || host_is_amazon(endpoint);
    /* A certificate for `*.s3…` does not cover a name with dots. */
    bool by_path = !is_amazon || str_find(s3->bucket, '.') < s3->bucket.len;
    if (path_style.ptr != NULL) {
        bool yes = str_equal(path_style, STR("true"));
        if (!yes && !str_equal(path_style, STR("false"))) {
            return refuse(failure, "`path-style` is `true` or `false`");
        }
        by_path = yes;
    }
    if (is_amazon) {
        endpoint = arena_printf(&s3->arena, "https://s3.%.*s.amazonaws.com%s",
                                STR_ARG(s3->region),
                                str_starts_with(s3->region, STR("cn-")) ? ".cn" : "");
    } else {
        endpoint = arena_copy(&s3->arena, objects_base(endpoint));
    }
    if (endpoint.ptr != NULL) {
        s3->base = by_path
                       ? arena_concat(&s3->arena,
                                      (struct str[]){endpoint, STR("/"), s3->bucket}, 3)
                       : with_bucket_host(s3, endpoint);
    }
    if (s3->base.ptr == NULL) {
        failure_memory(failure);
    }
    return s3->base.ptr != NULL;
}

static bool set_artifacts_url(struct s3 *s3, struct failure *failure) {
    struct str prefix = s3->prefix;
    prefix.len -= prefix.len > 0 ? 1 : 0; /* its `/` */
    s3->store.artifacts_url =
        prefix.len == 0 ? s3->base : objects_url(&s3->arena, s3->base, prefix, STR(""));
    if (s3->store.artifacts_url.ptr == NULL) {
        failure_memory(failure);
    }
    return s3->store.artifacts_url.ptr != NULL;
}

static bool configure(struct s3 *s3, const struct location *location,
                      struct failure *failure) {
    struct str region = location_parameter(location, STR("region"));
    struct str endpoint = location_parameter(location, STR("endpoint"));
    if (endpoint.ptr == NULL) {
        endpoint = auth_aws_endpoint(s3->auth, "S3");
    }
    if (region.ptr == NULL) {
        region = auth_aws_region(s3->auth);
    }
    if (region.ptr == NULL) {
        region = STR("us-east-1");
    }
    s3->bucket = arena_copy(&s3->arena, location->host);
    s3->region = arena_copy(&s3->arena, region);
    s3->prefix = objects_prefix(&s3->arena, location);
    s3->store.location = arena_copy(&s3->arena, location->text);
    if (s3->bucket.ptr == NULL || s3->region.ptr == NULL || s3->prefix.ptr == NULL ||
        s3->store.location.ptr == NULL) {
        failure_memory(failure);
        return false;
    }
    return check_bucket(s3->bucket, failure) && check_region(s3->region, failure) &&
           (endpoint.ptr == NULL || check_endpoint(endpoint, failure)) &&
           set_mode(s3, location_parameter(location, STR("mode")), failure) &&
           set_base(s3, endpoint, location_parameter(location, STR("path-style")),
                    failure) &&
           set_artifacts_url(s3, failure);
}

struct store *store_s3_open(const struct location *location,
                            const struct stores_options *options,
                            struct failure *failure) {
    struct s3 *s3 = calloc(1, sizeof *s3);
    if (s3 == NULL) {
        failure_memory(failure);
        return NULL;
    }
    s3->store.ops = &s3_ops;
    s3->http = http_new(
        &(struct http_options){.connect_timeout_ms = options->connect_timeout_ms,
                               .stall_timeout_ms = options->stall_timeout_ms,
                               .total_timeout_ms = options->timeout_ms,
                               .allow_insecure = options->allow_insecure,
                               .requests = &s3->store.requests});
    if (s3->http == NULL) {
        failure_memory(failure);
    } else {
        s3->auth = auth_aws_new(s3->http, failure);
    }
    if (s3->auth == NULL || !configure(s3, location, failure)) {
        s3_close(&s3->store);
        return NULL;
    }
    return &s3->store;
}

enum store_status s3_send(struct s3 *s3, struct store_call *call,
                          struct http_request *request, struct s3_exchange *exchange) {
    *exchange = (struct s3_exchange){0};
    struct aws_credentials credentials;
    bool writes =
        strcmp(request->method, "GET") != 0 && strcmp(request->method, "HEAD") != 0;
    switch (auth_aws_get(s3->auth, call->arena, &credentials, &call->failure)) {
    case AUTH_AWS_FOUND:
        request->auth = (struct http_auth){.kind = HTTP_AUTH_SIGV4,
                                           .user = credentials.key_id,
                                           .secret = credentials.secret,
                                           .token = credentials.token,
                                           .region = s3->region,
                                           .service = STR("s3")};
        exchange->source = credentials.source;
        break;
    case AUTH_AWS_NONE:
        if (writes) {
            failure_set(&call->failure, ERROR_AUTH_NO_CREDENTIALS, STR_NONE,
                        "there are no AWS credentials to write with; looked for in: %s",
                        auth_aws_places());
            return STORE_FAILED;
        }
        break; /* a public bucket needs none */
    case AUTH_AWS_FAILED:
        return STORE_FAILED;
    }
    if (!http_send(s3->http, call->arena, request, &exchange->response,
                   &exchange->may_have_happened, &call->failure)) {
        return writes && exchange->may_have_happened ? STORE_UNCERTAIN : STORE_FAILED;
    }
    return STORE_OK;
}
