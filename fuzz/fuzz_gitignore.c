/* Exclude patterns: the lines of the input up to an empty one are patterns, the rest
 * are paths. A directory that may be skipped holds no file that is in. */
#include "fuzz.h"

#include "grammar/gitignore.h"

enum { MOST_PATTERNS = 16, MOST_BYTES = 4096 };

static struct str next_line(struct str *rest) {
    size_t end = str_find(*rest, '\n');
    struct str line = str_first(*rest, end);
    *rest = str_skip(*rest, end < rest->len ? end + 1 : end);
    return line;
}

/* Joins without doubling slashes; NULL `ptr` if there is nothing below the directory.
 */
static struct str below(struct arena *arena, struct str directory, struct str path) {
    while (str_starts_with(path, STR("/"))) {
        path = str_skip(path, 1);
    }
    if (path.len == 0 || directory.len == 0 ||
        directory.ptr[directory.len - 1] == '/') {
        return STR_NONE;
    }
    return arena_concat(arena, (struct str[]){directory, STR("/"), path}, 3);
}

static void check_pruned(struct arena *arena, const struct gitignore *compiled,
                         struct str directory, const struct str *samples,
                         size_t count) {
    for (size_t i = 0; i < count; i++) {
        struct arena_mark mark = arena_mark(arena);
        struct str file = below(arena, directory, samples[i]);
        FUZZ_CHECK(file.ptr == NULL || gitignore_excludes(compiled, file));
        arena_rewind(arena, mark);
    }
}

/* Every path, its ancestors as directories, and patterns as names below those. */
static void check_paths(struct arena *arena, const struct gitignore *compiled,
                        struct str paths, const struct str *samples, size_t count) {
    while (paths.len > 0) {
        struct str path = next_line(&paths);
        (void)gitignore_excludes(compiled, path);
        while (path.len > 0) {
            if (gitignore_prunes(compiled, path)) {
                check_pruned(arena, compiled, path, samples, count);
            }
            size_t slash = str_find_last(path, '/');
            path = str_first(path, slash < path.len ? slash : 0);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena arena = {0};
    struct str rest = {(const char *)data, size < MOST_BYTES ? size : MOST_BYTES};
    struct str patterns[MOST_PATTERNS];
    struct str samples[2 * MOST_PATTERNS];
    size_t count = 0;
    while (rest.len > 0 && count < MOST_PATTERNS) {
        struct str line = next_line(&rest);
        if (line.len == 0) {
            break;
        }
        patterns[count++] = line;
    }
    struct gitignore *compiled;
    size_t bad = SIZE_MAX;
    struct syntax_error error = {NULL, SIZE_MAX};
    enum grammar_status status =
        gitignore_compile(&arena, patterns, count, &compiled, &bad, &error);
    FUZZ_CHECK(status != GRAMMAR_NO_MEMORY);
    if (status == GRAMMAR_INVALID) {
        FUZZ_CHECK(bad < count && error.rule != NULL);
        FUZZ_CHECK(error.offset <= patterns[bad].len);
    } else {
        size_t sample_count = 0;
        struct str more = rest;
        while (sample_count < MOST_PATTERNS && more.len > 0) {
            samples[sample_count++] = next_line(&more);
        }
        for (size_t i = 0; i < count; i++) {
            /* A pattern's text is often a path that it matches. */
            samples[sample_count++] = str_starts_with(patterns[i], STR("!"))
                                          ? str_skip(patterns[i], 1)
                                          : patterns[i];
        }
        check_paths(&arena, compiled, rest, samples, sample_count);
    }
    arena_release(&arena);
    return 0;
}
