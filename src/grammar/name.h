/* Plugin names and their canonical form.
 *
 * Source: docs/formats.md, "Names".
 * Shapes: 1 to 64 ASCII bytes, `[A-Za-z][A-Za-z0-9_-]*`, no Windows device name. */
#ifndef GRAMMAR_NAME_H
#define GRAMMAR_NAME_H

#include "base/str.h"

enum { NAME_MAX_BYTES = 64 };

enum name_verdict { NAME_VALID, NAME_MALFORMED, NAME_RESERVED };

enum name_verdict name_check(struct str name);

/* Lowercase, `-` as `_`; any bytes, the same length. */
void name_canonicalize(struct str name, char *out);
bool name_canonical_equal(struct str a, struct str b);
int name_canonical_compare(struct str a, struct str b);

#endif
