/* Scanning JSON text in place.
 *
 * Source: RFC 8259.
 * Shapes: the text is UTF-8 (the caller has checked it) and a NUL follows it, as after
 *   a buf's content. Strings come as views between the quotes, escapes checked but not
 *   decoded. Surrogate escapes may be unpaired until json_decode meets them.
 * Ownership: nothing but a walk's stack is allocated, and what json_decode decodes.
 * Errors: false, and the scan's `rule` and `wrong` are set; `no_memory` if that was it.
 * Cost: linear; nesting costs a bit a level and no recursion. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stdint.h>

#include "base/arena.h"
#include "base/bits.h"
#include "base/buf.h"

struct json_scan {
    const char *start;
    const char *at;
    const char *end;
    const char *rule;  /* what is broken, a static phrase; NULL while nothing is */
    const char *wrong; /* where */
    bool no_memory;
};

void json_begin(struct json_scan *scan, struct str text);
bool json_fail(struct json_scan *scan, const char *rule, const char *wrong);

/* How white space looks: none, one space, a line feed and then `n` spaces
 * (JSON_SPACE_LINE + n), or any other way. */
enum { JSON_SPACE_NONE, JSON_SPACE_ONE, JSON_SPACE_OTHER, JSON_SPACE_LINE };

unsigned json_space_slow(struct json_scan *scan);

/* Steps over white space and tells its shape. */
static inline unsigned json_space(struct json_scan *scan) {
    const char *at = scan->at;
    if ((unsigned char)*at > ' ') {
        return JSON_SPACE_NONE;
    }
    if (*at == ' ' && (unsigned char)at[1] > ' ') {
        scan->at++;
        return JSON_SPACE_ONE;
    }
    return json_space_slow(scan);
}

struct json_string {
    struct str raw; /* between the quotes */
    bool escaped;   /* has a `\`: to be decoded */
    bool ascii;     /* has certainly no byte over 0x7F */
};

/* The string at `at`, which it steps over. */
bool json_string(struct json_scan *scan, struct json_string *string);

enum json_decode_status { JSON_DECODED, JSON_LONE_SURROGATE, JSON_DECODE_NO_MEMORY };

/* The text that a scanned string stands for; in the arena. */
enum json_decode_status json_decode(struct arena *arena, struct str raw,
                                    struct str *text);

/* Appends a scanned string, quoted, with the escapes of json_write.h; an unpaired
 * surrogate stays the escape that it is. */
void json_append_rewritten(struct buf *out, struct str raw);

/* The number, `true`, `false` or `null` at `at`, which it steps over. */
bool json_scalar(struct json_scan *scan, struct str *raw);

/* Does the scanned number round to a finite double? */
bool json_number_is_finite(struct str number);

enum json_token_type {
    JSON_OBJECT, /* `{` */
    JSON_ARRAY,  /* `[` */
    JSON_CLOSE_OBJECT,
    JSON_CLOSE_ARRAY,
    JSON_KEY,
    JSON_STRING,
    JSON_NUMBER,
    JSON_LITERAL, /* true, false, null */
    JSON_DONE     /* the value is complete */
};

struct json_token {
    enum json_token_type type;
    struct json_string string; /* of keys and strings */
    struct str raw;            /* of numbers and literals */
    size_t depth;              /* of containers around it; a container's own for `{` */
};

/* One value of any kind, token after token. */
struct json_walk {
    struct json_scan *scan;
    uint64_t *levels; /* a bit a level: is it an object */
    size_t room;      /* words */
    size_t depth;
    int state;
};

void json_walk_begin(struct json_walk *walk, struct json_scan *scan);
bool json_walk_next(struct json_walk *walk, struct json_token *token);
void json_walk_release(struct json_walk *walk);

/* Steps over the value at `at`, whatever it is. */
bool json_skip(struct json_scan *scan);

#endif
