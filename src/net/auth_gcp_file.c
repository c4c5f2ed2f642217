/* The credential files of Google Cloud: JSON, told apart by `type`. */
#include "net/auth_gcp_parts.h"

#include <errno.h>

#include "base/fs.h"
#include "net/json_fields.h"

enum { FILE_BYTES = 1 << 20 };

struct file {
    struct auth_gcp *auth;
    struct json_fields fields;
    struct str path;
    const char *named_by;
    struct failure *failure;
};

/* Always false. */
static bool invalid(const struct file *file, const char *reason) {
    failure_set(file->failure, ERROR_AUTH_INVALID_CREDENTIALS, STR_NONE,
                "the credentials file `%.*s`, %s, %s", STR_ARG(file->path),
                file->named_by, reason);
    return false;
}

/* A member that must be there. */
static bool need(struct file *file, struct str object, const char *name,
                 struct str *text) {
    *text = json_fields_text(&file->fields, object, name);
    if (text->len > 0) {
        return true;
    }
    failure_set(file->failure, ERROR_AUTH_INVALID_CREDENTIALS, STR_NONE,
                "the credentials file `%.*s`, %s, has no `%s`", STR_ARG(file->path),
                file->named_by, name);
    return false;
}

static bool is_web_address(struct str text) {
    return str_starts_with(text, STR("https://")) ||
           str_starts_with(text, STR("http://"));
}

static bool take_service_account(struct file *file, struct str object) {
    struct auth_gcp *auth = file->auth;
    auth->kind = GCP_SERVICE_ACCOUNT;
    auth->key_id = json_fields_text(&file->fields, object, "private_key_id");
    auth->token_url = json_fields_text(&file->fields, object, "token_uri");
    if (auth->token_url.ptr == NULL) {
        auth->token_url = STR("https://oauth2.googleapis.com/token");
    }
    return need(file, object, "client_email", &auth->email) &&
           need(file, object, "private_key", &auth->key);
}

static bool take_user(struct file *file, struct str object) {
    struct auth_gcp *auth = file->auth;
    auth->kind = GCP_USER;
    auth->token_url = json_fields_text(&file->fields, object, "token_uri");
    if (auth->token_url.ptr == NULL) {
        auth->token_url = STR("https://oauth2.googleapis.com/token");
    }
    return need(file, object, "client_id", &auth->client_id) &&
           need(file, object, "client_secret", &auth->client_secret) &&
           need(file, object, "refresh_token", &auth->refresh_token);
}

/* `"headers": {"name": "text", …}`: those that anyone is known to need. */
static bool take_headers(struct file *file, struct str source) {
    static const char *const known[] = {"Authorization", "Metadata", "Metadata-Flavor",
                                        "Accept"};
    struct gcp_external *external = &file->auth->external;
    struct str headers = json_fields_get(&file->fields, source, "headers");
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        struct str value = json_fields_text(&file->fields, headers, known[i]);
        if (value.ptr != NULL) {
            external->headers[external->header_count++] =
                (struct http_header){str_of(known[i]), value};
            /* The words before it ("Bearer") are no secret, what is last is. */
            size_t space = str_find_last(value, ' ');
            if (i == 0 &&
                !http_hide(file->auth->http,
                           str_skip(value, space < value.len ? space + 1 : 0))) {
                failure_memory(file->failure);
                return false;
            }
        }
    }
    return true;
}

static bool take_format(struct file *file, struct str source) {
    struct str format = json_fields_get(&file->fields, source, "format");
    struct str type = json_fields_text(&file->fields, format, "type");
    if (type.ptr == NULL || str_equal(type, STR("text"))) {
        return true;
    }
    if (!str_equal(type, STR("json"))) {
        return invalid(file, "has a `credential_source.format` that is not known");
    }
    return need(file, format, "subject_token_field_name", &file->auth->external.field);
}

static bool take_source(struct file *file, struct str object) {
    struct gcp_external *external = &file->auth->external;
    struct str source = json_fields_get(&file->fields, object, "credential_source");
    struct str path = json_fields_text(&file->fields, source, "file");
    struct str url = json_fields_text(&file->fields, source, "url");
    if (path.ptr == NULL && url.ptr == NULL) {
        return invalid(file, "has a `credential_source` without `file` and `url`; of "
                             "executables, certificates and AWS nothing is known here");
    }
    external->subject = path.ptr != NULL ? GCP_SUBJECT_FILE : GCP_SUBJECT_URL;
    external->place = path.ptr != NULL ? path : url;
    if (path.ptr == NULL && !is_web_address(url)) {
        return invalid(file, "has a `credential_source.url` that is no web address");
    }
    return take_headers(file, source) && take_format(file, source);
}

static bool take_external(struct file *file, struct str object) {
    struct auth_gcp *auth = file->auth;
    auth->kind = GCP_EXTERNAL;
    auth->client_id = json_fields_text(&file->fields, object, "client_id");
    auth->client_secret = json_fields_text(&file->fields, object, "client_secret");
    auth->token_url = json_fields_text(&file->fields, object, "token_url");
    if (auth->token_url.ptr == NULL) {
        auth->token_url = STR("https://sts.googleapis.com/v1/token");
    }
    return need(file, object, "audience", &auth->external.audience) &&
           need(file, object, "subject_token_type", &auth->external.type) &&
           take_source(file, object);
}

static bool take_impersonation(struct file *file, struct str object) {
    struct auth_gcp *auth = file->auth;
    auth->impersonation_url =
        json_fields_text(&file->fields, object, "service_account_impersonation_url");
    struct str more =
        json_fields_get(&file->fields, object, "service_account_impersonation");
    uint64_t lifetime_s;
    if (json_fields_u64(&file->fields, more, "token_lifetime_seconds", &lifetime_s) &&
        lifetime_s > 0 && lifetime_s <= 43200) {
        auth->impersonation_s = lifetime_s;
    }
    return auth->impersonation_url.ptr == NULL ||
           is_web_address(auth->impersonation_url) ||
           invalid(file,
                   "has a `service_account_impersonation_url` that is no web address");
}

static bool take(struct file *file, struct str object, bool is_inner) {
    struct str type = json_fields_text(&file->fields, object, "type");
    if (str_equal(type, STR("service_account"))) {
        return take_service_account(file, object);
    }
    if (str_equal(type, STR("authorized_user"))) {
        return take_user(file, object);
    }
    if (str_equal(type, STR("external_account"))) {
        return take_external(file, object) &&
               (is_inner || take_impersonation(file, object));
    }
    if (str_equal(type, STR("impersonated_service_account")) && !is_inner) {
        struct str source =
            json_fields_get(&file->fields, object, "source_credentials");
        return take(file, source, true) && take_impersonation(file, object) &&
               (file->auth->impersonation_url.ptr != NULL ||
                invalid(file, "has no `service_account_impersonation_url`"));
    }
    return invalid(file, "has a `type` that is not known: service_account, "
                         "authorized_user, external_account and "
                         "impersonated_service_account are");
}

static const char *kind_text(enum gcp_kind kind) {
    switch (kind) {
    case GCP_SERVICE_ACCOUNT:
        return "the service account's key";
    case GCP_USER:
        return "the user's sign-in";
    default:
        return "the external account";
    }
}

bool gcp_read_file(struct auth_gcp *auth, struct str path, const char *named_by,
                   struct failure *failure) {
    struct file file = {
        .auth = auth, .path = path, .named_by = named_by, .failure = failure};
    struct buf content;
    buf_init(&content, FILE_BYTES);
    bool is_taken = false;
    int error = fs_read_text(path, &content);
    if (error == ENOMEM) {
        failure_memory(failure);
    } else if (error != 0) {
        failure_set(failure, ERROR_AUTH_INVALID_CREDENTIALS, STR_NONE,
                    "the credentials file `%.*s`, %s, cannot be read: %s",
                    STR_ARG(path), named_by, fs_error_text(error));
    } else if (!json_fields_begin(&file.fields, &auth->arena, buf_str(&content))) {
        invalid(&file, "is not JSON");
    } else {
        is_taken = take(&file, file.fields.root, false);
    }
    buf_release(&content);
    if (is_taken) {
        struct str who = auth->email.ptr == NULL ? STR("") : auth->email;
        auth->source =
            arena_printf(&auth->arena, "%s%s%.*s%s in `%.*s`", kind_text(auth->kind),
                         who.len > 0 ? " (" : "", STR_ARG(who), who.len > 0 ? ")" : "",
                         STR_ARG(path));
    }
    if (is_taken &&
        (auth->source.ptr == NULL || !http_hide(auth->http, auth->client_secret) ||
         !http_hide(auth->http, auth->refresh_token))) {
        failure_memory(failure);
        is_taken = false;
    }
    return is_taken;
}
