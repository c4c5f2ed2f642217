/* What must be known of a TOML document before a parser may see it.
 *
 * Source: TOML 1.0.0 (strings and comments); docs/formats.md, "Manifest".
 * Shapes: any UTF-8, valid TOML or not. Strings and comments are stepped over, the
 *   brackets and dots between them counted; what is wrong otherwise is the parser's to
 *   say. A document that passes drives no recursion past LIMIT_TOML_DEPTH. */
#ifndef SCHEMA_TOML_SCAN_H
#define SCHEMA_TOML_SCAN_H

#include "base/str.h"

enum { TOML_NESTING_CAP = 80 };

/* Calls back for the offset of each second 60 of a time. NULL if the document passes,
 * else the broken rule, a static phrase, and `*offset` where. */
typedef void (*toml_leap_second)(void *context, size_t offset);
const char *toml_scan(struct str document, toml_leap_second report, void *context,
                      size_t *offset);

#endif
