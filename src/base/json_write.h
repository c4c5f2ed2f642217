/* Writing JSON text.
 *
 * Source: RFC 8259; docs/formats.md, "Canonical serialization": escapes `"`, `\` and
 *   control characters only (`\b \t \n \f \r`, others lowercase `\u00xx`).
 * Errors: the result shows in `out->failed`. */
#ifndef BASE_JSON_WRITE_H
#define BASE_JSON_WRITE_H

#include "base/buf.h"

/* The quoted string; bytes that are not UTF-8 become U+FFFD. */
void json_append_string(struct buf *out, struct str text);

/* `"key":` */
void json_append_key(struct buf *out, struct str key);

#endif
