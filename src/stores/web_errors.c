/* What an answer of a web server that is no success means.
 *
 * Source: RFC 9110 section 15, RFC 4918 section 11. */
#include "stores/web_parts.h"

#include <inttypes.h>

bool web_is_page(const struct http_response *response) {
    struct str type = http_header_of(response, STR("content-type"));
    size_t end = str_find(type.ptr == NULL ? STR("") : type, ';');
    type = type.ptr == NULL ? STR("") : str_trim(str_first(type, end));
    return str_equal_ignore_case(type, STR("text/html")) ||
           str_equal_ignore_case(type, STR("application/xhtml+xml"));
}

static void fail_unknown(struct web *web, struct failure *failure, struct str name,
                         const char *what) {
    if (web->source == NULL) {
        failure_set(failure, ERROR_AUTH_NO_CREDENTIALS, name,
                    "the server asks who it is (%s: 401); looked for "
                    "INFLUXDB3_PLUGIN_WEB_USER with INFLUXDB3_PLUGIN_WEB_PASSWORD, "
                    "INFLUXDB3_PLUGIN_WEB_TOKEN, and a netrc file",
                    what);
    } else {
        failure_set(failure, ERROR_AUTH_UNAUTHORIZED, name,
                    "the server does not take the credentials of %s (%s: 401)",
                    web->source, what);
    }
}

struct row {
    long status;
    enum error_id id;
    const char *why;
};

static const struct row rows[] = {
    {403, ERROR_STORE_ACCESS_DENIED, "the server does not allow it"},
    {404, ERROR_STORE_NOT_FOUND, "the server has no such directory"},
    {405, ERROR_STORE_READ_ONLY,
     "the server does not take this method here: it serves files for reading, or its "
     "WebDAV is not switched on for this path"},
    {409, ERROR_STORE_NOT_FOUND, "the directory is not there yet"},
    {411, ERROR_STORE_BAD_RESPONSE, "the server wants a length that was sent"},
    {413, ERROR_STORE_TOO_LARGE,
     "the server takes no files of this size (nginx: `client_max_body_size`)"},
    {414, ERROR_STORE_NAME_REFUSED, "the address is too long for the server"},
    {423, ERROR_STORE_SERVER_ERROR, "another client has locked it"},
    {429, ERROR_STORE_RATE_LIMITED, "the server takes no more requests for now"},
    {501, ERROR_STORE_UNSUPPORTED, "the server does not know this method"},
    {507, ERROR_STORE_NO_SPACE, "the server has no space left"},
};

enum store_status web_fail(struct web *web, struct store_call *call, struct str name,
                           const char *what, const struct web_exchange *exchange) {
    long status = exchange->response.status;
    struct failure *failure = &call->failure;
    if (status == 401) {
        fail_unknown(web, failure, name, what);
        return STORE_FAILED;
    }
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].status == status) {
            failure_set(failure, rows[i].id, name, "%s (%s: %ld)", rows[i].why, what,
                        status);
            return STORE_FAILED;
        }
    }
    if (status >= 500) {
        failure_set(failure, ERROR_STORE_SERVER_ERROR, name,
                    "the server failed (%s: %ld)", what, status);
        bool reads = strcmp(what, "GET") == 0 || strcmp(what, "HEAD") == 0 ||
                     strcmp(what, "PROPFIND") == 0;
        return reads ? STORE_FAILED : STORE_UNCERTAIN;
    }
    if (status >= 300 && status < 400) {
        failure_set(failure, ERROR_STORE_REDIRECT_REFUSED, name,
                    "the server sends on to another address (%s: %ld), which writing "
                    "does not follow; give that address",
                    what, status);
        return STORE_FAILED;
    }
    failure_set(failure, ERROR_STORE_BAD_RESPONSE, name,
                "the server's answer is none to this request (%s: %ld)", what, status);
    return STORE_FAILED;
}
