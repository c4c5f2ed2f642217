/* Artifacts that an earlier index names: a rollback took their entries away, and
 * another may bring them back. They are no orphans. */
#include "base/limits.h"
#include "registry/change.h"
#include "registry/change_drive.h"
#include "registry/survey.h"
#include "registry/transfer.h"

struct recall {
    struct arena *arena;
    struct survey *survey;
    struct str *orphans; /* names that no index seen so far has */
    size_t orphan_count;
};

static bool collect(struct recall *recall) {
    struct survey *survey = recall->survey;
    size_t count = 0;
    for (size_t i = 0; i < survey->list.count; i++) {
        count += survey_kind_of(survey, &survey->list.objects[i], 0) == SURVEY_ORPHAN;
    }
    if (count == 0) {
        return true;
    }
    recall->orphans = arena_array(recall->arena, count, sizeof *recall->orphans);
    survey->withdrawn = arena_array(recall->arena, count, sizeof *survey->withdrawn);
    if (recall->orphans == NULL || survey->withdrawn == NULL) {
        return false;
    }
    for (size_t i = 0; i < survey->list.count; i++) {
        const struct store_object *object = &survey->list.objects[i];
        if (survey_kind_of(survey, object, 0) == SURVEY_ORPHAN) {
            recall->orphans[recall->orphan_count++] = object->name;
        }
    }
    return true;
}

/* Takes out those that this earlier index names. */
static void compare(struct recall *recall, const struct index *index) {
    size_t left = 0;
    for (size_t i = 0; i < recall->orphan_count; i++) {
        struct str name;
        struct str version;
        struct str orphan = recall->orphans[i];
        if (artifact_name_split(orphan, &name, &version) &&
            index_find(index, name, version).exact != INDEX_NONE) {
            recall->survey->withdrawn[recall->survey->withdrawn_count++] = orphan;
        } else {
            recall->orphans[left++] = orphan;
        }
    }
    recall->orphan_count = left;
}

/* One that has gone meanwhile, or is none, names nothing. */
static enum registry_status read_one(struct recall *recall, struct store *store,
                                     struct str name, struct diag **failure) {
    struct store_call call = {.arena = recall->arena};
    struct buf bytes;
    struct index index = {0};
    struct diag *invalid = NULL;
    enum store_status got =
        transfer_get(store, &call, name, LIMIT_INDEX_BYTES, &bytes, NULL);
    enum registry_status status = REGISTRY_OK;
    if (got == STORE_OK) {
        status = change_parse(recall->arena, store->location, name, buf_str(&bytes),
                              &index, &invalid);
        if (status == REGISTRY_OK) {
            compare(recall, &index);
        }
        status = status == REGISTRY_FAILED ? REGISTRY_OK : status;
    } else if (got != STORE_ABSENT) {
        status = change_store_failure(recall->arena, store, &call.failure, failure);
    }
    index_release(&index);
    buf_release(&bytes);
    return status;
}

enum registry_status survey_recall(struct arena *arena, struct store *store,
                                   struct survey *survey, struct diag **failure) {
    struct recall recall = {.arena = arena, .survey = survey};
    enum registry_status status = collect(&recall) ? REGISTRY_OK : REGISTRY_NO_MEMORY;
    for (size_t i = survey->list.count;
         status == REGISTRY_OK && recall.orphan_count > 0 && i > 0; i--) {
        struct str name = survey->list.objects[i - 1].name;
        if (change_history_serial(name) != 0) {
            status = read_one(&recall, store, name, failure);
        }
    }
    return status;
}
