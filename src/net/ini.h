/* Configuration files as the AWS tools have them.
 *
 * Source: AWS SDKs and Tools Reference Guide, "Shared config and credentials files".
 * Shapes: `[section]`, `key = value`; lines that begin with `#` or `;` are comments, as
 *   is what follows a space and one of those; nested lines, which are indented, are
 *   passed over. Of a key that comes twice the last counts. Names of sections are
 *   compared as they are, keys without regard to case.
 * Ownership: results view the text. */
#ifndef NET_INI_H
#define NET_INI_H

#include "base/str.h"

/* Absent: not there. */
struct str ini_get(struct str text, struct str section, const char *key);
bool ini_has(struct str text, struct str section);

#endif
