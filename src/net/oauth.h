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

/* The token of the cache, fetched where it must be, as a request's Authorization. */
bool oauth_authorize(struct token_cache *cache, token_fetch fetch, void *context,
                     struct arena *arena, struct http_auth *auth,
                     struct failure *failure);

/* Asks the machine's own metadata service, and not for long unless somebody named its
 * address. False: nobody answers, or memory is out. */
bool oauth_ask_machine(struct http *http, struct arena *arena, struct str url,
                       struct http_header header, bool is_named,
                       struct http_response *response, struct failure *unreached);

#endif
