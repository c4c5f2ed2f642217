#include "grammar/name.h"

#include <stdint.h>

static unsigned char fold(char c) {
    unsigned char byte = (unsigned char)c;
    if (byte >= 'A' && byte <= 'Z') {
        return (unsigned char)(byte + ('a' - 'A'));
    }
    return byte == '-' ? '_' : byte;
}

static bool is_letter(char c) {
    return (unsigned char)((c | 0x20) - 'a') < 26;
}

/* Letters, digits, `-` and `_`, as bits: reading an index asks this for every byte of
 * every name. */
static bool is_name_byte(char c) {
    static const uint64_t sets[4] = {UINT64_C(0x03FF200000000000),
                                     UINT64_C(0x07FFFFFE87FFFFFE), 0, 0};
    unsigned char byte = (unsigned char)c;
    return (sets[byte / 64] >> (byte % 64) & 1) != 0;
}

/* Devices of Windows: no file there can have such a name. */
static bool is_device(struct str name) {
    if (name.len == 3) {
        return str_equal_ignore_case(name, STR("con")) ||
               str_equal_ignore_case(name, STR("prn")) ||
               str_equal_ignore_case(name, STR("aux")) ||
               str_equal_ignore_case(name, STR("nul"));
    }
    return name.len == 4 && ascii_is_digit(name.ptr[3]) &&
           (str_equal_ignore_case(str_first(name, 3), STR("com")) ||
            str_equal_ignore_case(str_first(name, 3), STR("lpt")));
}

enum name_verdict name_check(struct str name) {
    if (name.len == 0 || name.len > NAME_MAX_BYTES || !is_letter(name.ptr[0])) {
        return NAME_MALFORMED;
    }
    bool well_formed = true;
    for (size_t i = 1; i < name.len; i++) {
        well_formed &= is_name_byte(name.ptr[i]);
    }
    if (!well_formed) {
        return NAME_MALFORMED;
    }
    return is_device(name) ? NAME_RESERVED : NAME_VALID;
}

void name_canonicalize(struct str name, char *out) {
    for (size_t i = 0; i < name.len; i++) {
        out[i] = (char)fold(name.ptr[i]);
    }
}

bool name_canonical_equal(struct str a, struct str b) {
    return a.len == b.len && (str_equal(a, b) || name_canonical_compare(a, b) == 0);
}

int name_canonical_compare(struct str a, struct str b) {
    size_t common = a.len < b.len ? a.len : b.len;
    for (size_t i = 0; i < common; i++) {
        if (a.ptr[i] != b.ptr[i]) {
            int order = fold(a.ptr[i]) - fold(b.ptr[i]);
            if (order != 0) {
                return order;
            }
        }
    }
    return (a.len > b.len) - (a.len < b.len);
}
