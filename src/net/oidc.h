/* The identity that a pipeline's runner vouches for: an OpenID Connect token.
 *
 * Source: docs.github.com, "OpenID Connect reference"; docs.gitlab.com, "OpenID Connect
 *   (OIDC) authentication using ID tokens".
 * Shapes: a token is a JSON Web Token, made for one audience. Looked for in this order:
 *   the variable INFLUXDB3_PLUGIN_ID_TOKEN (which a GitLab job declares in
 * `id_tokens`), then GitHub Actions' own service (jobs with `id-token: write`).
 * Ownership: texts lie in the arena; tokens are hidden from then on (http_hide).
 * Errors: auth::exchange_failed. Threads: safe. */
#ifndef NET_OIDC_H
#define NET_OIDC_H

#include "net/http.h"

/* Where a token would come from, for texts; NULL: from nowhere. */
const char *oidc_source(void);

bool oidc_token(struct http *http, struct arena *arena, struct str audience,
                struct str *token, struct failure *failure);

#endif
