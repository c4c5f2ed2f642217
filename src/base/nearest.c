#include "base/nearest.h"

enum {
    WORD_MAX = 64, /* no name that this is asked about is longer */
    DISTANCE_MAX = 2
};

static size_t smallest(size_t a, size_t b) {
    return a < b ? a : b;
}

/* Optimal string alignment, by three rows of its table. */
static size_t distance(struct str a, struct str b) {
    size_t rows[3][WORD_MAX + 1] = {{0}};
    size_t *before = rows[0]; /* the row before `above` */
    size_t *above = rows[1];
    size_t *row = rows[2];
    for (size_t j = 0; j <= b.len; j++) {
        above[j] = j;
    }
    for (size_t i = 1; i <= a.len; i++) {
        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            size_t replace = above[j - 1] + (a.ptr[i - 1] != b.ptr[j - 1]);
            row[j] = smallest(replace, smallest(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && a.ptr[i - 1] == b.ptr[j - 2] &&
                a.ptr[i - 2] == b.ptr[j - 1]) {
                row[j] = smallest(row[j], before[j - 2] + 1);
            }
        }
        size_t *oldest = before;
        before = above;
        above = row;
        row = oldest;
    }
    return above[b.len];
}

bool nearest_word(struct str word, const char *const *candidates, size_t count,
                  struct str *best) {
    size_t best_distance = DISTANCE_MAX + 1;
    for (size_t i = 0; i < count; i++) {
        struct str candidate = str_of(candidates[i]);
        size_t longer = word.len > candidate.len ? word.len : candidate.len;
        size_t shorter = smallest(word.len, candidate.len);
        if (longer > WORD_MAX || longer - shorter > DISTANCE_MAX) {
            continue;
        }
        size_t away = distance(word, candidate);
        if (away < best_distance && away * 3 <= longer) {
            best_distance = away;
            *best = candidate;
        }
    }
    return best_distance <= DISTANCE_MAX;
}
