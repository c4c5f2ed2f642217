/* What Azure Blob Storage's refusals mean.
 *
 * Source: "Common REST API error codes" and "Blob Storage error codes" of Microsoft's
 *   documentation. */
#include "net/skew.h"
#include "net/xml_fields.h"
#include "stores/azure_parts.h"

enum { MESSAGE_MAX = 400, SKEW_MINIMUM_S = 600 };

struct str azure_error_code(const struct http_response *response) {
    struct str code = http_header_of(response, STR("x-ms-error-code"));
    struct str root;
    struct str inner;
    if (code.ptr != NULL) {
        return code;
    }
    if (xml_fields_root(buf_str(&response->body), &root, &inner)) {
        code = xml_fields_get(inner, "Code"); /* a word: nothing to decode */
    }
    return code.ptr == NULL ? STR("") : code;
}

/* The first line of a child of the error: identifiers of the request follow. */
static struct str line_of(struct arena *arena, const struct http_response *response,
                          const char *name) {
    struct str root;
    struct str inner;
    struct str text = STR_NONE;
    if (xml_fields_root(buf_str(&response->body), &root, &inner)) {
        text = xml_fields_text(arena, xml_fields_get(inner, name), NULL);
    }
    if (text.ptr == NULL) {
        return STR("");
    }
    text = str_trim(str_first(text, str_find(text, '\n')));
    return text.len > MESSAGE_MAX ? str_first(text, MESSAGE_MAX) : text;
}

/* A code, the row that it becomes, and what the host does not say. */
struct meaning {
    const char *code;
    enum error_id id;
    const char *remark; /* NULL: the host's message is enough */
};

static const struct meaning meanings[] = {
    {"AccountBeingCreated", ERROR_STORE_SERVER_ERROR, NULL},
    {"AccountIsDisabled", ERROR_STORE_ACCESS_DENIED, "the storage account is disabled"},
    {"AuthorizationFailure", ERROR_STORE_ACCESS_DENIED,
     "the account's firewall may not let this machine in, or the signature does not "
     "allow this"},
    {"AuthorizationPermissionMismatch", ERROR_STORE_ACCESS_DENIED,
     "the identity needs the role Storage Blob Data Contributor on the container (to "
     "read, Storage Blob Data Reader); a new role takes some minutes; a shared access "
     "signature needs the permissions racwdl"},
    {"AuthorizationProtocolMismatch", ERROR_STORE_ACCESS_DENIED,
     "the signature allows https only"},
    {"AuthorizationResourceTypeMismatch", ERROR_STORE_ACCESS_DENIED,
     "the signature needs the resource types container and object (srt=co)"},
    {"AuthorizationServiceMismatch", ERROR_STORE_ACCESS_DENIED,
     "the signature is not for the blob service (ss=b)"},
    {"AuthorizationSourceIPMismatch", ERROR_STORE_ACCESS_DENIED,
     "the signature does not allow this machine's address"},
    {"BlobArchived", ERROR_STORE_ACCESS_DENIED,
     "it lies in the archive tier: bring it back to hot or cool first"},
    {"BlobImmutableDueToPolicy", ERROR_STORE_ACCESS_DENIED,
     "a policy forbids to change blobs; index.json has to change with each publish"},
    {"ContainerBeingDeleted", ERROR_STORE_NOT_FOUND,
     "the container is just being deleted"},
    {"InsufficientAccountPermissions", ERROR_STORE_ACCESS_DENIED, NULL},
    {"InvalidAuthenticationInfo", ERROR_AUTH_UNAUTHORIZED,
     "the token is not for https://storage.azure.com/, not of this account's tenant, "
     "or "
     "has ended"},
    {"KeyBasedAuthenticationNotPermitted", ERROR_STORE_ACCESS_DENIED,
     "this account takes no keys: use Entra ID"},
    {"LeaseIdMissing", ERROR_STORE_ACCESS_DENIED,
     "somebody holds a lease on it: break the lease first"},
    {"PublicAccessNotPermitted", ERROR_STORE_ACCESS_DENIED,
     "this account lets nobody read without credentials"},
};

static const struct meaning *meaning_of(struct str code) {
    for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++) {
        if (str_equal(code, str_of(meanings[i].code))) {
            return &meanings[i];
        }
    }
    return NULL;
}

static enum error_id id_of_status(long status) {
    switch (status) {
    case 401:
        return ERROR_AUTH_UNAUTHORIZED;
    case 403:
    case 409:
        return ERROR_STORE_ACCESS_DENIED;
    case 404:
        return ERROR_STORE_NOT_FOUND;
    case 413:
        return ERROR_STORE_TOO_LARGE;
    case 429:
        return ERROR_STORE_RATE_LIMITED;
    default:
        return status >= 500 ? ERROR_STORE_SERVER_ERROR : ERROR_STORE_BAD_RESPONSE;
    }
}

/* Who is refused because nobody, or nobody known, asks. */
static bool tell_unknown(const struct azure *azure, struct store_call *call,
                         const struct http_response *response, struct str code) {
    if (auth_azure_kind(azure->auth) == AUTH_AZURE_NONE &&
        (response->status == 401 || response->status == 403 ||
         str_equal(code, STR("PublicAccessNotPermitted")) ||
         str_equal(code, STR("ResourceNotFound")))) {
        failure_set(
            &call->failure, ERROR_AUTH_NO_CREDENTIALS, STR_NONE,
            "the container `%.*s` is not public, or not there, and there are no "
            "credentials",
            STR_ARG(azure->container));
        return true;
    }
    if (str_equal(code, STR("ContainerNotFound")) ||
        (response->status == 404 && !str_equal(code, STR("BlobNotFound")))) {
        failure_set(&call->failure, ERROR_STORE_NOT_FOUND, STR_NONE,
                    "there is no container `%.*s` in the storage account `%.*s`",
                    STR_ARG(azure->container), STR_ARG(azure->account));
        return true;
    }
    return false;
}

/* AuthenticationFailed: a wrong key, or a wrong time. */
static void tell_unauthenticated(const struct azure *azure, struct store_call *call,
                                 const struct http_response *response) {
    struct str detail = line_of(call->arena, response, "AuthenticationErrorDetail");
    struct str source = auth_azure_source(azure->auth);
    int64_t ahead_s = skew_of(response);
    char skew[SKEW_TEXT_BYTES];
    skew_text(response, skew);
    if (ahead_s > SKEW_MINIMUM_S || ahead_s < -SKEW_MINIMUM_S) {
        failure_set(&call->failure, ERROR_STORE_CLOCK_SKEW, STR_NONE,
                    "the host does not accept the time of the request: %s", skew);
        return;
    }
    source = source.ptr == NULL ? STR("what was sent") : source;
    const char *remark =
        auth_azure_kind(azure->auth) == AUTH_AZURE_SAS
            ? "; it may have ended, or be of another account or container"
        : auth_azure_kind(azure->auth) == AUTH_AZURE_KEY
            ? "; it may be of another account, or have been renewed"
            : "";
    failure_set(&call->failure, ERROR_AUTH_UNAUTHORIZED, STR_NONE,
                "the account `%.*s` does not accept %.*s%s%s%.*s",
                STR_ARG(azure->account), STR_ARG(source), remark,
                detail.len > 0 ? ": " : "", STR_ARG(detail));
    http_redact(azure->http, call->failure.note);
}

void azure_refused(const struct azure *azure, struct store_call *call,
                   const struct http_response *response, const char *doing,
                   struct str name) {
    struct str code = azure_error_code(response);
    if (tell_unknown(azure, call, response, code)) {
        return;
    }
    if ((response->status == 401 || response->status == 403) &&
        auth_azure_has_ended(azure->auth)) {
        struct str source = auth_azure_source(azure->auth);
        failure_set(&call->failure, ERROR_AUTH_UNAUTHORIZED, STR_NONE,
                    "%.*s has ended: make a new one", STR_ARG(source));
        return;
    }
    if (str_equal(code, STR("AuthenticationFailed"))) {
        tell_unauthenticated(azure, call, response);
        return;
    }
    const struct meaning *meaning = meaning_of(code);
    struct str message = line_of(call->arena, response, "Message");
    struct str who = auth_azure_source(azure->auth);
    bool tells_who = who.ptr != NULL && response->status == 403;
    who = tells_who ? who : STR("");
    failure_set(
        &call->failure, meaning != NULL ? meaning->id : id_of_status(response->status),
        name, "%s is refused%s%.*s with status %ld%s%.*s%s%.*s%s%s", doing,
        tells_who ? " to " : "", STR_ARG(who), response->status,
        code.len > 0 ? ", " : "", STR_ARG(code), message.len > 0 ? ": " : "",
        STR_ARG(message), meaning != NULL && meaning->remark != NULL ? "; " : "",
        meaning != NULL && meaning->remark != NULL ? meaning->remark : "");
    http_redact(azure->http, call->failure.note);
}
