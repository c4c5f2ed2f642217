/* The handle that every call returns, and how the calls fill it.
 *
 * Ownership: a result owns its arena and, after some calls, an index that its texts
 *   view; i3p_result_free releases both.
 * Errors: only memory; the call then frees the result and returns I3P_NO_MEMORY. */
#ifndef API_RESULT_H
#define API_RESULT_H

#include <influxdb3_plugin.h>

#include "base/diag.h"
#include "registry/query.h"

struct i3p_diagnostic {
    const struct diag *diag;
    struct str message;
    struct str details; /* absent if there are none */
    struct i3p_diagnostic *nested;
};

struct i3p_plugin {
    const struct index_record *record;
    const struct hidden_reason *reasons;
    size_t reason_count;
    struct str artifact_url;
};

struct i3p_result {
    struct arena arena;
    struct index index; /* zeroed if there is none */
    struct i3p_diagnostic *error;
    struct i3p_diagnostic *warnings;
    size_t warning_count;
    struct i3p_plugin *plugins;
    size_t plugin_count;
    struct str artifact_path;
    struct str index_path;
    struct str target_dir;
    struct str scaffold_name;
    const struct str *files;
    size_t file_count;
    struct str yank_outcome;
    i3p_info_outcome info_outcome;
};

struct i3p_index {
    struct index index;
};

struct i3p_result *result_new(void); /* NULL: memory is out */

/* Each ends a call: sets `*out` and returns the status. */
i3p_status result_ok(struct i3p_result *result, i3p_result **out);
i3p_status result_fail(struct i3p_result *result, const struct diag *error,
                       i3p_result **out); /* NULL error: memory is out */
i3p_status result_no_memory(struct i3p_result *result, i3p_result **out);

/* Also hands the result's index over to a handle of its own. */
i3p_status result_give_index(struct i3p_result *result, i3p_index **index,
                             i3p_result **out);

/* False: memory is out. */
bool result_set_warnings(struct i3p_result *result, const struct diag_list *warnings);
bool result_set_plugin(struct i3p_result *result, const struct index_record *record);

/* A caller's struct, perhaps of another version of the header: copies what both know
 * over the defaults that `own` holds. NULL: the defaults. */
void options_read(void *own, size_t own_size, const void *given);

#endif
