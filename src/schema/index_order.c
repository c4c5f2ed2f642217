#include "schema/index_order.h"

#include <stdlib.h>

#include "grammar/semver.h"

static int compare_precedence(const struct index *index, size_t a, size_t b) {
    return index_compare_versions(index, a, b, semver_precedence);
}

static bool is_in_order(const struct index *index) {
    for (size_t i = 1; i < index->count; i++) {
        bool same = index_entry_group(index, i - 1) == index_entry_group(index, i);
        int order = same ? compare_precedence(index, i - 1, i)
                         : str_compare(index_entry_name(index, i - 1),
                                       index_entry_name(index, i));
        if (order > 0) {
            return false;
        }
    }
    return true;
}

struct named_group {
    struct str name;
    uint32_t group;
    uint32_t seen;
};

static int compare_names(const void *left, const void *right) {
    const struct named_group *a = left;
    const struct named_group *b = right;
    return str_compare(a->name, b->name);
}

/* Puts all entries of a name together, names in order. */
static bool order_names(const struct index *index, uint32_t *order) {
    size_t groups = index->group_count;
    struct named_group *named = calloc(groups, sizeof *named);
    uint32_t *place = calloc(groups, sizeof *place);
    bool good = named != NULL && place != NULL;
    for (size_t i = 0; good && i < index->count; i++) {
        struct named_group *group = &named[index_entry_group(index, i)];
        group->name = index_entry_name(index, i);
        group->group = index_entry_group(index, i);
        group->seen++;
    }
    if (good) {
        qsort(named, groups, sizeof *named, compare_names);
        uint32_t at = 0;
        for (size_t i = 0; i < groups; i++) {
            place[named[i].group] = at;
            at += named[i].seen;
        }
        for (size_t i = 0; i < index->count; i++) {
            order[place[index_entry_group(index, i)]++] = (uint32_t)i;
        }
    }
    free(place);
    free(named);
    return good;
}

struct versioned {
    const struct index *index;
    size_t entry;
};

static int compare_versions(const void *left, const void *right) {
    const struct versioned *a = left;
    const struct versioned *b = right;
    int order = compare_precedence(a->index, a->entry, b->entry);
    return order != 0 ? order : (a->entry > b->entry) - (a->entry < b->entry);
}

/* Sorts the entries of one name; `versions` has room for them. */
static void order_versions(const struct index *index, uint32_t *order, size_t count,
                           struct versioned *versions) {
    bool sorted = true;
    for (size_t i = 0; i < count; i++) {
        versions[i] = (struct versioned){index, order[i]};
        sorted =
            sorted && (i == 0 || compare_versions(&versions[i - 1], &versions[i]) < 0);
    }
    if (sorted) {
        return;
    }
    qsort(versions, count, sizeof *versions, compare_versions);
    for (size_t i = 0; i < count; i++) {
        order[i] = (uint32_t)versions[i].entry;
    }
}

/* Where the group that begins at `start` of the order ends. */
static size_t group_end(const struct index *index, const uint32_t *order,
                        size_t start) {
    uint32_t group = index_entry_group(index, order[start]);
    size_t end = start + 1;
    while (end < index->count && index_entry_group(index, order[end]) == group) {
        end++;
    }
    return end;
}

bool index_order(const struct index *index, uint32_t **order) {
    *order = NULL;
    if (is_in_order(index)) {
        return true;
    }
    uint32_t *found = calloc(index->count, sizeof *found);
    if (found == NULL || !order_names(index, found)) {
        free(found);
        return false;
    }
    size_t longest = 0;
    for (size_t start = 0, end; start < index->count; start = end) {
        end = group_end(index, found, start);
        longest = end - start > longest ? end - start : longest;
    }
    struct versioned *versions = calloc(longest, sizeof *versions);
    if (versions == NULL) {
        free(found);
        return false;
    }
    for (size_t start = 0, end; start < index->count; start = end) {
        end = group_end(index, found, start);
        order_versions(index, found + start, end - start, versions);
    }
    free(versions);
    *order = found;
    return true;
}
