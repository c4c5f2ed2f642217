/* What libcurl's verdict means: for trying again, and in words. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "net/http_parts.h"

static void fail(struct http_try *attempt, enum http_try_end end, enum error_id id,
                 const char *sentence, const char *reason) {
    /* Sentences have one `%s` for the host and, with a reason, another. */
    attempt->end = end;
    const char *host = attempt->parts->origin;
    char text[FAILURE_NOTE_BYTES];
    size_t len = 0;
    for (const char *at = sentence; *at != '\0' && len + 1 < sizeof text; at++) {
        if (*at != '@' && *at != '#') {
            text[len++] = *at;
            continue;
        }
        const char *part = *at == '@' ? host : reason;
        for (; *part != '\0' && len + 1 < sizeof text; part++) {
            text[len++] = (unsigned char)*part < ' ' ? ' ' : *part;
        }
    }
    text[len] = '\0';
    failure_set(&attempt->failure, id, STR_NONE, "%s", text);
}

/* In libcurl's words, or in those for the code. */
static const char *detail(const struct http_try *attempt, CURLcode code) {
    return attempt->error[0] != '\0' ? attempt->error : curl_easy_strerror(code);
}

static void judge_no_connection(struct http_try *attempt) {
    long error = 0;
    (void)curl_easy_getinfo(attempt->easy, CURLINFO_OS_ERRNO, &error);
    if (error == ECONNREFUSED) {
        fail(attempt, HTTP_TRY_BROKEN, ERROR_STORE_UNREACHABLE,
             "`@` refused the connection", "");
    } else if (error == 0) {
        fail(attempt, HTTP_TRY_BROKEN, ERROR_STORE_UNREACHABLE,
             "there is no connection to `@`", "");
    } else {
        fail(attempt, HTTP_TRY_BROKEN, ERROR_STORE_UNREACHABLE,
             "there is no connection to `@`: #", strerror((int)error));
    }
}

static void judge_timeout(struct http_try *attempt) {
    if (attempt->is_stalled) {
        fail(attempt, HTTP_TRY_BROKEN, ERROR_STORE_TIMEOUT,
             "`@` stopped sending and receiving, or is too slow", "");
    } else if (attempt->sends > 0) {
        /* Only the time for all requests ends one that has begun. */
        fail(attempt, HTTP_TRY_FAILED, ERROR_STORE_TIMEOUT,
             "`@` did not answer before the time for all requests was over", "");
    } else {
        fail(attempt, HTTP_TRY_BROKEN, ERROR_STORE_TIMEOUT,
             "`@` did not take the connection in time", "");
    }
}

static void judge_partial(struct http_try *attempt) {
    char counts[96] = "";
    if (attempt->declared_bytes != UINT64_MAX) {
        struct buf text;
        buf_init(&text, sizeof counts - 1);
        (void)buf_append(&text, STR(": "));
        (void)buf_append_u64(&text, attempt->body.len);
        (void)buf_append(&text, STR(" of "));
        (void)buf_append_u64(&text, attempt->declared_bytes);
        (void)buf_append(&text, STR(" bytes came"));
        if (!text.failed) {
            memcpy(counts, text.ptr, text.len + 1);
        }
        buf_release(&text);
    }
    fail(attempt, HTTP_TRY_BROKEN, ERROR_STORE_BAD_RESPONSE,
         "the answer of `@` broke off#", counts);
}

/* Our own callbacks ended it. */
static bool judge_own_end(struct http_try *attempt) {
    if (attempt->no_memory) {
        failure_memory(&attempt->failure);
        attempt->end = HTTP_TRY_FAILED;
    } else if (attempt->is_too_large) {
        if (attempt->is_cut) {
            attempt->end = HTTP_TRY_ANSWERED;
            return true;
        }
        char limit[24];
        struct buf text;
        buf_init(&text, sizeof limit - 1);
        (void)buf_append_u64(&text, attempt->body.max);
        memcpy(limit, text.failed ? "" : text.ptr, text.failed ? 1 : text.len + 1);
        buf_release(&text);
        fail(attempt, HTTP_TRY_FAILED, ERROR_STORE_TOO_LARGE,
             "the answer of `@` has more than the # bytes that are taken", limit);
    } else if (attempt->is_bad || attempt->header_bytes > HTTP_HEADER_BYTES) {
        fail(attempt, HTTP_TRY_FAILED, ERROR_STORE_BAD_RESPONSE,
             "the headers of the answer of `@` are too long or contradict each other",
             "");
    } else if (attempt->is_stalled) {
        judge_timeout(attempt);
    } else {
        return false;
    }
    return true;
}

static void judge_other(struct http_try *attempt, CURLcode code) {
    const char *reason = detail(attempt, code);
    switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
        fail(attempt, HTTP_TRY_BROKEN, ERROR_STORE_UNREACHABLE,
             "the host `@` is not known, or names cannot be looked up now", "");
        return;
    case CURLE_COULDNT_RESOLVE_PROXY:
        fail(attempt, HTTP_TRY_BROKEN, ERROR_STORE_UNREACHABLE,
             "the proxy on the way to `@` is not known", "");
        return;
    case CURLE_COULDNT_CONNECT:
        judge_no_connection(attempt);
        return;
    case CURLE_OPERATION_TIMEDOUT:
        judge_timeout(attempt);
        return;
    case CURLE_PARTIAL_FILE:
        judge_partial(attempt);
        return;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
        fail(attempt, HTTP_TRY_FAILED, ERROR_STORE_CERTIFICATE,
             "the certificate of `@` is not trusted: #", reason);
        return;
    case CURLE_SSL_CONNECT_ERROR:
        if (strstr(reason, "wrong version number") != NULL) {
            fail(attempt, HTTP_TRY_FAILED, ERROR_STORE_UNREACHABLE,
                 "`@` does not speak TLS there: it may be `http:`, or another port",
                 "");
            return;
        }
        fail(attempt, HTTP_TRY_BROKEN, ERROR_STORE_UNREACHABLE,
             "no secure connection to `@` comes about: #", reason);
        return;
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_FAIL_REWIND:
    case CURLE_ABORTED_BY_CALLBACK: /* a second sending */
        fail(attempt, HTTP_TRY_BROKEN, ERROR_STORE_UNREACHABLE,
             "`@` broke the connection off", "");
        return;
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL: /* as HTTP/0.9 */
    case CURLE_BAD_CONTENT_ENCODING:
    case CURLE_FILESIZE_EXCEEDED:
    case CURLE_WRITE_ERROR:
        fail(attempt, HTTP_TRY_FAILED, ERROR_STORE_BAD_RESPONSE,
             "what `@` answers is not HTTP: #", reason);
        return;
    default:
        fail(attempt, HTTP_TRY_FAILED, ERROR_STORE_UNREACHABLE,
             "the request to `@` failed: #", reason);
        return;
    }
}

/* libcurl says so, too, of a header that is longer than it takes (100 kB). */
static void judge_memory(struct http_try *attempt) {
    enum { PROBE_BYTES = 1 << 20 };
    void *probe = attempt->sends > 0 ? malloc(PROBE_BYTES) : NULL;
    if (probe != NULL) {
        free(probe);
        fail(attempt, HTTP_TRY_FAILED, ERROR_STORE_BAD_RESPONSE,
             "the headers of the answer of `@` are too long", "");
        return;
    }
    failure_memory(&attempt->failure);
    attempt->end = HTTP_TRY_FAILED;
}

void http_try_judge(struct http_try *attempt, CURLcode code) {
    (void)curl_easy_getinfo(attempt->easy, CURLINFO_RESPONSE_CODE, &attempt->status);
    long sent_bytes = 0;
    (void)curl_easy_getinfo(attempt->easy, CURLINFO_REQUEST_SIZE, &sent_bytes);
    attempt->may_have_happened = attempt->sends > 0 && sent_bytes > 0;
    if (code == CURLE_OUT_OF_MEMORY) {
        judge_memory(attempt);
    } else if (code == CURLE_OK) {
        attempt->end = HTTP_TRY_ANSWERED;
    } else if (!judge_own_end(attempt)) {
        judge_other(attempt, code);
    }
    if (attempt->end == HTTP_TRY_ANSWERED) {
        attempt->may_have_happened = false;
    }
    http_redact(attempt->http, attempt->failure.note);
}
