#include "registry/package.h"

#include "api/paths.h"
#include "base/clock.h"

static struct diag *check_options(struct arena *arena,
                                  const struct i3p_package_options *options) {
    if (options->index_path == NULL) {
        return missing_option(arena, "index_path");
    }
    return options->out_dir == NULL ? missing_option(arena, "out_dir") : NULL;
}

i3p_status i3p_package(const struct i3p_package_options *given, i3p_result **out) {
    struct i3p_package_options options = I3P_PACKAGE_OPTIONS_INIT;
    options_read(&options, sizeof options, given);
    struct i3p_result *result = result_new();
    if (result == NULL) {
        return result_no_memory(result, out);
    }
    if (options.index_path == NULL || options.out_dir == NULL) {
        return result_fail(result, check_options(&result->arena, &options), out);
    }
    struct typed_path paths[] = {{.typed = str_of(options.index_path)},
                                 {.typed = str_of(options.out_dir)}};
    struct diag *failure;
    if (!paths_resolve(&result->arena, ERROR_RESOLUTION_FAILED, paths, 2, &failure)) {
        return result_fail(result, failure, out);
    }
    struct package_request request = {
        .plugin_dir =
            options.plugin_dir == NULL ? STR(".") : str_of(options.plugin_dir),
        .index = paths[0],
        .out = paths[1],
        .want_warnings = options.want_warnings != 0,
        .published_at = options.published_at < 0 ? clock_now() : options.published_at,
    };
    struct package_result *package = arena_alloc(&result->arena, sizeof *package);
    if (package == NULL) {
        return result_no_memory(result, out);
    }
    enum registry_status status =
        package_run(&result->arena, &request, &result->index, package, &failure);
    if (status == REGISTRY_NO_MEMORY ||
        !result_set_warnings(result, &package->plugin.warnings) ||
        !result_set_plugin(result, &package->record)) {
        return result_no_memory(result, out);
    }
    if (status == REGISTRY_FAILED) {
        result->plugin_count = 0;
        return result_fail(result, failure, out);
    }
    result->artifact_path = package->artifact_path;
    result->index_path = package->index_path;
    return result_ok(result, out);
}
