#include "plugin/scaffold.h"

#include "api/known_database.h"
#include "api/paths.h"
#include "api/version.h"

static const enum scaffold_template kinds[I3P_TEMPLATE_COUNT] = {
    [I3P_TEMPLATE_PROCESS_WRITES] = SCAFFOLD_PROCESS_WRITES,
    [I3P_TEMPLATE_PROCESS_SCHEDULED_CALL] = SCAFFOLD_PROCESS_SCHEDULED_CALL,
    [I3P_TEMPLATE_PROCESS_REQUEST] = SCAFFOLD_PROCESS_REQUEST,
    [I3P_TEMPLATE_INDEX] = SCAFFOLD_INDEX,
};

static bool is_template(i3p_template kind) {
    return (unsigned)kind < I3P_TEMPLATE_COUNT;
}

const char *i3p_template_short_name(i3p_template kind) {
    return is_template(kind) ? scaffold_short_name(kinds[kind]) : NULL;
}

const char *i3p_template_title(i3p_template kind) {
    return is_template(kind) ? scaffold_title(kinds[kind]) : NULL;
}

const char *i3p_version(void) {
    return I3P_VERSION;
}

static i3p_status finish(struct i3p_result *result,
                         const struct scaffold_request *request, i3p_result **out) {
    struct scaffold_result *scaffold = arena_alloc(&result->arena, sizeof *scaffold);
    if (scaffold == NULL) {
        return result_no_memory(result, out);
    }
    struct diag *failure = NULL;
    switch (scaffold_write(&result->arena, request, scaffold, &failure)) {
    case SCAFFOLD_OK:
        break;
    case SCAFFOLD_FAILED:
        return result_fail(result, failure, out);
    case SCAFFOLD_NO_MEMORY:
        return result_no_memory(result, out);
    }
    result->target_dir = request->absolute;
    result->scaffold_name = scaffold->name;
    result->files = scaffold->files;
    result->file_count = scaffold->file_count;
    return result_ok(result, out);
}

i3p_status i3p_new(const struct i3p_new_options *given, i3p_result **out) {
    struct i3p_new_options options = I3P_NEW_OPTIONS_INIT;
    options_read(&options, sizeof options, given);
    struct i3p_result *result = result_new();
    if (result == NULL) {
        return result_no_memory(result, out);
    }
    if (!is_template(options.kind)) {
        return result_fail(result, missing_option(&result->arena, "kind"), out);
    }
    struct typed_path path = {.typed = options.path == NULL ? STR(".")
                                                            : str_of(options.path)};
    struct diag *failure;
    if (!paths_resolve(&result->arena, ERROR_PATH_RESOLUTION_NEW, &path, 1, &failure)) {
        return result_fail(result, failure, out);
    }
    struct scaffold_request request = {
        .kind = kinds[options.kind],
        .path = path.typed,
        .absolute = path.absolute,
        .name = str_of(options.name),
        .database_version = str_of(options.database_version),
        .default_database_version = STR(">=" I3P_KNOWN_DATABASE),
        .artifacts_url = str_of(options.artifacts_url),
        .force = options.force != 0,
    };
    return finish(result, &request, out);
}
