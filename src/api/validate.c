#include "plugin/validate.h"
#include "api/paths.h"
#include "registry/index_file.h"

/* The error that holds the defects. */
static struct diag *failed(struct arena *arena, const struct diag_list *defects) {
    struct diag *diag = diag_new(arena, ERROR_VALIDATE_FAILED, STR_NONE, NULL, 0);
    if (diag != NULL) {
        diag_nest(diag, defects);
    }
    return diag;
}

static struct diag *unreadable(struct arena *arena, struct str path, int error) {
    struct str *text = arena_alloc(arena, sizeof *text);
    if (text == NULL) {
        return NULL;
    }
    *text = str_of(index_file_read_text(error));
    struct detail details[] = {DETAIL_TEXT(path), DETAIL_TEXT(*text)};
    struct diag *diag =
        diag_new(arena, ERROR_VALIDATE_INDEX_READ_FAILED, path, details, 2);
    if (diag == NULL) {
        return NULL;
    }
    diag->causes = text;
    diag->cause_count = 1;
    struct diag_list list = {0};
    diag_append(&list, diag);
    return failed(arena, &list);
}

/* Reads the index; NULL in `*failure` with false: memory is out. */
static bool read_index(struct i3p_result *result, const char *path,
                       struct diag **failure) {
    struct arena *arena = &result->arena;
    struct typed_path index = {.typed = str_of(path)};
    struct diag_list defects = {0};
    int error;
    if (!paths_resolve(arena, ERROR_RESOLUTION_FAILED, &index, 1, failure)) {
        return false;
    }
    switch (index_file_read(&result->index, index, arena, &error, &defects)) {
    case INDEX_FILE_OK:
        return true;
    case INDEX_FILE_UNREADABLE:
        *failure = unreadable(arena, index.absolute, error);
        break;
    case INDEX_FILE_INVALID:
        *failure = failed(arena, &defects);
        break;
    case INDEX_FILE_NO_MEMORY:
        break;
    }
    return false;
}

static enum plugin_status check(struct i3p_result *result,
                                const struct i3p_validate_options *options,
                                struct plugin *plugin) {
    struct str root =
        options->plugin_dir == NULL ? STR(".") : str_of(options->plugin_dir);
    enum plugin_status status =
        plugin_validate(&result->arena, root, root, &plugin_codes_validate,
                        options->want_warnings != 0, plugin);
    if (status == PLUGIN_OK && options->index_path != NULL) {
        status = plugin_check_conflict(&result->arena, plugin, &result->index);
    }
    return status;
}

i3p_status i3p_validate(const struct i3p_validate_options *given, i3p_result **out) {
    struct i3p_validate_options options = I3P_VALIDATE_OPTIONS_INIT;
    options_read(&options, sizeof options, given);
    struct i3p_result *result = result_new();
    if (result == NULL) {
        return result_no_memory(result, out);
    }
    struct diag *failure = NULL;
    if (options.index_path != NULL &&
        !read_index(result, options.index_path, &failure)) {
        return result_fail(result, failure, out);
    }
    struct plugin plugin = {0};
    enum plugin_status status = check(result, &options, &plugin);
    if (status == PLUGIN_NO_MEMORY || !result_set_warnings(result, &plugin.warnings)) {
        return result_no_memory(result, out);
    }
    if (status == PLUGIN_FAILED) {
        return result_fail(result, plugin.failure, out);
    }
    if (status == PLUGIN_INVALID) {
        return result_fail(result, failed(&result->arena, &plugin.defects), out);
    }
    return result_ok(result, out);
}
