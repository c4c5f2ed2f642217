#include <stdlib.h>

#include "base/limits.h"
#include "registry/change.h"
#include "registry/change_drive.h"
#include "registry/survey.h"
#include "registry/transfer.h"
#include "registry/verify.h"

/* An object that no entry names, and what is to become of it. */
struct found {
    const struct store_object *object;
    struct index_record record; /* of one that can be adopted */
    bool is_adopted;
};

struct job {
    struct arena *arena;
    struct store *store;
    const struct repair_request *request;
    struct repair_result *result;
    struct survey survey;
    struct found *found;
    size_t found_count;
    size_t step_room;
};

/* ---- Steps ---- */

static bool add_step(struct job *job, enum repair_kind kind, struct str name,
                     struct str why) {
    struct repair_result *result = job->result;
    if (result->step_count == job->step_room) {
        size_t room = job->step_room == 0 ? 16 : job->step_room * 2;
        struct repair_step *grown = arena_array(job->arena, room, sizeof *grown);
        if (grown == NULL) {
            return false;
        }
        if (result->step_count > 0) {
            memcpy(grown, result->steps, result->step_count * sizeof *grown);
        }
        result->steps = grown;
        job->step_room = room;
    }
    result->steps[result->step_count++] =
        (struct repair_step){.kind = kind, .name = name, .why = why};
    return name.ptr != NULL;
}

static bool is_index_lost(const struct job *job) {
    return !job->survey.has_index && job->survey.newest != 0;
}

/* What is wrong with index.json itself. */
static bool plan_index(struct job *job) {
    const struct survey *survey = &job->survey;
    if (is_index_lost(job) || survey->journal == SURVEY_BEHIND) {
        struct str why =
            arena_printf(job->arena, "to number %llu, the newest that is kept",
                         (unsigned long long)survey->newest);
        return why.ptr != NULL &&
               add_step(job, REPAIR_BRING_FORWARD, STORE_INDEX_NAME, why);
    }
    return survey->is_canonical ||
           add_step(job, REPAIR_REWRITE, STORE_INDEX_NAME, STR_NONE);
}

/* ---- Orphans ---- */

static bool why_of(struct job *job, const struct diag *defect, struct str *why) {
    struct buf text;
    buf_init(&text, (size_t)1 << 16);
    diag_message(defect, &text);
    for (const struct diag *at = defect->first; at != NULL; at = at->next) {
        buf_append(&text, STR("; "));
        diag_message(at, &text);
    }
    *why = text.failed ? STR_NONE : arena_copy(job->arena, buf_str(&text));
    buf_release(&text);
    return why->ptr != NULL;
}

/* May it be added to the index as it will be, with the others that are? */
static bool check_place(struct job *job, const struct index_record *record,
                        struct diag **defect) {
    return edit_add(&job->survey.index, record, job->arena, defect);
}

/* Reads an orphan; `*why` is absent if it is adopted. */
static enum registry_status look_into(struct job *job, struct found *found,
                                      struct str *why, struct diag **failure) {
    const struct repair_request *request = job->request;
    struct store_call call = {.arena = job->arena};
    struct diag *defect = NULL;
    struct buf bytes;
    *why = STR_NONE;
    enum store_status status = transfer_get(job->store, &call, found->object->name,
                                            LIMIT_ARTIFACT_BYTES, &bytes, NULL);
    bool good = true;
    if (status == STORE_OK) {
        good = request->read_artifact(request->read_context, job->arena,
                                      found->object->name, buf_str(&bytes),
                                      &found->record, &defect);
        good = good && (defect != NULL || check_place(job, &found->record, &defect));
    }
    buf_release(&bytes);
    if (status == STORE_FAILED && !transfer_was_too_large(&call)) {
        return change_store_failure(job->arena, job->store, &call.failure, failure);
    }
    if (status == STORE_OK && defect == NULL) {
        found->is_adopted = good;
        return good ? REGISTRY_OK : REGISTRY_NO_MEMORY;
    }
    if (good && defect != NULL) {
        good = why_of(job, defect, why);
    } else if (good) {
        *why = status == STORE_ABSENT ? STR("it has gone")
                                      : STR("it is larger than an artifact may be");
    }
    return good ? REGISTRY_OK : REGISTRY_NO_MEMORY;
}

static enum registry_status plan_object(struct job *job,
                                        const struct store_object *object,
                                        int64_t now_s, struct diag **failure) {
    struct found *found = &job->found[job->found_count];
    struct str why = STR_NONE;
    *found = (struct found){.object = object};
    switch (survey_kind_of(&job->survey, object, now_s)) {
    case SURVEY_OTHER:
    case SURVEY_WITHDRAWN:
        return REGISTRY_OK;
    case SURVEY_LEFTOVER:
        why = STR("an interrupted command left it behind");
        break;
    case SURVEY_INCOMPLETE:
        why = STR("an upload that failed left it behind");
        break;
    case SURVEY_ORPHAN: {
        enum registry_status status = look_into(job, found, &why, failure);
        if (status != REGISTRY_OK) {
            return status;
        }
        break;
    }
    }
    job->found_count++;
    enum repair_kind kind = found->is_adopted              ? REPAIR_ADOPT
                            : job->request->remove_orphans ? REPAIR_REMOVE
                                                           : REPAIR_LEAVE;
    return add_step(job, kind, object->name, why) ? REGISTRY_OK : REGISTRY_NO_MEMORY;
}

static enum registry_status plan(struct job *job, struct diag **failure) {
    const struct registry_host *host = job->request->write.host;
    int64_t now_s = host->now_s(host->context);
    enum registry_status status = plan_index(job) ? REGISTRY_OK : REGISTRY_NO_MEMORY;
    if (!job->survey.has_index) {
        return status; /* what no entry names is known when there are entries */
    }
    for (size_t i = 0; status == REGISTRY_OK && i < job->survey.list.count; i++) {
        status = plan_object(job, &job->survey.list.objects[i], now_s, failure);
    }
    return status;
}

/* ---- Doing it ---- */

/* Adds the orphans that are complete, unless others did meanwhile. */
static enum change_verdict edit(void *context, struct arena *arena, struct index *index,
                                uint64_t serial, struct diag **failure) {
    struct job *job = context;
    struct str canonical;
    size_t added = 0;
    (void)serial;
    struct arena_mark mark = arena_mark(arena);
    enum registry_status status = change_serialize(index, arena, &canonical, failure);
    if (status != REGISTRY_OK) {
        return status == REGISTRY_FAILED ? CHANGE_FAILED : CHANGE_NO_MEMORY;
    }
    bool is_canonical = str_equal(canonical, buf_str(&index->source));
    arena_rewind(arena, mark);
    for (size_t i = 0; i < job->found_count; i++) {
        const struct found *found = &job->found[i];
        struct diag *refused = NULL;
        if (!found->is_adopted) {
            continue;
        }
        if (!edit_add(index, &found->record, arena, &refused)) {
            return CHANGE_NO_MEMORY;
        }
        added += refused == NULL;
    }
    return added > 0 || !is_canonical ? CHANGE_WRITE : CHANGE_NOTHING;
}

/* Removes what was seen and is named by no entry now. */
static enum registry_status remove_rest(struct job *job, struct diag **failure) {
    const struct registry_host *host = job->request->write.host;
    struct survey now;
    size_t left = 0;
    for (size_t i = 0; i < job->found_count; i++) {
        left += !job->found[i].is_adopted;
    }
    if (left == 0 || !job->request->remove_orphans) {
        return REGISTRY_OK;
    }
    enum registry_status status =
        survey_take(job->arena, job->store, host, false, &now, failure);
    int64_t now_s = host->now_s(host->context);
    for (size_t i = 0; status == REGISTRY_OK && i < job->found_count; i++) {
        struct store_call call = {.arena = job->arena};
        const struct found *found = &job->found[i];
        if (found->is_adopted || now.invalid != NULL ||
            survey_kind_of(&now, found->object, now_s) == SURVEY_OTHER ||
            survey_kind_of(&now, found->object, now_s) == SURVEY_WITHDRAWN) {
            continue;
        }
        switch (job->store->ops->remove(job->store, &call, found->object)) {
        case STORE_FAILED:
            status =
                change_store_failure(job->arena, job->store, &call.failure, failure);
            break;
        default:
            /* Removed, gone, or another by now, which is for the next time. */
            break;
        }
    }
    survey_release(&now);
    return status;
}

/* Where replacing decides, the newest copy of the history takes index.json's place. */
static enum registry_status bring_back(struct job *job, struct diag **failure) {
    struct store_call call = {.arena = job->arena};
    struct buf bytes;
    struct str name = change_history_name(job->arena, job->survey.newest);
    if (name.ptr == NULL) {
        return REGISTRY_NO_MEMORY;
    }
    enum store_status status =
        transfer_get(job->store, &call, name, LIMIT_INDEX_BYTES, &bytes, NULL);
    if (status == STORE_OK) {
        struct store_put put = {.name = STORE_INDEX_NAME,
                                .bytes = buf_str(&bytes),
                                .serial = job->survey.newest};
        status = job->store->ops->put_new(job->store, &call, &put, NULL);
    }
    buf_release(&bytes);
    return status == STORE_OK || status == STORE_EXISTS || status == STORE_ABSENT
               ? REGISTRY_OK
               : change_store_failure(job->arena, job->store, &call.failure, failure);
}

static enum registry_status carry_out(struct job *job, struct diag **failure) {
    bool is_needed = false;
    for (size_t i = 0; i < job->result->step_count; i++) {
        enum repair_kind kind = job->result->steps[i].kind;
        is_needed = is_needed || (kind != REPAIR_LEAVE && kind != REPAIR_REMOVE);
    }
    enum registry_status status = REGISTRY_OK;
    if (is_needed) {
        status = change_run(job->arena, job->store, &job->request->write, edit, job,
                            &job->result->written, failure);
    }
    return status == REGISTRY_OK ? remove_rest(job, failure) : status;
}

static enum registry_status survey(struct job *job, struct diag **failure) {
    survey_release(&job->survey);
    enum registry_status status = survey_take(
        job->arena, job->store, job->request->write.host, true, &job->survey, failure);
    if (status == REGISTRY_OK && job->survey.invalid != NULL) {
        *failure = job->survey.invalid;
        return REGISTRY_FAILED;
    }
    if (status == REGISTRY_OK && !job->survey.has_index && job->survey.newest == 0) {
        return change_fail(job->arena, ERROR_REGISTRY_NOT_FOUND, job->store->location,
                           STR("index.json is missing"), failure);
    }
    return status;
}

static enum registry_status run(struct job *job, struct diag **failure) {
    bool has_journal =
        job->store->mode == STORE_JOURNAL || job->store->mode == STORE_JOURNAL_LOCKED;
    enum registry_status status = survey(job, failure);
    if (status == REGISTRY_OK && is_index_lost(job) && !job->request->dry_run) {
        /* First of all: then it is known what else there is to do. */
        struct str why = arena_printf(job->arena, "from number %llu of its history",
                                      (unsigned long long)job->survey.newest);
        if (why.ptr == NULL ||
            !add_step(job, REPAIR_BRING_FORWARD, STORE_INDEX_NAME, why)) {
            return REGISTRY_NO_MEMORY;
        }
        status = has_journal ? change_run(job->arena, job->store, &job->request->write,
                                          edit, job, &job->result->written, failure)
                             : bring_back(job, failure);
        status = status == REGISTRY_OK ? survey(job, failure) : status;
    }
    if (status != REGISTRY_OK) {
        return status;
    }
    job->found = calloc(job->survey.list.count + 1, sizeof *job->found);
    status = job->found == NULL ? REGISTRY_NO_MEMORY : plan(job, failure);
    return status == REGISTRY_OK && !job->request->dry_run ? carry_out(job, failure)
                                                           : status;
}

enum registry_status repair_run(struct arena *arena, struct store *store,
                                const struct repair_request *request,
                                struct repair_result *result, struct diag **failure) {
    struct job job = {
        .arena = arena, .store = store, .request = request, .result = result};
    struct diag *found = NULL;
    *result = (struct repair_result){0};
    enum registry_status status = run(&job, &found);
    if (status == REGISTRY_FAILED) {
        /* It may view the index. */
        *failure = diag_copy(arena, found);
        status = *failure == NULL ? REGISTRY_NO_MEMORY : status;
    }
    survey_release(&job.survey);
    free(job.found);
    return status;
}
