/* One request, one answer: what is told to libcurl, and what it tells back. */
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "base/sha256.h"
#include "net/host.h"
#include "net/http_parts.h"
#include "net/version.h"

/* Called before each sending. libcurl repeats a request by itself when a connection
 * that it had kept turns out closed; whether to do that is decided here alone. */
static int on_send(void *context, char *ip, char *local_ip, int port, int local_port) {
    (void)ip;
    (void)local_ip;
    (void)port;
    (void)local_port;
    struct http_try *attempt = context;
    if (attempt->sends++ > 0) {
        return CURL_PREREQFUNC_ABORT;
    }
    if (attempt->http->options.requests != NULL) {
        atomic_fetch_add(attempt->http->options.requests, 1);
    }
    return CURL_PREREQFUNC_OK;
}

static size_t on_upload(char *to, size_t size, size_t count, void *context) {
    struct http_try *attempt = context;
    struct str rest = str_skip(attempt->request->body, attempt->uploaded);
    size_t room = size * count;
    size_t taken = rest.len < room ? rest.len : room;
    if (taken > 0) {
        memcpy(to, rest.ptr, taken);
    }
    attempt->uploaded += taken;
    return taken;
}

static int on_seek(void *context, curl_off_t offset, int origin) {
    struct http_try *attempt = context;
    if (origin != SEEK_SET || offset < 0 ||
        (uint64_t)offset > attempt->request->body.len) {
        return CURL_SEEKFUNC_CANTSEEK;
    }
    attempt->uploaded = (size_t)offset;
    return CURL_SEEKFUNC_OK;
}

/* Two lengths that differ: where the next answer begins is anyone's guess. */
static bool declare_length(struct http_try *attempt, struct str line) {
    const struct str name = STR("content-length:");
    if (line.len < name.len ||
        !str_equal_ignore_case(str_first(line, name.len), name)) {
        return true;
    }
    struct str digits = str_trim(str_skip(line, name.len));
    uint64_t length = 0;
    for (size_t i = 0; i < digits.len; i++) {
        if (!ascii_is_digit(digits.ptr[i]) || length > UINT64_MAX / 10 - 10) {
            return false;
        }
        length = length * 10 + (uint64_t)(digits.ptr[i] - '0');
    }
    bool differs =
        attempt->declared_bytes != UINT64_MAX && attempt->declared_bytes != length;
    attempt->declared_bytes = length;
    return !differs && digits.len > 0;
}

static size_t on_header(char *from, size_t size, size_t count, void *context) {
    struct http_try *attempt = context;
    struct str line = {from, size * count};
    attempt->header_bytes += line.len;
    if (str_starts_with(line, STR("HTTP/"))) {
        buf_clear(&attempt->headers);
        attempt->declared_bytes = UINT64_MAX;
        return attempt->header_bytes > HTTP_HEADER_BYTES ? 0 : line.len;
    }
    if (attempt->header_bytes > HTTP_HEADER_BYTES || !declare_length(attempt, line)) {
        attempt->is_bad = true;
        return 0;
    }
    if (!buf_append(&attempt->headers, line)) {
        attempt->no_memory = true;
        return 0;
    }
    return line.len;
}

static size_t on_body(char *from, size_t size, size_t count, void *context) {
    struct http_try *attempt = context;
    struct str bytes = {from, size * count};
    if (attempt->body.max == 0) {
        long status = 0;
        (void)curl_easy_getinfo(attempt->easy, CURLINFO_RESPONSE_CODE, &status);
        bool wanted = status >= 200 && status <= 299 && attempt->request->max_bytes > 0;
        attempt->is_cut = !wanted; /* past its cap: no failure then */
        attempt->body.max = wanted && attempt->request->max_bytes < SIZE_MAX / 2
                                ? (size_t)attempt->request->max_bytes
                            : wanted ? SIZE_MAX / 2
                                     : HTTP_SHORT_BODY_BYTES;
        attempt->is_too_large = attempt->declared_bytes != UINT64_MAX &&
                                attempt->declared_bytes > attempt->body.max;
        if (attempt->is_too_large && wanted) {
            return 0;
        }
    }
    size_t room = attempt->body.max - attempt->body.len;
    attempt->is_too_large = bytes.len > room;
    if (!buf_append(&attempt->body,
                    bytes.len > room ? str_first(bytes, room) : bytes)) {
        attempt->no_memory = true;
        return 0;
    }
    return attempt->is_too_large ? 0 : bytes.len;
}

static int on_progress(void *context, curl_off_t down_total, curl_off_t down,
                       curl_off_t up_total, curl_off_t up) {
    (void)down_total;
    (void)up_total;
    struct http_try *attempt = context;
    int64_t now_ms = host_monotonic_ms();
    curl_off_t moved = down + up + (curl_off_t)attempt->header_bytes;
    uint32_t window_ms = attempt->http->options.stall_timeout_ms;
    curl_off_t wanted = (curl_off_t)window_ms * HTTP_SLOWEST_BYTES_A_SECOND / 1000 + 1;
    if (attempt->sends == 0 || attempt->window_start_ms == 0 ||
        moved - attempt->window_bytes >= wanted) {
        attempt->window_start_ms = now_ms;
        attempt->window_bytes = moved;
    } else if (now_ms - attempt->window_start_ms > window_ms) {
        attempt->is_stalled = true;
        return 1;
    }
    return 0;
}

static bool is_clean(struct str text) {
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '\r' || text.ptr[i] == '\n' || text.ptr[i] == '\0') {
            return false;
        }
    }
    return true;
}

static bool add_header(struct http_try *attempt, struct curl_slist **list,
                       struct str name, struct str before, struct str value) {
    if (!is_clean(name) || !is_clean(value)) {
        failure_set(&attempt->failure, ERROR_AUTH_INVALID_CREDENTIALS, STR_NONE,
                    "the value for the header `%.*s` holds a line break",
                    is_clean(name) ? (int)name.len : 0, name.ptr);
        return false;
    }
    struct buf line;
    buf_init(&line, SIZE_MAX / 2);
    (void)buf_append(&line, name);
    (void)buf_append(&line, before.len + value.len == 0 ? STR(";") : STR(": "));
    (void)buf_append(&line, before);
    (void)buf_append(&line, value);
    struct curl_slist *longer = line.failed ? NULL : curl_slist_append(*list, line.ptr);
    if (line.ptr != NULL) {
        redact_wipe(line.ptr, line.room);
    }
    buf_release(&line);
    if (longer == NULL) {
        failure_memory(&attempt->failure);
        return false;
    }
    *list = longer;
    return true;
}

static bool add_signed_headers(struct http_try *attempt, struct curl_slist **list) {
    char digest[SHA256_TEXT_BYTES + 1];
    sha256_of(attempt->request->body, digest);
    struct str hex = str_skip(str_of(digest), strlen("sha256:"));
    struct str token = attempt->request->auth.token;
    return add_header(attempt, list, STR("x-amz-content-sha256"), STR(""), hex) &&
           (token.len == 0 ||
            add_header(attempt, list, STR("x-amz-security-token"), STR(""), token));
}

/* Uploads begin at once: a server that does not answer the question would cost a
 * second. But libcurl (7.88) signs this header, too, and then does not send it. */
static bool ask_nothing_first(struct http_try *attempt, struct curl_slist **list) {
    if (attempt->with_credentials && attempt->request->auth.kind == HTTP_AUTH_SIGV4) {
        return true;
    }
    *list = curl_slist_append(NULL, "Expect:");
    if (*list == NULL) {
        failure_memory(&attempt->failure);
    }
    return *list != NULL;
}

static bool add_headers(struct http_try *attempt, struct curl_slist **list) {
    const struct http_request *request = attempt->request;
    const struct http_auth *auth = &request->auth;
    for (size_t i = 0; i < request->header_count; i++) {
        if (!add_header(attempt, list, request->headers[i].name, STR(""),
                        request->headers[i].value)) {
            return false;
        }
    }
    switch (auth->kind) {
    case HTTP_AUTH_BEARER:
        return add_header(attempt, list, STR("Authorization"), STR("Bearer "),
                          auth->token);
    case HTTP_AUTH_HEADER:
        return add_header(attempt, list, auth->header, STR(""), auth->token);
    case HTTP_AUTH_SIGV4:
        return add_signed_headers(attempt, list);
    case HTTP_AUTH_BASIC:
    case HTTP_AUTH_NONE:
        break;
    }
    return true;
}

/* Setting an option; the first that fails shows in the end. */
struct setter {
    CURL *easy;
    CURLcode code;
};

static void set_number(struct setter *setter, CURLoption option, long value) {
    if (setter->code == CURLE_OK) {
        setter->code = curl_easy_setopt(setter->easy, option, value);
    }
}

static void set_pointer(struct setter *setter, CURLoption option, const void *value) {
    if (setter->code == CURLE_OK) {
        setter->code = curl_easy_setopt(setter->easy, option, value);
    }
}

static void set_credential(struct setter *setter, CURLoption option, struct str text) {
    char *copy = malloc(text.len + 1);
    if (copy == NULL) {
        setter->code = CURLE_OUT_OF_MEMORY;
        return;
    }
    if (text.len > 0) {
        memcpy(copy, text.ptr, text.len);
    }
    copy[text.len] = '\0';
    set_pointer(setter, option, copy); /* libcurl has a copy of its own */
    redact_wipe(copy, text.len);
    free(copy);
}

static void set_auth(struct setter *setter, const struct http_auth *auth) {
    if (auth->kind != HTTP_AUTH_BASIC && auth->kind != HTTP_AUTH_SIGV4) {
        return;
    }
    set_credential(setter, CURLOPT_USERNAME, auth->user);
    set_credential(setter, CURLOPT_PASSWORD, auth->secret);
    if (auth->kind == HTTP_AUTH_BASIC) {
        set_number(setter, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
        return;
    }
    struct buf scope;
    buf_init(&scope, 1024);
    (void)buf_printf(&scope, "aws:amz:%.*s:%.*s", STR_ARG(auth->region),
                     STR_ARG(auth->service));
    if (scope.failed) {
        setter->code = CURLE_OUT_OF_MEMORY;
    } else {
        set_pointer(setter, CURLOPT_AWS_SIGV4, scope.ptr);
    }
    buf_release(&scope);
}

static void set_method(struct setter *setter, struct http_try *attempt) {
    const char *method = attempt->request->method;
    bool uploads = attempt->request->body.ptr != NULL || strcmp(method, "PUT") == 0 ||
                   strcmp(method, "POST") == 0 || strcmp(method, "PATCH") == 0;
    if (strcmp(method, "HEAD") == 0) {
        set_number(setter, CURLOPT_NOBODY, 1L);
        return;
    }
    if (uploads) {
        set_number(setter, CURLOPT_UPLOAD, 1L);
        set_number(setter, CURLOPT_EXPECT_100_TIMEOUT_MS, 300L);
        if (setter->code == CURLE_OK) {
            setter->code = curl_easy_setopt(setter->easy, CURLOPT_INFILESIZE_LARGE,
                                            (curl_off_t)attempt->request->body.len);
        }
        if (setter->code == CURLE_OK) {
            setter->code =
                curl_easy_setopt(setter->easy, CURLOPT_READFUNCTION, on_upload);
        }
        if (setter->code == CURLE_OK) {
            setter->code =
                curl_easy_setopt(setter->easy, CURLOPT_SEEKFUNCTION, on_seek);
        }
        set_pointer(setter, CURLOPT_READDATA, attempt);
        set_pointer(setter, CURLOPT_SEEKDATA, attempt);
    }
    set_pointer(setter, CURLOPT_CUSTOMREQUEST, method);
}

static void set_network(struct setter *setter, struct http_try *attempt) {
    const struct http *http = attempt->http;
    uint32_t connect_ms = attempt->request->connect_timeout_ms;
    set_number(setter, CURLOPT_CONNECTTIMEOUT_MS,
               (long)(connect_ms == 0 ? http->options.connect_timeout_ms : connect_ms));
    if (http->deadline_ms != INT64_MAX) {
        int64_t left_ms = http->deadline_ms - host_monotonic_ms();
        set_number(setter, CURLOPT_TIMEOUT_MS, (long)(left_ms > 1 ? left_ms : 1));
    }
    set_pointer(setter, CURLOPT_SHARE, http->share);
    set_number(setter, CURLOPT_NOSIGNAL, 1L);
    set_pointer(setter, CURLOPT_PROTOCOLS_STR, "http,https");
    set_number(setter, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    set_number(setter, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    set_number(setter, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    set_number(setter, CURLOPT_FOLLOWLOCATION, 0L);
    if (http->ca_file != NULL) {
        set_pointer(setter, CURLOPT_CAINFO, http->ca_file);
    }
    if (http->ca_directory != NULL) {
        set_pointer(setter, CURLOPT_CAPATH, http->ca_directory);
    }
    if (attempt->parts->is_near) {
        set_pointer(setter, CURLOPT_NOPROXY, "*");
    }
}

static void set_callbacks(struct setter *setter, struct http_try *attempt) {
    CURL *easy = setter->easy;
    if (setter->code == CURLE_OK &&
        (curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_send) != CURLE_OK ||
         curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header) != CURLE_OK ||
         curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body) != CURLE_OK ||
         curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, on_progress) != CURLE_OK)) {
        setter->code = CURLE_UNKNOWN_OPTION;
    }
    set_pointer(setter, CURLOPT_PREREQDATA, attempt);
    set_pointer(setter, CURLOPT_HEADERDATA, attempt);
    set_pointer(setter, CURLOPT_WRITEDATA, attempt);
    set_pointer(setter, CURLOPT_XFERINFODATA, attempt);
    set_number(setter, CURLOPT_NOPROGRESS, 0L);
}

/* libcurl leaves SIGPIPE to us; whoever uses the client keeps what they had set. */
static CURLcode perform(CURL *easy) {
    sigset_t pipe_signal, pending, before;
    (void)sigemptyset(&pipe_signal);
    (void)sigaddset(&pipe_signal, SIGPIPE);
    bool was_pending = sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE) == 1;
    (void)pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);
    CURLcode code = curl_easy_perform(easy);
    if (!was_pending) {
        const struct timespec at_once = {0};
        (void)sigtimedwait(&pipe_signal, NULL, &at_once);
    }
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return code;
}

void http_try_run(struct http_try *attempt) {
    buf_init(&attempt->headers, HTTP_HEADER_BYTES);
    buf_init(&attempt->body, 0); /* on_body gives it its cap */
    attempt->declared_bytes = UINT64_MAX;
    attempt->end = HTTP_TRY_FAILED;
    struct http_slot *slot = http_slot_take(attempt->http);
    if (slot == NULL) {
        failure_memory(&attempt->failure);
        return;
    }
    attempt->easy = slot->easy;
    attempt->error = slot->error;
    struct curl_slist *headers = NULL;
    struct setter setter = {slot->easy, CURLE_OK};
    set_pointer(&setter, CURLOPT_ERRORBUFFER, slot->error);
    set_pointer(&setter, CURLOPT_URL, attempt->url);
    set_pointer(&setter, CURLOPT_USERAGENT, "influxdb3-plugin/" NET_VERSION);
    set_network(&setter, attempt);
    set_callbacks(&setter, attempt);
    set_method(&setter, attempt);
    if (!ask_nothing_first(attempt, &headers)) {
        goto done;
    }
    if (attempt->with_credentials) {
        set_auth(&setter, &attempt->request->auth);
        if (!add_headers(attempt, &headers)) {
            goto done;
        }
    }
    set_pointer(&setter, CURLOPT_HTTPHEADER, headers);
    http_try_judge(attempt,
                   setter.code == CURLE_OK ? perform(slot->easy) : setter.code);
done:
    http_slot_give(attempt->http, slot);
    for (struct curl_slist *at = headers; at != NULL; at = at->next) {
        redact_wipe(at->data, strlen(at->data));
    }
    curl_slist_free_all(headers);
}

void http_try_release(struct http_try *attempt) {
    buf_release(&attempt->headers);
    buf_release(&attempt->body);
}
