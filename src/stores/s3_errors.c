/* What an answer of S3 that is no success means.
 *
 * Source: Amazon S3 API Reference, "Error responses". */
#include "net/xml_fields.h"
#include "stores/s3_parts.h"

struct str s3_code(struct store_call *call, const struct s3_exchange *exchange) {
    struct str root;
    struct str code = STR_NONE;
    if (xml_fields_root(buf_str(&exchange->response.body), NULL, &root)) {
        code = xml_fields_text(call->arena, xml_fields_get(root, "Code"), NULL);
    }
    return code.ptr == NULL ? STR("") : code;
}

static struct str element(struct store_call *call, const struct s3_exchange *exchange,
                          const char *name) {
    struct str root;
    struct str text = STR_NONE;
    if (xml_fields_root(buf_str(&exchange->response.body), NULL, &root)) {
        text = xml_fields_text(call->arena, xml_fields_get(root, name), NULL);
    }
    return text.ptr == NULL ? STR("") : text;
}

/* Bounded, for `%.*s`. */
static int width(struct str text, size_t most) {
    return (int)(text.len < most ? text.len : most);
}

struct answer {
    struct s3 *s3;
    struct store_call *call;
    const struct s3_exchange *exchange;
    struct str name;
    struct str code;
    bool is_write;
    long status;
};

static bool code_is(const struct answer *answer, const char *const *codes) {
    for (; *codes != NULL; codes++) {
        if (str_equal(answer->code, str_of(*codes))) {
            return true;
        }
    }
    return false;
}

static bool fail_region(const struct answer *answer) {
    static const char *const codes[] = {"PermanentRedirect", "TemporaryRedirect",
                                        "AuthorizationHeaderMalformed",
                                        "IllegalLocationConstraintException", NULL};
    struct s3 *s3 = answer->s3;
    if (!code_is(answer, codes) && answer->status != 301 && answer->status != 307) {
        return false;
    }
    struct str region =
        http_header_of(&answer->exchange->response, STR("x-amz-bucket-region"));
    if (region.len == 0) {
        region = element(answer->call, answer->exchange, "Region");
    }
    if (region.len == 0 || str_equal(region, s3->region)) {
        failure_set(&answer->call->failure, ERROR_STORE_WRONG_REGION, STR_NONE,
                    "the bucket `%.*s` is not in the region `%.*s`",
                    width(s3->bucket, 100), s3->bucket.ptr, width(s3->region, 64),
                    s3->region.ptr);
    } else {
        failure_set(&answer->call->failure, ERROR_STORE_WRONG_REGION, STR_NONE,
                    "the bucket `%.*s` is in the region `%.*s`, not in `%.*s`",
                    width(s3->bucket, 100), s3->bucket.ptr, width(region, 64),
                    region.ptr, width(s3->region, 64), s3->region.ptr);
    }
    return true;
}

static bool fail_identity(const struct answer *answer) {
    static const char *const refused[] = {"InvalidAccessKeyId",
                                          "SignatureDoesNotMatch",
                                          "ExpiredToken",
                                          "InvalidToken",
                                          "TokenRefreshRequired",
                                          "InvalidSecurity",
                                          NULL};
    static const char *const skewed[] = {"RequestTimeTooSkewed", "RequestExpired",
                                         NULL};
    struct failure *failure = &answer->call->failure;
    if (code_is(answer, skewed)) {
        struct str date = http_header_of(&answer->exchange->response, STR("date"));
        failure_set(failure, ERROR_STORE_CLOCK_SKEW, STR_NONE,
                    "this machine's clock is too far from the server's%s%.*s",
                    date.len > 0 ? ", which says " : "", width(date, 40),
                    date.len > 0 ? date.ptr : "");
        return true;
    }
    if (code_is(answer, refused) || answer->status == 401) {
        const char *source = answer->exchange->source;
        const char *why = str_equal(answer->code, STR("ExpiredToken")) ? "have expired"
                          : str_equal(answer->code, STR("SignatureDoesNotMatch"))
                              ? "do not belong together: the signature does not match"
                              : "are refused";
        if (source == NULL) {
            return false;
        }
        failure_set(failure, ERROR_AUTH_UNAUTHORIZED, STR_NONE,
                    "the AWS credentials from %s %s (%.*s)", source, why,
                    width(answer->code, 60), answer->code.ptr);
        return true;
    }
    return false;
}

static bool fail_denied(const struct answer *answer) {
    struct failure *failure = &answer->call->failure;
    struct str bucket = answer->s3->bucket;
    if (answer->status != 403 && answer->status != 401) {
        return false;
    }
    if (answer->exchange->source == NULL) {
        failure_set(
            failure, ERROR_AUTH_NO_CREDENTIALS, STR_NONE,
            "the bucket `%.*s` is not public, and there are no AWS credentials; "
            "looked for in: %s",
            width(bucket, 100), bucket.ptr, auth_aws_places());
        return true;
    }
    const char *action = answer->is_write        ? "write to"
                         : answer->name.len == 0 ? "list"
                                                 : "read from";
    /* Who may not list is told of what is absent that it is denied. */
    const char *hint = !answer->is_write && answer->name.len > 0
                           ? " (also so where the object is absent and the identity "
                             "lacks s3:ListBucket)"
                           : "";
    failure_set(failure, ERROR_STORE_ACCESS_DENIED, answer->name,
                "the identity from %s may not %s the bucket `%.*s`%s%s%.*s",
                answer->exchange->source, action, width(bucket, 100), bucket.ptr, hint,
                answer->code.len > 0 ? ": " : "", width(answer->code, 60),
                answer->code.ptr);
    return true;
}

static void fail_other(const struct answer *answer) {
    static const char *const full[] = {"InsufficientStorage", "XMinioStorageFull",
                                       "QuotaExceeded",
                                       "XMinioAdminBucketQuotaExceeded", NULL};
    struct failure *failure = &answer->call->failure;
    struct str message = element(answer->call, answer->exchange, "Message");
    enum error_id id = ERROR_STORE_BAD_RESPONSE;
    if (answer->status == 429 || answer->status == 503 ||
        str_equal(answer->code, STR("SlowDown"))) {
        id = ERROR_STORE_RATE_LIMITED;
    } else if (answer->status == 507 || code_is(answer, full)) {
        id = ERROR_STORE_NO_SPACE;
    } else if (answer->status == 413 ||
               str_equal(answer->code, STR("EntityTooLarge"))) {
        id = ERROR_STORE_TOO_LARGE;
    } else if (answer->status == 501 || answer->status == 405) {
        id = ERROR_STORE_UNSUPPORTED;
    } else if (answer->status >= 500) {
        id = ERROR_STORE_SERVER_ERROR;
    }
    failure_set(failure, id, answer->name, "the server answers %ld%s%.*s%s%.*s",
                answer->status, answer->code.len > 0 ? " " : "",
                width(answer->code, 60), answer->code.ptr, message.len > 0 ? ": " : "",
                width(message, 400), message.ptr);
    http_redact(answer->s3->http, failure->note);
}

enum store_status s3_fail(struct s3 *s3, struct store_call *call, struct str name,
                          bool is_write, const struct s3_exchange *exchange) {
    struct answer answer = {.s3 = s3,
                            .call = call,
                            .exchange = exchange,
                            .name = name,
                            .code = s3_code(call, exchange),
                            .is_write = is_write,
                            .status = exchange->response.status};
    if (str_equal(answer.code, STR("NoSuchBucket")) ||
        (answer.status == 404 && name.len == 0)) {
        failure_set(&call->failure, ERROR_STORE_NOT_FOUND, STR_NONE,
                    "there is no bucket `%.*s`", width(s3->bucket, 100),
                    s3->bucket.ptr);
    } else if (!fail_region(&answer) && !fail_identity(&answer) &&
               !fail_denied(&answer)) {
        fail_other(&answer);
    }
    /* 503 is an answer before anything was done; of the others nobody knows. */
    bool may_have_happened = answer.status >= 500 && answer.status != 501 &&
                             answer.status != 503 && answer.status != 507;
    return is_write && may_have_happened ? STORE_UNCERTAIN : STORE_FAILED;
}
