/* The steps of URL parsing that url.c puts together.
 *
 * Source: WHATWG URL Standard: "percent-encoded bytes", "host parsing", "URL parsing".
 * Shapes: text without ASCII tab and newline; offsets count from its start.
 * Ownership: results lie in the arena or look into the text. */
#ifndef GRAMMAR_URL_PARTS_H
#define GRAMMAR_URL_PARTS_H

#include <stdint.h>

#include "base/arena.h"
#include "grammar/grammar.h"

/* A byte is percent-encoded in these places; the last three are about single bytes. */
enum url_byte_rule {
    URL_IN_FRAGMENT = 1 << 0,
    URL_IN_QUERY = 1 << 1,
    URL_IN_SPECIAL_QUERY = 1 << 2,
    URL_IN_PATH = 1 << 3,
    URL_IN_USERINFO = 1 << 4,
    URL_IN_SEGMENT = 1 << 5, /* one path segment of any bytes */
    URL_IN_OPAQUE = 1 << 6,  /* opaque hosts and paths: controls and non-ASCII */
    URL_FORBIDDEN_HOST = 1 << 7,
    URL_NOT_PLAIN_HOST = 1 << 8, /* all but `a-z0-9.-` */
    URL_NOT_PLAIN_PATH = 1 << 9, /* encoded in a path, or read as a slash */
};

extern const uint16_t url_byte_rules[256];

static inline bool url_byte_is(char byte, unsigned rule) {
    return (url_byte_rules[(unsigned char)byte] & rule) != 0;
}

size_t url_encoded_len(struct str text, unsigned rule);

/* Writes the encoded text, returns the place behind it. */
char *url_encode(char *out, struct str text, unsigned rule);

/* The text itself where nothing is encoded in it; NULL `ptr` when memory is out. */
struct str url_percent_decode(struct arena *arena, struct str text);

/* The host serializer's form of a host that is not empty. */
enum grammar_status url_host_parse(struct arena *arena, struct str text, bool is_opaque,
                                   struct str *host, struct syntax_error *error);

/* IPv4: whether the host parser must take a domain for an address, and its serialized
 * form. IPv6: `text` stands between the brackets, the form without brackets. */
enum { URL_IPV4_MAX = 15, URL_IPV6_MAX = 39 };
bool url_ends_in_number(struct str domain);
bool url_ipv4_parse(struct str domain, char out[URL_IPV4_MAX + 1], size_t *len);
bool url_ipv6_parse(struct str text, char out[URL_IPV6_MAX + 1], size_t *len,
                    size_t *culprit);

/* A URL taken apart; what is absent has a NULL `ptr`. */
struct url_parts {
    struct str scheme; /* lowercase */
    bool special;
    bool file;
    bool opaque_path;
    struct str username; /* as typed */
    struct str password;
    struct str host; /* serialized */
    unsigned port;   /* URL_NO_PORT if absent or the scheme's default */
    struct str path; /* as typed */
    struct str query;
    struct str fragment;
};

enum { URL_NO_PORT = 65536 };

enum grammar_status url_split(struct arena *arena, struct str text,
                              struct url_parts *parts, struct syntax_error *error);

/* Resolves dot segments and encodes; writes at most the encoded length of the typed
 * path and URL_PATH_EXTRA bytes. Returns the place behind. */
enum { URL_PATH_EXTRA = 2 };
char *url_path_write(char *out, const struct url_parts *parts);

/* `.` or `..`, in any percent-encoding: 1 or 2; else 0. */
int url_dot_segment(struct str segment);

/* `C:` or `C|`. */
bool url_is_drive_letter(struct str segment);

#endif
