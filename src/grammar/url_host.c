#include "base/utf8.h"
#include "grammar/idna.h"
#include "grammar/url_parts.h"

static enum grammar_status finish(struct arena *arena, struct str text,
                                  struct str *host) {
    *host = arena_copy(arena, text);
    return host->ptr == NULL ? GRAMMAR_NO_MEMORY : GRAMMAR_OK;
}

static enum grammar_status parse_bracketed(struct arena *arena, struct str text,
                                           struct str *host,
                                           struct syntax_error *error) {
    if (!str_ends_with(text, STR("]"))) {
        return grammar_reject(error, "IPv6 address is not closed by `]`", 0);
    }
    char out[URL_IPV6_MAX + 3] = "[";
    size_t len;
    size_t culprit;
    if (!url_ipv6_parse((struct str){text.ptr + 1, text.len - 2}, out + 1, &len,
                        &culprit)) {
        return grammar_reject(error, "invalid IPv6 address", culprit + 1);
    }
    out[len + 1] = ']';
    return finish(arena, (struct str){out, len + 2}, host);
}

static enum grammar_status parse_opaque(struct arena *arena, struct str text,
                                        struct str *host, struct syntax_error *error) {
    for (size_t i = 0; i < text.len; i++) {
        if (url_byte_is(text.ptr[i], URL_FORBIDDEN_HOST)) {
            return grammar_reject(error, "host has a forbidden character", i);
        }
    }
    char *out = arena_bytes(arena, url_encoded_len(text, URL_IN_OPAQUE));
    if (out == NULL) {
        return GRAMMAR_NO_MEMORY;
    }
    size_t len = (size_t)(url_encode(out, text, URL_IN_OPAQUE) - out);
    *host = (struct str){out, len};
    return GRAMMAR_OK;
}

/* Offsets hold for the decoded domain; they fit the text up to its first escape. */
static enum grammar_status parse_domain(struct arena *arena, struct str domain,
                                        struct str *host, struct syntax_error *error) {
    struct str ascii;
    enum grammar_status status = idna_to_ascii(arena, domain, &ascii, error);
    if (status != GRAMMAR_OK) {
        return status;
    }
    if (ascii.len == 0) {
        return grammar_reject(error, "host is empty", 0);
    }
    for (size_t i = 0; i < ascii.len; i++) {
        unsigned char byte = (unsigned char)ascii.ptr[i];
        if (url_byte_is(ascii.ptr[i], URL_FORBIDDEN_HOST | URL_IN_OPAQUE) ||
            byte == '%') {
            return grammar_reject(error, "host has a forbidden character",
                                  str_equal_ignore_case(ascii, domain) ? i : 0);
        }
    }
    if (!url_ends_in_number(ascii)) {
        *host = ascii;
        return GRAMMAR_OK;
    }
    char out[URL_IPV4_MAX + 1];
    size_t len;
    if (!url_ipv4_parse(ascii, out, &len)) {
        return grammar_reject(error, "invalid IPv4 address", 0);
    }
    return finish(arena, (struct str){out, len}, host);
}

enum grammar_status url_host_parse(struct arena *arena, struct str text, bool is_opaque,
                                   struct str *host, struct syntax_error *error) {
    if (str_starts_with(text, STR("["))) {
        return parse_bracketed(arena, text, host, error);
    }
    if (is_opaque) {
        return parse_opaque(arena, text, host, error);
    }
    struct str decoded = url_percent_decode(arena, text);
    if (decoded.ptr == NULL) {
        return GRAMMAR_NO_MEMORY;
    }
    struct str domain = utf8_lossy(arena, decoded);
    if (domain.ptr == NULL) {
        return GRAMMAR_NO_MEMORY;
    }
    enum grammar_status status = parse_domain(arena, domain, host, error);
    if (status == GRAMMAR_INVALID && domain.len != text.len) {
        error->offset = 0;
    }
    return status;
}
