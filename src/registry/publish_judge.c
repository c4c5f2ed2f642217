#include "grammar/name.h"
#include "registry/publish_parts.h"

struct diag *publish_changed(struct arena *arena, enum error_id id,
                             const struct publish_unit *unit) {
    struct detail details[] = {DETAIL_TEXT(unit->dir), DETAIL_TEXT(unit->fields.name),
                               DETAIL_TEXT(unit->fields.version),
                               DETAIL_TEXTS(unit->files.paths, unit->files.count)};
    struct diag *diag = diag_new(arena, id, unit->dir, details, 4);
    if (diag != NULL) {
        diag->note = unit->note;
    }
    return diag;
}

static struct diag *duplicate(struct publish_job *job, const struct publish_unit *unit,
                              const struct publish_unit *twin) {
    struct detail details[] = {DETAIL_TEXT(unit->dir), DETAIL_TEXT(twin->dir),
                               DETAIL_TEXT(unit->fields.name),
                               DETAIL_TEXT(unit->fields.version)};
    return diag_new(job->arena, ERROR_PUBLISH_DUPLICATE, unit->dir, details, 4);
}

static struct diag *orphan(struct publish_job *job, const struct publish_unit *unit) {
    struct detail details[] = {DETAIL_TEXT(unit->dir), DETAIL_TEXT(unit->fields.name),
                               DETAIL_TEXT(unit->fields.version)};
    return diag_new(job->arena, ERROR_PUBLISH_ORPHAN, unit->dir, details, 3);
}

/* The entries of the colliding name: views of the index. */
static struct diag *collision(struct publish_job *job, const struct publish_unit *unit,
                              const struct index *index) {
    struct str name = unit->fields.name;
    size_t first = index_first_of_name(index, name);
    size_t count = 0;
    for (size_t i = first; i != INDEX_NONE; i = index_next_of_name(index, i)) {
        count++;
    }
    struct name_version *existing = arena_array(job->arena, count, sizeof *existing);
    char *canonical = arena_bytes(job->arena, name.len);
    if (existing == NULL || canonical == NULL) {
        return NULL;
    }
    size_t at = 0;
    for (size_t i = first; i != INDEX_NONE; i = index_next_of_name(index, i)) {
        existing[at++] = (struct name_version){index_entry_name(index, i),
                                               index_entry_version(index, i)};
    }
    name_canonicalize(name, canonical);
    struct detail details[] = {DETAIL_TEXT(unit->dir), DETAIL_TEXT(name),
                               DETAIL_TEXT(((struct str){canonical, name.len})),
                               DETAIL_VERSIONS(existing, count)};
    return diag_new(job->arena, ERROR_PUBLISH_COLLISION, unit->dir, details, 4);
}

/* Appends what is wrong with one, if anything. */
static bool judge(struct publish_job *job, size_t i, const struct index *index,
                  struct diag_list *defects) {
    struct publish_unit *unit = &job->units[i];
    const struct plan_item *item = &job->items[i];
    struct diag *defect = unit->defect;
    bool is_wrong = true;
    if (defect != NULL) {
        defect->next = NULL;
    } else if (item->twin != PLAN_NONE) {
        defect = duplicate(job, unit, &job->units[item->twin]);
    } else if (unit->is_orphaned) {
        defect = orphan(job, unit);
    } else if (index != NULL && item->verdict == PLAN_COLLISION) {
        defect = collision(job, unit, index);
    } else if (index != NULL && item->verdict == PLAN_DIFFERS &&
               unit->difference != PLAN_SAME &&
               job->request->changed == PUBLISH_CHANGED_ERROR) {
        defect = publish_changed(job->arena, ERROR_PUBLISH_CHANGED, unit);
    } else {
        is_wrong = false;
    }
    if (is_wrong && defect != NULL) {
        diag_append(defects, defect);
    }
    return !is_wrong || defect != NULL;
}

bool publish_judge(struct publish_job *job, const struct index *index,
                   struct diag **failure) {
    struct diag_list defects = {0};
    for (size_t i = 0; i < job->count; i++) {
        if (!judge(job, i, index, &defects)) {
            return false;
        }
    }
    if (defects.count == 0) {
        return true;
    }
    *failure = diag_new(job->arena, ERROR_PUBLISH_FAILED, STR_NONE, NULL, 0);
    if (*failure == NULL) {
        return false;
    }
    diag_nest(*failure, &defects);
    return true;
}
