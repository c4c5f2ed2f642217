/* Moments as hosts write them.
 *
 * Source: RFC 3339.
 * Shapes: seconds since 1970-01-01T00:00:00Z; fractions are dropped. */
#ifndef NET_INSTANT_H
#define NET_INSTANT_H

#include <stdint.h>

#include "base/str.h"

/* Days since 1970 of a date in the Gregorian calendar; months from 1 to 12. */
int64_t instant_days(int64_t year, int64_t month, int64_t day);

/* `2026-11-25T17:31:39.547Z`, also with an offset. False: it is none. */
bool instant_parse(struct str text, int64_t *time_s);

#endif
