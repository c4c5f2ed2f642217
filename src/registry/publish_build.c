#include "base/limits.h"
#include "plugin/artifact.h"
#include "plugin/warnings.h"
#include "registry/publish_parts.h"
#include "registry/transfer.h"

/* The artifact on its way into memory; of one that is too large only the size. */
struct sink {
    struct buf *bytes;
    uint64_t size;
};

static bool append(void *context, struct str bytes) {
    struct sink *sink = context;
    sink->size += bytes.len;
    if (sink->size > LIMIT_ARTIFACT_BYTES) {
        buf_release(sink->bytes);
        return true;
    }
    return buf_append(sink->bytes, bytes);
}

static bool copy_list(struct arena *arena, const struct diag_list *from,
                      struct diag_list *list) {
    for (const struct diag *at = from->first; at != NULL; at = at->next) {
        struct diag *copy = diag_copy(arena, at);
        if (copy == NULL) {
            return false;
        }
        diag_append(list, copy);
    }
    return true;
}

/* publish::invalid_plugin with the defects in it. */
static bool refuse(struct publish_unit *unit, const struct diag_list *defects) {
    struct diag_list copies = {0};
    struct diag *diag = diag_new(&unit->arena, ERROR_PUBLISH_INVALID_PLUGIN, unit->dir,
                                 (struct detail[]){DETAIL_TEXT(unit->dir)}, 1);
    struct str note = arena_printf(
        &unit->arena, "`%.*s` is no valid plugin: %zu defect%s", STR_ARG(unit->dir),
        defects->count, defects->count == 1 ? "" : "s");
    if (diag == NULL || note.ptr == NULL ||
        !copy_list(&unit->arena, defects, &copies)) {
        return false;
    }
    diag->note = note;
    diag_nest(diag, &copies);
    unit->defect = diag;
    return true;
}

static bool refuse_one(struct publish_unit *unit, struct diag *defect) {
    struct diag_list list = {0};
    diag_append(&list, defect);
    return refuse(unit, &list);
}

static bool refuse_size(struct publish_unit *unit, uint64_t size) {
    struct diag *diag =
        diag_new(&unit->arena, ERROR_PUBLISH_TOO_LARGE, unit->dir,
                 (struct detail[]){DETAIL_TEXT(unit->dir), DETAIL_NUMBER(size),
                                   DETAIL_NUMBER(LIMIT_ARTIFACT_BYTES)},
                 3);
    unit->defect = diag;
    return diag != NULL;
}

static bool set_names(struct publish_unit *unit) {
    unit->object = artifact_name(&unit->arena, unit->fields.name, unit->fields.version);
    unit->prefix =
        str_first(unit->object, unit->fields.name.len + 1 + unit->fields.version.len);
    return unit->object.ptr != NULL;
}

static bool pack(struct publish_unit *unit, struct plugin *plugin,
                 struct arena *scratch) {
    struct artifact artifact;
    struct sink sink = {&unit->artifact, 0};
    struct diag *failure = NULL;
    if (!fields_copy(&unit->arena, &plugin->manifest.fields, &unit->fields) ||
        !set_names(unit)) {
        return false;
    }
    switch (artifact_build(scratch, unit->dir, unit->prefix, &plugin->files, append,
                           &sink, &artifact, &failure)) {
    case ARTIFACT_OK:
        break;
    case ARTIFACT_FAILED:
        return refuse_one(unit, failure);
    case ARTIFACT_STOPPED:
    case ARTIFACT_NO_MEMORY:
        return false;
    }
    if (sink.size > LIMIT_ARTIFACT_BYTES) {
        return refuse_size(unit, sink.size);
    }
    buf_fit(&unit->artifact);
    memcpy(unit->hash, artifact.hash, sizeof unit->hash);
    return warnings_large_artifact(scratch, artifact.size_bytes, &plugin->files,
                                   &plugin->warnings);
}

static bool build(struct publish_unit *unit, struct arena *scratch) {
    struct plugin plugin;
    bool good = true;
    switch (plugin_validate(scratch, unit->dir, unit->dir, &plugin_codes_validate, true,
                            &plugin)) {
    case PLUGIN_OK:
        good = pack(unit, &plugin, scratch);
        break;
    case PLUGIN_INVALID:
        good = refuse(unit, &plugin.defects);
        break;
    case PLUGIN_FAILED:
        good = refuse_one(unit, plugin.failure);
        break;
    case PLUGIN_NO_MEMORY:
        good = false;
        break;
    }
    return good && copy_list(&unit->arena, &plugin.warnings, &unit->warnings);
}

/* What was read for it goes when it is built. */
static bool build_item(void *context, size_t item, unsigned thread) {
    struct publish_job *job = context;
    struct publish_unit *unit = &job->units[item];
    struct arena scratch = {0};
    (void)thread;
    bool good = build(unit, &scratch);
    arena_release(&scratch);
    if (good) {
        publish_step(job, job->count, unit->dir);
    }
    return good;
}

bool publish_build(struct publish_job *job) {
    publish_phase_begin(job, PUBLISH_BUILDING, job->count);
    if (parallel_run(job->count, publish_threads(job), build_item, job) !=
        PARALLEL_ALL) {
        return false;
    }
    for (size_t i = 0; i < job->count; i++) {
        const struct publish_unit *unit = &job->units[i];
        job->items[i] = (struct plan_item){.name = unit->fields.name,
                                           .version = unit->fields.version,
                                           .hash = str_of(unit->hash),
                                           .is_left_out = unit->defect != NULL,
                                           .entry = INDEX_NONE,
                                           .twin = PLAN_NONE};
    }
    return plan_pair(job->items, job->count);
}
