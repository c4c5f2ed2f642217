#include "base/failure.h"

#include <stdarg.h>
#include <stdio.h>

void failure_set(struct failure *failure, enum error_id id, struct str field,
                 const char *format, ...) {
    if (failure->is_set) {
        return;
    }
    failure->is_set = true;
    failure->id = id;
    if (field.ptr != NULL) {
        (void)snprintf(failure->field, sizeof failure->field, "%.*s", STR_ARG(field));
    }
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(failure->note, sizeof failure->note, format, arguments);
    va_end(arguments);
}

bool failure_memory(struct failure *failure) {
    if (!failure->is_set) {
        failure->is_set = true;
        failure->is_memory_out = true;
    }
    return false;
}

struct diag *failure_diag(const struct failure *failure, struct arena *arena,
                          struct str location) {
    if (failure->is_memory_out) {
        return NULL;
    }
    struct str field = STR_NONE;
    struct str note = arena_copy(arena, str_of(failure->note));
    if (failure->field[0] != '\0') {
        field = arena_copy(arena, str_of(failure->field));
    }
    size_t count = diag_detail_count(failure->id);
    struct diag *diag =
        diag_new(arena, failure->id, field,
                 (struct detail[]){DETAIL_TEXT(location), DETAIL_TEXT(note)}, count);
    if (diag == NULL || note.ptr == NULL ||
        (failure->field[0] != '\0' && field.ptr == NULL)) {
        return NULL;
    }
    diag->note = note;
    return diag;
}
