#include "plugin/entry.h"

static bool is_root_python(const struct source_file *file) {
    return str_ends_with(file->path, STR(".py")) &&
           str_find(file->path, '/') == file->path.len;
}

enum entry_status entry_choose(struct arena *arena, const struct source_list *files,
                               struct entry *entry) {
    *entry = (struct entry){0};
    size_t count = 0;
    for (size_t i = 0; i < files->count; i++) {
        const struct source_file *file = &files->files[i];
        if (is_root_python(file)) {
            count++;
            entry->file = file;
            if (str_equal(file->path, STR("__init__.py"))) {
                return ENTRY_FOUND;
            }
        }
    }
    if (count < 2) {
        return count == 1 ? ENTRY_FOUND : ENTRY_NONE;
    }
    struct str *names = arena_array(arena, count, sizeof *names);
    if (names == NULL) {
        return ENTRY_NO_MEMORY;
    }
    for (size_t i = 0; i < files->count; i++) {
        if (is_root_python(&files->files[i])) {
            names[entry->candidate_count++] = files->files[i].shown;
        }
    }
    entry->file = NULL;
    entry->candidates = names;
    return ENTRY_AMBIGUOUS;
}
