/* Token endpoints: a form goes there, an access token comes back.
 *
 * Source: RFC 6749 sections 4.4, 5 and 6; RFC 7523; RFC 8693.
 * Ownership: results lie in the arena; the token is hidden from texts from then on.
 * Errors: auth::exchange_failed with what the endpoint says, store::clock_skew where
 *   this machine's clock explains it, and what http_send reports. */
#ifndef NET_OAUTH_H
#define NET_OAUTH_H

#include "net/http.h"
#include "net/token.h"

struct oauth_field {
    const char *name;
    struct str value; /* absent: the field is left out */
};

struct oauth_request {
    struct str url;
    const struct oauth_field *fields;
    size_t count;
    struct http_auth auth;
    const char *what; /* is sent, in words: "the key of the service account" */
};

/* Reads `access_token` and `expires_in`. */
bool oauth_fetch(struct http *http, struct arena *arena,
                 const struct oauth_request *request, struct token_grant *grant,
                 struct failure *failure);

/* An answer that gives no token, as a failure. */
void oauth_refused(struct http *http, struct arena *arena, const char *what,
                   struct str url, const struct http_response *response,
                   struct failure *failure);

/* Takes the token out of an answer: `token_name` as in "access_token". */
bool oauth_take(struct http *http, struct arena *arena, const char *what,
                struct str url, const struct http_response *response,
                const char *token_name, struct token_grant *grant,
                struct failure *failure);

#endif
