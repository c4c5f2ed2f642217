#include "registry/survey.h"

#include "base/limits.h"
#include "registry/change.h"
#include "registry/change_drive.h"
#include "registry/transfer.h"

enum { LOOKS_MOST = 6, PAUSE_MS = 500 };

void survey_release(struct survey *survey) {
    buf_release(&survey->text);
    index_release(&survey->index);
}

const struct store_object *survey_find(const struct survey *survey, struct str name) {
    size_t low = 0;
    size_t high = survey->list.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = str_compare(survey->list.objects[middle].name, name);
        if (order == 0) {
            return &survey->list.objects[middle];
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

enum survey_kind survey_kind_of(const struct survey *survey,
                                const struct store_object *object, int64_t now_s) {
    uint64_t serial;
    struct str name;
    struct str version;
    bool is_old =
        object->modified_s != 0 && now_s - object->modified_s > SURVEY_AT_WORK_S;
    if (object->is_incomplete) {
        return is_old ? SURVEY_INCOMPLETE : SURVEY_OTHER;
    }
    switch (change_kind_of(object->name, &serial)) {
    case CHANGE_KIND_COPY:
    case CHANGE_KIND_LOCK:
    case CHANGE_KIND_PROBE:
        return is_old ? SURVEY_LEFTOVER : SURVEY_OTHER;
    case CHANGE_KIND_INDEX:
    case CHANGE_KIND_HISTORY:
        return SURVEY_OTHER;
    case CHANGE_KIND_OTHER:
        break;
    }
    if (!artifact_name_split(object->name, &name, &version)) {
        return SURVEY_OTHER;
    }
    if (index_find(&survey->index, name, version).exact != INDEX_NONE) {
        return SURVEY_OTHER;
    }
    for (size_t i = 0; i < survey->withdrawn_count; i++) {
        if (str_equal(survey->withdrawn[i], object->name)) {
            return SURVEY_WITHDRAWN;
        }
    }
    return SURVEY_ORPHAN;
}

/* ---- The index ---- */

static enum registry_status read_index(struct arena *arena, struct store *store,
                                       const struct registry_host *host,
                                       bool may_be_missing, struct survey *survey,
                                       struct diag **failure) {
    struct store_object object = {0};
    survey_release(survey);
    enum registry_status status =
        registry_get(arena, store, host, &survey->text, &object, failure);
    survey->has_index = status == REGISTRY_OK;
    if (status == REGISTRY_FAILED && may_be_missing &&
        (*failure)->id == ERROR_REGISTRY_NOT_FOUND) {
        *failure = NULL;
        return REGISTRY_OK;
    }
    if (status != REGISTRY_OK) {
        return status;
    }
    struct diag *invalid = NULL;
    status = change_parse(arena, store->location, STORE_INDEX_NAME,
                          buf_str(&survey->text), &survey->index, &invalid);
    survey->invalid = NULL;
    if (status == REGISTRY_FAILED) {
        survey->invalid = diag_copy(arena, invalid);
        index_release(&survey->index);
        survey->index = (struct index){0};
        status = survey->invalid == NULL ? REGISTRY_NO_MEMORY : REGISTRY_OK;
    }
    return status;
}

static enum registry_status compare_form(struct arena *arena, struct survey *survey,
                                         struct diag **failure) {
    struct str canonical;
    struct arena_mark mark = arena_mark(arena);
    struct diag *refused = NULL;
    enum registry_status status =
        change_serialize(&survey->index, arena, &canonical, &refused);
    if (status == REGISTRY_FAILED) {
        *failure = refused;
        return status;
    }
    survey->is_canonical =
        status == REGISTRY_OK && str_equal(canonical, buf_str(&survey->text));
    arena_rewind(arena, mark);
    return status;
}

/* ---- The journal ---- */

static uint64_t newest_of(const struct survey *survey) {
    uint64_t newest = 0;
    for (size_t i = 0; i < survey->list.count; i++) {
        uint64_t serial = change_history_serial(survey->list.objects[i].name);
        newest = serial > newest ? serial : newest;
    }
    return newest;
}

/* Has the journal's entry the index's bytes? One of another size is not read. */
static enum registry_status equals(struct arena *arena, struct store *store,
                                   const struct survey *survey,
                                   const struct store_object *entry, bool *is_equal,
                                   struct diag **failure) {
    struct store_call call = {.arena = arena};
    struct buf bytes;
    *is_equal = false;
    if (entry->size_bytes != UINT64_MAX && entry->size_bytes != survey->text.len) {
        return REGISTRY_OK;
    }
    enum store_status got =
        transfer_get(store, &call, entry->name, LIMIT_INDEX_BYTES, &bytes, NULL);
    *is_equal = got == STORE_OK && str_equal(buf_str(&bytes), buf_str(&survey->text));
    buf_release(&bytes);
    return got == STORE_OK || got == STORE_ABSENT
               ? REGISTRY_OK
               : change_store_failure(arena, store, &call.failure, failure);
}

/* Which entry of the journal is index.json? The newest first. */
static enum registry_status look_at_journal(struct arena *arena, struct store *store,
                                            struct survey *survey,
                                            struct diag **failure) {
    survey->journal = SURVEY_IN_STEP;
    survey->current = 0;
    survey->newest = newest_of(survey);
    bool has_journal =
        store->mode == STORE_JOURNAL || store->mode == STORE_JOURNAL_LOCKED;
    /* Without a journal the index was not published by this tool yet: that is fine. */
    if (!has_journal || !survey->has_index || survey->newest == 0) {
        return REGISTRY_OK;
    }
    survey->journal = SURVEY_FOREIGN;
    for (size_t i = survey->list.count; i > 0; i--) {
        const struct store_object *entry = &survey->list.objects[i - 1];
        uint64_t serial = change_history_serial(entry->name);
        bool is_equal;
        if (serial == 0) {
            continue;
        }
        enum registry_status status =
            equals(arena, store, survey, entry, &is_equal, failure);
        if (status != REGISTRY_OK) {
            return status;
        }
        if (is_equal) {
            survey->journal = serial == survey->newest ? SURVEY_IN_STEP : SURVEY_BEHIND;
            survey->current = serial;
            return REGISTRY_OK;
        }
    }
    return REGISTRY_OK;
}

/* The list after the index: what the index names was there by then. */
static enum registry_status look(struct arena *arena, struct store *store,
                                 const struct registry_host *host, bool may_be_missing,
                                 struct survey *survey, struct diag **failure) {
    struct store_call call = {.arena = arena};
    enum registry_status status =
        read_index(arena, store, host, may_be_missing, survey, failure);
    survey->has_list = store->ops->list != NULL;
    if (status != REGISTRY_OK || !survey->has_list) {
        return status;
    }
    if (store->ops->list(store, &call, STR(""), &survey->list) != STORE_OK) {
        return change_store_failure(arena, store, &call.failure, failure);
    }
    return look_at_journal(arena, store, survey, failure);
}

enum registry_status survey_take(struct arena *arena, struct store *store,
                                 const struct registry_host *host, bool may_be_missing,
                                 struct survey *survey, struct diag **failure) {
    *survey = (struct survey){0};
    enum registry_status status = REGISTRY_OK;
    for (int looks = 0; status == REGISTRY_OK && looks < LOOKS_MOST; looks++) {
        if (looks > 0) {
            host->sleep_ms(host->context, PAUSE_MS);
        }
        status = look(arena, store, host, may_be_missing, survey, failure);
        if (survey->journal == SURVEY_IN_STEP) {
            break;
        }
    }
    if (status == REGISTRY_OK && survey->has_index && survey->invalid == NULL) {
        status = compare_form(arena, survey, failure);
        if (status == REGISTRY_OK && survey->has_list) {
            status = survey_recall(arena, store, survey, failure);
        }
    }
    return status;
}
