/* Does a text contain another, by the rules of search?
 *
 * Source: docs/cli.md, "search": substrings, ASCII case ignored; names also in
 * canonical form. Cost: linear in practice; a needle of one repeated letter in a text
 * of the same makes it their product. */
#ifndef REGISTRY_TEXT_MATCH_H
#define REGISTRY_TEXT_MATCH_H

#include "base/arena.h"

struct text_needle {
    struct str folded; /* lowercase */
    bool canonical;    /* and `-` counts as `_` */
};

/* False: memory is out. */
bool text_needle_init(struct text_needle *needle, struct arena *arena, struct str text,
                      bool canonical);

bool text_contains(struct str text, const struct text_needle *needle);

/* Unicode white space off both ends. */
struct str text_trim(struct str text);

#endif
