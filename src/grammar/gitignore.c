#include "grammar/gitignore.h"

#include "grammar/gitignore_pattern.h"

enum verdict { VERDICT_NONE, VERDICT_EXCLUDED, VERDICT_INCLUDED };

struct gitignore {
    struct pattern *patterns;
    size_t count;
    bool has_includes;
    enum verdict root; /* of the plugin directory itself */
};

static enum verdict verdict_of(const struct gitignore *compiled, struct str path,
                               bool is_directory) {
    size_t slash = str_find_last(path, '/');
    struct str name = slash == path.len ? path : str_skip(path, slash + 1);
    for (size_t i = compiled->count; i > 0; i--) {
        const struct pattern *pattern = &compiled->patterns[i - 1];
        if (gitignore_pattern_matches(pattern, path, name, is_directory)) {
            return pattern->includes ? VERDICT_INCLUDED : VERDICT_EXCLUDED;
        }
    }
    return VERDICT_NONE;
}

/* The directory that holds the path; the root's path is empty. */
static struct str parent_of(struct str path) {
    size_t slash = str_find_last(path, '/');
    return slash == path.len ? str_first(path, 0) : str_first(path, slash);
}

static bool is_excluded(const struct gitignore *compiled, struct str path,
                        bool is_directory) {
    for (; path.len > 0; path = parent_of(path), is_directory = true) {
        enum verdict verdict = verdict_of(compiled, path, is_directory);
        if (verdict != VERDICT_NONE) {
            return verdict == VERDICT_EXCLUDED;
        }
    }
    return compiled->root == VERDICT_EXCLUDED;
}

bool gitignore_excludes(const struct gitignore *compiled, struct str path) {
    return is_excluded(compiled, path, false);
}

bool gitignore_prunes(const struct gitignore *compiled, struct str directory) {
    if (!is_excluded(compiled, directory, true)) {
        return false;
    }
    for (size_t i = 0; compiled->has_includes && i < compiled->count; i++) {
        const struct pattern *pattern = &compiled->patterns[i];
        if (pattern->includes && gitignore_pattern_reaches(pattern, directory)) {
            return false;
        }
    }
    return true;
}

enum grammar_status gitignore_compile(struct arena *arena, const struct str *patterns,
                                      size_t count, struct gitignore **compiled,
                                      size_t *bad, struct syntax_error *error) {
    struct gitignore *list = arena_alloc(arena, sizeof *list);
    if (list == NULL) {
        return GRAMMAR_NO_MEMORY;
    }
    list->patterns = arena_array(arena, count, sizeof *list->patterns);
    if (list->patterns == NULL) {
        return GRAMMAR_NO_MEMORY;
    }
    for (size_t i = 0; i < count; i++) {
        struct pattern *pattern = &list->patterns[list->count];
        enum grammar_status status =
            gitignore_read_pattern(arena, patterns[i], pattern, error);
        if (status != GRAMMAR_OK) {
            *bad = i;
            return status;
        }
        list->count += pattern->shape != PATTERN_NOTHING;
        list->has_includes = list->has_includes || pattern->includes;
    }
    list->root = verdict_of(list, STR(""), true);
    *compiled = list;
    return GRAMMAR_OK;
}
