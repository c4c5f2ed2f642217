/* What in a location looks like a secret.
 *
 * Source: docs/publishing.md, "Registry locations": a location with credentials in it
 * is refused, and what was refused is shown without them. Shapes: a guess by names
 * (`token`, `sig`, `X-Amz-Signature`, …) and by how the tokens of well-known hosts
 * begin. */
#ifndef STORES_LOCATION_SECRET_H
#define STORES_LOCATION_SECRET_H

#include "base/str.h"

/* Of a parameter, or of an environment variable. */
bool location_name_is_secret(struct str name);

/* `query` without its `?`. */
bool location_query_has_secret(struct str query);

#endif
