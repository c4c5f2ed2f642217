/* Profiles of the shared files.
 *
 * Source: AWS SDKs and Tools Reference Guide, "Assume role credential provider",
 *   "Process credential provider". */
#include "net/auth_aws_parts.h"
#include "net/process.h"
#include "net/redact.h"

enum { MAX_DEPTH = 5, PROCESS_MS = 60000, PROCESS_BYTES = 64 << 10 };

struct profiles {
    struct auth_aws *auth;
    struct arena *arena;
    struct failure *failure;
};

static enum auth_aws_status profile_at(struct profiles *in, struct str name,
                                       unsigned depth, struct aws_credentials *found);

static enum auth_aws_status refuse(struct profiles *in, struct str name,
                                   const char *why) {
    failure_set(in->failure, ERROR_AUTH_INVALID_CREDENTIALS, STR_NONE,
                "the AWS profile `%.*s` %s", name.len > 200 ? 200 : (int)name.len,
                name.ptr, why);
    return AUTH_AWS_FAILED;
}

static enum auth_aws_status run_process(struct profiles *in, struct str name,
                                        struct str command,
                                        struct aws_credentials *found) {
    struct buf out;
    char reason[PROCESS_REASON_BYTES];
    buf_init(&out, PROCESS_BYTES);
    bool done = process_read(in->arena, command, PROCESS_MS, &out, reason);
    if (!done && reason[0] == '\0') {
        failure_memory(in->failure);
    } else if (!done) {
        failure_set(in->failure, ERROR_AUTH_INVALID_CREDENTIALS, STR_NONE,
                    "the `credential_process` of the AWS profile `%.*s` gives no "
                    "credentials: %s",
                    name.len > 200 ? 200 : (int)name.len, name.ptr, reason);
    } else {
        done =
            auth_aws_read_json(in->auth, in->arena, buf_str(&out), "SessionToken",
                               "the profile's credential_process", found, in->failure);
    }
    if (out.ptr != NULL) {
        redact_wipe(out.ptr, out.room);
    }
    buf_release(&out);
    return done ? AUTH_AWS_FOUND : AUTH_AWS_FAILED;
}

/* Keys that stand in the profile; NONE: there are none. */
static enum auth_aws_status keys_of(struct profiles *in, struct str name,
                                    struct aws_credentials *found) {
    struct auth_aws *auth = in->auth;
    *found = (struct aws_credentials){
        .key_id = auth_aws_setting(auth, name, "aws_access_key_id"),
        .secret = auth_aws_setting(auth, name, "aws_secret_access_key"),
        .token = auth_aws_setting(auth, name, "aws_session_token"),
        .expires_s = INT64_MAX,
        .source = "a profile of the shared AWS files"};
    if (found->key_id.ptr == NULL && found->secret.ptr == NULL) {
        return AUTH_AWS_NONE;
    }
    return auth_aws_accept(auth, found, in->failure) ? AUTH_AWS_FOUND : AUTH_AWS_FAILED;
}

static enum auth_aws_status source_of(struct profiles *in, struct str source,
                                      struct str name, struct aws_credentials *found) {
    enum auth_aws_status status = AUTH_AWS_NONE;
    if (str_equal_ignore_case(source, STR("Environment"))) {
        status = auth_aws_environment(in->auth, in->arena, found, in->failure);
    } else if (str_equal_ignore_case(source, STR("EcsContainer"))) {
        status = auth_aws_container(in->auth, in->arena, found, in->failure);
    } else if (str_equal_ignore_case(source, STR("Ec2InstanceMetadata"))) {
        status = auth_aws_instance(in->auth, in->arena, found, in->failure);
    } else {
        return refuse(in, name, "has an unknown `credential_source`");
    }
    return status == AUTH_AWS_NONE
               ? refuse(in, name, "names a `credential_source` that has no credentials")
               : status;
}

/* Who takes the role on. */
static enum auth_aws_status base_of(struct profiles *in, struct str name,
                                    unsigned depth, struct aws_credentials *base) {
    struct auth_aws *auth = in->auth;
    struct str source = auth_aws_setting(auth, name, "source_profile");
    struct str place = auth_aws_setting(auth, name, "credential_source");
    if (source.ptr == NULL && place.ptr == NULL) {
        return refuse(in, name,
                      "has a `role_arn` with neither `source_profile` nor "
                      "`credential_source`");
    }
    if (place.ptr != NULL) {
        return source_of(in, place, name, base);
    }
    enum auth_aws_status status = AUTH_AWS_NONE;
    if (str_equal(source, name)) { /* its own keys, then */
        status = keys_of(in, name, base);
    } else if (depth == MAX_DEPTH) {
        return refuse(in, name, "is part of a row of `source_profile`s without end");
    } else {
        status = profile_at(in, source, depth + 1, base);
    }
    return status == AUTH_AWS_NONE
               ? refuse(in, name, "has a `source_profile` without credentials")
               : status;
}

static enum auth_aws_status assume(struct profiles *in, struct str name, struct str arn,
                                   unsigned depth, struct aws_credentials *found) {
    struct auth_aws *auth = in->auth;
    struct auth_aws_role role = {
        .arn = arn,
        .session_name = auth_aws_setting(auth, name, "role_session_name"),
        .external_id = auth_aws_setting(auth, name, "external_id"),
        .duration_s = auth_aws_setting(auth, name, "duration_seconds"),
        .source = "a profile of the shared AWS files"};
    struct str file = auth_aws_setting(auth, name, "web_identity_token_file");
    bool done = false;
    if (auth_aws_setting(auth, name, "mfa_serial").ptr != NULL) {
        return refuse(in, name,
                      "asks for a second factor, which is not supported: put session "
                      "credentials into the environment");
    }
    if (file.ptr != NULL) {
        struct str token;
        done = auth_aws_read(in->arena, file, &token, in->failure) &&
               auth_aws_assume_with_token(auth, in->arena, &role, str_trim(token),
                                          found, in->failure);
    } else {
        struct aws_credentials base;
        enum auth_aws_status status = base_of(in, name, depth, &base);
        done = status == AUTH_AWS_FOUND &&
               auth_aws_assume(auth, in->arena, &role, &base, found, in->failure);
    }
    return done ? AUTH_AWS_FOUND : AUTH_AWS_FAILED;
}

static enum auth_aws_status profile_at(struct profiles *in, struct str name,
                                       unsigned depth, struct aws_credentials *found) {
    struct auth_aws *auth = in->auth;
    if (!auth_aws_has_profile(auth, name)) {
        return depth == 0 && !auth->profile_was_chosen
                   ? AUTH_AWS_NONE
                   : refuse(in, name, "is in none of the shared AWS files");
    }
    struct str arn = auth_aws_setting(auth, name, "role_arn");
    if (arn.ptr != NULL) {
        return assume(in, name, arn, depth, found);
    }
    enum auth_aws_status status = keys_of(in, name, found);
    if (status != AUTH_AWS_NONE) {
        return status;
    }
    struct str command = auth_aws_setting(auth, name, "credential_process");
    if (command.ptr != NULL) {
        return run_process(in, name, command, found);
    }
    if (auth_aws_setting(auth, name, "sso_session").ptr != NULL ||
        auth_aws_setting(auth, name, "sso_start_url").ptr != NULL ||
        auth_aws_setting(auth, name, "login_session").ptr != NULL) {
        return refuse(
            in, name,
            "signs in through a browser, which is not supported: `eval \"$(aws "
            "configure export-credentials --format env)\"` puts its "
            "credentials into the environment");
    }
    return AUTH_AWS_NONE;
}

enum auth_aws_status auth_aws_profile(struct auth_aws *auth, struct arena *arena,
                                      struct aws_credentials *found,
                                      struct failure *failure) {
    struct profiles in = {auth, arena, failure};
    return profile_at(&in, auth->profile, 0, found);
}
