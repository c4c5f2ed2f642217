/* When to try again, and after how long.
 *
 * Source: RFC 9110 sections 5.6.7 (dates) and 10.2.3 (Retry-After).
 * Shapes: waits in milliseconds; times in seconds since 1970. */
#ifndef NET_RETRY_H
#define NET_RETRY_H

#include <stdint.h>

#include "base/str.h"

enum {
    RETRY_BASE_MS = 200,
    RETRY_CAP_MS = 20000,
    /* A host that asks for more is told to the user at once. */
    RETRY_AFTER_CAP_MS = 120000
};

/* What an answer says of trying again. */
enum retry_verdict {
    RETRY_NOT,       /* it is the answer */
    RETRY_HARMLESS,  /* the request took no effect */
    RETRY_UNCERTAIN, /* it may have taken effect */
};
enum retry_verdict retry_of_status(long status, bool asks_to_wait);

/* Full jitter: from 0 to the exponential bound of try `tries` (from 1). */
uint32_t retry_backoff_ms(unsigned tries, uint64_t random);

/* Seconds or a date, against `now_s`. -1: neither; at most RETRY_AFTER_CAP_MS + 1. */
int64_t retry_after_ms(struct str value, int64_t now_s);

/* `Sun, 06 Nov 1994 08:49:37 GMT` and the two obsolete forms. */
bool retry_http_date(struct str text, int64_t now_s, int64_t *time_s);

#endif
