/* Whether this machine's clock is right, told by an answer. */
#ifndef NET_SKEW_H
#define NET_SKEW_H

#include "net/http.h"

enum { SKEW_TEXT_BYTES = 80 };

/* Seconds that this machine is ahead of the host's `Date`; 0: the host tells none. */
int64_t skew_of(const struct http_response *response);

/* "this machine's clock is 17 minutes ahead of the host's", or "" where it is off by
 * less than a minute. */
void skew_text(const struct http_response *response, char out[SKEW_TEXT_BYTES]);

#endif
