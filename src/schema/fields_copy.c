#include "schema/fields.h"

static bool copy_plugins(struct arena *arena, struct fields *fields) {
    struct plugin_dependency *copies =
        arena_array(arena, fields->plugin_count, sizeof *copies);
    bool good = copies != NULL;
    for (size_t i = 0; good && i < fields->plugin_count; i++) {
        copies[i] = fields->plugins[i];
        good = arena_adopt(arena, &copies[i].index_url) &&
               arena_adopt(arena, &copies[i].name) &&
               arena_adopt(arena, &copies[i].version);
    }
    fields->plugins = copies;
    return good;
}

bool fields_copy(struct arena *arena, const struct fields *from, struct fields *copy) {
    *copy = *from;
    return arena_adopt(arena, &copy->name) && arena_adopt(arena, &copy->version) &&
           arena_adopt(arena, &copy->description) &&
           arena_adopt(arena, &copy->homepage) &&
           arena_adopt(arena, &copy->repository) &&
           arena_adopt(arena, &copy->documentation) &&
           arena_adopt(arena, &copy->database_version) &&
           arena_adopt_all(arena, &copy->triggers, copy->trigger_count) &&
           arena_adopt_all(arena, &copy->exclude, copy->exclude_count) &&
           arena_adopt_all(arena, &copy->python, copy->python_count) &&
           copy_plugins(arena, copy);
}
