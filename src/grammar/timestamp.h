/* Publication times: exactly `YYYY-MM-DDTHH:MM:SSZ`, a real instant of the proleptic
 * Gregorian calendar, no leap second.
 *
 * Source: docs/formats.md, "Index". */
#ifndef GRAMMAR_TIMESTAMP_H
#define GRAMMAR_TIMESTAMP_H

#include <stdint.h>

#include "base/str.h"

enum { TIMESTAMP_BYTES = 20 };

bool timestamp_is_valid(struct str text);

/* Seconds since 1970-01-01T00:00:00Z, years 0 to 9999; writes 20 bytes and a NUL. */
void timestamp_format(int64_t seconds, char out[TIMESTAMP_BYTES + 1]);

#endif
