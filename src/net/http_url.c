/* Addresses, as libcurl reads them: what is checked here is what it will do. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#include "net/http_parts.h"

static bool part(CURLU *handle, CURLUPart which, unsigned flags, char *out,
                 size_t size) {
    char *text = NULL;
    bool fits =
        curl_url_get(handle, which, &text, flags) == CURLUE_OK && strlen(text) < size;
    if (fits) {
        memcpy(out, text, strlen(text) + 1);
    }
    curl_free(text);
    return fits;
}

/* Loopback, link-local, or the name that always means loopback. */
static bool host_is_near(const char *host) {
    struct in_addr four;
    if (inet_pton(AF_INET, host, &four) == 1) {
        uint32_t address = ntohl(four.s_addr);
        return address >> 24 == 127 || address >> 16 == 0xA9FE;
    }
    if (host[0] == '[') {
        char bare[64];
        struct in6_addr six;
        size_t len = strcspn(host + 1, "]%");
        if (len >= sizeof bare) {
            return false;
        }
        memcpy(bare, host + 1, len);
        bare[len] = '\0';
        static const char aws_metadata[] = "fd00:ec2::254";
        struct in6_addr metadata;
        return inet_pton(AF_INET6, bare, &six) == 1 &&
               (IN6_IS_ADDR_LOOPBACK(&six) || IN6_IS_ADDR_LINKLOCAL(&six) ||
                (inet_pton(AF_INET6, aws_metadata, &metadata) == 1 &&
                 memcmp(&six, &metadata, sizeof six) == 0));
    }
    return str_equal_ignore_case(str_of(host), STR("localhost"));
}

bool http_url_parse(const char *text, struct http_url *url) {
    char scheme[16], port[8];
    CURLU *handle = curl_url();
    bool good = handle != NULL &&
                curl_url_set(handle, CURLUPART_URL, text, 0) == CURLUE_OK &&
                part(handle, CURLUPART_SCHEME, 0, scheme, sizeof scheme) &&
                part(handle, CURLUPART_HOST, 0, url->host, sizeof url->host) &&
                part(handle, CURLUPART_PORT, CURLU_DEFAULT_PORT, port, sizeof port);
    char *given = NULL;
    if (good) {
        url->is_secure = strcmp(scheme, "https") == 0;
        good = (url->is_secure || strcmp(scheme, "http") == 0) &&
               curl_url_get(handle, CURLUPART_USER, &given, 0) == CURLUE_NO_USER;
    }
    curl_free(given);
    curl_url_cleanup(handle);
    if (!good) {
        return false;
    }
    url->is_near = host_is_near(url->host);
    url->port = (unsigned)strtoul(port, NULL, 10);
    unsigned own_port = url->is_secure ? 443 : 80;
    if (url->port == own_port) {
        (void)snprintf(url->origin, sizeof url->origin, "%s", url->host);
    } else {
        (void)snprintf(url->origin, sizeof url->origin, "%s:%u", url->host, url->port);
    }
    return true;
}

bool http_url_same_origin(const struct http_url *a, const struct http_url *b) {
    return a->is_secure == b->is_secure && a->port == b->port &&
           str_equal_ignore_case(str_of(a->host), str_of(b->host));
}

char *http_url_resolve(const char *base, const char *location, bool *no_memory) {
    char *text = NULL;
    CURLU *handle = curl_url();
    *no_memory = handle == NULL;
    if (handle != NULL && curl_url_set(handle, CURLUPART_URL, base, 0) == CURLUE_OK &&
        curl_url_set(handle, CURLUPART_URL, location, CURLU_URLENCODE) == CURLUE_OK) {
        /* A fragment is for the reader, not for the server. */
        (void)curl_url_set(handle, CURLUPART_FRAGMENT, NULL, 0);
        if (curl_url_get(handle, CURLUPART_URL, &text, 0) == CURLUE_OUT_OF_MEMORY) {
            *no_memory = true;
        }
    }
    curl_url_cleanup(handle);
    return text;
}
