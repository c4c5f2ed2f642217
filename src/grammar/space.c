#include "grammar/space.h"

#include <stdint.h>

#include "base/utf8.h"

static bool is_wide_space(uint32_t codepoint) {
    return codepoint == 0x85 || codepoint == 0xA0 || codepoint == 0x1680 ||
           (codepoint >= 0x2000 && codepoint <= 0x200A) || codepoint == 0x2028 ||
           codepoint == 0x2029 || codepoint == 0x202F || codepoint == 0x205F ||
           codepoint == 0x3000;
}

size_t space_at(struct str text, size_t at) {
    if (at >= text.len) {
        return 0;
    }
    unsigned char byte = (unsigned char)text.ptr[at];
    if (byte < 0x80) {
        return byte == ' ' || (byte >= '\t' && byte <= '\r') ? 1 : 0;
    }
    size_t next = at;
    return is_wide_space(utf8_next(text, &next)) ? next - at : 0;
}

size_t space_skip(struct str text, size_t at) {
    size_t width = space_at(text, at);
    while (width > 0) {
        at += width;
        width = space_at(text, at);
    }
    return at;
}

struct str space_trim_end(struct str text) {
    while (text.len > 0) {
        /* No whitespace character is longer than three bytes. */
        size_t width = 1;
        while (width <= 3 && width <= text.len &&
               space_at(text, text.len - width) != width) {
            width++;
        }
        if (width > 3 || width > text.len) {
            break;
        }
        text.len -= width;
    }
    return text;
}
