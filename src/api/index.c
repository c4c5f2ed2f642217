#include "api/paths.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/utf8.h"
#include "grammar/name.h"
#include "schema/index_read.h"

static const struct index_file_codes codes = {ERROR_INDEX_READ_FAILED,
                                              ERROR_INDEX_PARSE_FAILED};

i3p_status i3p_index_open(const char *path, i3p_index **index, i3p_result **out) {
    *index = NULL;
    struct i3p_result *result = result_new();
    if (result == NULL) {
        return result_no_memory(result, out);
    }
    if (path == NULL) {
        return result_fail(result, missing_option(&result->arena, "path"), out);
    }
    struct typed_path typed = {.typed = str_of(path)};
    struct diag *failure;
    if (!paths_resolve(&result->arena, ERROR_RESOLUTION_FAILED, &typed, 1, &failure)) {
        return result_fail(result, failure, out);
    }
    switch (index_file_load(&result->index, typed, &result->arena, &codes, &failure)) {
    case REGISTRY_OK:
        return result_give_index(result, index, out);
    case REGISTRY_FAILED:
        return result_fail(result, failure, out);
    case REGISTRY_NO_MEMORY:
        break;
    }
    return result_no_memory(result, out);
}

/* What cannot be an index at all: too large, or not UTF-8. */
static struct diag *refuse_bytes(struct arena *arena, const char *message) {
    struct detail details[] = {DETAIL_TEXT(str_of(message))};
    struct diag *defect =
        diag_new_variant(arena, VARIANT_JSON_PARSE, STR_NONE, details, 1);
    struct diag *failure = diag_new(arena, ERROR_INDEX_PARSE_FAILED, STR_NONE, NULL, 0);
    if (defect == NULL || failure == NULL) {
        return NULL;
    }
    struct diag_list list = {0};
    diag_append(&list, defect);
    diag_nest(failure, &list);
    return failure;
}

static i3p_status parse(struct i3p_result *result, struct str bytes, i3p_index **index,
                        i3p_result **out) {
    struct buf source;
    buf_init(&source, LIMIT_INDEX_BYTES);
    if (!buf_append(&source, bytes)) {
        buf_release(&source);
        return result_no_memory(result, out);
    }
    struct diag_list defects = {0};
    struct diag *failure = NULL;
    switch (index_read(&result->index, &source, STR("index.json"), &result->arena,
                       &defects)) {
    case INDEX_OK:
        return result_give_index(result, index, out);
    case INDEX_INVALID:
        failure = diag_new(&result->arena, ERROR_INDEX_PARSE_FAILED, STR_NONE, NULL, 0);
        if (failure != NULL) {
            diag_nest(failure, &defects);
        }
        break;
    case INDEX_NO_MEMORY:
        break;
    }
    return result_fail(result, failure, out);
}

i3p_status i3p_index_parse(const char *bytes, size_t size, i3p_index **index,
                           i3p_result **out) {
    *index = NULL;
    struct i3p_result *result = result_new();
    if (result == NULL) {
        return result_no_memory(result, out);
    }
    struct str text = {size == 0 ? "" : bytes, size};
    const char *refusal = text.len > LIMIT_INDEX_BYTES ? "an index has at most 2 GiB"
                          : !utf8_is_valid(text)       ? "the index is not UTF-8"
                                                       : NULL;
    if (refusal != NULL) {
        return result_fail(result, refuse_bytes(&result->arena, refusal), out);
    }
    return parse(result, text, index, out);
}

void i3p_index_free(i3p_index *index) {
    if (index != NULL) {
        index_release(&index->index);
        free(index);
    }
}

size_t i3p_index_entry_count(const i3p_index *index) {
    return index == NULL ? 0 : index->index.count;
}

i3p_text i3p_index_artifacts_url(const i3p_index *index) {
    if (index == NULL) {
        return (i3p_text){NULL, 0};
    }
    return (i3p_text){index->index.artifacts_url.ptr, index->index.artifacts_url.len};
}
