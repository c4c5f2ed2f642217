#include "base/diag.h"

static bool copy_versions(struct arena *arena, struct detail *detail) {
    if (detail->count == 0 || detail->versions == NULL) {
        return true;
    }
    struct name_version *copies = arena_array(arena, detail->count, sizeof *copies);
    bool good = copies != NULL;
    for (size_t i = 0; good && i < detail->count; i++) {
        copies[i] = detail->versions[i];
        good = arena_adopt(arena, &copies[i].name) &&
               arena_adopt(arena, &copies[i].version);
    }
    detail->versions = copies;
    return good;
}

static bool copy_details(struct arena *arena, struct diag *diag) {
    struct detail *copies = arena_array(arena, diag->detail_count, sizeof *copies);
    bool good = copies != NULL;
    for (size_t i = 0; good && i < diag->detail_count; i++) {
        copies[i] = diag->details[i];
        good = arena_adopt(arena, &copies[i].text) &&
               (copies[i].texts == NULL ||
                arena_adopt_all(arena, &copies[i].texts, copies[i].count)) &&
               copy_versions(arena, &copies[i]);
    }
    diag->details = copies;
    return good;
}

/* All but what is nested. */
static struct diag *copy_one(struct arena *arena, const struct diag *from) {
    struct diag *diag = arena_alloc(arena, sizeof *diag);
    if (diag == NULL) {
        return NULL;
    }
    *diag = *from;
    diag->first = NULL;
    diag->next = NULL;
    bool good = arena_adopt(arena, &diag->field) && arena_adopt(arena, &diag->note) &&
                arena_adopt(arena, &diag->place.file) &&
                arena_adopt(arena, &diag->place.text) && copy_details(arena, diag) &&
                arena_adopt_all(arena, &diag->causes, diag->cause_count);
    return good ? diag : NULL;
}

/* No diagnostic is nested deeper than its list's errors are: three levels. */
struct diag *diag_copy(struct arena *arena, const struct diag *from) {
    struct diag *diag = copy_one(arena, from);
    struct diag_list nested = {0};
    for (const struct diag *at = from->first; diag != NULL && at != NULL;
         at = at->next) {
        struct diag *copy = diag_copy(arena, at);
        if (copy == NULL) {
            return NULL;
        }
        diag_append(&nested, copy);
    }
    if (diag != NULL) {
        diag_nest(diag, &nested);
    }
    return diag;
}
