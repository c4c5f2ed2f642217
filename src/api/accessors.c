/* What results hold, one function a fact. None fails. */
#include "api/result.h"

static i3p_text text_of(struct str s) {
    return (i3p_text){s.ptr, s.len};
}

static const i3p_text none = {NULL, 0};

const i3p_diagnostic *i3p_result_error(const i3p_result *result) {
    return result == NULL ? NULL : result->error;
}

size_t i3p_result_warning_count(const i3p_result *result) {
    return result == NULL ? 0 : result->warning_count;
}

const i3p_diagnostic *i3p_result_warning(const i3p_result *result, size_t at) {
    return at < i3p_result_warning_count(result) ? &result->warnings[at] : NULL;
}

size_t i3p_result_plugin_count(const i3p_result *result) {
    return result == NULL ? 0 : result->plugin_count;
}

const i3p_plugin *i3p_result_plugin(const i3p_result *result, size_t at) {
    return at < i3p_result_plugin_count(result) ? &result->plugins[at] : NULL;
}

#define RESULT_TEXT(accessor, member)                                                  \
    i3p_text accessor(const i3p_result *result) {                                      \
        return result == NULL ? none : text_of(result->member);                        \
    }

RESULT_TEXT(i3p_result_artifact_path, artifact_path)
RESULT_TEXT(i3p_result_index_path, index_path)
RESULT_TEXT(i3p_result_target_dir, target_dir)
RESULT_TEXT(i3p_result_scaffold_name, scaffold_name)
RESULT_TEXT(i3p_result_yank_outcome, yank_outcome)

size_t i3p_result_file_count(const i3p_result *result) {
    return result == NULL ? 0 : result->file_count;
}

i3p_text i3p_result_file(const i3p_result *result, size_t at) {
    return at < i3p_result_file_count(result) ? text_of(result->files[at]) : none;
}

i3p_info_outcome i3p_result_info_outcome(const i3p_result *result) {
    return result == NULL ? I3P_INFO_NOT_FOUND : result->info_outcome;
}

/* ---- plugins ---- */

static bool has_record(const i3p_plugin *plugin) {
    return plugin != NULL && plugin->record != NULL;
}

#define PLUGIN_TEXT(accessor, member)                                                  \
    i3p_text accessor(const i3p_plugin *plugin) {                                      \
        return has_record(plugin) ? text_of(plugin->record->member) : none;            \
    }

PLUGIN_TEXT(i3p_plugin_name, fields.name)
PLUGIN_TEXT(i3p_plugin_version, fields.version)
PLUGIN_TEXT(i3p_plugin_published_at, published_at)
PLUGIN_TEXT(i3p_plugin_description, fields.description)
PLUGIN_TEXT(i3p_plugin_homepage, fields.homepage)
PLUGIN_TEXT(i3p_plugin_repository, fields.repository)
PLUGIN_TEXT(i3p_plugin_documentation, fields.documentation)
PLUGIN_TEXT(i3p_plugin_database_version, fields.database_version)
PLUGIN_TEXT(i3p_plugin_hash, hash)

i3p_text i3p_plugin_artifact_url(const i3p_plugin *plugin) {
    return plugin == NULL ? none : text_of(plugin->artifact_url);
}

int i3p_plugin_yanked(const i3p_plugin *plugin) {
    return has_record(plugin) && plugin->record->yanked;
}

#define PLUGIN_LIST(counter, accessor, count, items, member)                           \
    size_t counter(const i3p_plugin *plugin) {                                         \
        return has_record(plugin) ? plugin->record->fields.count : 0;                  \
    }                                                                                  \
    i3p_text accessor(const i3p_plugin *plugin, size_t at) {                           \
        return at < counter(plugin) ? text_of(plugin->record->fields.items[at] member) \
                                    : none;                                            \
    }

PLUGIN_LIST(i3p_plugin_trigger_count, i3p_plugin_trigger, trigger_count, triggers, )
PLUGIN_LIST(i3p_plugin_python_count, i3p_plugin_python, python_count, python, )
PLUGIN_LIST(i3p_plugin_dependency_count, i3p_plugin_dependency_index_url, plugin_count,
            plugins, .index_url)

i3p_text i3p_plugin_dependency_name(const i3p_plugin *plugin, size_t at) {
    return at < i3p_plugin_dependency_count(plugin)
               ? text_of(plugin->record->fields.plugins[at].name)
               : none;
}

i3p_text i3p_plugin_dependency_version(const i3p_plugin *plugin, size_t at) {
    return at < i3p_plugin_dependency_count(plugin)
               ? text_of(plugin->record->fields.plugins[at].version)
               : none;
}

size_t i3p_plugin_hidden_count(const i3p_plugin *plugin) {
    return plugin == NULL ? 0 : plugin->reason_count;
}

i3p_text i3p_plugin_hidden_kind(const i3p_plugin *plugin, size_t at) {
    if (at >= i3p_plugin_hidden_count(plugin)) {
        return none;
    }
    return text_of(plugin->reasons[at].yanked ? STR("yanked")
                                              : STR("incompatible_database_version"));
}

i3p_text i3p_plugin_hidden_required(const i3p_plugin *plugin, size_t at) {
    bool is_there = at < i3p_plugin_hidden_count(plugin) && !plugin->reasons[at].yanked;
    return is_there ? text_of(plugin->reasons[at].required) : none;
}

i3p_text i3p_plugin_hidden_actual(const i3p_plugin *plugin, size_t at) {
    bool is_there = at < i3p_plugin_hidden_count(plugin) && !plugin->reasons[at].yanked;
    return is_there ? text_of(plugin->reasons[at].actual) : none;
}

/* ---- diagnostics ---- */

i3p_text i3p_diagnostic_code(const i3p_diagnostic *diagnostic) {
    return diagnostic == NULL ? none : text_of(str_of(diag_code(diagnostic->diag)));
}

i3p_text i3p_diagnostic_message(const i3p_diagnostic *diagnostic) {
    return diagnostic == NULL ? none : text_of(diagnostic->message);
}

i3p_text i3p_diagnostic_field(const i3p_diagnostic *diagnostic) {
    return diagnostic == NULL ? none : text_of(diagnostic->diag->field);
}

i3p_text i3p_diagnostic_details_json(const i3p_diagnostic *diagnostic) {
    return diagnostic == NULL ? none : text_of(diagnostic->details);
}

i3p_text i3p_diagnostic_advice(const i3p_diagnostic *diagnostic) {
    return diagnostic == NULL ? none : text_of(str_of(diag_advice(diagnostic->diag)));
}

int i3p_diagnostic_exit_status(const i3p_diagnostic *diagnostic) {
    return diagnostic == NULL ? 0 : diag_exit_status(diagnostic->diag);
}

size_t i3p_diagnostic_cause_count(const i3p_diagnostic *diagnostic) {
    return diagnostic == NULL ? 0 : diagnostic->diag->cause_count;
}

i3p_text i3p_diagnostic_cause(const i3p_diagnostic *diagnostic, size_t at) {
    return at < i3p_diagnostic_cause_count(diagnostic)
               ? text_of(diagnostic->diag->causes[at])
               : none;
}

size_t i3p_diagnostic_nested_count(const i3p_diagnostic *diagnostic) {
    bool has_nested = diagnostic != NULL && diagnostic->nested != NULL;
    return has_nested ? diagnostic->diag->nested_count : 0;
}

const i3p_diagnostic *i3p_diagnostic_nested(const i3p_diagnostic *diagnostic,
                                            size_t at) {
    return at < i3p_diagnostic_nested_count(diagnostic) ? &diagnostic->nested[at]
                                                        : NULL;
}

i3p_text i3p_diagnostic_file(const i3p_diagnostic *diagnostic) {
    return diagnostic == NULL ? none : text_of(diagnostic->diag->place.file);
}

uint32_t i3p_diagnostic_line(const i3p_diagnostic *diagnostic) {
    return diagnostic == NULL ? 0 : diagnostic->diag->place.line;
}

uint32_t i3p_diagnostic_column(const i3p_diagnostic *diagnostic) {
    return diagnostic == NULL ? 0 : diagnostic->diag->place.column;
}

i3p_text i3p_diagnostic_line_text(const i3p_diagnostic *diagnostic) {
    return diagnostic == NULL ? none : text_of(diagnostic->diag->place.text);
}
