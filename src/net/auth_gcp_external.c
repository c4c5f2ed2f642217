/* Workload identity federation: somebody else's token becomes one of Google's. */
#include "net/auth_gcp_parts.h"

#include <errno.h>

#include "base/fs.h"
#include "net/json_fields.h"
#include "net/oidc.h"

/* The token in a text of either format. */
static bool take_subject(const struct auth_gcp *auth, struct arena *arena,
                         struct str content, struct str *subject,
                         struct failure *failure) {
    const struct gcp_external *external = &auth->external;
    struct json_fields fields = {0};
    if (external->field.ptr == NULL) {
        *subject = arena_copy(arena, str_trim(content));
        fields.no_memory = subject->ptr == NULL;
    } else if (json_fields_begin(&fields, arena, content)) {
        struct buf name;
        buf_init(&name, 4096);
        buf_append(&name, external->field);
        *subject = json_fields_text(&fields, fields.root,
                                    name.failed ? "" : buf_str(&name).ptr);
        buf_release(&name);
    }
    if (fields.no_memory) {
        return failure_memory(failure);
    }
    if (subject->len == 0) {
        failure_set(failure, ERROR_AUTH_INVALID_CREDENTIALS, STR_NONE,
                    "there is no token in what %.*s names: `%.*s`",
                    STR_ARG(auth->source), STR_ARG(external->place));
        http_redact(auth->http, failure->note);
        return false;
    }
    return true;
}

static bool subject_from_file(const struct auth_gcp *auth, struct arena *arena,
                              struct str *subject, struct failure *failure) {
    struct str path = auth->external.place;
    struct buf content;
    buf_init(&content, GCP_ANSWER_BYTES);
    int error = fs_read_text(path, &content);
    bool is_read = false;
    if (error == ENOMEM) {
        failure_memory(failure);
    } else if (error != 0) {
        failure_set(failure, ERROR_AUTH_INVALID_CREDENTIALS, STR_NONE,
                    "the file `%.*s` with the token for %.*s cannot be read: %s",
                    STR_ARG(path), STR_ARG(auth->source), fs_error_text(error));
    } else {
        is_read = take_subject(auth, arena, buf_str(&content), subject, failure);
    }
    buf_release(&content);
    return is_read;
}

static bool subject_from_url(const struct auth_gcp *auth, struct arena *arena,
                             struct str *subject, struct failure *failure) {
    const struct gcp_external *external = &auth->external;
    struct http_header headers[GCP_MAX_HEADERS];
    struct http_request request = {.method = "GET",
                                   .url = external->place,
                                   .headers = headers,
                                   .max_bytes = GCP_ANSWER_BYTES,
                                   .is_repeatable = true};
    for (size_t i = 0; i < external->header_count; i++) {
        const struct http_header *header = &external->headers[i];
        if (str_equal(header->name, STR("Authorization"))) {
            request.auth = (struct http_auth){.kind = HTTP_AUTH_HEADER,
                                              .header = header->name,
                                              .token = header->value};
        } else {
            headers[request.header_count++] = *header;
        }
    }
    struct http_response response;
    if (!http_send(auth->http, arena, &request, &response, NULL, failure)) {
        return false;
    }
    bool is_read = response.status == 200;
    if (is_read) {
        is_read = take_subject(auth, arena, buf_str(&response.body), subject, failure);
    } else {
        oauth_refused(auth->http, arena, "the identity token", external->place,
                      &response, failure);
    }
    http_response_release(&response);
    return is_read;
}

static bool fetch_subject(const struct auth_gcp *auth, struct arena *arena,
                          struct str *subject, struct failure *failure) {
    switch (auth->external.subject) {
    case GCP_SUBJECT_FILE:
        return subject_from_file(auth, arena, subject, failure);
    case GCP_SUBJECT_URL:
        return subject_from_url(auth, arena, subject, failure);
    default:
        return oidc_token(auth->http, arena, auth->external.place, subject, failure);
    }
}

bool gcp_fetch_external(struct auth_gcp *auth, struct arena *arena,
                        struct token_grant *grant, struct failure *failure) {
    struct str subject = STR_NONE;
    if (!fetch_subject(auth, arena, &subject, failure)) {
        return false;
    }
    if (!http_hide(auth->http, subject)) {
        return failure_memory(failure);
    }
    /* Who goes on to act as a service account needs the scope that allows that. */
    struct str scope = auth->impersonation_url.ptr != NULL
                           ? STR("https://www.googleapis.com/auth/cloud-platform")
                           : GCP_SCOPE;
    const struct oauth_field fields[] = {
        {"grant_type", STR("urn:ietf:params:oauth:grant-type:token-exchange")},
        {"requested_token_type", STR("urn:ietf:params:oauth:token-type:access_token")},
        {"audience", auth->external.audience},
        {"scope", scope},
        {"subject_token_type", auth->external.type},
        {"subject_token", subject},
    };
    struct oauth_request request = {.url = auth->token_url,
                                    .fields = fields,
                                    .count = sizeof fields / sizeof *fields,
                                    .what = auth->source.ptr};
    if (auth->client_id.ptr != NULL && auth->client_secret.ptr != NULL) {
        request.auth = (struct http_auth){.kind = HTTP_AUTH_BASIC,
                                          .user = auth->client_id,
                                          .secret = auth->client_secret};
    }
    return oauth_fetch(auth->http, arena, &request, grant, failure);
}
