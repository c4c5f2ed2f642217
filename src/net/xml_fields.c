#include "net/xml_fields.h"

#include <stdint.h>

#include "base/utf8.h"

enum { MAX_DEPTH = 32 };

enum piece_kind {
    PIECE_OPEN,
    PIECE_CLOSE,
    PIECE_EMPTY, /* `<a/>` */
    PIECE_OTHER, /* declaration, comment, CDATA */
    PIECE_END,
    PIECE_BAD
};

struct piece {
    enum piece_kind kind;
    struct str name; /* without its prefix */
    size_t start;    /* of its `<` */
    size_t end;      /* after its `>` */
};

/* Offset of `what` from `at` on, or the length. */
static size_t find_text(struct str text, size_t at, struct str what) {
    for (; at < text.len && text.len - at >= what.len; at++) {
        if (memcmp(text.ptr + at, what.ptr, what.len) == 0) {
            return at;
        }
    }
    return text.len;
}

static struct piece skip_to(struct str text, struct piece piece, struct str end) {
    size_t at = find_text(text, piece.start, end);
    piece.kind = at == text.len ? PIECE_BAD : PIECE_OTHER;
    piece.end = at == text.len ? at : at + end.len;
    return piece;
}

static bool ends_name(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '/' || c == '>';
}

/* After the closing `>` of a tag, or the length; quoted values may hold one. */
static size_t tag_end(struct str text, size_t at) {
    char quote = '\0';
    for (; at < text.len; at++) {
        char c = text.ptr[at];
        if (quote != '\0') {
            quote = c == quote ? '\0' : quote;
        } else if (c == '"' || c == '\'') {
            quote = c;
        } else if (c == '<') {
            return text.len;
        } else if (c == '>') {
            return at;
        }
    }
    return text.len;
}

static struct piece next_piece(struct str text, size_t from) {
    struct piece piece = {.kind = PIECE_END, .start = text.len, .end = text.len};
    size_t open = from + str_find(str_skip(text, from), '<');
    if (open == text.len) {
        return piece;
    }
    piece.start = open;
    struct str rest = str_skip(text, open);
    if (str_starts_with(rest, STR("<!--"))) {
        return skip_to(text, piece, STR("-->"));
    }
    if (str_starts_with(rest, STR("<![CDATA["))) {
        return skip_to(text, piece, STR("]]>"));
    }
    if (str_starts_with(rest, STR("<?"))) {
        return skip_to(text, piece, STR("?>"));
    }
    bool closes = str_starts_with(rest, STR("</"));
    size_t name = open + (closes ? 2 : 1);
    size_t end = tag_end(text, name);
    size_t after = name;
    while (after < end && !ends_name(text.ptr[after])) {
        after++;
    }
    if (end == text.len || after == name || text.ptr[name] == '!') {
        piece.kind = PIECE_BAD;
        return piece;
    }
    piece.name = (struct str){text.ptr + name, after - name};
    size_t colon = str_find(piece.name, ':');
    if (colon < piece.name.len) {
        piece.name = str_skip(piece.name, colon + 1);
    }
    piece.end = end + 1;
    piece.kind = closes                     ? PIECE_CLOSE
                 : text.ptr[end - 1] == '/' ? PIECE_EMPTY
                                            : PIECE_OPEN;
    return piece;
}

bool xml_fields_next(struct str content, size_t *at, struct str *name,
                     struct str *inner) {
    struct str open[MAX_DEPTH];
    size_t depth = 0;
    size_t start = 0;
    for (size_t from = *at; from <= content.len;) {
        struct piece piece = next_piece(content, from);
        from = piece.end;
        switch (piece.kind) {
        case PIECE_BAD:
        case PIECE_END:
            return false;
        case PIECE_OTHER:
            break;
        case PIECE_EMPTY:
            if (depth == 0) {
                *name = piece.name;
                *inner = (struct str){content.ptr + piece.end, 0};
                *at = piece.end;
                return true;
            }
            break;
        case PIECE_OPEN:
            if (depth == MAX_DEPTH) {
                return false;
            }
            if (depth == 0) {
                start = piece.end;
            }
            open[depth++] = piece.name;
            break;
        case PIECE_CLOSE:
            if (depth == 0 || !str_equal(open[depth - 1], piece.name)) {
                return false;
            }
            if (--depth == 0) {
                *name = piece.name;
                *inner = (struct str){content.ptr + start, piece.start - start};
                *at = piece.end;
                return true;
            }
            break;
        }
    }
    return false;
}

bool xml_fields_root(struct str text, struct str *name, struct str *inner) {
    size_t at = 0;
    struct str found_name, found_inner;
    if (text.len == 0 || !utf8_is_valid(text) ||
        !xml_fields_next(text, &at, &found_name, &found_inner)) {
        return false;
    }
    struct piece more = next_piece(text, at);
    while (more.kind == PIECE_OTHER) {
        more = next_piece(text, more.end);
    }
    if (more.kind != PIECE_END) {
        return false;
    }
    if (name != NULL) {
        *name = found_name;
    }
    if (inner != NULL) {
        *inner = found_inner;
    }
    return true;
}

struct str xml_fields_get(struct str content, const char *name) {
    size_t at = 0;
    struct str found, inner;
    while (content.len > 0 && xml_fields_next(content, &at, &found, &inner)) {
        if (str_equal(found, str_of(name))) {
            return inner;
        }
    }
    return STR_NONE;
}

/* The character that `&…;` stands for; 0: none. */
static uint32_t entity(struct str name) {
    static const struct {
        const char *name;
        uint32_t codepoint;
    } known[] = {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (str_equal(name, str_of(known[i].name))) {
            return known[i].codepoint;
        }
    }
    bool is_hex = str_starts_with(name, STR("#x"));
    if (!is_hex && !str_starts_with(name, STR("#"))) {
        return 0;
    }
    uint32_t value = 0;
    struct str digits = str_skip(name, is_hex ? 2 : 1);
    for (size_t i = 0; i < digits.len; i++) {
        char c = ascii_lower(digits.ptr[i]);
        if (value > 0x10FFFF || !(is_hex ? ascii_is_hex(c) : ascii_is_digit(c))) {
            return 0;
        }
        uint32_t digit =
            ascii_is_digit(c) ? (uint32_t)(c - '0') : (uint32_t)(c - 'a') + 10;
        value = value * (is_hex ? 16 : 10) + digit;
    }
    return digits.len > 0 && value <= 0x10FFFF ? value : 0;
}

/* Appends text in which entities stand for what they name; others stay. */
static size_t append_decoded(char *out, struct str text) {
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '&') {
            struct str rest = str_skip(text, i + 1);
            size_t end = str_find(rest, ';');
            uint32_t codepoint =
                end < rest.len && end <= 10 ? entity(str_first(rest, end)) : 0;
            if (codepoint != 0) {
                char bytes[4];
                size_t count = utf8_encode(codepoint, bytes);
                memcpy(out + len, bytes, count);
                len += count;
                i += end + 1;
                continue;
            }
        }
        out[len++] = text.ptr[i];
    }
    return len;
}

struct str xml_fields_text(struct arena *arena, struct str inner, bool *no_memory) {
    if (inner.ptr == NULL) {
        return STR_NONE;
    }
    /* No entity is shorter than what it stands for. */
    char *out = arena_bytes(arena, inner.len + 1);
    if (out == NULL) {
        if (no_memory != NULL) {
            *no_memory = true;
        }
        return STR_NONE;
    }
    size_t len = 0;
    size_t at = 0;
    const struct str cdata = STR("<![CDATA[");
    while (at < inner.len) {
        struct piece piece = next_piece(inner, at);
        len +=
            append_decoded(out + len, (struct str){inner.ptr + at, piece.start - at});
        if (piece.kind == PIECE_BAD || piece.kind == PIECE_END) {
            break;
        }
        struct str raw = {inner.ptr + piece.start, piece.end - piece.start};
        if (piece.kind == PIECE_OTHER && str_starts_with(raw, cdata)) {
            memcpy(out + len, raw.ptr + cdata.len, raw.len - cdata.len - 3);
            len += raw.len - cdata.len - 3;
        }
        at = piece.end;
    }
    out[len] = '\0';
    return (struct str){out, len};
}
