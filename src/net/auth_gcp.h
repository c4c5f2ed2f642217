/* Who one is at Google Cloud: an access token from where its users have it.
 *
 * Source: "How Application Default Credentials works" and "Workload Identity
 * Federation" of Google Cloud's documentation; RFC 7523 (service-account keys), RFC
 * 8693 (token exchange), RFC 6749 section 6 (refresh tokens). Shapes, in this order,
 * the first that is there:
 *   1. an access token: CLOUDSDK_AUTH_ACCESS_TOKEN, GOOGLE_OAUTH_ACCESS_TOKEN;
 *   2. the file that GOOGLE_APPLICATION_CREDENTIALS names: a service account's key, an
 *      external account (workload identity federation), a user's refresh token, or any
 *      of these acting as a service account;
 *   3. GCP_WORKLOAD_IDENTITY_PROVIDER (and GCP_SERVICE_ACCOUNT): the CI runner's own
 *      identity token is exchanged;
 *   4. the file that `gcloud auth application-default login` leaves, below
 *      CLOUDSDK_CONFIG or ~/.config/gcloud;
 *   5. the metadata server of a Google Cloud machine (GCE_METADATA_HOST), unless
 *      NO_GCE_CHECK is `true`.
 * Ownership: auth_gcp_free ends it; the client given must outlive it.
 * Errors: auth::invalid_credentials (a file that cannot be read or understood),
 *   auth::no_credentials, auth::exchange_failed, store::clock_skew, and what http_send
 *   reports. Texts name where credentials came from, never their value.
 * Threads: safe, but for new and free. */
#ifndef NET_AUTH_GCP_H
#define NET_AUTH_GCP_H

#include "net/http.h"

struct auth_gcp;

/* Reads environment and files; sends nothing. NULL: failed. */
struct auth_gcp *auth_gcp_new(struct http *http, struct failure *failure);
void auth_gcp_free(struct auth_gcp *auth);

/* What a request carries. Without any of 1 to 4 the metadata server is asked if
 * credentials are needed; else the request goes without. */
bool auth_gcp_apply(struct auth_gcp *auth, bool is_needed, struct arena *arena,
                    struct http_auth *header, struct failure *failure);

/* The host refused this token (401). Is another try with a new one worth it? */
bool auth_gcp_refused(struct auth_gcp *auth, struct str token);

/* In words: "the access token in CLOUDSDK_AUTH_ACCESS_TOKEN". Lives as long as `auth`.
 * Absent: there are no credentials. */
struct str auth_gcp_source(const struct auth_gcp *auth);

#endif
