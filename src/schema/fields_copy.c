#include "schema/fields.h"

static bool copy_text(struct arena *arena, struct str *text) {
    if (text->ptr == NULL) {
        return true;
    }
    *text = arena_copy(arena, *text);
    return text->ptr != NULL;
}

static bool copy_texts(struct arena *arena, const struct str **texts, size_t count) {
    struct str *copies = arena_array(arena, count, sizeof *copies);
    bool good = copies != NULL;
    for (size_t i = 0; good && i < count; i++) {
        copies[i] = (*texts)[i];
        good = copy_text(arena, &copies[i]);
    }
    *texts = copies;
    return good;
}

static bool copy_plugins(struct arena *arena, struct fields *fields) {
    struct plugin_dependency *copies =
        arena_array(arena, fields->plugin_count, sizeof *copies);
    bool good = copies != NULL;
    for (size_t i = 0; good && i < fields->plugin_count; i++) {
        copies[i] = fields->plugins[i];
        good = copy_text(arena, &copies[i].index_url) &&
               copy_text(arena, &copies[i].name) &&
               copy_text(arena, &copies[i].version);
    }
    fields->plugins = copies;
    return good;
}

bool fields_copy(struct arena *arena, const struct fields *from, struct fields *copy) {
    *copy = *from;
    return copy_text(arena, &copy->name) && copy_text(arena, &copy->version) &&
           copy_text(arena, &copy->description) && copy_text(arena, &copy->homepage) &&
           copy_text(arena, &copy->repository) &&
           copy_text(arena, &copy->documentation) &&
           copy_text(arena, &copy->database_version) &&
           copy_texts(arena, &copy->triggers, copy->trigger_count) &&
           copy_texts(arena, &copy->exclude, copy->exclude_count) &&
           copy_texts(arena, &copy->python, copy->python_count) &&
           copy_plugins(arena, copy);
}
