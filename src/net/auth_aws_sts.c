/* Roles, through the security token service.
 *
 * Source: AWS STS API Reference, AssumeRole and AssumeRoleWithWebIdentity. */
#include "net/auth_aws_parts.h"
#include "net/host.h"
#include "net/instant.h"
#include "net/oidc.h"
#include "net/xml_fields.h"

enum { FORM_BYTES = 64 << 10, ANSWER_BYTES = 64 << 10 };

static void append_pair(struct buf *form, const char *name, struct str value) {
    if (value.ptr != NULL) {
        (void)buf_append(form, form->len == 0 ? STR("") : STR("&"));
        (void)buf_append(form, str_of(name));
        (void)buf_append(form, STR("="));
        (void)http_append_encoded(form, value, false);
    }
}

static struct str service_url(const struct auth_aws *auth, struct arena *arena) {
    struct str endpoint = auth_aws_endpoint(auth, "STS");
    struct str region = auth->region;
    if (endpoint.ptr != NULL) {
        bool has_slash = str_ends_with(endpoint, STR("/"));
        return arena_concat(
            arena, (struct str[]){endpoint, has_slash ? STR("") : STR("/")}, 2);
    }
    if (region.ptr == NULL) {
        return STR("https://sts.amazonaws.com/");
    }
    return arena_printf(arena, "https://sts.%.*s.amazonaws.com%s/", STR_ARG(region),
                        str_starts_with(region, STR("cn-")) ? ".cn" : "");
}

static void fail_exchange(const struct auth_aws_role *role, struct arena *arena,
                          const struct http_response *response, struct http *http,
                          struct failure *failure) {
    struct str code = STR_NONE, message = STR_NONE, root;
    if (xml_fields_root(buf_str(&response->body), NULL, &root)) {
        struct str error = xml_fields_get(root, "Error");
        code = xml_fields_text(arena, xml_fields_get(error, "Code"), NULL);
        message = xml_fields_text(arena, xml_fields_get(error, "Message"), NULL);
    }
    failure_set(failure, ERROR_AUTH_EXCHANGE_FAILED, STR_NONE,
                "AWS does not give the role `%.*s` to %s: %.*s%s%.*s (status %ld)",
                STR_ARG(role->arn), role->source, code.len > 100 ? 100 : (int)code.len,
                code.ptr == NULL ? "" : code.ptr, message.len > 0 ? ": " : "",
                message.len > 500 ? 500 : (int)message.len,
                message.ptr == NULL ? "" : message.ptr, response->status);
    http_redact(http, failure->note);
}

static bool read_answer(struct auth_aws *auth, struct arena *arena, const char *action,
                        const struct auth_aws_role *role,
                        const struct http_response *response,
                        struct aws_credentials *found, struct failure *failure) {
    if (response->status != 200) {
        fail_exchange(role, arena, response, auth->http, failure);
        return false;
    }
    struct str root = STR_NONE;
    bool no_memory = false;
    struct str result_name =
        arena_concat(arena, (struct str[]){str_of(action), STR("Result")}, 2);
    if (result_name.ptr == NULL) {
        failure_memory(failure);
        return false;
    }
    (void)xml_fields_root(buf_str(&response->body), NULL, &root);
    struct str values =
        xml_fields_get(xml_fields_get(root, result_name.ptr), "Credentials");
    *found = (struct aws_credentials){
        .key_id =
            xml_fields_text(arena, xml_fields_get(values, "AccessKeyId"), &no_memory),
        .secret = xml_fields_text(arena, xml_fields_get(values, "SecretAccessKey"),
                                  &no_memory),
        .token =
            xml_fields_text(arena, xml_fields_get(values, "SessionToken"), &no_memory),
        .source = role->source};
    struct str expires =
        xml_fields_text(arena, xml_fields_get(values, "Expiration"), &no_memory);
    if (no_memory) {
        failure_memory(failure);
        return false;
    }
    if (found->token.len == 0 || !instant_parse(expires, &found->expires_s)) {
        failure_set(failure, ERROR_AUTH_EXCHANGE_FAILED, STR_NONE,
                    "AWS's answer for the role `%.*s` holds no credentials",
                    STR_ARG(role->arn));
        return false;
    }
    return auth_aws_accept(auth, found, failure);
}

static bool call(struct auth_aws *auth, struct arena *arena, const char *action,
                 const struct auth_aws_role *role, struct str web_token,
                 const struct aws_credentials *as, struct aws_credentials *found,
                 struct failure *failure) {
    struct str name = role->session_name;
    if (name.ptr == NULL) {
        name =
            arena_printf(arena, "influxdb3-plugin-%lld", (long long)host_now_s(NULL));
    }
    struct buf form;
    buf_init(&form, FORM_BYTES);
    append_pair(&form, "Action", str_of(action));
    append_pair(&form, "Version", STR("2011-06-15"));
    append_pair(&form, "RoleArn", role->arn);
    append_pair(&form, "RoleSessionName", name);
    append_pair(&form, "ExternalId", role->external_id);
    append_pair(&form, "DurationSeconds", role->duration_s);
    append_pair(&form, "WebIdentityToken", web_token);
    struct http_request request = {
        .method = "POST",
        .url = service_url(auth, arena),
        .headers = &(struct http_header){STR("Content-Type"),
                                         STR("application/x-www-form-urlencoded")},
        .header_count = 1,
        .body = buf_str(&form),
        .max_bytes = ANSWER_BYTES,
        .is_repeatable = true};
    if (as != NULL) {
        request.auth = (struct http_auth){
            .kind = HTTP_AUTH_SIGV4,
            .user = as->key_id,
            .secret = as->secret,
            .token = as->token,
            .region = auth->region.ptr == NULL ? STR("us-east-1") : auth->region,
            .service = STR("sts")};
    }
    bool done = false;
    if (form.failed || name.ptr == NULL || request.url.ptr == NULL) {
        failure_memory(failure);
    } else {
        struct http_response response;
        done = http_send(auth->http, arena, &request, &response, NULL, failure);
        if (done) {
            done = read_answer(auth, arena, action, role, &response, found, failure);
            http_response_release(&response);
        }
    }
    buf_release(&form);
    return done;
}

bool auth_aws_assume_with_token(struct auth_aws *auth, struct arena *arena,
                                const struct auth_aws_role *role, struct str token,
                                struct aws_credentials *found,
                                struct failure *failure) {
    if (!http_hide(auth->http, token)) {
        failure_memory(failure);
        return false;
    }
    return call(auth, arena, "AssumeRoleWithWebIdentity", role, token, NULL, found,
                failure);
}

bool auth_aws_assume(struct auth_aws *auth, struct arena *arena,
                     const struct auth_aws_role *role, const struct aws_credentials *as,
                     struct aws_credentials *found, struct failure *failure) {
    return call(auth, arena, "AssumeRole", role, STR_NONE, as, found, failure);
}

enum auth_aws_status auth_aws_web_identity(struct auth_aws *auth, struct arena *arena,
                                           struct aws_credentials *found,
                                           struct failure *failure) {
    struct auth_aws_role role = {
        .arn = host_variable("AWS_ROLE_ARN"),
        .session_name = host_variable("AWS_ROLE_SESSION_NAME"),
        .source = "the identity token of AWS_WEB_IDENTITY_TOKEN_FILE"};
    struct str path = host_variable("AWS_WEB_IDENTITY_TOKEN_FILE");
    struct str token = STR_NONE;
    if (role.arn.ptr == NULL) {
        return AUTH_AWS_NONE;
    }
    if (path.ptr != NULL) {
        if (!auth_aws_read(arena, path, &token, failure)) {
            return AUTH_AWS_FAILED;
        }
    } else if (oidc_source() != NULL) {
        role.source = "the pipeline's identity token";
        if (!oidc_token(auth->http, arena, STR("sts.amazonaws.com"), &token, failure)) {
            return AUTH_AWS_FAILED;
        }
    } else {
        return AUTH_AWS_NONE;
    }
    return auth_aws_assume_with_token(auth, arena, &role, str_trim(token), found,
                                      failure)
               ? AUTH_AWS_FOUND
               : AUTH_AWS_FAILED;
}
