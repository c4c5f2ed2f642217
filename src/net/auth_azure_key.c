/* Shared Key: a request signed with the account's key.
 *
 * Source: "Authorize with Shared Key", for versions since 2015-02-21 (an empty body has
 *   no Content-Length there). */
#include "net/auth_azure_parts.h"

#include <stdlib.h>

#include "net/crypto.h"
#include "net/host.h"
#include "net/instant.h"

enum { SIGNED_MAX = 64 << 10, MAX_PARAMETERS = 16 };

static struct str header_of(const struct http_request *request, const char *name) {
    for (size_t i = 0; i < request->header_count; i++) {
        if (str_equal(request->headers[i].name, str_of(name))) {
            return request->headers[i].value;
        }
    }
    return STR("");
}

static int compare_headers(const void *a, const void *b) {
    return str_compare(((const struct http_header *)a)->name,
                       ((const struct http_header *)b)->name);
}

/* `x-ms-…:value`, sorted, a line each. */
static bool append_headers(struct buf *out, struct arena *arena,
                           const struct http_request *request) {
    struct http_header *own =
        arena_array(arena, request->header_count + 1, sizeof *own);
    size_t count = 0;
    if (own == NULL) {
        return false;
    }
    for (size_t i = 0; i < request->header_count; i++) {
        if (str_starts_with(request->headers[i].name, STR("x-ms-"))) {
            own[count++] = request->headers[i];
        }
    }
    qsort(own, count, sizeof *own, compare_headers);
    for (size_t i = 0; i < count; i++) {
        buf_append(out, own[i].name);
        buf_append_byte(out, ':');
        buf_append(out, str_trim(own[i].value));
        buf_append_byte(out, '\n');
    }
    return !out->failed;
}

static unsigned hex_of(char c) {
    return ascii_is_digit(c) ? (unsigned)(c - '0')
                             : (unsigned)(ascii_lower(c) - 'a') + 10;
}

static void append_decoded(struct buf *out, struct str text) {
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '%' && text.len - i > 2 && ascii_is_hex(text.ptr[i + 1]) &&
            ascii_is_hex(text.ptr[i + 2])) {
            buf_append_byte(
                out, (char)(hex_of(text.ptr[i + 1]) << 4 | hex_of(text.ptr[i + 2])));
            i += 2;
        } else {
            buf_append_byte(out, text.ptr[i]);
        }
    }
}

static int compare_parameters(const void *a, const void *b) {
    const struct str *one = a;
    const struct str *other = b;
    return str_compare(str_first(*one, str_find(*one, '=')),
                       str_first(*other, str_find(*other, '=')));
}

/* `/ACCOUNT/PATH`, and each parameter on a line of its own. */
static void append_resource(struct buf *out, struct str account, struct str url) {
    struct str parameters[MAX_PARAMETERS] = {{0}};
    size_t count = 0;
    struct str rest = url;
    for (int slashes = 0; slashes < 3 && rest.len > 0; slashes++) {
        size_t slash = str_find(rest, '/');
        rest = str_skip(rest, slashes < 2 && slash < rest.len ? slash + 1 : slash);
    }
    size_t mark = str_find(rest, '?');
    buf_append_byte(out, '/');
    buf_append(out, account);
    buf_append(out, str_first(rest, mark));
    for (size_t at = mark + 1; at < rest.len && count < MAX_PARAMETERS;) {
        struct str item = str_skip(rest, at);
        size_t end = str_find(item, '&');
        parameters[count++] = str_first(item, end);
        at += end + 1;
    }
    qsort(parameters, count, sizeof *parameters, compare_parameters);
    for (size_t i = 0; i < count; i++) {
        size_t equals = str_find(parameters[i], '=');
        buf_append_byte(out, '\n');
        buf_append(out, str_first(parameters[i], equals));
        buf_append_byte(out, ':');
        if (equals < parameters[i].len) {
            append_decoded(out, str_skip(parameters[i], equals + 1));
        }
    }
}

struct str azure_string_to_sign(struct arena *arena, struct str account,
                                const struct http_request *request) {
    static const char *const standard[] = {
        "content-md5",   "content-type",        "date", "if-modified-since", "if-match",
        "if-none-match", "if-unmodified-since", "range"};
    struct buf text;
    buf_init(&text, SIGNED_MAX);
    buf_printf(&text, "%s\n", request->method);
    buf_append(&text, header_of(request, "content-encoding"));
    buf_append_byte(&text, '\n');
    buf_append(&text, header_of(request, "content-language"));
    buf_append_byte(&text, '\n');
    if (request->body.len > 0) {
        buf_append_u64(&text, request->body.len);
    }
    buf_append_byte(&text, '\n');
    for (size_t i = 0; i < sizeof standard / sizeof *standard; i++) {
        buf_append(&text, header_of(request, standard[i]));
        buf_append_byte(&text, '\n');
    }
    bool is_whole = append_headers(&text, arena, request);
    append_resource(&text, account, request->url);
    struct str copy =
        is_whole && !text.failed ? arena_copy(arena, buf_str(&text)) : STR_NONE;
    buf_release(&text);
    return copy;
}

/* `Sun, 06 Nov 1994 08:49:37 GMT` */
static struct str http_date(struct arena *arena, int64_t time_s) {
    static const char days[] = "ThuFriSatSunMonTueWed";
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    int64_t day = time_s / 86400;
    int second = (int)(time_s % 86400);
    int year = 1970 + (int)(day / 366);
    while (instant_days(year + 1, 1, 1) <= day) {
        year++;
    }
    int month = 1;
    while (month < 12 && instant_days(year, month + 1, 1) <= day) {
        month++;
    }
    return arena_printf(
        arena, "%.3s, %02d %.3s %04d %02d:%02d:%02d GMT", days + day % 7 * 3,
        (int)(day - instant_days(year, month, 1)) + 1, months + ((size_t)month - 1) * 3,
        year, second / 3600, second / 60 % 60, second % 60);
}

bool azure_sign(const struct auth_azure *auth, struct arena *arena,
                struct http_request *request, struct failure *failure) {
    unsigned char mac[CRYPTO_SHA256_BYTES];
    struct http_header *headers =
        arena_array(arena, request->header_count + 1, sizeof *headers);
    struct str date = http_date(arena, host_now_s(NULL));
    struct str text = STR_NONE;
    struct buf header;
    buf_init(&header, 1024);
    if (headers != NULL && date.ptr != NULL) {
        for (size_t i = 0; i < request->header_count; i++) {
            headers[i] = request->headers[i];
        }
        headers[request->header_count] = (struct http_header){STR("x-ms-date"), date};
        request->headers = headers;
        request->header_count++;
        text = azure_string_to_sign(arena, auth->account, request);
    }
    struct str value = STR_NONE;
    if (text.ptr != NULL && crypto_hmac_sha256(buf_str(&auth->key), text, mac)) {
        buf_append(&header, STR("SharedKey "));
        buf_append(&header, auth->account);
        buf_append_byte(&header, ':');
        crypto_append_base64(&header, (struct str){(char *)mac, sizeof mac},
                             CRYPTO_BASE64);
        value = header.failed ? STR_NONE : arena_copy(arena, buf_str(&header));
    }
    buf_release(&header);
    if (value.ptr == NULL) {
        failure_memory(failure);
        return false;
    }
    request->auth = (struct http_auth){
        .kind = HTTP_AUTH_HEADER, .header = STR("authorization"), .token = value};
    return true;
}
