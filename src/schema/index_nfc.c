#include "schema/index_nfc.h"

#include <stdlib.h>
#include <utf8proc.h>

#include "base/utf8.h"

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
    utf8proc_uint8_t *normal = NULL;
    utf8proc_ssize_t len =
        utf8proc_map((const utf8proc_uint8_t *)text.ptr, (utf8proc_ssize_t)text.len,
                     &normal, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
    struct str result = STR_NONE;
    if (len >= 0) {
        struct str view = {(const char *)normal, (size_t)len};
        result = str_equal(view, text) ? text : arena_copy(arena, view);
    }
    free(normal);
    return result;
}
