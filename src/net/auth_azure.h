/* Who one is at Azure Blob Storage: a signature, or an access token of Entra ID.
 *
 * Source: "Authorize with Shared Key" (the rules since 2015-02-21), "Delegate access
 * with a shared access signature", "Microsoft identity platform and the OAuth 2.0
 * client credentials flow", "How to use managed identities … to acquire an access
 * token", all of Microsoft's documentation. Shapes, in this order, the first that is
 * there:
 *   1. AZURE_STORAGE_SAS_TOKEN: a shared access signature, with or without its `?`;
 *   2. AZURE_STORAGE_KEY, or AZURE_STORAGE_CONNECTION_STRING with a key or a signature;
 *   3. AZURE_CLIENT_ID and AZURE_TENANT_ID with the token in
 * AZURE_FEDERATED_TOKEN_FILE, or with the CI runner's own;
 *   4. these two with AZURE_CLIENT_SECRET;
 *   5. managed identity: IDENTITY_ENDPOINT and IDENTITY_HEADER;
 *   6. managed identity: the instance metadata service
 * (AZURE_POD_IDENTITY_AUTHORITY_HOST in its place), unless AZURE_IMDS_DISABLED is
 * `true`. AZURE_AUTHORITY_HOST is the login endpoint of other clouds. Ownership:
 * auth_azure_free ends it; the client given must outlive it. Errors:
 * auth::invalid_credentials, auth::no_credentials, auth::exchange_failed,
 *   store::clock_skew, and what http_send reports. Texts name where credentials came
 *   from, never their value.
 * Threads: safe, but for new and free. */
#ifndef NET_AUTH_AZURE_H
#define NET_AUTH_AZURE_H

#include "net/http.h"

struct auth_azure;

/* Reads the environment; sends nothing. NULL: failed. */
struct auth_azure *auth_azure_new(struct http *http, struct str account,
                                  struct failure *failure);
void auth_azure_free(struct auth_azure *auth);

/* The blob endpoint that a connection string names, without a slash at its end. Absent:
 * none does. */
struct str auth_azure_endpoint(const struct auth_azure *auth);

/* Makes the request, complete but for this, one of somebody: its address, headers (in
 * the arena) and `auth` change. Its headers are in lowercase. Without any of 1 to 5 the
 * metadata service is asked if credentials are needed; else the request goes without.
 */
bool auth_azure_apply(struct auth_azure *auth, bool is_needed, struct arena *arena,
                      struct http_request *request, struct failure *failure);

/* The host refused the request (401). Is another try with a new token worth it? */
bool auth_azure_refused(struct auth_azure *auth, const struct http_request *request);

/* In words; absent: there are no credentials. Lives as long as `auth`. */
struct str auth_azure_source(const struct auth_azure *auth);

/* Has the signature given ended, by its own `se` and this machine's clock? */
bool auth_azure_has_ended(const struct auth_azure *auth);

/* Of a key, a signature given, or a token: they fail in different ways. */
enum auth_azure_kind {
    AUTH_AZURE_NONE,
    AUTH_AZURE_SAS,
    AUTH_AZURE_KEY,
    AUTH_AZURE_TOKEN
};
enum auth_azure_kind auth_azure_kind(const struct auth_azure *auth);

#endif
