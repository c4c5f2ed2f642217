#include "registry/publish.h"

#include <stdlib.h>

#include "base/limits.h"
#include "grammar/url.h"
#include "registry/change.h"
#include "registry/change_drive.h"
#include "registry/publish_parts.h"

/* ---- Progress ---- */

static void report(struct publish_job *job, size_t total, struct str what) {
    const struct publish_request *request = job->request;
    if (request->progress != NULL) {
        struct publish_progress progress = {job->phase, job->done, total, what};
        request->progress(request->progress_context, &progress);
    }
}

void publish_step(struct publish_job *job, size_t total, struct str what) {
    (void)pthread_mutex_lock(&job->mutex);
    job->done++;
    report(job, total, what);
    (void)pthread_mutex_unlock(&job->mutex);
}

void publish_phase_begin(struct publish_job *job, enum publish_phase phase,
                         size_t total) {
    job->phase = phase;
    job->done = 0;
    report(job, total, STR_NONE);
}

/* ---- One look at the index ---- */

static bool is_part(const struct publish_job *job, size_t i) {
    return job->units[i].defect == NULL && job->items[i].twin == PLAN_NONE;
}

/* Entries that were not compared yet. */
static bool choose_to_compare(struct publish_job *job, const struct index *index) {
    job->todo_count = 0;
    for (size_t i = 0; i < job->count; i++) {
        struct publish_unit *unit = &job->units[i];
        const struct plan_item *item = &job->items[i];
        struct index_record record;
        if (!is_part(job, i) ||
            (item->verdict != PLAN_DIFFERS && item->verdict != PLAN_UNCHANGED)) {
            continue;
        }
        if (!index_entry_decode(index, item->entry, &unit->arena, &record)) {
            return false;
        }
        bool is_compared = str_equal(unit->entry_hash, record.hash);
        unit->entry_hash = arena_copy(&unit->arena, record.hash);
        unit->entry_at = arena_copy(&unit->arena, record.published_at);
        if (unit->entry_hash.ptr == NULL || unit->entry_at.ptr == NULL) {
            return false;
        }
        if (item->verdict == PLAN_DIFFERS && !is_compared) {
            job->todo[job->todo_count++] = i;
        }
    }
    return true;
}

/* What each unit comes to, as the index is now; new ones are those to do. */
static void settle(struct publish_job *job) {
    job->todo_count = 0;
    for (size_t i = 0; i < job->count; i++) {
        struct publish_unit *unit = &job->units[i];
        switch (job->items[i].verdict) {
        case PLAN_NEW:
            unit->outcome =
                job->request->dry_run ? PUBLISH_WOULD_PUBLISH : PUBLISH_PUBLISHED;
            job->todo[job->todo_count++] = i;
            break;
        case PLAN_UNCHANGED:
            /* One that was written, though the host did not say so. */
            unit->outcome =
                unit->was_offered && str_equal(unit->entry_at, str_of(job->now))
                    ? PUBLISH_PUBLISHED
                    : PUBLISH_UNCHANGED;
            break;
        case PLAN_DIFFERS:
        case PLAN_COLLISION:
            unit->outcome =
                unit->difference == PLAN_SAME ? PUBLISH_UNCHANGED : PUBLISH_CHANGED;
            break;
        }
    }
}

/* Everything but writing: sorts, compares, judges. */
static enum registry_status examine(struct publish_job *job, const struct index *index,
                                    struct diag **failure) {
    job->artifacts_url = arena_copy(job->arena, index->artifacts_url);
    for (size_t i = 0; i < job->count; i++) {
        job->items[i].hash = str_of(job->units[i].hash);
    }
    if (job->artifacts_url.ptr == NULL ||
        !plan_sort(job->items, job->count, index, job->arena) ||
        !choose_to_compare(job, index)) {
        return REGISTRY_NO_MEMORY;
    }
    enum registry_status status = publish_compare(job, failure);
    if (status != REGISTRY_OK) {
        return status;
    }
    if (!publish_judge(job, index, failure)) {
        return REGISTRY_NO_MEMORY;
    }
    if (*failure != NULL) {
        return REGISTRY_FAILED;
    }
    settle(job);
    return REGISTRY_OK;
}

/* ---- Writing ---- */

/* The artifacts of the units to do that are not there yet. */
static enum registry_status upload(struct publish_job *job, struct diag **failure) {
    size_t count = 0;
    for (size_t i = 0; i < job->todo_count; i++) {
        if (!job->units[job->todo[i]].is_uploaded) {
            job->todo[count++] = job->todo[i];
        }
    }
    job->todo_count = count;
    enum registry_status status = publish_upload(job, failure);
    if (status == REGISTRY_OK && !publish_judge(job, NULL, failure)) {
        status = REGISTRY_NO_MEMORY;
    }
    return status == REGISTRY_OK && *failure != NULL ? REGISTRY_FAILED : status;
}

static enum registry_status add_entries(struct publish_job *job, struct index *index,
                                        struct diag **failure) {
    for (size_t i = 0; i < job->count; i++) {
        struct publish_unit *unit = &job->units[i];
        if (job->items[i].verdict != PLAN_NEW) {
            continue;
        }
        struct index_record *record = arena_alloc(&index->arena, sizeof *record);
        if (record == NULL) {
            return REGISTRY_NO_MEMORY;
        }
        *record = (struct index_record){.fields = unit->fields,
                                        .published_at = str_of(job->now),
                                        .hash = str_of(unit->hash)};
        if (!edit_add(index, record, job->arena, failure)) {
            return REGISTRY_NO_MEMORY;
        }
        if (*failure != NULL) {
            return REGISTRY_FAILED;
        }
        unit->was_offered = true;
        unit->entry_at = record->published_at;
    }
    return REGISTRY_OK;
}

static bool may_write(const struct publish_job *job) {
    bool is_shared = job->store->needs_exclusive || job->store->mode == STORE_OVERWRITE;
    return !is_shared || job->request->write.assume_exclusive;
}

static enum change_verdict edit(void *context, struct arena *arena, struct index *index,
                                uint64_t serial, struct diag **failure) {
    struct publish_job *job = context;
    (void)arena;
    (void)serial;
    enum registry_status status = examine(job, index, failure);
    size_t new_count = job->todo_count;
    if (status == REGISTRY_OK && new_count == 0) {
        return CHANGE_NOTHING;
    }
    if (status == REGISTRY_OK && !may_write(job)) {
        return CHANGE_WRITE; /* which is refused, before anything was sent */
    }
    if (status == REGISTRY_OK) {
        status = upload(job, failure);
    }
    if (status == REGISTRY_OK) {
        status = add_entries(job, index, failure);
    }
    if (status == REGISTRY_OK) {
        publish_phase_begin(job, PUBLISH_INDEXING, 1);
        return CHANGE_WRITE;
    }
    return status == REGISTRY_FAILED ? CHANGE_FAILED : CHANGE_NO_MEMORY;
}

static enum registry_status dry_run(struct publish_job *job,
                                    struct registry_written *written,
                                    struct diag **failure) {
    struct index index;
    struct diag *refused = NULL;
    enum registry_status status = registry_read(
        job->arena, job->store, job->request->write.host, &index, NULL, &refused);
    if (status == REGISTRY_OK) {
        status = examine(job, &index, &refused);
    }
    if (status == REGISTRY_FAILED) {
        *failure = diag_copy(job->arena, refused);
        status = *failure == NULL ? REGISTRY_NO_MEMORY : status;
    }
    index_release(&index);
    written->attempts = 1;
    return status == REGISTRY_OK
               ? change_index_url(job->arena, job->store, job->artifacts_url,
                                  &written->index_url)
               : status;
}

/* ---- The result ---- */

static bool fill_url(struct publish_job *job, const struct publish_unit *unit,
                     struct str *href) {
    struct url base;
    struct syntax_error error;
    enum grammar_status status =
        url_parse(job->arena, job->artifacts_url, &base, &error);
    if (status == GRAMMAR_OK) {
        status = url_append_segment(job->arena, &base, unit->object, href);
    }
    return status != GRAMMAR_NO_MEMORY;
}

static bool fill_differing(struct publish_job *job, const struct publish_unit *unit,
                           struct publish_plugin *plugin) {
    struct str *paths = arena_array(job->arena, unit->files.count, sizeof *paths);
    if (paths == NULL) {
        return false;
    }
    for (size_t i = 0; i < unit->files.count; i++) {
        paths[i] = arena_copy(job->arena, unit->files.paths[i]);
        if (paths[i].ptr == NULL) {
            return false;
        }
    }
    plugin->differing = paths;
    plugin->differing_count = unit->files.count;
    struct diag *warning = publish_changed(job->arena, ERROR_WARNING_CHANGED, unit);
    warning = warning == NULL ? NULL : diag_copy(job->arena, warning);
    if (warning != NULL) {
        diag_append(&plugin->warnings, warning);
    }
    return warning != NULL;
}

static bool fill_plugin(struct publish_job *job, const struct publish_unit *unit,
                        struct publish_plugin *plugin) {
    bool is_ours =
        unit->outcome == PUBLISH_PUBLISHED || unit->outcome == PUBLISH_WOULD_PUBLISH;
    *plugin = (struct publish_plugin){
        .dir = unit->dir,
        .name = arena_copy(job->arena, unit->fields.name),
        .version = arena_copy(job->arena, unit->fields.version),
        .outcome = unit->outcome,
        .hash = arena_copy(job->arena, is_ours ? str_of(unit->hash) : unit->entry_hash),
    };
    bool good = plugin->name.ptr != NULL && plugin->version.ptr != NULL &&
                plugin->hash.ptr != NULL && fill_url(job, unit, &plugin->artifact_url);
    if (good && unit->outcome != PUBLISH_WOULD_PUBLISH) {
        plugin->published_at = arena_copy(job->arena, unit->entry_at);
        good = plugin->published_at.ptr != NULL;
    }
    for (const struct diag *at = unit->warnings.first; good && at != NULL;
         at = at->next) {
        struct diag *copy = diag_copy(job->arena, at);
        good = copy != NULL;
        if (good) {
            diag_append(&plugin->warnings, copy);
        }
    }
    return good &&
           (unit->outcome != PUBLISH_CHANGED || fill_differing(job, unit, plugin));
}

static enum registry_status fill(struct publish_job *job,
                                 struct publish_result *result) {
    bool is_published = false;
    for (size_t i = 0; i < job->count; i++) {
        if (!fill_plugin(job, &job->units[i], &result->plugins[i])) {
            return REGISTRY_NO_MEMORY;
        }
        is_published = is_published || job->units[i].outcome == PUBLISH_PUBLISHED;
    }
    result->plugin_count = job->count;
    result->written.changed = result->written.changed || is_published;
    return job->warning.ptr == NULL ? REGISTRY_OK
                                    : change_warn(job->arena, job->store, job->warning,
                                                  &result->written.warnings);
}

/* ---- All of it ---- */

static enum registry_status run(struct publish_job *job, struct publish_result *result,
                                struct diag **failure) {
    if (!publish_build(job)) {
        return REGISTRY_NO_MEMORY;
    }
    enum registry_status status =
        job->request->dry_run ? dry_run(job, &result->written, failure)
                              : change_run(job->arena, job->store, &job->request->write,
                                           edit, job, &result->written, failure);
    if (status == REGISTRY_FAILED && (*failure)->id != ERROR_PUBLISH_FAILED) {
        /* What is wrong with the plugins is of more use than that the registry could
         * not be asked about the others. */
        struct diag *defects = NULL;
        if (!publish_judge(job, NULL, &defects)) {
            return REGISTRY_NO_MEMORY;
        }
        defects = defects == NULL ? NULL : diag_copy(job->arena, defects);
        *failure = defects == NULL ? *failure : defects;
    }
    if (status != REGISTRY_OK) {
        return status;
    }
    if (job->phase == PUBLISH_INDEXING) {
        publish_step(job, 1, STORE_INDEX_NAME);
    }
    return fill(job, result);
}

static void release(struct publish_job *job) {
    for (size_t i = 0; job->units != NULL && i < job->count; i++) {
        buf_release(&job->units[i].artifact);
        arena_release(&job->units[i].arena);
    }
    free(job->units);
    free(job->items);
    free(job->todo);
}

enum registry_status publish_run(struct arena *arena, struct store *store,
                                 const struct publish_request *request,
                                 struct publish_result *result, struct diag **failure) {
    const struct registry_host *host = request->write.host;
    struct str *dirs = NULL;
    struct publish_job *job = calloc(1, sizeof *job);
    *result = (struct publish_result){0};
    if (job == NULL) {
        return REGISTRY_NO_MEMORY;
    }
    job->arena = arena;
    job->store = store;
    job->request = request;
    enum registry_status status =
        publish_find(arena, request, &dirs, &job->count, failure);
    if (status == REGISTRY_OK) {
        job->units = calloc(job->count + 1, sizeof *job->units);
        job->items = calloc(job->count + 1, sizeof *job->items);
        job->todo = calloc(job->count + 1, sizeof *job->todo);
        result->plugins = arena_array(arena, job->count, sizeof *result->plugins);
        bool good = job->units != NULL && job->items != NULL && job->todo != NULL &&
                    result->plugins != NULL;
        for (size_t i = 0; good && i < job->count; i++) {
            job->units[i].dir = dirs[i];
            buf_init(&job->units[i].artifact, LIMIT_ARTIFACT_BYTES);
        }
        status = good ? REGISTRY_OK : REGISTRY_NO_MEMORY;
    }
    if (status == REGISTRY_OK && pthread_mutex_init(&job->mutex, NULL) != 0) {
        status = REGISTRY_NO_MEMORY;
    }
    if (status == REGISTRY_OK) {
        timestamp_format(host->now_s(host->context), job->now);
        status = run(job, result, failure);
        (void)pthread_mutex_destroy(&job->mutex);
    }
    release(job);
    free(job);
    return status;
}
