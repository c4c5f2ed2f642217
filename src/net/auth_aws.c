#include "net/auth_aws.h"

#include <errno.h>
#include <stdlib.h>

#include "base/fs.h"
#include "base/utf8.h"
#include "net/auth_aws_parts.h"
#include "net/host.h"
#include "net/ini.h"
#include "net/instant.h"
#include "net/json_fields.h"

enum {
    FILE_BYTES = 1 << 20, /* configuration and tokens are a few kilobytes */
    RENEW_BEFORE_S = 300
};

bool auth_aws_read(struct arena *arena, struct str path, struct str *text,
                   struct failure *failure) {
    struct buf content;
    buf_init(&content, FILE_BYTES);
    int error = fs_read(path, &content);
    if (error == 0) {
        *text = arena_copy(arena, buf_str(&content));
        error = text->ptr == NULL ? ENOMEM : 0;
    }
    buf_release(&content);
    if (error == ENOMEM) {
        failure_memory(failure);
    } else if (error != 0) {
        failure_set(failure, ERROR_AUTH_INVALID_CREDENTIALS, path,
                    "cannot read `%.*s`: %s", STR_ARG(path), fs_error_text(error));
    }
    return error == 0;
}

/* The file that the variable names, or one in the home directory. */
static bool read_shared(struct auth_aws *auth, const char *variable, const char *name,
                        struct str *text, struct failure *failure) {
    *text = STR("");
    struct str path = host_variable(variable);
    struct str home = host_variable("HOME");
    if (path.ptr == NULL && home.ptr == NULL) {
        return true;
    }
    if (path.ptr == NULL) {
        path = arena_concat(&auth->arena,
                            (struct str[]){home, STR("/.aws/"), str_of(name)}, 3);
    } else if (str_starts_with(path, STR("~/")) && home.ptr != NULL) {
        path = arena_concat(&auth->arena, (struct str[]){home, str_skip(path, 1)}, 2);
    }
    if (path.ptr == NULL) {
        failure_memory(failure);
        return false;
    }
    return !fs_exists(path) || auth_aws_read(&auth->arena, path, text, failure);
}

static bool load(struct auth_aws *auth, struct failure *failure) {
    struct str profile = host_variable("AWS_PROFILE");
    if (profile.ptr == NULL) {
        profile = host_variable("AWS_DEFAULT_PROFILE");
    }
    auth->profile_was_chosen = profile.ptr != NULL;
    auth->profile = profile.ptr != NULL ? profile : STR("default");
    if (!read_shared(auth, "AWS_CONFIG_FILE", "config", &auth->config, failure) ||
        !read_shared(auth, "AWS_SHARED_CREDENTIALS_FILE", "credentials",
                     &auth->credentials, failure)) {
        return false;
    }
    auth->region = host_variable("AWS_REGION");
    if (auth->region.ptr == NULL) {
        auth->region = host_variable("AWS_DEFAULT_REGION");
    }
    if (auth->region.ptr == NULL) {
        auth->region = auth_aws_setting(auth, auth->profile, "region");
    }
    return true;
}

struct auth_aws *auth_aws_new(struct http *http, struct failure *failure) {
    struct auth_aws *auth = calloc(1, sizeof *auth);
    if (auth == NULL) {
        failure_memory(failure);
        return NULL;
    }
    auth->http = http;
    (void)pthread_mutex_init(&auth->mutex, NULL);
    if (!load(auth, failure)) {
        auth_aws_free(auth);
        return NULL;
    }
    return auth;
}

void auth_aws_free(struct auth_aws *auth) {
    if (auth == NULL) {
        return;
    }
    (void)pthread_mutex_destroy(&auth->mutex);
    arena_release(&auth->arena);
    arena_release(&auth->kept);
    free(auth);
}

static struct str config_section(struct str profile, char *room, size_t size) {
    const struct str prefix = STR("profile ");
    if (str_equal(profile, STR("default")) || prefix.len + profile.len > size) {
        return profile;
    }
    memcpy(room, prefix.ptr, prefix.len);
    memcpy(room + prefix.len, profile.ptr, profile.len);
    return (struct str){room, prefix.len + profile.len};
}

struct str auth_aws_setting(const struct auth_aws *auth, struct str profile,
                            const char *key) {
    char room[300];
    struct str value = ini_get(auth->credentials, profile, key);
    if (value.ptr == NULL) {
        value = ini_get(auth->config, config_section(profile, room, sizeof room), key);
    }
    return value.len == 0 ? STR_NONE : value;
}

bool auth_aws_has_profile(const struct auth_aws *auth, struct str profile) {
    char room[300];
    return ini_has(auth->credentials, profile) ||
           ini_has(auth->config, config_section(profile, room, sizeof room));
}

struct str auth_aws_region(const struct auth_aws *auth) {
    return auth->region;
}

struct str auth_aws_endpoint(const struct auth_aws *auth, const char *service) {
    char name[64] = "AWS_ENDPOINT_URL_";
    if (host_variable_is_true("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")) {
        return STR_NONE;
    }
    size_t len = strlen(name);
    size_t more = strlen(service);
    if (len + more < sizeof name) {
        memcpy(name + len, service, more + 1);
    }
    struct str endpoint = host_variable(name);
    if (endpoint.ptr == NULL) {
        endpoint = host_variable("AWS_ENDPOINT_URL");
    }
    return endpoint.ptr != NULL ? endpoint
                                : auth_aws_setting(auth, auth->profile, "endpoint_url");
}

const char *auth_aws_places(void) {
    return "AWS_ACCESS_KEY_ID, AWS_ROLE_ARN with an identity token, the profiles of "
           "the "
           "shared AWS files, the container's and the instance's metadata";
}

bool auth_aws_accept(struct auth_aws *auth, const struct aws_credentials *credentials,
                     struct failure *failure) {
    if (credentials->key_id.len == 0 || credentials->secret.len == 0) {
        failure_set(failure, ERROR_AUTH_INVALID_CREDENTIALS, STR_NONE,
                    "the AWS credentials of %s lack the key's %s", credentials->source,
                    credentials->key_id.len == 0 ? "id" : "secret");
        return false;
    }
    if (!http_hide(auth->http, credentials->secret) ||
        !http_hide(auth->http, credentials->token)) {
        failure_memory(failure);
        return false;
    }
    return true;
}

bool auth_aws_read_json(struct auth_aws *auth, struct arena *arena, struct str text,
                        const char *token_name, const char *source,
                        struct aws_credentials *found, struct failure *failure) {
    struct json_fields fields;
    bool good = json_fields_begin(&fields, arena, text);
    if (good) {
        *found = (struct aws_credentials){
            .key_id = json_fields_text(&fields, fields.root, "AccessKeyId"),
            .secret = json_fields_text(&fields, fields.root, "SecretAccessKey"),
            .token = json_fields_text(&fields, fields.root, token_name),
            .expires_s = INT64_MAX,
            .source = source};
        struct str expires = json_fields_text(&fields, fields.root, "Expiration");
        good = expires.ptr == NULL || instant_parse(expires, &found->expires_s);
    }
    if (fields.no_memory) {
        failure_memory(failure);
        return false;
    }
    if (!good) {
        failure_set(failure, ERROR_AUTH_INVALID_CREDENTIALS, STR_NONE,
                    "%s gives no AWS credentials: the answer is not the JSON that is "
                    "documented",
                    source);
        return false;
    }
    return auth_aws_accept(auth, found, failure);
}

enum auth_aws_status auth_aws_environment(struct auth_aws *auth, struct arena *arena,
                                          struct aws_credentials *found,
                                          struct failure *failure) {
    (void)arena;
    *found = (struct aws_credentials){.key_id = host_variable("AWS_ACCESS_KEY_ID"),
                                      .secret = host_variable("AWS_SECRET_ACCESS_KEY"),
                                      .token = host_variable("AWS_SESSION_TOKEN"),
                                      .expires_s = INT64_MAX,
                                      .source = "the environment"};
    if (found->key_id.ptr == NULL && found->secret.ptr == NULL) {
        return AUTH_AWS_NONE;
    }
    if (found->key_id.ptr == NULL || found->secret.ptr == NULL) {
        failure_set(failure, ERROR_AUTH_INVALID_CREDENTIALS, STR_NONE,
                    "of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY only the %s is set",
                    found->key_id.ptr != NULL ? "first" : "second");
        return AUTH_AWS_FAILED;
    }
    return auth_aws_accept(auth, found, failure) ? AUTH_AWS_FOUND : AUTH_AWS_FAILED;
}

static bool copy_credentials(struct arena *arena, const struct aws_credentials *from,
                             struct aws_credentials *to) {
    *to = *from;
    to->key_id = arena_copy(arena, from->key_id);
    to->secret = arena_copy(arena, from->secret);
    if (from->token.ptr != NULL) {
        to->token = arena_copy(arena, from->token);
    }
    return to->key_id.ptr != NULL && to->secret.ptr != NULL &&
           (from->token.ptr == NULL || to->token.ptr != NULL);
}

static enum auth_aws_status look(struct auth_aws *auth, struct arena *arena,
                                 struct aws_credentials *found,
                                 struct failure *failure) {
    static enum auth_aws_status (*const providers[])(
        struct auth_aws *, struct arena *, struct aws_credentials *,
        struct failure *) = {auth_aws_environment, auth_aws_web_identity,
                             auth_aws_profile, auth_aws_container, auth_aws_instance};
    for (size_t i = 0; i < sizeof providers / sizeof *providers; i++) {
        enum auth_aws_status status = providers[i](auth, arena, found, failure);
        if (status != AUTH_AWS_NONE) {
            return status;
        }
    }
    return AUTH_AWS_NONE;
}

/* Under the mutex: looks where that is needed. What is valid still outlives a look that
 * failed. */
static enum auth_aws_status renew(struct auth_aws *auth, struct failure *failure) {
    int64_t now_s = host_now_s(NULL);
    bool has_some = auth->has_looked && auth->status == AUTH_AWS_FOUND;
    if (auth->has_looked && auth->status != AUTH_AWS_FAILED &&
        (!has_some || auth->found.expires_s == INT64_MAX ||
         auth->found.expires_s - now_s > RENEW_BEFORE_S)) {
        return auth->status;
    }
    struct arena arena = {0};
    struct aws_credentials found = {0}, kept;
    struct failure why = {0};
    enum auth_aws_status status = look(auth, &arena, &found, &why);
    if (status == AUTH_AWS_FOUND) {
        struct arena fresh = {0};
        if (copy_credentials(&fresh, &found, &kept)) {
            arena_release(&auth->kept);
            auth->kept = fresh;
            auth->found = kept;
        } else {
            arena_release(&fresh);
            failure_memory(&why);
            status = AUTH_AWS_FAILED;
        }
    }
    arena_release(&arena);
    if (status == AUTH_AWS_FAILED && has_some && auth->found.expires_s > now_s) {
        return AUTH_AWS_FOUND;
    }
    if (status == AUTH_AWS_FAILED && !failure->is_set) {
        *failure = why;
    }
    auth->has_looked = true;
    auth->status = status;
    return status;
}

enum auth_aws_status auth_aws_get(struct auth_aws *auth, struct arena *arena,
                                  struct aws_credentials *credentials,
                                  struct failure *failure) {
    (void)pthread_mutex_lock(&auth->mutex);
    enum auth_aws_status status = renew(auth, failure);
    if (status == AUTH_AWS_FOUND &&
        !copy_credentials(arena, &auth->found, credentials)) {
        failure_memory(failure);
        status = AUTH_AWS_FAILED;
    }
    (void)pthread_mutex_unlock(&auth->mutex);
    return status;
}
