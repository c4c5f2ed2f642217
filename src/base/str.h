/* A view of bytes: a pointer and a length, passed by value.
 *
 * Shapes: bytes of any kind, usually UTF-8; no terminating NUL is assumed, and a
 *   view may hold NUL bytes. An absent string has a NULL `ptr`; an empty one does not.
 * Ownership: none. A view lives as long as the storage it looks into. */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct str {
    const char *ptr;
    size_t len;
};

/* A view of a string literal. */
#define STR(literal) ((struct str){"" literal, sizeof(literal) - 1})

/* The absent string. */
#define STR_NONE ((struct str){NULL, 0})

/* For printf's `%.*s`; only for views known to be short. */
#define STR_ARG(s) (int)(s).len, (s).ptr

static inline struct str str_of(const char *text) {
    return (struct str){text, text == NULL ? 0 : strlen(text)};
}

static inline bool str_equal(struct str a, struct str b) {
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

/* Byte order; a proper prefix is smaller. Negative, zero or positive. */
int str_compare(struct str a, struct str b);

bool str_starts_with(struct str s, struct str prefix);
bool str_ends_with(struct str s, struct str suffix);

/* The view without its first `count` bytes; `count` is at most the length. */
static inline struct str str_skip(struct str s, size_t count) {
    return (struct str){s.ptr + count, s.len - count};
}

/* The first `count` bytes; `count` is at most the length. */
static inline struct str str_first(struct str s, size_t count) {
    return (struct str){s.ptr, count};
}

/* Offset of the first or last `byte`, or `s.len` if there is none. */
size_t str_find(struct str s, char byte);
size_t str_find_last(struct str s, char byte);

/* ASCII case only; other bytes are kept. */
char ascii_lower(char c);
bool ascii_is_digit(char c);
bool ascii_is_alpha(char c);
bool ascii_is_alnum(char c);
bool ascii_is_hex(char c);
bool str_equal_ignore_case(struct str a, struct str b);

/* ASCII spaces (space, tab, CR, LF, form feed, vertical tab) off both ends. */
struct str str_trim(struct str s);

#endif
