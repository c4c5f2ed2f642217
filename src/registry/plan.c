#include "registry/plan.h"

#include <stdlib.h>

#include "grammar/name.h"

/* ---- Among themselves ---- */

static int by_name_then_place(const void *left, const void *right) {
    const struct plan_item *a = *(struct plan_item *const *)left;
    const struct plan_item *b = *(struct plan_item *const *)right;
    int order = name_canonical_compare(a->name, b->name);
    return order != 0 ? order : (a < b ? -1 : a > b);
}

static int by_version_then_place(const void *left, const void *right) {
    const struct plan_item *a = *(struct plan_item *const *)left;
    const struct plan_item *b = *(struct plan_item *const *)right;
    int order = str_compare(a->version, b->version);
    return order != 0 ? order : (a < b ? -1 : a > b);
}

/* Items of one canonical name, in order of their places. */
static void pair_group(struct plan_item *items, struct plan_item **group,
                       size_t count) {
    struct plan_item *first = group[0];
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (!str_equal(group[i]->name, first->name)) {
            group[i]->twin = (size_t)(first - items);
        } else {
            group[kept++] = group[i];
        }
    }
    qsort(group, kept, sizeof *group, by_version_then_place);
    for (size_t i = 1; i < kept; i++) {
        struct plan_item *before = group[i - 1];
        if (str_equal(group[i]->version, before->version)) {
            group[i]->twin =
                before->twin == PLAN_NONE ? (size_t)(before - items) : before->twin;
        }
    }
}

bool plan_pair(struct plan_item *items, size_t count) {
    struct plan_item **order = malloc((count + 1) * sizeof *order);
    if (order == NULL) {
        return false;
    }
    size_t taking_part = 0;
    for (size_t i = 0; i < count; i++) {
        items[i].twin = PLAN_NONE;
        if (!items[i].is_left_out) {
            order[taking_part++] = &items[i];
        }
    }
    qsort(order, taking_part, sizeof *order, by_name_then_place);
    for (size_t start = 0; start < taking_part;) {
        size_t end = start + 1;
        while (end < taking_part &&
               name_canonical_equal(order[start]->name, order[end]->name)) {
            end++;
        }
        pair_group(items, order + start, end - start);
        start = end;
    }
    free(order);
    return true;
}

/* ---- Against the index ---- */

bool plan_sort(struct plan_item *items, size_t count, const struct index *index,
               struct arena *scratch) {
    for (size_t i = 0; i < count; i++) {
        struct plan_item *item = &items[i];
        if (item->is_left_out) {
            continue;
        }
        struct index_match match = index_find(index, item->name, item->version);
        struct index_record record;
        item->entry = match.exact;
        if (match.other_spelling != INDEX_NONE) {
            item->verdict = PLAN_COLLISION;
            item->entry = match.other_spelling;
        } else if (match.exact == INDEX_NONE) {
            item->verdict = PLAN_NEW;
        } else {
            struct arena_mark mark = arena_mark(scratch);
            if (!index_entry_decode(index, match.exact, scratch, &record)) {
                return false;
            }
            item->verdict =
                str_equal(record.hash, item->hash) ? PLAN_UNCHANGED : PLAN_DIFFERS;
            arena_rewind(scratch, mark);
        }
    }
    return true;
}
