#include "registry/verify.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/limits.h"
#include "registry/change_drive.h"
#include "registry/survey.h"
#include "registry/transfer.h"

struct job {
    struct arena *arena;
    struct store *store;
    const struct verify_request *request;
    struct verify_result *result;
    struct survey survey;
    struct diag_list *found; /* what is wrong, one list an entry */
    pthread_mutex_t mutex;   /* of the arena, the result's numbers and `progress` */
    size_t done;
};

/* ---- One artifact ---- */

static struct diag *defect_of(struct arena *arena, enum error_id id, struct str object,
                              const struct index_record *record, struct str actual) {
    struct detail details[] = {DETAIL_TEXT(record->fields.name),
                               DETAIL_TEXT(record->fields.version),
                               DETAIL_TEXT(record->hash), DETAIL_TEXT(actual)};
    return diag_new(arena, id, object, details, diag_detail_count(id));
}

/* Appends a defect; false: memory is out. */
static bool add(struct arena *arena, struct diag_list *list, enum error_id id,
                struct str object, const struct index_record *record, struct str actual,
                struct str note) {
    struct diag *diag = defect_of(arena, id, object, record, actual);
    if (diag == NULL || actual.ptr == NULL || note.ptr == NULL) {
        return false;
    }
    diag->note = note;
    diag_append(list, diag);
    return true;
}

static bool judge_bytes(struct job *job, struct arena *arena, struct str object,
                        struct str bytes, const struct index_record *record,
                        struct diag_list *list) {
    char hash[SHA256_TEXT_BYTES + 1];
    sha256_of(bytes, hash);
    if (!str_equal(str_of(hash), record->hash)) {
        return add(arena, list, ERROR_REGISTRY_ARTIFACT_DIFFERS, object, record,
                   arena_copy(arena, str_of(hash)), STR(""));
    }
    return !job->request->is_deep || job->request->unpack(job->request->unpack_context,
                                                          arena, bytes, record, list);
}

/* Whether it is there the list says, and of what content, where the host tells that. */
static bool is_settled(struct job *job, struct arena *arena, struct str object,
                       const struct index_record *record, struct diag_list *list,
                       bool *has_memory) {
    if (!job->survey.has_list) {
        return false;
    }
    const struct store_object *listed = survey_find(&job->survey, object);
    if (listed == NULL || listed->is_incomplete) {
        *has_memory = add(arena, list, ERROR_REGISTRY_ARTIFACT_MISSING, object, record,
                          STR(""), STR(""));
        return true;
    }
    return !job->request->is_deep && listed->digest[0] != '\0' &&
           str_equal(str_of(listed->digest), record->hash);
}

static enum transfer_verdict look_at(struct job *job, struct transfer *transfer,
                                     const struct index_record *record,
                                     struct diag_list *list) {
    struct arena *arena = transfer->call.arena;
    struct buf bytes;
    bool good = true;
    struct str object =
        artifact_name(arena, record->fields.name, record->fields.version);
    if (object.ptr == NULL) {
        return TRANSFER_NO_MEMORY;
    }
    if (is_settled(job, arena, object, record, list, &good)) {
        return good ? TRANSFER_OK : TRANSFER_NO_MEMORY;
    }
    enum store_status status = transfer_get(job->store, &transfer->call, object,
                                            LIMIT_ARTIFACT_BYTES, &bytes, NULL);
    if (status == STORE_OK) {
        good = judge_bytes(job, arena, object, buf_str(&bytes), record, list);
    } else if (status == STORE_ABSENT) {
        good = add(arena, list, ERROR_REGISTRY_ARTIFACT_MISSING, object, record,
                   STR(""), STR(""));
    } else if (transfer_was_too_large(&transfer->call)) {
        good = add(arena, list, ERROR_REGISTRY_ARTIFACT_INVALID, object, record,
                   STR(""), STR("it is larger than an artifact may be"));
    }
    buf_release(&bytes);
    if (status == STORE_FAILED && !transfer_was_too_large(&transfer->call)) {
        return TRANSFER_FAILED;
    }
    return good ? TRANSFER_OK : TRANSFER_NO_MEMORY;
}

/* Moves what was found to where it stays. */
static bool keep(struct job *job, size_t item, const struct diag_list *list) {
    bool good = true;
    (void)pthread_mutex_lock(&job->mutex);
    for (const struct diag *at = list->first; good && at != NULL; at = at->next) {
        struct diag *copy = diag_copy(job->arena, at);
        good = copy != NULL;
        if (good) {
            diag_append(&job->found[item], copy);
        }
    }
    job->result->artifact_count += list->count == 0;
    job->done++;
    if (job->request->progress != NULL) {
        job->request->progress(job->request->progress_context, job->done,
                               job->survey.index.count);
    }
    (void)pthread_mutex_unlock(&job->mutex);
    return good;
}

static enum transfer_verdict verify_item(void *context, size_t item,
                                         struct transfer *transfer) {
    struct job *job = context;
    struct index_record record;
    struct diag_list list = {0};
    if (!index_entry_decode(&job->survey.index, item, transfer->call.arena, &record)) {
        return TRANSFER_NO_MEMORY;
    }
    enum transfer_verdict verdict = look_at(job, transfer, &record, &list);
    return verdict == TRANSFER_OK && !keep(job, item, &list) ? TRANSFER_NO_MEMORY
                                                             : verdict;
}

/* ---- Everything else ---- */

static bool add_plain(struct job *job, enum error_id id, struct str field,
                      struct str note) {
    struct detail details[] = {DETAIL_TEXT(job->store->location)};
    struct diag *diag = diag_new(job->arena, id, field, details, diag_detail_count(id));
    if (diag == NULL || note.ptr == NULL) {
        return false;
    }
    diag->note = note;
    diag_append(&job->result->defects, diag);
    return true;
}

static bool judge_index(struct job *job) {
    const struct survey *survey = &job->survey;
    if (survey->invalid != NULL) {
        diag_append(&job->result->defects, survey->invalid);
    } else if (!survey->is_canonical && !add_plain(job, ERROR_REGISTRY_NOT_CANONICAL,
                                                   STORE_INDEX_NAME, STR(""))) {
        return false;
    }
    switch (survey->journal) {
    case SURVEY_BEHIND:
        return add_plain(job, ERROR_REGISTRY_JOURNAL_BEHIND, STORE_INDEX_NAME,
                         arena_printf(job->arena,
                                      "it is number %llu, the newest is %llu",
                                      (unsigned long long)survey->current,
                                      (unsigned long long)survey->newest));
    case SURVEY_FOREIGN:
        return add_plain(job, ERROR_REGISTRY_FOREIGN_INDEX, STORE_INDEX_NAME,
                         STR("it is no entry of the journal"));
    case SURVEY_IN_STEP:
        break;
    }
    return true;
}

/* Someone may have published since the index was read: is it named by now? */
static enum registry_status read_again(struct job *job, struct index *index,
                                       struct diag **failure) {
    struct diag *refused = NULL;
    enum registry_status status = registry_read(
        job->arena, job->store, job->request->host, index, NULL, &refused);
    if (status == REGISTRY_FAILED) {
        *failure = diag_copy(job->arena, refused);
        status = *failure == NULL ? REGISTRY_NO_MEMORY : status;
    }
    return status;
}

static bool judge_object(struct job *job, const struct store_object *object,
                         const struct index *now, int64_t now_s) {
    struct str name;
    struct str version;
    switch (survey_kind_of(&job->survey, object, now_s)) {
    case SURVEY_OTHER:
        break;
    case SURVEY_WITHDRAWN:
        job->result->withdrawn_count++;
        break;
    case SURVEY_LEFTOVER:
        return add_plain(job, ERROR_REGISTRY_LEFTOVER, object->name, STR(""));
    case SURVEY_INCOMPLETE:
        return add_plain(job, ERROR_REGISTRY_INCOMPLETE_UPLOAD, object->name, STR(""));
    case SURVEY_ORPHAN:
        if (artifact_name_split(object->name, &name, &version) &&
            index_find(now, name, version).exact == INDEX_NONE) {
            job->result->orphan_count++;
            return add_plain(job, ERROR_REGISTRY_ORPHAN, object->name, STR(""));
        }
        break;
    }
    return true;
}

static enum registry_status judge_objects(struct job *job, struct diag **failure) {
    const struct registry_host *host = job->request->host;
    int64_t now_s = host->now_s(host->context);
    struct index now = {0};
    enum registry_status status = REGISTRY_OK;
    bool has_orphan = false;
    for (size_t i = 0; !has_orphan && i < job->survey.list.count; i++) {
        has_orphan = survey_kind_of(&job->survey, &job->survey.list.objects[i],
                                    now_s) == SURVEY_ORPHAN;
    }
    if (has_orphan && job->survey.invalid == NULL) {
        status = read_again(job, &now, failure);
    }
    for (size_t i = 0; status == REGISTRY_OK && i < job->survey.list.count; i++) {
        if (!judge_object(job, &job->survey.list.objects[i], &now, now_s)) {
            status = REGISTRY_NO_MEMORY;
        }
    }
    index_release(&now);
    return status;
}

static enum registry_status judge_all(struct job *job, struct diag **failure) {
    size_t count = job->survey.index.count;
    job->result->entry_count = count;
    job->found = calloc(count + 1, sizeof *job->found);
    if (job->found == NULL || !judge_index(job)) {
        return REGISTRY_NO_MEMORY;
    }
    enum registry_status status = transfer_run(
        job->arena, job->store, count, job->request->jobs, verify_item, job, failure);
    for (size_t i = 0; status == REGISTRY_OK && i < count; i++) {
        for (struct diag *at = job->found[i].first, *next; at != NULL; at = next) {
            next = at->next;
            at->next = NULL;
            diag_append(&job->result->defects, at);
        }
    }
    if (status == REGISTRY_OK && job->survey.invalid == NULL) {
        status = judge_objects(job, failure);
    }
    return status;
}

enum registry_status verify_run(struct arena *arena, struct store *store,
                                const struct verify_request *request,
                                struct verify_result *result, struct diag **failure) {
    struct job job = {
        .arena = arena, .store = store, .request = request, .result = result};
    *result = (struct verify_result){0};
    if (pthread_mutex_init(&job.mutex, NULL) != 0) {
        return REGISTRY_NO_MEMORY;
    }
    enum registry_status status =
        survey_take(arena, store, request->host, false, &job.survey, failure);
    if (status == REGISTRY_OK) {
        status = judge_all(&job, failure);
    }
    survey_release(&job.survey);
    free(job.found);
    (void)pthread_mutex_destroy(&job.mutex);
    return status;
}
