/* Reading elements out of the XML that object stores answer with.
 *
 * Source: XML 1.0, as far as S3 and Azure use it. Namespace prefixes are passed over;
 *   declarations, comments and CDATA are known; a document type is refused, so there
 *   are no entities but the five of XML and numbers.
 * Shapes: a view of an element's content. Elements nest at most 32 deep.
 * Ownership: texts lie in the arena.
 * Errors: false or absent: not there, not well-formed up to there, or (`*no_memory`, if
 *   not NULL) memory is out.
 * Cost: linear in the content looked through. */
#ifndef NET_XML_FIELDS_H
#define NET_XML_FIELDS_H

#include "base/arena.h"

/* The next child element in `content` from `*at` on; `*inner` is what is between its
 * tags. False: there is none. */
bool xml_fields_next(struct str content, size_t *at, struct str *name,
                     struct str *inner);

/* Is the whole text one element, well-formed? `*inner` may be NULL. */
bool xml_fields_root(struct str text, struct str *name, struct str *inner);

/* The content of the first child of that name; absent: none. */
struct str xml_fields_get(struct str content, const char *name);

/* The text of an element's content, without markup and entities. */
struct str xml_fields_text(struct arena *arena, struct str inner, bool *no_memory);

#endif
