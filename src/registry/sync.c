#include <pthread.h>
#include <stdlib.h>

#include "base/limits.h"
#include "registry/change.h"
#include "registry/change_drive.h"
#include "registry/survey.h"
#include "registry/transfer.h"
#include "registry/verify.h"

enum standing {
    SYNC_MISSING, /* no entry in the target */
    SYNC_THERE,   /* an entry with this hash */
    SYNC_DIFFERS, /* an entry with another */
    SYNC_SPELLED  /* entries of another spelling of the name */
};

/* An entry of the source. */
struct unit {
    enum standing standing;
    bool is_placed;   /* its artifact is in the target */
    bool is_occupied; /* another artifact is there in its place */
};

struct job {
    struct arena *arena;
    struct store *from;
    struct store *to;
    const struct sync_request *request;
    struct sync_result *result;
    struct str artifacts_url; /* asked for, serialized; absent: the target's own */
    struct index source;
    struct unit *units;
    size_t *todo;
    size_t todo_count;
    struct survey target;  /* only its list */
    pthread_mutex_t mutex; /* of the result's numbers and `progress` */
    size_t done;
};

/* ---- Conflicts ---- */

static bool add_conflict(struct job *job, size_t i, const char *note,
                         struct diag_list *list) {
    struct detail details[] = {DETAIL_TEXT(index_entry_name(&job->source, i)),
                               DETAIL_TEXT(index_entry_version(&job->source, i))};
    struct diag *diag =
        diag_new(job->arena, ERROR_REGISTRY_SYNC_ENTRY, STR_NONE, details, 2);
    if (diag != NULL) {
        diag->note = str_of(note);
        diag_append(list, diag);
    }
    return diag != NULL;
}

/* registry::sync_conflict, if anything stands against the copying. */
static enum registry_status judge(struct job *job, struct diag **failure) {
    struct diag_list conflicts = {0};
    bool good = true;
    for (size_t i = 0; good && i < job->source.count; i++) {
        const struct unit *unit = &job->units[i];
        if (unit->standing == SYNC_DIFFERS) {
            good = add_conflict(job, i, "its hash differs", &conflicts);
        } else if (unit->standing == SYNC_SPELLED) {
            good = add_conflict(job, i, "the name is spelled otherwise", &conflicts);
        } else if (unit->is_occupied) {
            good = add_conflict(
                job, i, "an artifact of other content lies in its place", &conflicts);
        }
    }
    if (good && conflicts.count == 0) {
        return REGISTRY_OK;
    }
    *failure = diag_new(job->arena, ERROR_REGISTRY_SYNC_CONFLICT, STR_NONE,
                        (struct detail[]){DETAIL_TEXT(job->to->location)}, 1);
    if (!good || *failure == NULL) {
        return REGISTRY_NO_MEMORY;
    }
    diag_nest(*failure, &conflicts);
    return REGISTRY_FAILED;
}

/* ---- Against the target's index ---- */

static bool hash_of(const struct index *index, size_t entry, struct arena *arena,
                    struct str *hash) {
    struct index_record record;
    if (!index_entry_decode(index, entry, arena, &record)) {
        return false;
    }
    *hash = record.hash;
    return true;
}

/* How the source's entries stand in the target; `target` NULL: it has none. */
static bool sort(struct job *job, const struct index *target) {
    for (size_t i = 0; i < job->source.count; i++) {
        struct unit *unit = &job->units[i];
        unit->standing = SYNC_MISSING;
        if (target == NULL) {
            continue;
        }
        struct index_match match = index_find(target, index_entry_name(&job->source, i),
                                              index_entry_version(&job->source, i));
        if (match.other_spelling != INDEX_NONE) {
            unit->standing = SYNC_SPELLED;
        } else if (match.exact != INDEX_NONE) {
            struct arena_mark mark = arena_mark(job->arena);
            struct str ours;
            struct str theirs;
            if (!hash_of(&job->source, i, job->arena, &ours) ||
                !hash_of(target, match.exact, job->arena, &theirs)) {
                return false;
            }
            unit->standing = str_equal(ours, theirs) ? SYNC_THERE : SYNC_DIFFERS;
            arena_rewind(job->arena, mark);
        }
    }
    return true;
}

/* Artifacts that have to be brought: of new entries, and what is missing of others. */
static enum registry_status choose(struct job *job, struct diag **failure) {
    struct store_call call = {.arena = job->arena};
    job->target.has_list = job->to->ops->list != NULL;
    if (job->target.has_list &&
        job->to->ops->list(job->to, &call, STR(""), &job->target.list) != STORE_OK) {
        return change_store_failure(job->arena, job->to, &call.failure, failure);
    }
    job->todo_count = 0;
    for (size_t i = 0; i < job->source.count; i++) {
        struct unit *unit = &job->units[i];
        struct arena_mark mark = arena_mark(job->arena);
        struct str object = artifact_name(job->arena, index_entry_name(&job->source, i),
                                          index_entry_version(&job->source, i));
        if (object.ptr == NULL) {
            return REGISTRY_NO_MEMORY;
        }
        bool is_there =
            unit->standing == SYNC_THERE &&
            (!job->target.has_list || survey_find(&job->target, object) != NULL);
        arena_rewind(job->arena, mark);
        if (is_there && !unit->is_placed) {
            job->result->present++;
            unit->is_placed = true;
        }
        if (!unit->is_placed) {
            job->todo[job->todo_count++] = i;
        }
    }
    return REGISTRY_OK;
}

/* ---- Copying ---- */

static bool has_hash(struct str bytes, struct str hash) {
    char text[SHA256_TEXT_BYTES + 1];
    sha256_of(bytes, text);
    return str_equal(str_of(text), hash);
}

/* What lies in the target under that name: STORE_OK with the hash that it should have,
 * STORE_EXISTS with another, STORE_ABSENT, STORE_FAILED. */
static enum store_status look(struct job *job, struct transfer *transfer,
                              struct str object, struct str hash) {
    struct buf bytes;
    transfer->store = job->to;
    enum store_status status = transfer_get(job->to, &transfer->call, object,
                                            LIMIT_ARTIFACT_BYTES, &bytes, NULL);
    if (status == STORE_OK && !has_hash(buf_str(&bytes), hash)) {
        status = STORE_EXISTS;
    } else if (transfer_was_too_large(&transfer->call)) {
        status = STORE_EXISTS;
    }
    buf_release(&bytes);
    return status;
}

static enum store_status fetch(struct job *job, struct transfer *transfer,
                               struct str object, struct str hash, struct buf *bytes) {
    transfer->store = job->from;
    enum store_status status = transfer_get(job->from, &transfer->call, object,
                                            LIMIT_ARTIFACT_BYTES, bytes, NULL);
    if (status == STORE_ABSENT) {
        failure_set(&transfer->call.failure, ERROR_STORE_BAD_RESPONSE, object,
                    "the artifact `%.*s`, which the index names, is missing",
                    STR_ARG(object));
        return STORE_FAILED;
    }
    if (status == STORE_OK && !has_hash(buf_str(bytes), hash)) {
        failure_set(
            &transfer->call.failure, ERROR_STORE_BAD_RESPONSE, object,
            "the artifact `%.*s` is not what was published: its hash is another",
            STR_ARG(object));
        return STORE_FAILED;
    }
    return status;
}

/* STORE_OK: it was put there; STORE_EXISTS, STORE_UNCERTAIN: something is, or may be.
 */
static enum store_status bring(struct job *job, struct transfer *transfer,
                               struct str object, struct str hash) {
    struct buf bytes;
    enum store_status status = fetch(job, transfer, object, hash, &bytes);
    if (status == STORE_OK) {
        struct store_put put = {.name = object, .bytes = buf_str(&bytes)};
        transfer->store = job->to;
        transfer->call.failure = (struct failure){0};
        status = job->to->ops->put_new(job->to, &transfer->call, &put, NULL);
    }
    buf_release(&bytes);
    return status;
}

static void count_one(struct job *job, size_t *number) {
    (void)pthread_mutex_lock(&job->mutex);
    ++*number;
    job->done++;
    if (job->request->progress != NULL) {
        job->request->progress(job->request->progress_context, job->done,
                               job->todo_count);
    }
    (void)pthread_mutex_unlock(&job->mutex);
}

static enum transfer_verdict copy_item(void *context, size_t item,
                                       struct transfer *transfer) {
    struct job *job = context;
    size_t entry = job->todo[item];
    struct unit *unit = &job->units[entry];
    struct arena *arena = transfer->call.arena;
    struct str hash;
    struct str object = artifact_name(arena, index_entry_name(&job->source, entry),
                                      index_entry_version(&job->source, entry));
    if (object.ptr == NULL || !hash_of(&job->source, entry, arena, &hash)) {
        return TRANSFER_NO_MEMORY;
    }
    /* One that an earlier run brought is not fetched again. */
    enum store_status status = STORE_ABSENT;
    if (!job->target.has_list || survey_find(&job->target, object) != NULL) {
        status = look(job, transfer, object, hash);
    }
    bool is_brought = false;
    if (status == STORE_ABSENT) {
        status = bring(job, transfer, object, hash);
        is_brought = status == STORE_OK;
        if (status == STORE_EXISTS || status == STORE_UNCERTAIN) {
            struct failure uncertain = transfer->call.failure;
            bool was_uncertain = status == STORE_UNCERTAIN;
            status = look(job, transfer, object, hash);
            is_brought = was_uncertain && status == STORE_OK;
            if (status == STORE_ABSENT) {
                transfer->call.failure = uncertain;
                failure_set(&transfer->call.failure, ERROR_STORE_BAD_RESPONSE, object,
                            "the host refuses `%.*s` as there already, but does not "
                            "have it",
                            STR_ARG(object));
            }
        }
    }
    unit->is_placed = status == STORE_OK;
    unit->is_occupied = status == STORE_EXISTS;
    if (status == STORE_OK) {
        count_one(job, is_brought ? &job->result->copied : &job->result->present);
    }
    return unit->is_placed || unit->is_occupied ? TRANSFER_OK : TRANSFER_FAILED;
}

/* ---- The target's index ---- */

static bool may_write(const struct job *job) {
    bool is_shared = job->to->needs_exclusive || job->to->mode == STORE_OVERWRITE;
    return !is_shared || job->request->write.assume_exclusive;
}

/* Adds what is missing, yanks what is yanked in the source. */
static enum registry_status merge(struct job *job, struct index *target, bool *changes,
                                  struct diag **failure) {
    size_t added = 0;
    for (size_t i = 0; i < job->source.count; i++) {
        struct diag *refused = NULL;
        if (job->units[i].standing == SYNC_THERE) {
            size_t entry = index_find(target, index_entry_name(&job->source, i),
                                      index_entry_version(&job->source, i))
                               .exact;
            if (index_entry_yanked(&job->source, i) &&
                !index_entry_yanked(target, entry)) {
                index_entry_set_yanked(target, entry, true);
                *changes = true;
            }
            continue;
        }
        struct index_record *record = arena_alloc(&target->arena, sizeof *record);
        if (record == NULL ||
            !index_entry_decode(&job->source, i, &target->arena, record) ||
            !edit_add(target, record, job->arena, &refused)) {
            return REGISTRY_NO_MEMORY;
        }
        if (refused != NULL) {
            *failure = refused;
            return REGISTRY_FAILED;
        }
        added++;
        *changes = true;
    }
    job->result->entries_added = added;
    return REGISTRY_OK;
}

static bool move_to(struct job *job, struct index *target, bool *changes) {
    struct str url = job->artifacts_url;
    if (url.ptr == NULL || str_equal(url, target->artifacts_url)) {
        return true;
    }
    target->artifacts_url = arena_copy(&target->arena, url);
    *changes = true;
    return target->artifacts_url.ptr != NULL;
}

/* Would anything be written? */
static bool has_work(const struct job *job, const struct index *target) {
    for (size_t i = 0; i < job->source.count; i++) {
        if (job->units[i].standing == SYNC_MISSING || !job->units[i].is_placed) {
            return true;
        }
    }
    return target == NULL;
}

/* Everything but writing. */
static enum registry_status examine(struct job *job, const struct index *target,
                                    struct diag **failure) {
    if (!sort(job, target)) {
        return REGISTRY_NO_MEMORY;
    }
    enum registry_status status = judge(job, failure);
    return status == REGISTRY_OK ? choose(job, failure) : status;
}

static enum change_verdict edit(void *context, struct arena *arena, struct index *index,
                                uint64_t serial, struct diag **failure) {
    struct job *job = context;
    bool changes = false;
    (void)arena;
    (void)serial;
    enum registry_status status = examine(job, index, failure);
    if (status == REGISTRY_OK && has_work(job, index) && !may_write(job)) {
        return CHANGE_WRITE; /* which is refused, before anything was sent */
    }
    if (status == REGISTRY_OK) {
        status = transfer_run(job->arena, job->to, job->todo_count, job->request->jobs,
                              copy_item, job, failure);
    }
    if (status == REGISTRY_OK) {
        status = judge(job, failure);
    }
    if (status == REGISTRY_OK) {
        status = merge(job, index, &changes, failure);
    }
    if (status == REGISTRY_OK && !move_to(job, index, &changes)) {
        status = REGISTRY_NO_MEMORY;
    }
    switch (status) {
    case REGISTRY_OK:
        return changes ? CHANGE_WRITE : CHANGE_NOTHING;
    case REGISTRY_FAILED:
        return CHANGE_FAILED;
    default:
        return CHANGE_NO_MEMORY;
    }
}

/* ---- All of it ---- */

static enum registry_status check_url(struct job *job, struct diag **failure) {
    struct str given = job->request->artifacts_url;
    return given.ptr == NULL
               ? REGISTRY_OK
               : change_artifacts_url(job->arena, given, &job->artifacts_url, failure);
}

/* The target's index, if it has one. */
static enum registry_status read_target(struct job *job, struct index *target,
                                        bool *is_there, struct diag **failure) {
    enum registry_status status = registry_read(
        job->arena, job->to, job->request->write.host, target, NULL, failure);
    *is_there = status == REGISTRY_OK;
    if (status == REGISTRY_FAILED && ((*failure)->id == ERROR_REGISTRY_NOT_FOUND ||
                                      (*failure)->id == ERROR_STORE_NOT_FOUND)) {
        *failure = NULL;
        return REGISTRY_OK;
    }
    return status;
}

static enum registry_status dry_run(struct job *job, const struct index *target,
                                    struct diag **failure) {
    enum registry_status status = REGISTRY_OK;
    if (target != NULL) {
        status = examine(job, target, failure);
    } else if (sort(job, NULL)) {
        job->todo_count = job->source.count;
    } else {
        status = REGISTRY_NO_MEMORY;
    }
    job->result->copied = job->todo_count;
    for (size_t i = 0; i < job->source.count; i++) {
        job->result->entries_added += job->units[i].standing == SYNC_MISSING;
    }
    return status;
}

static enum registry_status make_target(struct job *job, struct diag **failure) {
    struct registry_init_request request = {
        .artifacts_url = job->request->artifacts_url, .write = job->request->write};
    struct registry_init_result result;
    return registry_init(job->arena, job->to, &request, &result, failure);
}

static enum registry_status run(struct job *job, struct index *target,
                                struct diag **failure) {
    bool is_there = false;
    enum registry_status status = check_url(job, failure);
    if (status != REGISTRY_OK) {
        return status;
    }
    status = registry_read(job->arena, job->from, job->request->write.host,
                           &job->source, NULL, failure);
    if (status != REGISTRY_OK) {
        return status;
    }
    job->units = calloc(job->source.count + 1, sizeof *job->units);
    job->todo = calloc(job->source.count + 1, sizeof *job->todo);
    if (job->units == NULL || job->todo == NULL) {
        return REGISTRY_NO_MEMORY;
    }
    status = read_target(job, target, &is_there, failure);
    if (status == REGISTRY_OK && job->request->dry_run) {
        return dry_run(job, is_there ? target : NULL, failure);
    }
    if (status == REGISTRY_OK && !is_there) {
        status = make_target(job, failure);
    }
    return status == REGISTRY_OK ? change_run(job->arena, job->to, &job->request->write,
                                              edit, job, &job->result->written, failure)
                                 : status;
}

enum registry_status sync_run(struct arena *arena, struct store *from, struct store *to,
                              const struct sync_request *request,
                              struct sync_result *result, struct diag **failure) {
    struct job job = {
        .arena = arena, .from = from, .to = to, .request = request, .result = result};
    struct index target = {0};
    struct diag *found = NULL;
    *result = (struct sync_result){0};
    if (pthread_mutex_init(&job.mutex, NULL) != 0) {
        return REGISTRY_NO_MEMORY;
    }
    enum registry_status status = run(&job, &target, &found);
    if (status == REGISTRY_FAILED) {
        /* It may view an index. */
        *failure = diag_copy(arena, found);
        status = *failure == NULL ? REGISTRY_NO_MEMORY : status;
    }
    index_release(&target);
    index_release(&job.source);
    free(job.units);
    free(job.todo);
    (void)pthread_mutex_destroy(&job.mutex);
    return status;
}
