#include "base/limits.h"
#include "registry/change_drive.h"
#include "registry/publish_parts.h"
#include "registry/transfer.h"

enum {
    PUT_TRIES = 3,
    FILES_IN_WORDS = 5,
    ROOM_LEAST = 64 << 20,
    PATIENCE_MS = 15000,
    LOOK_EVERY_MS = 1000
};

unsigned publish_threads(const struct publish_job *job) {
    unsigned threads = job->request->jobs;
    return threads == 0 ? parallel_processors() : threads;
}

/* Runs over the units to do. */
static enum registry_status run_todo(struct publish_job *job, transfer_item run,
                                     struct diag **failure) {
    return transfer_run(job->arena, job->store, job->todo_count, job->request->jobs,
                        run, job, failure);
}

/* ---- What is published ---- */

/* A published artifact that is much larger than ours is another. */
static uint64_t size_limit(const struct publish_unit *unit) {
    uint64_t most = unit->artifact.len * 4;
    most = most < ROOM_LEAST ? ROOM_LEAST : most;
    return most < LIMIT_ARTIFACT_BYTES ? most : LIMIT_ARTIFACT_BYTES;
}

/* The first files in words, and how many of each kind there are. */
static bool name_files(struct publish_unit *unit) {
    struct buf words;
    const struct plan_files *files = &unit->files;
    buf_init(&words, (size_t)1 << 20);
    for (size_t i = 0; i < files->count && i < FILES_IN_WORDS; i++) {
        buf_append(&words, i == 0 ? STR("`") : STR(", `"));
        buf_append(&words, files->paths[i]);
        buf_append(&words, STR("`"));
    }
    if (files->count > FILES_IN_WORDS) {
        buf_printf(&words, " and %zu more", files->count - FILES_IN_WORDS);
    }
    buf_append(&words, files->count == 1 ? STR(" differs") : STR(" differ"));
    if (files->added + files->removed > 0) {
        buf_printf(&words, " (%zu added, %zu removed, %zu changed)", files->added,
                   files->removed, files->changed);
    }
    unit->note = words.failed ? STR_NONE : arena_copy(&unit->arena, buf_str(&words));
    buf_release(&words);
    return unit->note.ptr != NULL;
}

static bool judge_artifact(struct publish_unit *unit, struct str published) {
    char hash[SHA256_TEXT_BYTES + 1];
    sha256_of(published, hash);
    if (!str_equal(str_of(hash), unit->entry_hash)) {
        unit->difference = PLAN_THEIRS_INVALID;
        unit->note = STR("what lies there is not what was published");
        return true;
    }
    unit->difference = plan_compare(&unit->arena, buf_str(&unit->artifact), published,
                                    unit->prefix, LIMIT_COMPARED_BYTES, &unit->files);
    switch (unit->difference) {
    case PLAN_DIFFERENT:
        return name_files(unit);
    case PLAN_OURS_INVALID:
    case PLAN_THEIRS_INVALID:
        unit->note = STR("the published artifact cannot be unpacked to compare it");
        return true;
    case PLAN_THEIRS_TOO_LARGE:
        unit->note = STR("the published artifact is much larger");
        return true;
    case PLAN_COMPARE_NO_MEMORY:
        return false;
    case PLAN_SAME:
        break;
    }
    return true;
}

static enum transfer_verdict compare_item(void *context, size_t item,
                                          struct transfer *transfer) {
    struct publish_job *job = context;
    struct publish_unit *unit = &job->units[job->todo[item]];
    struct buf bytes;
    enum transfer_verdict verdict = TRANSFER_OK;
    enum store_status status = transfer_get(job->store, &transfer->call, unit->object,
                                            size_limit(unit), &bytes, NULL);
    if (status == STORE_OK) {
        verdict =
            judge_artifact(unit, buf_str(&bytes)) ? TRANSFER_OK : TRANSFER_NO_MEMORY;
    } else if (status == STORE_ABSENT) {
        unit->difference = PLAN_THEIRS_INVALID;
        unit->note = STR("the published artifact is missing");
    } else if (transfer_was_too_large(&transfer->call)) {
        unit->difference = PLAN_THEIRS_TOO_LARGE;
        unit->note = STR("the published artifact is much larger");
    } else {
        verdict = TRANSFER_FAILED;
    }
    buf_release(&bytes);
    return verdict;
}

enum registry_status publish_compare(struct publish_job *job, struct diag **failure) {
    return run_todo(job, compare_item, failure);
}

/* ---- Uploading ---- */

enum found { FOUND_SAME, FOUND_NOTHING, FOUND_OTHER, FOUND_FAILED, FOUND_NO_MEMORY };

/* An orphan of the same content, compressed by another tool, is as good: the entry gets
 * its hash. */
static enum found judge_orphan(struct publish_unit *unit, struct str bytes,
                               struct arena *scratch) {
    struct plan_files files;
    if (str_equal(bytes, buf_str(&unit->artifact))) {
        return FOUND_SAME;
    }
    switch (plan_compare(scratch, buf_str(&unit->artifact), bytes, unit->prefix,
                         LIMIT_COMPARED_BYTES, &files)) {
    case PLAN_COMPARE_NO_MEMORY:
        return FOUND_NO_MEMORY;
    case PLAN_SAME:
        break;
    default:
        return FOUND_OTHER;
    }
    sha256_of(bytes, unit->hash);
    return FOUND_SAME;
}

/* The name is taken, or may be: by what? */
static enum found look(struct publish_job *job, struct publish_unit *unit,
                       struct store_call *call, struct store_object *object) {
    struct buf bytes;
    enum found found = FOUND_FAILED;
    enum store_status status =
        transfer_get(job->store, call, unit->object, size_limit(unit), &bytes, object);
    if (status == STORE_OK) {
        found = judge_orphan(unit, buf_str(&bytes), call->arena);
    } else if (status == STORE_ABSENT) {
        found = FOUND_NOTHING;
    } else if (transfer_was_too_large(call)) {
        found = FOUND_OTHER;
    }
    buf_release(&bytes);
    return found;
}

/* The object of that name in a listing; `object->name` is absent where there is none.
 */
static enum store_status find_listed(struct publish_job *job, struct store_call *call,
                                     struct str name, struct store_object *object) {
    struct store_list list = {0};
    *object = (struct store_object){0};
    if (job->store->ops->list == NULL) {
        return STORE_OK;
    }
    enum store_status status = job->store->ops->list(job->store, call, name, &list);
    for (size_t i = 0; status == STORE_OK && i < list.count; i++) {
        if (str_equal(list.objects[i].name, name)) {
            *object = list.objects[i];
        }
    }
    return status;
}

/* An upload that stopped half-way may have the name: it goes once it has been the same
 * for so long that nobody can be at it. */
static enum store_status clear_name(struct publish_job *job, struct publish_unit *unit,
                                    struct store_call *call) {
    const struct registry_host *host = job->request->write.host;
    struct store_object first;
    struct store_object now;
    call->failure = (struct failure){0};
    enum store_status status = find_listed(job, call, unit->object, &first);
    now = first;
    for (int waited_ms = 0; status == STORE_OK && now.is_incomplete &&
                            str_equal(now.revision, first.revision);
         waited_ms += LOOK_EVERY_MS) {
        if (waited_ms >= PATIENCE_MS) {
            status = job->store->ops->remove(job->store, call, &now);
            return status == STORE_FAILED ? status : STORE_OK;
        }
        host->sleep_ms(host->context, LOOK_EVERY_MS);
        status = find_listed(job, call, unit->object, &now);
    }
    return status == STORE_FAILED ? status : STORE_OK;
}

/* The orphan that was seen gives way: STORE_OK, or STORE_CONFLICT where that has to be
 * tried again. */
static enum store_status replace_orphan(struct publish_job *job,
                                        const struct store_put *put,
                                        struct store_call *call,
                                        const struct store_object *seen) {
    const struct store_ops *ops = job->store->ops;
    call->failure = (struct failure){0};
    if (seen->name.ptr == NULL) {
        return STORE_CONFLICT; /* too large to be seen */
    }
    enum store_status status = ops->replace == NULL
                                   ? ops->remove(job->store, call, seen)
                                   : ops->replace(job->store, call, put, seen, NULL);
    if (status == STORE_FAILED || (status == STORE_OK && ops->replace != NULL)) {
        return status;
    }
    return STORE_CONFLICT;
}

/* STORE_OK, STORE_CONFLICT (an orphan has the name) or STORE_FAILED; `*is_memory_out`
 * beside the last, where that is not in the call. */
static enum store_status put_artifact(struct publish_job *job,
                                      struct publish_unit *unit,
                                      struct store_call *call, bool *is_memory_out) {
    struct store_put put = {.name = unit->object, .bytes = buf_str(&unit->artifact)};
    struct failure last = {0};
    bool has_orphan = false;
    for (int tries = 0; tries < PUT_TRIES; tries++) {
        struct store_object object = {0};
        call->failure = (struct failure){0};
        enum store_status status =
            job->store->ops->put_new(job->store, call, &put, NULL);
        if (status != STORE_EXISTS && status != STORE_UNCERTAIN) {
            return status == STORE_OK ? STORE_OK : STORE_FAILED;
        }
        last = call->failure;
        switch (look(job, unit, call, &object)) {
        case FOUND_SAME:
            return STORE_OK;
        case FOUND_NOTHING:
            if (clear_name(job, unit, call) != STORE_OK) {
                return STORE_FAILED;
            }
            break;
        case FOUND_FAILED:
            return STORE_FAILED;
        case FOUND_NO_MEMORY:
            *is_memory_out = true;
            return STORE_FAILED;
        case FOUND_OTHER:
            has_orphan = true;
            if (!job->request->replace_orphans) {
                return STORE_CONFLICT;
            }
            status = replace_orphan(job, &put, call, &object);
            if (status != STORE_CONFLICT) {
                return status;
            }
            break;
        }
    }
    call->failure = last;
    failure_set(&call->failure, ERROR_STORE_BAD_RESPONSE, unit->object,
                "the host refuses `%.*s` as there already, but does not have it",
                STR_ARG(unit->object));
    return has_orphan ? STORE_CONFLICT : STORE_FAILED;
}

static enum transfer_verdict upload_item(void *context, size_t item,
                                         struct transfer *transfer) {
    struct publish_job *job = context;
    struct publish_unit *unit = &job->units[job->todo[item]];
    bool is_memory_out = false;
    switch (put_artifact(job, unit, &transfer->call, &is_memory_out)) {
    case STORE_OK:
        unit->is_uploaded = true;
        publish_step(job, job->todo_count, unit->object);
        return TRANSFER_OK;
    case STORE_CONFLICT:
        unit->is_orphaned = true;
        return TRANSFER_OK;
    default:
        return is_memory_out ? TRANSFER_NO_MEMORY : TRANSFER_FAILED;
    }
}

/* Before anything is sent: may objects of these names be added? */
static enum registry_status admit(struct publish_job *job, struct diag **failure) {
    struct store_call call = {.arena = job->arena};
    if (job->store->ops->admit == NULL) {
        return REGISTRY_OK;
    }
    struct str *names = arena_array(job->arena, job->todo_count, sizeof *names);
    if (names == NULL) {
        return REGISTRY_NO_MEMORY;
    }
    for (size_t i = 0; i < job->todo_count; i++) {
        names[i] = job->units[job->todo[i]].object;
    }
    if (job->store->ops->admit(job->store, &call, names, job->todo_count) != STORE_OK) {
        return change_store_failure(job->arena, job->store, &call.failure, failure);
    }
    job->warning = call.warning.ptr == NULL ? job->warning : call.warning;
    return REGISTRY_OK;
}

enum registry_status publish_upload(struct publish_job *job, struct diag **failure) {
    if (job->todo_count == 0) {
        return REGISTRY_OK;
    }
    enum registry_status status = admit(job, failure);
    if (status != REGISTRY_OK) {
        return status;
    }
    publish_phase_begin(job, PUBLISH_UPLOADING, job->todo_count);
    return run_todo(job, upload_item, failure);
}
