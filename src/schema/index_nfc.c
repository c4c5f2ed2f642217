#include "schema/index_nfc.h"

#include "base/utf8.h"
#include "grammar/code_points.h"

/* Blocks of characters that are NFC_Quick_Check=Yes and of combining class 0. */
static bool stands_alone(uint32_t c) {
    return c < 0x300 || (c >= 0x400 && c <= 0x482) || (c >= 0x2010 && c <= 0x2027) ||
           (c >= 0x3041 && c <= 0x3096) || (c >= 0x30A1 && c <= 0x30FA) ||
           (c >= 0x3400 && c <= 0x4DBF) || (c >= 0x4E00 && c <= 0x9FFF) ||
           (c >= 0xAC00 && c <= 0xD7A3);
}

bool index_nfc_is_plain(struct str text) {
    for (size_t at = 0; at < text.len;) {
        if ((unsigned char)text.ptr[at] < 0x80) {
            at++;
        } else if (!stands_alone(utf8_next(text, &at))) {
            return false;
        }
    }
    return true;
}

struct str index_nfc(struct arena *arena, struct str text) {
    if (index_nfc_is_plain(text)) {
        return text;
    }
    struct code_points points = {.ptr = arena_array(arena, text.len, sizeof(uint32_t))};
    if (points.ptr == NULL) {
        return STR_NONE;
    }
    for (size_t at = 0; at < text.len;) {
        points.ptr[points.len++] = utf8_next(text, &at);
    }
    struct code_points normal;
    if (!code_points_nfc(arena, points, &normal)) {
        return STR_NONE;
    }
    if (code_points_equal(points, normal)) {
        return text;
    }
    char *out = arena_bytes(arena, normal.len * 4);
    size_t len = 0;
    for (size_t i = 0; out != NULL && i < normal.len; i++) {
        len += utf8_encode(normal.ptr[i], out + len);
    }
    return (struct str){out, out == NULL ? 0 : len};
}
