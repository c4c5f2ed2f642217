#include "grammar/idna.h"

#include "base/utf8.h"
#include "grammar/code_points.h"
#include "grammar/idna_rules.h"
#include "grammar/idna_tables.h"
#include "grammar/punycode.h"

/* The labels of a domain while it is processed. */
struct labels {
    struct idna_label *items;
    size_t count;
};

struct idna_label {
    struct code_points text; /* decoded, where it came in Punycode */
    struct str ascii;        /* absent until made */
};

static bool is_plain(struct str domain) {
    for (size_t i = 0; i < domain.len; i++) {
        if ((unsigned char)domain.ptr[i] >= 0x80) {
            return false;
        }
        if ((i == 0 || domain.ptr[i - 1] == '.') && domain.len - i >= 4 &&
            str_equal_ignore_case((struct str){domain.ptr + i, 4}, STR("xn--"))) {
            return false;
        }
    }
    return true;
}

static bool lower_copy(struct arena *arena, struct str domain, struct str *ascii) {
    char *out = arena_bytes(arena, domain.len);
    if (out == NULL) {
        return false;
    }
    for (size_t i = 0; i < domain.len; i++) {
        out[i] = ascii_lower(domain.ptr[i]);
    }
    *ascii = (struct str){out, domain.len};
    return true;
}

static void put(uint32_t *out, size_t *len, uint32_t code_point) {
    if (out != NULL) {
        out[*len] = code_point;
    }
    (*len)++;
}

/* Applies the mapping table; `out` is NULL to count only. False at what is disallowed,
 * `*stop` is its offset. */
static bool map(struct str domain, uint32_t *out, size_t *len, size_t *stop) {
    *len = 0;
    for (size_t at = 0; at < domain.len;) {
        *stop = at;
        uint32_t code_point = utf8_next(domain, &at);
        unsigned value = idna_value(code_point);
        if (value == IDNA_DISALLOWED) {
            return false;
        }
        if (value == IDNA_VALID) {
            put(out, len, code_point);
        } else if (value >= IDNA_FIRST_MAPPING) {
            const uint32_t *mapping = &idna_mappings[value - IDNA_FIRST_MAPPING];
            for (size_t i = 1; i <= mapping[0]; i++) {
                put(out, len, mapping[i]);
            }
        }
    }
    return true;
}

/* Where the label of an index begins in the domain as it was given. Every full stop of
 * the mapped text comes from one character. */
static size_t label_offset(struct str domain, size_t index) {
    size_t at = 0;
    while (index > 0 && at < domain.len) {
        uint32_t code_point = utf8_next(domain, &at);
        unsigned value = idna_value(code_point);
        index -=
            code_point == '.' || (value >= IDNA_FIRST_MAPPING &&
                                  idna_mappings[value - IDNA_FIRST_MAPPING + 1] == '.');
    }
    return at;
}

static bool split(struct arena *arena, struct code_points text, struct labels *labels) {
    size_t count = 1;
    for (size_t i = 0; i < text.len; i++) {
        count += text.ptr[i] == '.';
    }
    labels->items = arena_array(arena, count, sizeof *labels->items);
    labels->count = count;
    if (labels->items == NULL) {
        return false;
    }
    size_t start = 0;
    size_t index = 0;
    for (size_t i = 0; i <= text.len; i++) {
        if (i == text.len || text.ptr[i] == '.') {
            labels->items[index++].text =
                (struct code_points){text.ptr + start, i - start};
            start = i + 1;
        }
    }
    return true;
}

static bool has_prefix(struct code_points text) {
    return text.len >= 4 && text.ptr[0] == 'x' && text.ptr[1] == 'n' &&
           text.ptr[2] == '-' && text.ptr[3] == '-';
}

static bool narrow(struct arena *arena, struct code_points text, struct str *ascii) {
    char *out = arena_bytes(arena, text.len);
    if (out == NULL) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        out[i] = (char)text.ptr[i];
    }
    *ascii = (struct str){out, text.len};
    return true;
}

/* Replaces a label in Punycode by what it stands for. */
static enum grammar_status decode_label(struct arena *arena, struct idna_label *label,
                                        struct syntax_error *error) {
    if (!code_points_are_ascii(label->text)) {
        return grammar_reject(error, "host label `xn--` is not ASCII", 0);
    }
    if (!narrow(arena, label->text, &label->ascii)) {
        return GRAMMAR_NO_MEMORY;
    }
    struct code_points decoded;
    enum grammar_status status =
        punycode_decode(arena, str_skip(label->ascii, 4), &decoded, error);
    if (status == GRAMMAR_INVALID) {
        return grammar_reject(error, "host label `xn--` does not decode", 0);
    }
    if (status != GRAMMAR_OK) {
        return status;
    }
    if (code_points_are_ascii(decoded)) {
        return grammar_reject(error, "host label `xn--` stands for plain ASCII", 0);
    }
    struct code_points normal;
    if (!code_points_nfc(arena, decoded, &normal)) {
        return GRAMMAR_NO_MEMORY;
    }
    if (!code_points_equal(decoded, normal)) {
        return grammar_reject(error, "host label `xn--` is not in normal form C", 0);
    }
    label->text = decoded;
    return GRAMMAR_OK;
}

static enum grammar_status process_label(struct arena *arena, struct idna_label *label,
                                         struct syntax_error *error) {
    if (has_prefix(label->text)) {
        enum grammar_status status = decode_label(arena, label, error);
        if (status != GRAMMAR_OK) {
            return status;
        }
        if (has_prefix(label->text)) {
            return grammar_reject(error, "host label `xn--` stands for another one", 0);
        }
    }
    const char *broken = idna_label_defect(label->text);
    return broken == NULL ? GRAMMAR_OK : grammar_reject(error, broken, 0);
}

static enum grammar_status process(struct arena *arena, struct labels *labels,
                                   size_t *culprit, struct syntax_error *error) {
    bool bidi = false;
    for (size_t i = 0; i < labels->count; i++) {
        *culprit = i;
        enum grammar_status status = process_label(arena, &labels->items[i], error);
        if (status != GRAMMAR_OK) {
            return status;
        }
        bidi = bidi || idna_is_right_to_left(labels->items[i].text);
    }
    for (size_t i = 0; bidi && i < labels->count; i++) {
        *culprit = i;
        if (!idna_bidi_is_valid(labels->items[i].text)) {
            return grammar_reject(error, "host label mixes writing directions", 0);
        }
    }
    return GRAMMAR_OK;
}

static bool encode_label(struct arena *arena, struct idna_label *label) {
    if (label->ascii.ptr != NULL) {
        return true;
    }
    if (code_points_are_ascii(label->text)) {
        return narrow(arena, label->text, &label->ascii);
    }
    struct str parts[2] = {STR("xn--"), punycode_encode(arena, label->text)};
    if (parts[1].ptr == NULL) {
        return false;
    }
    label->ascii = arena_concat(arena, parts, 2);
    return label->ascii.ptr != NULL;
}

static bool join(struct arena *scratch, struct arena *arena, struct labels *labels,
                 struct str *ascii) {
    struct str *parts = arena_array(scratch, labels->count * 2, sizeof *parts);
    if (parts == NULL) {
        return false;
    }
    for (size_t i = 0; i < labels->count; i++) {
        if (!encode_label(scratch, &labels->items[i])) {
            return false;
        }
        parts[2 * i] = labels->items[i].ascii;
        parts[2 * i + 1] = STR(".");
    }
    *ascii = arena_concat(arena, parts, labels->count * 2 - 1);
    return ascii->ptr != NULL;
}

static enum grammar_status convert(struct arena *scratch, struct arena *arena,
                                   struct str domain, struct str *ascii,
                                   struct syntax_error *error) {
    struct code_points text;
    size_t stop = 0;
    if (!map(domain, NULL, &text.len, &stop)) {
        return grammar_reject(error, "host has a disallowed character", stop);
    }
    text.ptr = arena_array(scratch, text.len, sizeof *text.ptr);
    if (text.ptr == NULL) {
        return GRAMMAR_NO_MEMORY;
    }
    map(domain, text.ptr, &text.len, &stop);
    struct labels labels;
    if (!code_points_nfc(scratch, text, &text) || !split(scratch, text, &labels)) {
        return GRAMMAR_NO_MEMORY;
    }
    size_t culprit = 0;
    enum grammar_status status = process(scratch, &labels, &culprit, error);
    if (status == GRAMMAR_INVALID) {
        error->offset = label_offset(domain, culprit);
    }
    if (status != GRAMMAR_OK) {
        return status;
    }
    return join(scratch, arena, &labels, ascii) ? GRAMMAR_OK : GRAMMAR_NO_MEMORY;
}

enum grammar_status idna_to_ascii(struct arena *arena, struct str domain,
                                  struct str *ascii, struct syntax_error *error) {
    if (is_plain(domain)) {
        return lower_copy(arena, domain, ascii) ? GRAMMAR_OK : GRAMMAR_NO_MEMORY;
    }
    struct arena scratch = {0};
    enum grammar_status status = convert(&scratch, arena, domain, ascii, error);
    arena_release(&scratch);
    return status;
}
