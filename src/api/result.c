#include "api/result.h"

#include <stdlib.h>

struct i3p_result *result_new(void) {
    return calloc(1, sizeof(struct i3p_result));
}

void i3p_result_free(i3p_result *result) {
    if (result != NULL) {
        index_release(&result->index);
        arena_release(&result->arena);
        free(result);
    }
}

i3p_status result_no_memory(struct i3p_result *result, i3p_result **out) {
    i3p_result_free(result);
    *out = NULL;
    return I3P_NO_MEMORY;
}

i3p_status result_ok(struct i3p_result *result, i3p_result **out) {
    *out = result;
    return I3P_OK;
}

/* Message and details, rendered. */
static bool render(struct arena *arena, struct i3p_diagnostic *out,
                   const struct diag *diag) {
    struct buf text;
    buf_init(&text, SIZE_MAX / 2);
    diag_message(diag, &text);
    out->diag = diag;
    out->message = arena_copy(arena, buf_str(&text));
    bool is_done = !text.failed && out->message.ptr != NULL;
    buf_clear(&text);
    diag_details_json(diag, &text);
    out->details = text.len == 0 ? STR_NONE : arena_copy(arena, buf_str(&text));
    is_done = is_done && !text.failed && (text.len == 0 || out->details.ptr != NULL);
    buf_release(&text);
    return is_done;
}

static struct i3p_diagnostic *render_flat(struct arena *arena, const struct diag *first,
                                          size_t count) {
    struct i3p_diagnostic *list = arena_array(arena, count, sizeof *list);
    for (size_t i = 0; list != NULL && i < count; i++) {
        if (!render(arena, &list[i], first)) {
            return NULL;
        }
        first = first->next;
    }
    return list;
}

/* With what is nested in each: a plugin's defects below the plugin, and no deeper. */
static struct i3p_diagnostic *render_list(struct arena *arena, const struct diag *first,
                                          size_t count) {
    struct i3p_diagnostic *list = render_flat(arena, first, count);
    for (size_t i = 0; list != NULL && i < count; i++) {
        const struct diag *diag = list[i].diag;
        if (diag->nested_count == 0) {
            continue;
        }
        list[i].nested = render_flat(arena, diag->first, diag->nested_count);
        if (list[i].nested == NULL) {
            return NULL;
        }
    }
    return list;
}

i3p_status result_fail(struct i3p_result *result, const struct diag *error,
                       i3p_result **out) {
    result->error = error == NULL ? NULL : render_flat(&result->arena, error, 1);
    if (result->error != NULL) {
        result->error->nested =
            render_list(&result->arena, error->first, error->nested_count);
    }
    if (result->error == NULL || result->error->nested == NULL) {
        return result_no_memory(result, out);
    }
    *out = result;
    return I3P_FAILED;
}

bool result_set_warnings(struct i3p_result *result, const struct diag_list *warnings) {
    result->warnings = render_list(&result->arena, warnings->first, warnings->count);
    result->warning_count = result->warnings == NULL ? 0 : warnings->count;
    return result->warnings != NULL;
}

bool result_set_plugin(struct i3p_result *result, const struct index_record *record) {
    struct i3p_plugin *plugin = arena_alloc(&result->arena, sizeof *plugin);
    if (plugin == NULL) {
        return false;
    }
    plugin->record = record;
    result->plugins = plugin;
    result->plugin_count = 1;
    return true;
}

i3p_status result_give_index(struct i3p_result *result, i3p_index **index,
                             i3p_result **out) {
    i3p_index *handle = calloc(1, sizeof *handle);
    if (handle == NULL) {
        return result_no_memory(result, out);
    }
    handle->index = result->index;
    result->index = (struct index){0};
    *index = handle;
    return result_ok(result, out);
}

void options_read(void *own, size_t own_size, const void *given) {
    size_t given_size;
    if (given == NULL) {
        return;
    }
    memcpy(&given_size, given, sizeof given_size);
    memcpy(own, given, given_size < own_size ? given_size : own_size);
}
