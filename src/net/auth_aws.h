/* Credentials for AWS and what speaks its protocol.
 *
 * Source: AWS SDKs and Tools Reference Guide, "Standardized credential providers" and
 *   the pages of the providers.
 * Shapes: looked for in this order, the first that is there counts:
 *   1. AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN
 *   2. AWS_ROLE_ARN with an identity token: AWS_WEB_IDENTITY_TOKEN_FILE, else the
 *      pipeline's own (oidc.h), through STS
 *   3. the profile AWS_PROFILE (or `default`) of the shared credentials and config
 *      files: keys, `role_arn` with `source_profile`, `credential_source` or
 *      `web_identity_token_file`, `credential_process`
 *   4. the container's service (AWS_CONTAINER_CREDENTIALS_*_URI)
 *   5. the instance's metadata service, version 2 (AWS_EC2_METADATA_DISABLED=true
 * leaves it out) Ownership: what auth_aws_get gives lies in the caller's arena. Secrets
 * are hidden in the client (http_hide). Errors: auth::invalid_credentials for what is
 * there and no good, auth::exchange_failed where a service gives none; the client's for
 * the network. Threads: any number; one fetches, the others wait. What ends is fetched
 * anew five minutes before. */
#ifndef NET_AUTH_AWS_H
#define NET_AUTH_AWS_H

#include "net/http.h"

struct auth_aws;

struct aws_credentials {
    struct str key_id;
    struct str secret;
    struct str token;   /* of a session; absent: none */
    int64_t expires_s;  /* INT64_MAX: never */
    const char *source; /* for texts: "the environment", … */
};

/* The client must outlive it. NULL: memory is out. */
struct auth_aws *auth_aws_new(struct http *http, struct failure *failure);
void auth_aws_free(struct auth_aws *auth);

enum auth_aws_status { AUTH_AWS_FOUND, AUTH_AWS_NONE, AUTH_AWS_FAILED };

enum auth_aws_status auth_aws_get(struct auth_aws *auth, struct arena *arena,
                                  struct aws_credentials *credentials,
                                  struct failure *failure);

/* What was looked at and not there, for the error that there are none. A static text.
 */
const char *auth_aws_places(void);

/* AWS_REGION, AWS_DEFAULT_REGION, or the profile's; absent: none. As long as `auth`. */
struct str auth_aws_region(const struct auth_aws *auth);

/* AWS_ENDPOINT_URL_<service>, AWS_ENDPOINT_URL, or the profile's `endpoint_url`;
 * absent: AWS itself. `service` in capitals. As long as `auth`. */
struct str auth_aws_endpoint(const struct auth_aws *auth, const char *service);

#endif
