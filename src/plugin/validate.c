#include "plugin/validate.h"

#include <errno.h>

#include "base/fs.h"
#include "base/limits.h"
#include "base/path.h"
#include "base/utf8.h"
#include "plugin/entry.h"
#include "plugin/python.h"
#include "plugin/warnings.h"

#define MANIFEST STR("manifest.toml")

const struct plugin_codes plugin_codes_validate = {ERROR_VALIDATE_IO_FAILED,
                                                   ERROR_VALIDATE_INVALID_EXCLUDE};
const struct plugin_codes plugin_codes_package = {ERROR_PACKAGE_IO_FAILED,
                                                  ERROR_PACKAGE_INVALID_EXCLUDE};

struct job {
    struct arena *arena;
    struct plugin *plugin;
    struct str shown;
    const struct plugin_codes *codes;
    struct str manifest_file; /* as shown */
    struct str manifest_document;
    struct str entry_file; /* as shown */
    struct str entry_source;
    struct python_module module;
    bool has_module;
};

/* ---- Failures and defects ---- */

static enum plugin_status fail(struct job *job, enum error_id id, struct str field,
                               const struct detail *details, size_t count,
                               struct str note) {
    struct diag *diag = diag_new(job->arena, id, field, details, count);
    if (diag == NULL) {
        return PLUGIN_NO_MEMORY;
    }
    diag->note = note;
    job->plugin->failure = diag;
    return PLUGIN_FAILED;
}

static enum plugin_status fail_io(struct job *job, struct str path, int error,
                                  struct str note) {
    if (error == ENOMEM || path.ptr == NULL || note.ptr == NULL) {
        return PLUGIN_NO_MEMORY;
    }
    struct detail details[] = {DETAIL_TEXT(path),
                               DETAIL_TEXT(str_of(fs_error_kind(error)))};
    return fail(job, job->codes->io_failed, path, details, 2, note);
}

/* The note is viewed; NULL when memory is out. */
static struct diag *add_defect(struct job *job, enum error_id id, struct str field,
                               const struct detail *details, size_t count,
                               struct str note) {
    struct diag *diag = diag_new(job->arena, id, field, details, count);
    if (diag != NULL) {
        diag->note = note;
        diag_append(&job->plugin->defects, diag);
    }
    return diag;
}

static enum plugin_status verdict(const struct plugin *plugin) {
    return plugin->defects.count > 0 ? PLUGIN_INVALID : PLUGIN_OK;
}

/* ---- The manifest ---- */

/* A file's text in the arena. */
static int read_text(struct arena *arena, struct str path, uint64_t most,
                     struct str *text) {
    struct buf content;
    buf_init(&content, (size_t)most);
    int error = fs_read_text(path, &content);
    if (error == 0) {
        *text = arena_copy(arena, buf_str(&content));
        error = text->ptr == NULL ? ENOMEM : 0;
    }
    buf_release(&content);
    return error;
}

static enum plugin_status missing_manifest(struct job *job, struct str note) {
    struct detail details[] = {DETAIL_TEXT(MANIFEST)};
    return add_defect(job, ERROR_MISSING_REQUIRED_FILE, MANIFEST, details, 1, note) ==
                   NULL
               ? PLUGIN_NO_MEMORY
               : PLUGIN_INVALID;
}

static enum plugin_status read_manifest(struct job *job) {
    struct arena *arena = job->arena;
    struct str path = path_join(arena, job->plugin->root, MANIFEST);
    job->manifest_file = path_join(arena, job->shown, MANIFEST);
    if (path.ptr == NULL || job->manifest_file.ptr == NULL) {
        return PLUGIN_NO_MEMORY;
    }
    int error = read_text(arena, path, LIMIT_MANIFEST_BYTES, &job->manifest_document);
    if (error == ENOENT) {
        struct str parts[] = {STR(" in "), job->shown};
        struct str note = arena_concat(arena, parts, 2);
        return note.ptr == NULL ? PLUGIN_NO_MEMORY : missing_manifest(job, note);
    }
    if (error != 0) {
        /* Its path as it was typed: docs/cli.md, "Output modes". */
        struct str note = error == EFBIG ? STR("a manifest has at most 1 MiB")
                                         : str_of(fs_error_text(error));
        return fail_io(job, path, error, note);
    }
    switch (manifest_parse(arena, job->manifest_document, job->manifest_file,
                           &job->plugin->manifest, &job->plugin->defects)) {
    case MANIFEST_OK:
        return PLUGIN_OK;
    case MANIFEST_INVALID:
        return PLUGIN_INVALID;
    case MANIFEST_NO_MEMORY:
        break;
    }
    return PLUGIN_NO_MEMORY;
}

/* ---- The files ---- */

static enum plugin_status fail_exclude(struct job *job, size_t bad,
                                       const struct syntax_error *error) {
    const struct field_text *pattern = &job->plugin->manifest.excludes[bad];
    struct detail details[] = {DETAIL_TEXT(pattern->text),
                               DETAIL_TEXT(str_of(error->rule))};
    enum plugin_status status =
        fail(job, job->codes->invalid_exclude, pattern->text, details, 2, STR_NONE);
    if (status == PLUGIN_FAILED) {
        job->plugin->failure->place.offset = pattern->offset;
        diag_locate(job->plugin->failure, job->manifest_file, job->manifest_document);
    }
    return status;
}

static enum plugin_status compile_excludes(struct job *job,
                                           struct gitignore **compiled) {
    const struct manifest *manifest = &job->plugin->manifest;
    struct str *patterns =
        arena_array(job->arena, manifest->exclude_count, sizeof *patterns);
    if (patterns == NULL) {
        return PLUGIN_NO_MEMORY;
    }
    for (size_t i = 0; i < manifest->exclude_count; i++) {
        patterns[i] = manifest->excludes[i].text;
    }
    size_t bad = 0;
    struct syntax_error error;
    switch (gitignore_compile(job->arena, patterns, manifest->exclude_count, compiled,
                              &bad, &error)) {
    case GRAMMAR_OK:
        return PLUGIN_OK;
    case GRAMMAR_INVALID:
        return fail_exclude(job, bad, &error);
    case GRAMMAR_NO_MEMORY:
        break;
    }
    return PLUGIN_NO_MEMORY;
}

static enum plugin_status select_files(struct job *job) {
    struct gitignore *excludes = NULL;
    enum plugin_status status = compile_excludes(job, &excludes);
    if (status != PLUGIN_OK) {
        return status;
    }
    struct str failed = STR_NONE;
    int error = source_select(job->arena, job->plugin->root, excludes,
                              &job->plugin->files, &failed);
    if (error == 0) {
        return PLUGIN_OK;
    }
    struct str note = error == EFBIG
                          ? arena_printf(job->arena,
                                         "it holds more than %d files; leave some out "
                                         "with `plugin.exclude`",
                                         LIMIT_PLUGIN_FILES)
                          : str_of(fs_error_text(error));
    return fail_io(job, source_absolute(job->arena, failed, STR("")), error, note);
}

/* ---- The entry point ---- */

static bool no_entry_point(struct job *job, struct str note) {
    return add_defect(job, ERROR_NO_ENTRY_POINT, STR_NONE, NULL, 0, note) != NULL;
}

/* Adds what is wrong with the file; it is `job->entry_source` if nothing is. */
static enum plugin_status read_entry(struct job *job, const struct source_file *file) {
    struct arena *arena = job->arena;
    struct str path = path_join(arena, job->plugin->root, file->path);
    job->entry_file = path_join(arena, job->shown, file->shown);
    if (path.ptr == NULL || job->entry_file.ptr == NULL) {
        return PLUGIN_NO_MEMORY;
    }
    int error = read_text(arena, path, LIMIT_ENTRY_POINT_BYTES, &job->entry_source);
    if (error == ENOMEM) {
        return PLUGIN_NO_MEMORY;
    }
    if (error == EFBIG) {
        return fail_io(job, source_absolute(arena, path, STR("")), error,
                       STR("an entry point has at most 64 MiB"));
    }
    if (error != 0) {
        struct str parts[] = {STR(": `"), file->shown, STR("` cannot be read: "),
                              str_of(fs_error_text(error))};
        struct str note = arena_concat(arena, parts, 4);
        return note.ptr != NULL && no_entry_point(job, note) ? PLUGIN_INVALID
                                                             : PLUGIN_NO_MEMORY;
    }
    job->plugin->entry_point = file->shown;
    return PLUGIN_OK;
}

static enum plugin_status choose_entry(struct job *job) {
    struct entry entry;
    switch (entry_choose(job->arena, &job->plugin->files, &entry)) {
    case ENTRY_FOUND:
        return read_entry(job, entry.file);
    case ENTRY_NONE:
        return no_entry_point(job, STR_NONE) ? PLUGIN_INVALID : PLUGIN_NO_MEMORY;
    case ENTRY_AMBIGUOUS: {
        struct detail details[] = {
            DETAIL_TEXTS(entry.candidates, entry.candidate_count)};
        return add_defect(job, ERROR_AMBIGUOUS_ENTRY_POINT, STR_NONE, details, 1,
                          STR_NONE) == NULL
                   ? PLUGIN_NO_MEMORY
                   : PLUGIN_INVALID;
    }
    case ENTRY_NO_MEMORY:
        break;
    }
    return PLUGIN_NO_MEMORY;
}

static bool add_syntax_error(struct job *job) {
    const struct python_module *module = &job->module;
    struct str message = arena_printf(
        job->arena, "line %lu, column %lu: %.*s", (unsigned long)module->line,
        (unsigned long)module->column, STR_ARG(module->message));
    if (message.ptr == NULL) {
        return false;
    }
    struct detail details[] = {DETAIL_TEXT(message)};
    struct diag *diag = add_defect(job, ERROR_PYTHON_PARSE, job->plugin->entry_point,
                                   details, 1, STR_NONE);
    if (diag == NULL) {
        return false;
    }
    diag->place.offset = module->offset;
    diag_locate(diag, job->entry_file, job->entry_source);
    return true;
}

static bool check_trigger(struct job *job, const struct field_text *trigger) {
    const struct python_function *function = python_find(&job->module, trigger->text);
    if (function != NULL && !function->is_async) {
        return true;
    }
    enum error_id id =
        function == NULL ? ERROR_TRIGGER_NOT_IMPLEMENTED : ERROR_ASYNC_TRIGGER_FN;
    struct detail details[] = {DETAIL_TEXT(trigger->text)};
    struct diag *diag =
        add_defect(job, id, job->plugin->entry_point, details, 1, STR_NONE);
    if (diag == NULL) {
        return false;
    }
    if (function == NULL) {
        diag->place.offset = trigger->offset;
        diag_locate(diag, job->manifest_file, job->manifest_document);
    } else {
        diag->place.offset = function->offset;
        diag_locate(diag, job->entry_file, job->entry_source);
    }
    return true;
}

static enum plugin_status check_python(struct job *job) {
    switch (python_parse(job->arena, job->entry_source, &job->module)) {
    case PYTHON_OK:
        break;
    case PYTHON_SYNTAX_ERROR:
        return add_syntax_error(job) ? PLUGIN_INVALID : PLUGIN_NO_MEMORY;
    case PYTHON_NO_MEMORY:
        return PLUGIN_NO_MEMORY;
    }
    job->has_module = true;
    const struct manifest *manifest = &job->plugin->manifest;
    for (size_t i = 0; i < manifest->fields.trigger_count; i++) {
        if (!check_trigger(job, &manifest->triggers[i])) {
            return PLUGIN_NO_MEMORY;
        }
    }
    return PLUGIN_OK;
}

/* ---- All of it ---- */

static enum plugin_status check_files(struct job *job) {
    enum plugin_status status = select_files(job);
    if (status != PLUGIN_OK) {
        return status;
    }
    if (source_find(&job->plugin->files, MANIFEST) == NULL &&
        missing_manifest(job, STR(" among the files of the plugin: it is a link, or "
                                  "excluded")) == PLUGIN_NO_MEMORY) {
        return PLUGIN_NO_MEMORY;
    }
    status = choose_entry(job);
    if (status == PLUGIN_OK) {
        status = check_python(job);
    }
    return status == PLUGIN_OK ? verdict(job->plugin) : status;
}

static bool collect_warnings(struct job *job) {
    struct warnings_input input = {
        .plugin = job->plugin,
        .shown = job->shown,
        .manifest_file = job->manifest_file,
        .manifest_document = job->manifest_document,
        .entry_file = job->entry_file,
        .entry_source = job->entry_source,
        .module = job->has_module ? &job->module : NULL,
    };
    return warnings_collect(job->arena, &input, &job->plugin->warnings);
}

enum plugin_status plugin_validate(struct arena *arena, struct str root,
                                   struct str shown, const struct plugin_codes *codes,
                                   bool want_warnings, struct plugin *plugin) {
    *plugin = (struct plugin){.root = root};
    struct job job = {.arena = arena, .plugin = plugin, .shown = shown, .codes = codes};
    enum plugin_status status = read_manifest(&job);
    if (status == PLUGIN_OK) {
        status = check_files(&job);
        bool finished = status == PLUGIN_OK || status == PLUGIN_INVALID;
        if (finished && want_warnings && !collect_warnings(&job)) {
            status = PLUGIN_NO_MEMORY;
        }
    }
    return status;
}

enum plugin_status plugin_check_conflict(struct arena *arena, struct plugin *plugin,
                                         const struct index *index) {
    struct str name = plugin->manifest.fields.name;
    struct str version = plugin->manifest.fields.version;
    struct index_match match = index_find(index, name, version);
    size_t entry = match.exact != INDEX_NONE          ? match.exact
                   : match.same_version != INDEX_NONE ? match.same_version
                                                      : match.other_spelling;
    if (entry == INDEX_NONE) {
        return verdict(plugin);
    }
    struct str at = STR("@");
    struct str field = arena_concat(arena, (struct str[]){name, at, version}, 3);
    struct str parts[] = {index_entry_name(index, entry), at,
                          index_entry_version(index, entry)};
    struct str note = arena_concat(arena, parts, 3);
    struct detail details[] = {DETAIL_TEXT(name), DETAIL_TEXT(version)};
    struct diag *diag =
        field.ptr == NULL || note.ptr == NULL
            ? NULL
            : diag_new(arena, ERROR_NAME_VERSION_CONFLICT, field, details, 2);
    if (diag == NULL) {
        return PLUGIN_NO_MEMORY;
    }
    diag->note = note;
    diag_append(&plugin->defects, diag);
    return PLUGIN_INVALID;
}
