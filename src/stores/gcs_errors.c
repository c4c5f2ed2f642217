/* What Google Cloud Storage's refusals mean.
 *
 * Source: "HTTP status and error codes for JSON" and "for XML" of its documentation. */
#include "net/json_fields.h"
#include "net/xml_fields.h"
#include "stores/gcs_parts.h"

enum { MESSAGE_MAX = 400 };

/* What an answer says of itself. */
struct refusal {
    struct str reason; /* "forbidden", "NoSuchBucket", …; "" if it tells none */
    struct str message;
};

static void read_json(struct json_fields *fields, struct refusal *refusal) {
    struct str error = json_fields_get(fields, fields->root, "error");
    struct str errors = json_fields_get(fields, error, "errors");
    struct str first;
    size_t at = 0;
    refusal->message = json_fields_text(fields, error, "message");
    if (json_fields_next(fields, errors, &at, &first)) {
        refusal->reason = json_fields_text(fields, first, "reason");
    }
}

static void read_xml(struct arena *arena, struct str inner, struct refusal *refusal) {
    struct str details = xml_fields_get(inner, "Details");
    refusal->reason = xml_fields_text(arena, xml_fields_get(inner, "Code"), NULL);
    refusal->message = xml_fields_text(
        arena, details.ptr != NULL ? details : xml_fields_get(inner, "Message"), NULL);
}

static struct refusal read_refusal(struct arena *arena,
                                   const struct http_response *response) {
    struct refusal refusal = {STR_NONE, STR_NONE};
    struct str body = buf_str(&response->body);
    struct json_fields fields;
    struct str name;
    struct str inner;
    if (body.len == 0) {
        /* Nothing is told. */
    } else if (body.ptr[0] == '{' && json_fields_begin(&fields, arena, body)) {
        read_json(&fields, &refusal);
    } else if (body.ptr[0] == '<' && xml_fields_root(body, &name, &inner) &&
               str_equal(name, STR("Error"))) {
        read_xml(arena, inner, &refusal);
    }
    refusal.reason = refusal.reason.ptr == NULL ? STR("") : refusal.reason;
    refusal.message = refusal.message.ptr == NULL ? STR("") : refusal.message;
    if (refusal.message.len > MESSAGE_MAX) {
        refusal.message.len = MESSAGE_MAX;
    }
    return refusal;
}

static bool has(struct str text, const char *part) {
    struct str wanted = str_of(part);
    for (; text.len >= wanted.len; text = str_skip(text, 1)) {
        if (str_starts_with(text, wanted)) {
            return true;
        }
    }
    return false;
}

static bool names_bucket(const struct refusal *refusal) {
    return str_equal(refusal->reason, STR("NoSuchBucket")) ||
           has(refusal->message, "specified bucket does not exist");
}

bool gcs_bucket_is_missing(struct store_call *call,
                           const struct http_response *response) {
    struct refusal refusal = read_refusal(call->arena, response);
    return names_bucket(&refusal);
}

static bool asks_for_payer(const struct refusal *refusal) {
    return has(refusal->reason, "UserProjectMissing") ||
           has(refusal->message, "requester pays");
}

static enum error_id kind_of(const struct gcs *gcs, long status,
                             const struct refusal *refusal) {
    bool is_known = gcs->auth != NULL && auth_gcp_source(gcs->auth).ptr != NULL;
    if (status == 429 || has(refusal->reason, "RateLimitExceeded") ||
        has(refusal->reason, "rateLimitExceeded")) {
        return ERROR_STORE_RATE_LIMITED;
    }
    if (status == 401 || status == 403) {
        if (!is_known) {
            return ERROR_AUTH_NO_CREDENTIALS;
        }
        if (status == 401) {
            return ERROR_AUTH_UNAUTHORIZED;
        }
        return has(refusal->message, "insufficient authentication scopes") ||
                       str_equal(refusal->reason, STR("insufficientPermissions"))
                   ? ERROR_AUTH_INSUFFICIENT_SCOPE
                   : ERROR_STORE_ACCESS_DENIED;
    }
    if (asks_for_payer(refusal)) {
        return ERROR_STORE_ACCESS_DENIED;
    }
    if (status == 413) {
        return ERROR_STORE_TOO_LARGE;
    }
    return status >= 500 ? ERROR_STORE_SERVER_ERROR : ERROR_STORE_BAD_RESPONSE;
}

/* Texts that tell more than the host does; NULL: there is none. */
static const char *remark_of(enum error_id id, const struct refusal *refusal) {
    if (asks_for_payer(refusal)) {
        return "who reads this bucket pays: add `?user_project=PROJECT` to the "
               "location";
    }
    if (has(refusal->message, "billing account")) {
        return "the project's billing is switched off";
    }
    if (id == ERROR_AUTH_INSUFFICIENT_SCOPE) {
        return "the token needs the scope "
               "https://www.googleapis.com/auth/devstorage.read_write";
    }
    if (id == ERROR_STORE_ACCESS_DENIED && has(refusal->message, "storage.objects.")) {
        return "the role roles/storage.objectUser on the bucket has all permissions "
               "that are needed";
    }
    return NULL;
}

static void tell(const struct gcs *gcs, struct store_call *call, const char *doing,
                 struct str name, long status, const struct refusal *refusal) {
    enum error_id id = kind_of(gcs, status, refusal);
    const char *remark = remark_of(id, refusal);
    struct str who = gcs->auth == NULL ? STR_NONE : auth_gcp_source(gcs->auth);
    bool tells_who = who.ptr != NULL && (status == 401 || status == 403);
    who = tells_who ? who : STR("");
    failure_set(&call->failure, id, name,
                "%s is refused%s%.*s with status %ld%s%.*s%s%s", doing,
                tells_who ? " to " : "", STR_ARG(who), status,
                refusal->message.len > 0 ? ": " : "", STR_ARG(refusal->message),
                remark == NULL ? "" : "; ", remark == NULL ? "" : remark);
    http_redact(gcs->http, call->failure.note);
}

void gcs_refused(const struct gcs *gcs, struct store_call *call,
                 const struct http_response *response, const char *doing,
                 struct str name) {
    struct refusal refusal = read_refusal(call->arena, response);
    if (response->status == 404) {
        failure_set(&call->failure, ERROR_STORE_NOT_FOUND, STR_NONE,
                    "there is no bucket `%.*s`, or it is not to be seen with these "
                    "credentials",
                    STR_ARG(gcs->bucket));
        return;
    }
    tell(gcs, call, doing, name, response->status, &refusal);
}
