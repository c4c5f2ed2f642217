/* URLs: parsing and serialization.
 *
 * Source: WHATWG URL Standard, with docs/formats.md, "URLs" (`^` in a path is kept;
 *   hosts follow UTS #46 without the limits of DNS).
 * Shapes: input is UTF-8; there is no base URL. `href` is the serialized form.
 * Ownership: `href` lies in the arena, or is the input itself where that is already in
 *   serialized form; the other views look into `href`.
 * Cost: linear; input in serialized form is recognized without allocating. */
#ifndef GRAMMAR_URL_H
#define GRAMMAR_URL_H

#include "base/arena.h"
#include "grammar/grammar.h"

enum url_scheme {
    URL_SCHEME_HTTP = 1,
    URL_SCHEME_HTTPS = 2,
    URL_SCHEME_FILE = 4,
    URL_SCHEME_OTHER = 8
};

struct url {
    struct str href;
    enum url_scheme kind;
    struct str scheme; /* without `:` */
    struct str path;   /* with its leading `/` if it has one */
    struct str tail;   /* `?query` and `#fragment`, as far as present */
};

enum grammar_status url_parse(struct arena *arena, struct str text, struct url *url,
                              struct syntax_error *error);

/* The URL of a file under a base: one trailing empty path segment of the base dropped,
 * `/segment` appended (percent-encoded as a path segment), query and fragment kept.
 * GRAMMAR_INVALID for a base without host or path and for the segments `.` and `..`. */
enum grammar_status url_append_segment(struct arena *arena, const struct url *base,
                                       struct str segment, struct str *href);

/* The `file://` URL of an absolute path of any bytes; empty components and `.` are
 * dropped, `..` stays. GRAMMAR_INVALID if the path is not absolute. */
enum grammar_status url_of_path(struct arena *arena, struct str path, struct str *href);

#endif
