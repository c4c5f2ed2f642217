/* Keys of a manifest that its format does not know. Private to manifest. */
#ifndef SCHEMA_MANIFEST_KEYS_H
#define SCHEMA_MANIFEST_KEYS_H

#include "schema/manifest.h"
#include "schema/toml.h"

/* An unknown key of the table that may be a misspelt `key`, or NULL. */
const struct toml_node *manifest_similar_key(const struct toml_node *table,
                                             const char *key);

/* Fills `unknown_keys`, in document order table by table; the structure must have been
 * checked. False: memory is out. */
bool manifest_unknown_keys(struct arena *arena, const struct toml_node *root,
                           struct manifest *manifest);

#endif
