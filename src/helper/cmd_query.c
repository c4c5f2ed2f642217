#include "helper/commands.h"
#include "helper/session.h"

/* The index of the registry, for search and info to look into. What went wrong stays in
 * the result, for them to tell. */
static i3p_status open_registry(struct invocation *invocation, i3p_index **index,
                                i3p_result **out) {
    struct i3p_result *result = result_new();
    if (result == NULL) {
        return result_no_memory(result, out);
    }
    struct stores_options options = {
        .allow_insecure = is_given(invocation, OPTION_ALLOW_INSECURE),
        .timeout_ms = 1000 * value_number(value_of(invocation, OPTION_TIMEOUT))};
    struct str location = str_of(value_of(invocation, OPTION_REGISTRY));
    struct failure failure = {0};
    struct store *store = stores_open(location, &options, &failure);
    struct diag *diag = NULL;
    enum registry_status status = REGISTRY_FAILED;
    if (store == NULL) {
        struct str shown = location_shown(&result->arena, location);
        diag = shown.ptr == NULL ? NULL : failure_diag(&failure, &result->arena, shown);
    } else {
        status = registry_read(&result->arena, store, &session_host, &result->index,
                               NULL, &diag);
        store_close(store);
    }
    switch (status) {
    case REGISTRY_OK:
        return result_give_index(result, index, out);
    case REGISTRY_FAILED:
        return result_fail(result, diag, out);
    case REGISTRY_NO_MEMORY:
        break;
    }
    return result_no_memory(result, out);
}

int registry_cmd_search(struct invocation *invocation) {
    return cmd_search_in(invocation, open_registry);
}

int registry_cmd_info(struct invocation *invocation) {
    return cmd_info_in(invocation, open_registry);
}
