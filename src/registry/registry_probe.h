/* What the conditions of a host are worth, tried on objects of its own.
 *
 * Source: docs/publishing.md, "A store".
 * Errors: registry::condition_ignored, telling what to write into the location;
 * store::*. The objects are removed in every case, as far as the host lets. */
#ifndef REGISTRY_PROBE_H
#define REGISTRY_PROBE_H

#include "registry/registry.h"

enum registry_status registry_probe(struct arena *arena, struct store *store,
                                    const struct registry_host *host,
                                    struct diag **failure);

#endif
