#include "grammar/unicode_new.h"

struct class_run {
    uint32_t first;
    uint32_t last;
    unsigned class;
};

static const struct class_run class_runs[] = {
    {0x0897, 0x0897, 230},   {0x1ACF, 0x1ADC, 230},   {0x1ADD, 0x1ADD, 220},
    {0x1AE0, 0x1AE5, 230},   {0x1AE6, 0x1AE6, 220},   {0x1AE7, 0x1AEA, 230},
    {0x1AEB, 0x1AEB, 234},   {0x10D69, 0x10D6D, 230}, {0x10EFA, 0x10EFB, 220},
    {0x113CE, 0x113D0, 9},   {0x1612F, 0x1612F, 9},   {0x1E5EE, 0x1E5EE, 230},
    {0x1E5EF, 0x1E5EF, 220}, {0x1E6E3, 0x1E6E3, 230}, {0x1E6E6, 0x1E6E6, 230},
    {0x1E6EE, 0x1E6EF, 230}, {0x1E6F5, 0x1E6F5, 230},
};

struct composition {
    uint32_t first;
    uint32_t second;
    uint32_t whole;
};

static const struct composition compositions[] = {
    {0x105D2, 0x00307, 0x105C9}, {0x105DA, 0x00307, 0x105E4},
    {0x11382, 0x113C9, 0x11383}, {0x11384, 0x113BB, 0x11385},
    {0x1138B, 0x113C2, 0x1138E}, {0x11390, 0x113C9, 0x11391},
    {0x113C2, 0x113C2, 0x113C5}, {0x113C2, 0x113B8, 0x113C7},
    {0x113C2, 0x113C9, 0x113C8}, {0x1611E, 0x1611E, 0x16121},
    {0x1611E, 0x16129, 0x16122}, {0x1611E, 0x1611F, 0x16123},
    {0x16129, 0x1611F, 0x16124}, {0x1611E, 0x16120, 0x16125},
    {0x16121, 0x1611F, 0x16126}, {0x16122, 0x1611F, 0x16127},
    {0x16121, 0x16120, 0x16128}, {0x16D67, 0x16D67, 0x16D68},
    {0x16D63, 0x16D67, 0x16D69}, {0x16D69, 0x16D67, 0x16D6A},
};

enum { COMPOSITIONS = sizeof compositions / sizeof compositions[0] };

unsigned unicode_new_class(uint32_t code_point) {
    for (size_t i = 0; i < sizeof class_runs / sizeof class_runs[0]; i++) {
        if (code_point >= class_runs[i].first && code_point <= class_runs[i].last) {
            return class_runs[i].class;
        }
    }
    return 0;
}

static const struct composition *find_whole(uint32_t whole) {
    for (size_t i = 0; i < COMPOSITIONS; i++) {
        if (compositions[i].whole == whole) {
            return &compositions[i];
        }
    }
    return NULL;
}

size_t unicode_new_decompose(uint32_t code_point,
                             uint32_t parts[UNICODE_NEW_PARTS_MAX]) {
    const struct composition *found = find_whole(code_point);
    if (found == NULL) {
        return 0;
    }
    /* Only first parts decompose again, and those once. */
    size_t count = 0;
    const struct composition *first = find_whole(found->first);
    if (first != NULL) {
        parts[count++] = first->first;
        parts[count++] = first->second;
    } else {
        parts[count++] = found->first;
    }
    parts[count++] = found->second;
    return count;
}

uint32_t unicode_new_compose(uint32_t first, uint32_t second) {
    for (size_t i = 0; i < COMPOSITIONS; i++) {
        if (compositions[i].first == first && compositions[i].second == second) {
            return compositions[i].whole;
        }
    }
    return 0;
}
