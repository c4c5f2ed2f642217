/* The order in which an index is written: name (bytes), then version precedence, ties
 * in input order. */
#ifndef SCHEMA_INDEX_ORDER_H
#define SCHEMA_INDEX_ORDER_H

#include "schema/index.h"

/* `*order` is the entries' numbers in order, to be freed; NULL if the index is in order
 * as it is. False: memory is out.
 * Cost: linear where names and versions come in order, as in a file that was written
 *   canonically and in one to which entries were added at the end. */
bool index_order(const struct index *index, uint32_t **order);

#endif
