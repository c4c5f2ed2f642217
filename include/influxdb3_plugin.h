/* libinfluxdb3plugin: validate, package and look up InfluxDB 3 plugins.
 *
 * Every operation takes an options struct and gives one result handle. The result holds
 * the outcome, or one error with its diagnostics, and any warnings; it owns everything
 * its accessors return, until i3p_result_free.
 *
 *     struct i3p_validate_options options = I3P_VALIDATE_OPTIONS_INIT;
 *     i3p_result *result;
 *     options.plugin_dir = "plugins/downsampler";
 *     if (i3p_validate(&options, &result) != I3P_OK) {
 *         ... i3p_result_error(result) ...
 *     }
 *     i3p_result_free(result);
 *
 * Shapes: paths are C strings in the file system's bytes; other texts are i3p_text,
 *   UTF-8 (but for file names, also within a message), not NUL-terminated, and may
 *   hold NUL. A field that is not there is an i3p_text whose `ptr` is NULL.
 * Errors: I3P_FAILED comes with i3p_result_error; its codes are listed in docs/cli.md
 *   and are stable. I3P_NO_MEMORY comes with a NULL result. Accessors never fail: out
 *   of range or not applicable is an absent text, NULL or 0.
 * Ownership: pointers in options are only read, during the call.
 * Threads: no global state; handles may move between threads, one at a time each; an
 *   index may be queried by several threads at once.
 * The library prints nothing, never exits, and reads no environment variable and no
 * file but those named to it. Stability: docs/library.md. C99 and C++. */
#ifndef INFLUXDB3_PLUGIN_H
#define INFLUXDB3_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define I3P_API __attribute__((visibility("default")))
#else
#define I3P_API
#endif

typedef struct i3p_text {
    const char *ptr;
    size_t len;
} i3p_text;

typedef enum i3p_status { I3P_OK = 0, I3P_FAILED = 1, I3P_NO_MEMORY = 2 } i3p_status;

typedef struct i3p_result i3p_result;
typedef struct i3p_diagnostic i3p_diagnostic;
typedef struct i3p_plugin i3p_plugin;
typedef struct i3p_index i3p_index;

/* The library's version, as in "0.1.0". */
I3P_API const char *i3p_version(void);

/* ---- operations --------------------------------------------------------------------
 * Each sets `*result` (NULL only with I3P_NO_MEMORY). `struct_size` is the size the
 * caller was compiled with; the INIT macros set it. */

struct i3p_validate_options {
    size_t struct_size;
    const char *plugin_dir; /* NULL: "." */
    const char *index_path; /* NULL: no check against an index */
    int want_warnings;
};
#define I3P_VALIDATE_OPTIONS_INIT                                                      \
    { sizeof(struct i3p_validate_options), NULL, NULL, 0 }

I3P_API i3p_status i3p_validate(const struct i3p_validate_options *options,
                                i3p_result **result);

struct i3p_package_options {
    size_t struct_size;
    const char *plugin_dir; /* NULL: "." */
    const char *index_path; /* required; read, never written */
    const char *out_dir;    /* required; made where missing */
    int want_warnings;
    int64_t published_at; /* seconds since 1970 UTC; negative: now */
};
#define I3P_PACKAGE_OPTIONS_INIT                                                       \
    { sizeof(struct i3p_package_options), NULL, NULL, NULL, 0, -1 }

/* Writes the artifact, then index.json, into `out_dir`; each appears complete or not at
 * all. The result has i3p_result_artifact_path, _index_path and one i3p_plugin. */
I3P_API i3p_status i3p_package(const struct i3p_package_options *options,
                               i3p_result **result);

struct i3p_yank_options {
    size_t struct_size;
    const char *name;    /* exact spelling */
    const char *version; /* exact */
    const char *index_path;
    const char *out_dir;
    int undo;
};
#define I3P_YANK_OPTIONS_INIT                                                          \
    { sizeof(struct i3p_yank_options), NULL, NULL, NULL, NULL, 0 }

/* The result has i3p_result_yank_outcome, _index_path and one i3p_plugin. */
I3P_API i3p_status i3p_yank(const struct i3p_yank_options *options,
                            i3p_result **result);

typedef enum i3p_template {
    I3P_TEMPLATE_PROCESS_WRITES,
    I3P_TEMPLATE_PROCESS_SCHEDULED_CALL,
    I3P_TEMPLATE_PROCESS_REQUEST,
    I3P_TEMPLATE_INDEX,
    I3P_TEMPLATE_COUNT
} i3p_template;

/* "process_writes" and "Process Writes Plugin"; NULL if there is no such template. */
I3P_API const char *i3p_template_short_name(i3p_template kind);
I3P_API const char *i3p_template_title(i3p_template kind);

struct i3p_new_options {
    size_t struct_size;
    i3p_template kind;
    const char *path; /* NULL: "." */
    const char *name; /* NULL: the directory's; plugins only */
    const char
        *database_version; /* NULL: `>=` the version known when built; plugins only */
    const char *artifacts_url; /* NULL: the file URL of the path; index only */
    int force;
};
#define I3P_NEW_OPTIONS_INIT                                                           \
    {                                                                                  \
        sizeof(struct i3p_new_options), I3P_TEMPLATE_PROCESS_WRITES, NULL, NULL, NULL, \
            NULL, 0                                                                    \
    }

/* All files or none. The result has i3p_result_target_dir, _scaffold_name and
 * i3p_result_file(s). */
I3P_API i3p_status i3p_new(const struct i3p_new_options *options, i3p_result **result);

/* ---- an index in memory ------------------------------------------------------------
 * `*index` is NULL unless I3P_OK. Results of queries view the index: free them first.
 */

I3P_API i3p_status i3p_index_open(const char *path, i3p_index **index,
                                  i3p_result **result);
I3P_API i3p_status i3p_index_parse(const char *bytes, size_t size, i3p_index **index,
                                   i3p_result **result);
I3P_API void i3p_index_free(i3p_index *index);
I3P_API size_t i3p_index_entry_count(const i3p_index *index);
I3P_API i3p_text i3p_index_artifacts_url(const i3p_index *index);

struct i3p_query {
    size_t struct_size;
    const char *text;             /* search: NULL or empty matches all */
    const char *trigger;          /* NULL: any */
    const char *database_version; /* NULL: any */
    int include_yanked;
    int include_incompatible;
};
#define I3P_QUERY_INIT                                                                 \
    { sizeof(struct i3p_query), NULL, NULL, NULL, 0, 0 }

/* Is a query well-formed, and are `name` and `version` of i3p_info (NULL: not looked
 * at)? The same verdict that i3p_search and i3p_info give, before an index is opened.
 */
I3P_API i3p_status i3p_query_check(const char *name, const char *version,
                                   const struct i3p_query *query, i3p_result **result);

/* The result has one i3p_plugin a hit. */
I3P_API i3p_status i3p_search(const i3p_index *index, const struct i3p_query *query,
                              i3p_result **result);

typedef enum i3p_info_outcome {
    I3P_INFO_FOUND,
    I3P_INFO_NOT_FOUND,
    I3P_INFO_FILTERED_OUT
} i3p_info_outcome;

/* `version` NULL: the newest that the query selects; `query->text` is not looked at.
 * The result has i3p_result_info_outcome and, if found, one i3p_plugin; if filtered
 * out, one that has only hidden reasons. */
I3P_API i3p_status i3p_info(const i3p_index *index, const char *name,
                            const char *version, const struct i3p_query *query,
                            i3p_result **result);

/* ---- results -----------------------------------------------------------------------
 */

I3P_API void i3p_result_free(i3p_result *result); /* NULL is fine */
I3P_API const i3p_diagnostic *i3p_result_error(const i3p_result *result);
I3P_API size_t i3p_result_warning_count(const i3p_result *result);
I3P_API const i3p_diagnostic *i3p_result_warning(const i3p_result *result, size_t at);

I3P_API size_t i3p_result_plugin_count(const i3p_result *result);
I3P_API const i3p_plugin *i3p_result_plugin(const i3p_result *result, size_t at);

I3P_API i3p_text i3p_result_artifact_path(const i3p_result *result); /* absolute */
I3P_API i3p_text i3p_result_index_path(const i3p_result *result);    /* absolute */
I3P_API i3p_text i3p_result_target_dir(const i3p_result *result);    /* absolute */
I3P_API i3p_text i3p_result_scaffold_name(const i3p_result *result);
I3P_API size_t i3p_result_file_count(const i3p_result *result);
I3P_API i3p_text i3p_result_file(const i3p_result *result, size_t at); /* relative */
I3P_API i3p_text i3p_result_yank_outcome(const i3p_result *result); /* "yanked", … */
I3P_API i3p_info_outcome i3p_result_info_outcome(const i3p_result *result);

/* ---- a plugin version --------------------------------------------------------------
 */

I3P_API i3p_text i3p_plugin_name(const i3p_plugin *plugin);
I3P_API i3p_text i3p_plugin_version(const i3p_plugin *plugin);
I3P_API i3p_text i3p_plugin_published_at(const i3p_plugin *plugin);
I3P_API i3p_text i3p_plugin_description(const i3p_plugin *plugin);
I3P_API size_t i3p_plugin_trigger_count(const i3p_plugin *plugin);
I3P_API i3p_text i3p_plugin_trigger(const i3p_plugin *plugin, size_t at);
I3P_API i3p_text i3p_plugin_homepage(const i3p_plugin *plugin);
I3P_API i3p_text i3p_plugin_repository(const i3p_plugin *plugin);
I3P_API i3p_text i3p_plugin_documentation(const i3p_plugin *plugin);
I3P_API i3p_text i3p_plugin_artifact_url(const i3p_plugin *plugin);
I3P_API i3p_text i3p_plugin_database_version(const i3p_plugin *plugin);
I3P_API size_t i3p_plugin_python_count(const i3p_plugin *plugin);
I3P_API i3p_text i3p_plugin_python(const i3p_plugin *plugin, size_t at);
I3P_API size_t i3p_plugin_dependency_count(const i3p_plugin *plugin);
I3P_API i3p_text i3p_plugin_dependency_index_url(const i3p_plugin *plugin, size_t at);
I3P_API i3p_text i3p_plugin_dependency_name(const i3p_plugin *plugin, size_t at);
I3P_API i3p_text i3p_plugin_dependency_version(const i3p_plugin *plugin, size_t at);
I3P_API i3p_text i3p_plugin_hash(const i3p_plugin *plugin); /* "sha256:…" */
I3P_API int i3p_plugin_yanked(const i3p_plugin *plugin);

/* Why a plain query would not show it: yanked first. None: it is visible. */
I3P_API size_t i3p_plugin_hidden_count(const i3p_plugin *plugin);
I3P_API i3p_text i3p_plugin_hidden_kind(const i3p_plugin *plugin, size_t at);
I3P_API i3p_text i3p_plugin_hidden_required(const i3p_plugin *plugin, size_t at);
I3P_API i3p_text i3p_plugin_hidden_actual(const i3p_plugin *plugin, size_t at);

/* ---- diagnostics -------------------------------------------------------------------
 */

I3P_API i3p_text i3p_diagnostic_code(const i3p_diagnostic *diagnostic);
I3P_API i3p_text i3p_diagnostic_message(const i3p_diagnostic *diagnostic);
I3P_API i3p_text i3p_diagnostic_field(const i3p_diagnostic *diagnostic);
I3P_API i3p_text i3p_diagnostic_details_json(const i3p_diagnostic *diagnostic);
I3P_API i3p_text i3p_diagnostic_advice(const i3p_diagnostic *diagnostic);
/* 1: the input or the system; 2: the request itself. */
I3P_API int i3p_diagnostic_exit_status(const i3p_diagnostic *diagnostic);
I3P_API size_t i3p_diagnostic_cause_count(const i3p_diagnostic *diagnostic);
I3P_API i3p_text i3p_diagnostic_cause(const i3p_diagnostic *diagnostic, size_t at);
I3P_API size_t i3p_diagnostic_nested_count(const i3p_diagnostic *diagnostic);
I3P_API const i3p_diagnostic *i3p_diagnostic_nested(const i3p_diagnostic *diagnostic,
                                                    size_t at);
/* Where in a text file: the file as it should be shown, line and column from 1 (column
 * in characters; 0 if unknown), and that line. */
I3P_API i3p_text i3p_diagnostic_file(const i3p_diagnostic *diagnostic);
I3P_API uint32_t i3p_diagnostic_line(const i3p_diagnostic *diagnostic);
I3P_API uint32_t i3p_diagnostic_column(const i3p_diagnostic *diagnostic);
I3P_API i3p_text i3p_diagnostic_line_text(const i3p_diagnostic *diagnostic);

#ifdef __cplusplus
}
#endif

#endif
