#include "api/result.h"

#include "grammar/name.h"

/* A query made ready. */
struct prepared {
    struct query_filter filter;
    struct semver database_version;
};

/* Each check returns NULL in `*error` if all is well; false: memory is out. */

static bool make_error(struct arena *arena, enum error_id id, const char *field,
                       const struct detail *details, size_t count,
                       struct diag **error) {
    *error = diag_new(arena, id, str_of(field), details, count);
    return *error != NULL;
}

static bool check_name(struct arena *arena, const char *name, struct diag **error) {
    enum name_verdict verdict = name_check(str_of(name));
    if (verdict == NAME_VALID) {
        return true;
    }
    struct str reason =
        verdict == NAME_RESERVED
            ? STR("it is a Windows device name")
            : STR("a name is 1 to 64 ASCII letters, digits, `_` and `-`, and starts "
                  "with a letter");
    struct detail details[] = {DETAIL_TEXT(str_of(name)), DETAIL_TEXT(reason)};
    if (!make_error(arena, ERROR_USAGE_INVALID_NAME, "NAME", details, 2, error)) {
        return false;
    }
    (*error)->note = reason;
    return true;
}

static bool check_version(struct arena *arena, const char *text, struct diag **error) {
    struct semver version;
    struct syntax_error syntax;
    if (semver_parse(str_of(text), &version, &syntax) == GRAMMAR_OK) {
        return true;
    }
    struct detail details[] = {DETAIL_TEXT(STR("--version")), DETAIL_TEXT(str_of(text)),
                               DETAIL_TEXT(str_of(syntax.rule))};
    return make_error(arena, ERROR_USAGE_VALUE_VALIDATION, "--version", details, 3,
                      error);
}

static bool check_trigger(struct arena *arena, const char *trigger,
                          struct diag **error) {
    if (trigger_type_is_known(str_of(trigger))) {
        return true;
    }
    struct detail details[] = {DETAIL_TEXT(STR("--trigger-type <TRIGGER_TYPE>")),
                               DETAIL_TEXT(str_of(trigger))};
    return make_error(arena, ERROR_USAGE_INVALID_VALUE, NULL, details, 2, error);
}

static bool prepare(struct arena *arena, const struct i3p_query *given,
                    struct prepared *prepared, struct diag **error) {
    struct i3p_query query = I3P_QUERY_INIT;
    options_read(&query, sizeof query, given);
    prepared->filter = (struct query_filter){
        .text = query.text == NULL ? STR("") : str_of(query.text),
        .trigger = str_of(query.trigger),
        .include_yanked = query.include_yanked != 0,
        .include_incompatible = query.include_incompatible != 0,
    };
    if (query.trigger != NULL && !check_trigger(arena, query.trigger, error)) {
        return false;
    }
    if (*error != NULL || query.database_version == NULL) {
        return true;
    }
    /* Results name it after the call. */
    struct str text = arena_copy(arena, str_of(query.database_version));
    struct syntax_error syntax;
    if (text.ptr == NULL) {
        return false;
    }
    if (semver_parse(text, &prepared->database_version, &syntax) != GRAMMAR_OK) {
        struct detail details[] = {DETAIL_TEXT(text), DETAIL_TEXT(str_of(syntax.rule))};
        return make_error(arena, ERROR_USAGE_INVALID_DATABASE_VERSION,
                          "--database-version", details, 2, error);
    }
    prepared->filter.database_version = &prepared->database_version;
    prepared->filter.database_version_text = text;
    return true;
}

static bool check_all(struct arena *arena, const char *name, const char *version,
                      const struct i3p_query *query, struct prepared *prepared,
                      struct diag **error) {
    *error = NULL;
    if (name != NULL && !check_name(arena, name, error)) {
        return false;
    }
    if (*error == NULL && version != NULL && !check_version(arena, version, error)) {
        return false;
    }
    return *error != NULL || prepare(arena, query, prepared, error);
}

i3p_status i3p_query_check(const char *name, const char *version,
                           const struct i3p_query *query, i3p_result **out) {
    struct i3p_result *result = result_new();
    struct prepared prepared;
    struct diag *error;
    if (result == NULL ||
        !check_all(&result->arena, name, version, query, &prepared, &error)) {
        return result_no_memory(result, out);
    }
    return error == NULL ? result_ok(result, out) : result_fail(result, error, out);
}

static bool set_hits(struct i3p_result *result, const struct query_hits *hits) {
    struct i3p_plugin *plugins =
        arena_array(&result->arena, hits->count, sizeof *plugins);
    for (size_t i = 0; plugins != NULL && i < hits->count; i++) {
        const struct query_hit *hit = &hits->items[i];
        plugins[i] = (struct i3p_plugin){.record = &hit->record,
                                         .reasons = hit->reasons,
                                         .reason_count = hit->reason_count};
    }
    result->plugins = plugins;
    result->plugin_count = plugins == NULL ? 0 : hits->count;
    return plugins != NULL;
}

i3p_status i3p_search(const i3p_index *index, const struct i3p_query *query,
                      i3p_result **out) {
    struct i3p_result *result = result_new();
    struct prepared prepared;
    struct diag *error;
    struct query_hits hits;
    if (result == NULL ||
        !check_all(&result->arena, NULL, NULL, query, &prepared, &error)) {
        return result_no_memory(result, out);
    }
    if (error != NULL) {
        return result_fail(result, error, out);
    }
    if (!query_search(&index->index, &prepared.filter, &result->arena, &hits) ||
        !set_hits(result, &hits)) {
        return result_no_memory(result, out);
    }
    return result_ok(result, out);
}

static bool set_info(struct i3p_result *result, const struct info_result *info) {
    struct i3p_plugin *plugin = arena_alloc(&result->arena, sizeof *plugin);
    if (plugin == NULL) {
        return false;
    }
    switch (info->outcome) {
    case INFO_NOT_FOUND:
        result->info_outcome = I3P_INFO_NOT_FOUND;
        return true;
    case INFO_FOUND:
        result->info_outcome = I3P_INFO_FOUND;
        *plugin = (struct i3p_plugin){.record = &info->hit.record,
                                      .reasons = info->hit.reasons,
                                      .reason_count = info->hit.reason_count,
                                      .artifact_url = info->artifact_url};
        break;
    case INFO_FILTERED_OUT:
        result->info_outcome = I3P_INFO_FILTERED_OUT;
        *plugin = (struct i3p_plugin){.reasons = info->reasons,
                                      .reason_count = info->reason_count};
    }
    result->plugins = plugin;
    result->plugin_count = 1;
    return true;
}

i3p_status i3p_info(const i3p_index *index, const char *name, const char *version,
                    const struct i3p_query *query, i3p_result **out) {
    struct i3p_result *result = result_new();
    struct prepared prepared;
    struct diag *error;
    if (result == NULL || !check_all(&result->arena, name == NULL ? "" : name, version,
                                     query, &prepared, &error)) {
        return result_no_memory(result, out);
    }
    if (error != NULL) {
        return result_fail(result, error, out);
    }
    struct info_result *info = arena_alloc(&result->arena, sizeof *info);
    if (info == NULL ||
        !query_info(&index->index, str_of(name), str_of(version), &prepared.filter,
                    &result->arena, info) ||
        !set_info(result, info)) {
        return result_no_memory(result, out);
    }
    return result_ok(result, out);
}
