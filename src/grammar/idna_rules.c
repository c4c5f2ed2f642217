#include "grammar/idna_rules.h"

#include <utf8proc.h>

#include "grammar/idna_tables.h"

enum { ZERO_WIDTH_NON_JOINER = 0x200C, ZERO_WIDTH_JOINER = 0x200D, VIRAMA_CLASS = 9 };

unsigned idna_value(uint32_t code_point) {
    size_t low = 0;
    size_t high = idna_run_count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (idna_run_first[middle] <= code_point) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return idna_run_value[low];
}

static const utf8proc_property_t *property(uint32_t code_point) {
    return utf8proc_get_property((utf8proc_int32_t)code_point);
}

static char joining_type(uint32_t code_point) {
    size_t low = 0;
    size_t high = idna_joining_run_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (idna_joining_runs[middle].last < code_point) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    bool found =
        low < idna_joining_run_count && idna_joining_runs[low].first <= code_point;
    return found ? idna_joining_runs[low].type : 'U';
}

/* Joining types around a non-joiner: (L|D) T* ZWNJ T* (R|D). `before` is the type of
 * the last character before `at` that is not transparent. */
static bool joins(struct code_points label, size_t at, char before) {
    if (before != 'L' && before != 'D') {
        return false;
    }
    size_t after = at + 1;
    while (after < label.len && joining_type(label.ptr[after]) == 'T') {
        after++;
    }
    char type = after < label.len ? joining_type(label.ptr[after]) : 'U';
    return type == 'R' || type == 'D';
}

static bool joiners_are_valid(struct code_points label) {
    char before = 'U';
    for (size_t i = 0; i < label.len; i++) {
        uint32_t c = label.ptr[i];
        if (c == ZERO_WIDTH_NON_JOINER || c == ZERO_WIDTH_JOINER) {
            bool virama =
                i > 0 && property(label.ptr[i - 1])->combining_class == VIRAMA_CLASS;
            if (!virama && (c == ZERO_WIDTH_JOINER || !joins(label, i, before))) {
                return false;
            }
        }
        char type = c < 0x80 ? 'U' : joining_type(c);
        before = type == 'T' ? before : type;
    }
    return true;
}

const char *idna_label_defect(struct code_points label) {
    if (label.len == 0) {
        return NULL;
    }
    switch (property(label.ptr[0])->category) {
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
        return "host label begins with a combining mark";
    default:
        break;
    }
    for (size_t i = 0; i < label.len; i++) {
        if (idna_value(label.ptr[i]) != IDNA_VALID || label.ptr[i] == '.') {
            return "host label has a disallowed character";
        }
    }
    return joiners_are_valid(label) ? NULL : "host label has a misplaced joiner";
}

static utf8proc_propval_t bidi_class(uint32_t code_point) {
    return property(code_point)->bidi_class;
}

bool idna_is_right_to_left(struct code_points label) {
    for (size_t i = 0; i < label.len; i++) {
        switch (bidi_class(label.ptr[i])) {
        case UTF8PROC_BIDI_CLASS_R:
        case UTF8PROC_BIDI_CLASS_AL:
        case UTF8PROC_BIDI_CLASS_AN:
            return true;
        default:
            break;
        }
    }
    return false;
}

/* Whether a class may stand in a label of the given direction. */
static bool class_fits(utf8proc_propval_t class, bool rtl) {
    switch (class) {
    case UTF8PROC_BIDI_CLASS_EN:
    case UTF8PROC_BIDI_CLASS_ES:
    case UTF8PROC_BIDI_CLASS_CS:
    case UTF8PROC_BIDI_CLASS_ET:
    case UTF8PROC_BIDI_CLASS_ON:
    case UTF8PROC_BIDI_CLASS_BN:
    case UTF8PROC_BIDI_CLASS_NSM:
        return true;
    case UTF8PROC_BIDI_CLASS_R:
    case UTF8PROC_BIDI_CLASS_AL:
    case UTF8PROC_BIDI_CLASS_AN:
        return rtl;
    case UTF8PROC_BIDI_CLASS_L:
        return !rtl;
    default:
        return false;
    }
}

bool idna_bidi_is_valid(struct code_points label) {
    if (label.len == 0) {
        return true;
    }
    utf8proc_propval_t first = bidi_class(label.ptr[0]);
    bool rtl = first == UTF8PROC_BIDI_CLASS_R || first == UTF8PROC_BIDI_CLASS_AL;
    if (!rtl && first != UTF8PROC_BIDI_CLASS_L) {
        return false;
    }
    bool european = false;
    bool arabic = false;
    utf8proc_propval_t last = first; /* that is no mark */
    for (size_t i = 0; i < label.len; i++) {
        utf8proc_propval_t class = bidi_class(label.ptr[i]);
        if (!class_fits(class, rtl)) {
            return false;
        }
        european = european || class == UTF8PROC_BIDI_CLASS_EN;
        arabic = arabic || class == UTF8PROC_BIDI_CLASS_AN;
        last = class == UTF8PROC_BIDI_CLASS_NSM ? last : class;
    }
    if (last == UTF8PROC_BIDI_CLASS_EN) {
        return !(rtl && arabic);
    }
    if (!rtl) {
        return last == UTF8PROC_BIDI_CLASS_L;
    }
    return !(european && arabic) &&
           (last == UTF8PROC_BIDI_CLASS_R || last == UTF8PROC_BIDI_CLASS_AL ||
            last == UTF8PROC_BIDI_CLASS_AN);
}
