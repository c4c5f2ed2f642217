#include "net/skew.h"

#include <inttypes.h>
#include <stdio.h>

#include "net/host.h"
#include "net/retry.h"

int64_t skew_of(const struct http_response *response) {
    int64_t theirs_s;
    int64_t now_s = host_now_s(NULL);
    struct str date = http_header_of(response, STR("date"));
    return date.ptr != NULL && retry_http_date(date, now_s, &theirs_s)
               ? now_s - theirs_s
               : 0;
}

void skew_text(const struct http_response *response, char out[SKEW_TEXT_BYTES]) {
    int64_t ahead_s = skew_of(response);
    int64_t minutes = (ahead_s < 0 ? -ahead_s : ahead_s) / 60;
    out[0] = '\0';
    if (minutes > 0) {
        (void)snprintf(out, SKEW_TEXT_BYTES,
                       "this machine's clock is %" PRId64 " minute%s %s the host's",
                       minutes, minutes == 1 ? "" : "s",
                       ahead_s > 0 ? "ahead of" : "behind");
    }
}
