/* Credentials that the place a program runs in has for it.
 *
 * Source: AWS SDKs and Tools Reference Guide, "Container credential provider" and "IMDS
 *   credential provider"; Amazon EC2 User Guide, "Use IMDS". */
#include "net/auth_aws_parts.h"
#include "net/host.h"

enum { ANSWER_BYTES = 64 << 10, CONNECT_MS = 1000 };

static bool get(struct auth_aws *auth, struct arena *arena,
                const struct http_request *request, struct http_response *response,
                struct failure *failure) {
    return http_send(auth->http, arena, request, response, NULL, failure);
}

static bool container_token(struct arena *arena, struct str *token,
                            struct failure *failure) {
    struct str path = host_variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
    *token = host_variable("AWS_CONTAINER_AUTHORIZATION_TOKEN");
    if (path.ptr != NULL) {
        if (!auth_aws_read(arena, path, token, failure)) {
            return false;
        }
        *token = str_trim(*token);
    }
    return true;
}

enum auth_aws_status auth_aws_container(struct auth_aws *auth, struct arena *arena,
                                        struct aws_credentials *found,
                                        struct failure *failure) {
    struct str relative = host_variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    struct str full = host_variable("AWS_CONTAINER_CREDENTIALS_FULL_URI");
    struct str token;
    if (relative.ptr == NULL && full.ptr == NULL) {
        return AUTH_AWS_NONE;
    }
    if (!container_token(arena, &token, failure)) {
        return AUTH_AWS_FAILED;
    }
    struct http_request request = {.method = "GET",
                                   .url = full,
                                   .max_bytes = ANSWER_BYTES,
                                   .connect_timeout_ms = CONNECT_MS,
                                   .max_tries = 3};
    if (token.len > 0) {
        request.auth = (struct http_auth){
            .kind = HTTP_AUTH_HEADER, .header = STR("Authorization"), .token = token};
    }
    if (relative.ptr != NULL) {
        request.url = arena_concat(
            arena, (struct str[]){STR("http://169.254.170.2"), relative}, 2);
    }
    if (request.url.ptr == NULL || !http_hide(auth->http, token)) {
        failure_memory(failure);
        return AUTH_AWS_FAILED;
    }
    struct http_response response;
    if (!get(auth, arena, &request, &response, failure)) {
        return AUTH_AWS_FAILED;
    }
    bool done = false;
    if (response.status == 200) {
        done = auth_aws_read_json(auth, arena, buf_str(&response.body), "Token",
                                  "the container's service", found, failure);
    } else {
        failure_set(failure, ERROR_AUTH_EXCHANGE_FAILED, STR_NONE,
                    "the container's service gives no AWS credentials: it answers %ld",
                    response.status);
    }
    http_response_release(&response);
    return done ? AUTH_AWS_FOUND : AUTH_AWS_FAILED;
}

/* One request to the instance's service; absent text: not 200. */
struct instance {
    struct auth_aws *auth;
    struct arena *arena;
    struct str base;
    struct str token; /* of the session with the service */
};

static enum auth_aws_status ask_instance(struct instance *instance, const char *method,
                                         struct str path, struct str *text,
                                         struct failure *failure) {
    bool is_start = instance->token.ptr == NULL;
    struct http_header header = {is_start ? STR("X-aws-ec2-metadata-token-ttl-seconds")
                                          : STR("X-aws-ec2-metadata-token"),
                                 is_start ? STR("21600") : instance->token};
    struct http_request request = {
        .method = method,
        .url = arena_concat(instance->arena, (struct str[]){instance->base, path}, 2),
        .headers = &header,
        .header_count = 1,
        .max_bytes = ANSWER_BYTES,
        .connect_timeout_ms = CONNECT_MS,
        .max_tries = is_start ? 1 : 3,
        .is_repeatable = true};
    struct http_response response;
    if (request.url.ptr == NULL) {
        failure_memory(failure);
        return AUTH_AWS_FAILED;
    }
    if (!get(instance->auth, instance->arena, &request, &response, failure)) {
        return AUTH_AWS_FAILED;
    }
    enum auth_aws_status status = AUTH_AWS_NONE;
    if (response.status == 200) {
        *text = arena_copy(instance->arena, str_trim(buf_str(&response.body)));
        status = text->ptr == NULL ? AUTH_AWS_FAILED : AUTH_AWS_FOUND;
        if (text->ptr == NULL) {
            failure_memory(failure);
        }
    }
    http_response_release(&response);
    return status;
}

/* The service is there: what it answers counts. */
static enum auth_aws_status read_instance(struct instance *instance,
                                          struct aws_credentials *found,
                                          struct failure *failure) {
    const struct str path = STR("/latest/meta-data/iam/security-credentials/");
    struct str role, text;
    enum auth_aws_status status = ask_instance(instance, "GET", path, &role, failure);
    if (status != AUTH_AWS_FOUND || role.len == 0) {
        return status == AUTH_AWS_FOUND ? AUTH_AWS_NONE : status;
    }
    role = str_first(role, str_find(role, '\n'));
    struct str full = arena_concat(instance->arena, (struct str[]){path, role}, 2);
    if (full.ptr == NULL) {
        failure_memory(failure);
        return AUTH_AWS_FAILED;
    }
    status = ask_instance(instance, "GET", full, &text, failure);
    if (status != AUTH_AWS_FOUND) {
        failure_set(failure, ERROR_AUTH_EXCHANGE_FAILED, STR_NONE,
                    "the instance's metadata name the role `%.*s`, and give no "
                    "credentials for it",
                    role.len > 128 ? 128 : (int)role.len, role.ptr);
        return AUTH_AWS_FAILED;
    }
    return auth_aws_read_json(instance->auth, instance->arena, text, "Token",
                              "the instance's metadata", found, failure)
               ? AUTH_AWS_FOUND
               : AUTH_AWS_FAILED;
}

enum auth_aws_status auth_aws_instance(struct auth_aws *auth, struct arena *arena,
                                       struct aws_credentials *found,
                                       struct failure *failure) {
    if (host_variable_is_true("AWS_EC2_METADATA_DISABLED")) {
        return AUTH_AWS_NONE;
    }
    struct str base = host_variable("AWS_EC2_METADATA_SERVICE_ENDPOINT");
    if (base.ptr == NULL) {
        bool is_six = str_equal_ignore_case(
            host_variable("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"), STR("ipv6"));
        base = is_six ? STR("http://[fd00:ec2::254]") : STR("http://169.254.169.254");
    }
    while (base.len > 0 && base.ptr[base.len - 1] == '/') {
        base.len--;
    }
    struct instance instance = {.auth = auth, .arena = arena, .base = base};
    struct failure nobody = {0};
    struct str token;
    enum auth_aws_status status =
        ask_instance(&instance, "PUT", STR("/latest/api/token"), &token, &nobody);
    if (nobody.is_memory_out) {
        failure_memory(failure);
        return AUTH_AWS_FAILED;
    }
    if (status != AUTH_AWS_FOUND || token.len == 0) {
        return AUTH_AWS_NONE; /* not on an instance */
    }
    if (!http_hide(auth->http, token)) {
        failure_memory(failure);
        return AUTH_AWS_FAILED;
    }
    instance.token = token;
    return read_instance(&instance, found, failure);
}
