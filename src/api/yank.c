#include "registry/yank.h"

#include "api/paths.h"

static const char *missing_name(const struct i3p_yank_options *options) {
    return options->name == NULL         ? "name"
           : options->version == NULL    ? "version"
           : options->index_path == NULL ? "index_path"
           : options->out_dir == NULL    ? "out_dir"
                                         : NULL;
}

i3p_status i3p_yank(const struct i3p_yank_options *given, i3p_result **out) {
    struct i3p_yank_options options = I3P_YANK_OPTIONS_INIT;
    options_read(&options, sizeof options, given);
    struct i3p_result *result = result_new();
    if (result == NULL) {
        return result_no_memory(result, out);
    }
    const char *missing = missing_name(&options);
    if (missing != NULL) {
        return result_fail(result, missing_option(&result->arena, missing), out);
    }
    struct typed_path paths[] = {{.typed = str_of(options.index_path)},
                                 {.typed = str_of(options.out_dir)}};
    struct diag *failure;
    if (!paths_resolve(&result->arena, ERROR_RESOLUTION_FAILED, paths, 2, &failure)) {
        return result_fail(result, failure, out);
    }
    struct yank_request request = {.name = str_of(options.name),
                                   .version = str_of(options.version),
                                   .index = paths[0],
                                   .out = paths[1],
                                   .undo = options.undo != 0};
    struct yank_result *yank = arena_alloc(&result->arena, sizeof *yank);
    if (yank == NULL || !result_set_plugin(result, &yank->record)) {
        return result_no_memory(result, out);
    }
    enum registry_status status =
        yank_run(&result->arena, &request, &result->index, yank, &failure);
    if (status == REGISTRY_NO_MEMORY) {
        return result_no_memory(result, out);
    }
    if (status == REGISTRY_FAILED) {
        result->plugin_count = 0;
        return result_fail(result, failure, out);
    }
    result->index_path = yank->index_path;
    result->yank_outcome = yank_outcome_text(yank->outcome);
    return result_ok(result, out);
}
