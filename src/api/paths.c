#include "api/paths.h"

#include "base/fs.h"
#include "base/path.h"

bool paths_resolve(struct arena *arena, enum error_id id, struct typed_path *paths,
                   size_t count, struct diag **failure) {
    struct str cwd = STR("/");
    *failure = NULL;
    bool needs_cwd = false;
    for (size_t i = 0; i < count; i++) {
        needs_cwd = needs_cwd || !str_starts_with(paths[i].typed, STR("/"));
    }
    int error = needs_cwd ? fs_working_directory(arena, &cwd) : 0;
    if (error != 0) {
        (void)index_file_io_failure(arena, id, paths[0].typed, error, failure);
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        paths[i].absolute = path_absolute(arena, cwd, paths[i].typed);
        if (paths[i].absolute.ptr == NULL) {
            return false;
        }
    }
    return true;
}

struct diag *missing_option(struct arena *arena, const char *name) {
    struct diag *diag =
        diag_new(arena, ERROR_USAGE_MISSING_ARGUMENT, STR_NONE, NULL, 0);
    if (diag != NULL) {
        diag->note = str_of(name);
    }
    return diag;
}
