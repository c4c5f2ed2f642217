#include "plugin/warnings.h"

#include "base/fs.h"
#include "base/limits.h"
#include "base/path.h"
#include "plugin/requirements.h"

/* What the database passes, by position. */
static const struct signature {
    struct str trigger;
    size_t count;
    struct str arguments;
} signatures[] = {
    {{"process_writes", 14}, 3, {"influxdb3_local, table_batches, args", 36}},
    {{"process_scheduled_call", 22}, 3, {"influxdb3_local, call_time, args", 32}},
    {{"process_request", 15},
     5,
     {"influxdb3_local, query_parameters, request_headers, request_body, args", 70}},
};

enum { SIGNATURES = sizeof signatures / sizeof signatures[0], LARGEST_FILES = 3 };

struct job {
    struct arena *arena;
    const struct warnings_input *input;
    struct diag_list *warnings;
};

static bool add(struct job *job, enum error_id id, struct detail detail,
                struct str note, struct place place) {
    struct diag *diag = diag_new(job->arena, id, STR_NONE, &detail, 1);
    if (diag == NULL) {
        return false;
    }
    diag->note = note;
    diag->place = place;
    diag_append(job->warnings, diag);
    return true;
}

static struct place locate(struct str file, struct str document, size_t offset) {
    struct diag diag = {.place = {.offset = offset}};
    diag_locate(&diag, file, document);
    return diag.place;
}

static struct place in_manifest(const struct job *job, size_t offset) {
    return locate(job->input->manifest_file, job->input->manifest_document, offset);
}

static struct place in_entry(const struct job *job, size_t offset) {
    return locate(job->input->entry_file, job->input->entry_source, offset);
}

/* ---- Unknown keys ---- */

static bool warn_of_keys(struct job *job) {
    const struct manifest *manifest = &job->input->plugin->manifest;
    for (size_t i = 0; i < manifest->unknown_key_count; i++) {
        const struct unknown_key *key = &manifest->unknown_keys[i];
        struct str note = STR("");
        if (key->nearest.ptr != NULL) {
            struct str parts[] = {STR("; did you mean `"), key->nearest, STR("`?")};
            note = arena_concat(job->arena, parts, 3);
        }
        if (note.ptr == NULL ||
            !add(job, ERROR_WARNING_UNKNOWN_KEY, (struct detail)DETAIL_TEXT(key->path),
                 note, in_manifest(job, key->offset))) {
            return false;
        }
    }
    return true;
}

/* ---- requirements.txt ---- */

static bool warn_of_disagreement(struct job *job, struct str file, struct str document,
                                 const struct requirements_disagreement *one) {
    struct str note = requirements_note(job->arena, one);
    struct place place =
        one->offset == SIZE_MAX
            ? in_manifest(job, job->input->plugin->manifest.python_offset)
            : locate(file, document, one->offset);
    return note.ptr != NULL && add(job, ERROR_WARNING_REQUIREMENTS,
                                   (struct detail)DETAIL_TEXT(one->name), note, place);
}

static bool compare_requirements(struct job *job, struct str document) {
    struct requirements requirements;
    struct requirements_disagreement *found = NULL;
    size_t count = 0;
    const struct fields *fields = &job->input->plugin->manifest.fields;
    struct str file = path_join(job->arena, job->input->shown, STR("requirements.txt"));
    if (file.ptr == NULL || !requirements_read(job->arena, document, &requirements) ||
        !requirements_disagree(job->arena, &requirements, fields->python,
                               fields->python_count, &found, &count)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (!warn_of_disagreement(job, file, document, &found[i])) {
            return false;
        }
    }
    return true;
}

static bool warn_of_requirements(struct job *job) {
    const struct plugin *plugin = job->input->plugin;
    if (source_find(&plugin->files, STR("requirements.txt")) == NULL) {
        return true;
    }
    struct str path = path_join(job->arena, plugin->root, STR("requirements.txt"));
    if (path.ptr == NULL) {
        return false;
    }
    struct buf content;
    buf_init(&content, LIMIT_REQUIREMENTS_BYTES);
    bool good = true;
    /* One that cannot be read says nothing. */
    if (fs_read_text(path, &content) == 0) {
        struct str document = arena_copy(job->arena, buf_str(&content));
        good = document.ptr != NULL && compare_requirements(job, document);
    }
    buf_release(&content);
    return good;
}

/* ---- Handlers ---- */

static bool fits(const struct python_function *function, size_t count) {
    return function->positional_required <= count && function->keyword_required == 0 &&
           (function->positional >= count || function->has_var_positional);
}

static bool warn_of_signature(struct job *job, const struct signature *signature,
                              const struct python_function *function) {
    if (fits(function, signature->count)) {
        return true;
    }
    struct str note =
        function->keyword_required > 0
            ? STR("it has keyword-only parameters without a default, and all are "
                  "passed by position")
            : arena_printf(job->arena, "it takes %lu, %lu are passed: %s",
                           (unsigned long)(function->positional > signature->count
                                               ? function->positional_required
                                               : function->positional),
                           (unsigned long)signature->count, signature->arguments.ptr);
    return note.ptr != NULL && add(job, ERROR_WARNING_SIGNATURE,
                                   (struct detail)DETAIL_TEXT(signature->trigger), note,
                                   in_entry(job, function->offset));
}

static bool is_declared(const struct fields *fields, struct str trigger) {
    for (size_t i = 0; i < fields->trigger_count; i++) {
        if (str_equal(fields->triggers[i], trigger)) {
            return true;
        }
    }
    return false;
}

static bool warn_of_handlers(struct job *job) {
    if (job->input->module == NULL) {
        return true;
    }
    for (size_t i = 0; i < SIGNATURES; i++) {
        const struct signature *signature = &signatures[i];
        const struct python_function *function =
            python_find(job->input->module, signature->trigger);
        if (function == NULL || function->is_async) {
            continue;
        }
        bool declared =
            is_declared(&job->input->plugin->manifest.fields, signature->trigger);
        bool good = declared ? warn_of_signature(job, signature, function)
                             : add(job, ERROR_WARNING_UNDECLARED_TRIGGER,
                                   (struct detail)DETAIL_TEXT(signature->trigger),
                                   STR_NONE, in_entry(job, function->offset));
        if (!good) {
            return false;
        }
    }
    return true;
}

bool warnings_collect(struct arena *arena, const struct warnings_input *input,
                      struct diag_list *warnings) {
    struct job job = {arena, input, warnings};
    return warn_of_keys(&job) && warn_of_requirements(&job) && warn_of_handlers(&job);
}

/* ---- Large artifacts ---- */

/* Puts the file among the largest, which are in falling order. */
static void rank(const struct source_file *largest[LARGEST_FILES],
                 const struct source_file *file) {
    for (size_t i = 0; i < LARGEST_FILES; i++) {
        if (largest[i] == NULL || file->size > largest[i]->size) {
            const struct source_file *smaller = largest[i];
            largest[i] = file;
            file = smaller;
            if (file == NULL) {
                return;
            }
        }
    }
}

static void append_size(struct buf *out, uint64_t bytes) {
    uint64_t tenths = bytes / (1 << 20) * 10 + bytes % (1 << 20) * 10 / (1 << 20);
    if (tenths == 0) {
        buf_printf(out, "%llu bytes", (unsigned long long)bytes);
    } else {
        buf_printf(out, "%llu.%llu MiB", (unsigned long long)(tenths / 10),
                   (unsigned long long)(tenths % 10));
    }
}

bool warnings_large_artifact(struct arena *arena, uint64_t size_bytes,
                             const struct source_list *files,
                             struct diag_list *warnings) {
    if (size_bytes <= LIMIT_ARTIFACT_WARNING_BYTES) {
        return true;
    }
    const struct source_file *largest[LARGEST_FILES] = {NULL};
    for (size_t i = 0; i < files->count; i++) {
        rank(largest, &files->files[i]);
    }
    struct buf out;
    buf_init(&out, (size_t)1 << 16);
    append_size(&out, size_bytes);
    for (size_t i = 0; i < LARGEST_FILES && largest[i] != NULL; i++) {
        buf_append(&out, i == 0 ? STR("; the largest files are ") : STR(", "));
        buf_append(&out, largest[i]->shown);
        buf_append(&out, STR(" ("));
        append_size(&out, largest[i]->size);
        buf_append_byte(&out, ')');
    }
    struct str note = out.failed ? STR_NONE : arena_copy(arena, buf_str(&out));
    buf_release(&out);
    struct job job = {arena, NULL, warnings};
    return note.ptr != NULL && add(&job, ERROR_WARNING_LARGE_ARTIFACT,
                                   (struct detail)DETAIL_NUMBER(size_bytes), note,
                                   (struct place){.offset = DIAG_NOWHERE});
}
