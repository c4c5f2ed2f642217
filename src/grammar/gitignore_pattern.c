#include "grammar/gitignore_pattern.h"

#include "grammar/space.h"

static struct str trim_end(struct str text) {
    for (size_t start = text.len; start > 0;) {
        do {
            start--;
        } while (start > 0 && (text.ptr[start] & 0xC0) == 0x80);
        size_t width = space_at(text, start);
        if (width == 0 || start + width != text.len) {
            break;
        }
        text.len = start;
    }
    return text;
}

static size_t backslashes_at_end(struct str text) {
    size_t count = 0;
    while (count < text.len && text.ptr[text.len - 1 - count] == '\\') {
        count++;
    }
    return count;
}

/* Drops whitespace at the end, but not a space after a backslash that ends the text,
 * nor one that is escaped. */
static struct str drop_whitespace(struct str text) {
    if (str_ends_with(text, STR("\\ "))) {
        return text;
    }
    struct str trimmed = trim_end(text);
    bool escaped = trimmed.len < text.len && text.ptr[trimmed.len] == ' ' &&
                   backslashes_at_end(trimmed) % 2 == 1;
    return escaped ? str_first(text, trimmed.len + 1) : trimmed;
}

static bool has_any(struct str text, const char *bytes) {
    for (; *bytes != '\0'; bytes++) {
        if (str_find(text, *bytes) < text.len) {
            return true;
        }
    }
    return false;
}

/* Takes off what stands around the glob. */
static struct str strip(struct str text, struct pattern *pattern) {
    text = drop_whitespace(text);
    if (str_starts_with(text, STR("!"))) {
        pattern->includes = true;
        text = str_skip(text, 1);
    }
    if (str_starts_with(text, STR("/"))) {
        pattern->anchored = true;
        text = str_skip(text, 1);
    }
    if (str_ends_with(text, STR("/"))) {
        pattern->directories_only = true;
        text.len--;
        text.len -= str_ends_with(text, STR("\\"));
    }
    pattern->anchored = pattern->anchored || str_find(text, '/') < text.len;
    /* The long way to say "at any depth". */
    while (str_starts_with(text, STR("**/")) && text.len > 3) {
        struct str rest = str_skip(text, 3);
        bool has_slash = str_find(rest, '/') < rest.len;
        if (has_slash && !str_starts_with(rest, STR("**/"))) {
            break;
        }
        pattern->anchored = has_slash;
        text = rest;
    }
    return text;
}

/* Finds the text that the glob begins with; one that is only text, or text around one
 * star, is compared as text. */
static bool find_text(struct arena *arena, struct pattern *pattern) {
    const struct glob *glob = &pattern->glob;
    size_t end = glob->count - 1;
    char *bytes = arena_bytes(arena, end);
    if (bytes == NULL) {
        return false;
    }
    size_t star = end;
    size_t i = 0;
    for (; i < end; i++) {
        if (glob->steps[i].kind == STEP_STAR && star == end) {
            star = i;
        } else if (glob->steps[i].kind != STEP_BYTE) {
            break;
        }
        bytes[i] = (char)glob->steps[i].byte;
    }
    pattern->head = (struct str){bytes, i < star ? i : star};
    pattern->shape = PATTERN_GLOB;
    if (i == end) {
        pattern->shape = star == end ? PATTERN_LITERAL : PATTERN_STAR;
    }
    if (pattern->shape == PATTERN_STAR) {
        pattern->tail = (struct str){bytes + star + 1, end - star - 1};
    }
    return true;
}

enum grammar_status gitignore_read_pattern(struct arena *arena, struct str text,
                                           struct pattern *pattern,
                                           struct syntax_error *error) {
    *pattern = (struct pattern){.shape = PATTERN_NOTHING};
    if (str_starts_with(text, STR("#"))) {
        return GRAMMAR_OK;
    }
    struct str glob = strip(text, pattern);
    if (glob.len == 0) {
        /* A lone `!` brings everything back. */
        if (pattern->includes && !pattern->anchored && !pattern->directories_only) {
            pattern->shape = PATTERN_STAR;
            pattern->head = pattern->tail = STR("");
        }
        return GRAMMAR_OK;
    }
    if (!has_any(glob, "*?[{}\\")) {
        pattern->shape = PATTERN_LITERAL;
        pattern->head = glob;
        return GRAMMAR_OK;
    }
    enum grammar_status status = glob_compile(arena, glob, &pattern->glob, error);
    if (status == GRAMMAR_INVALID) {
        error->offset += (size_t)(glob.ptr - text.ptr);
    }
    if (status != GRAMMAR_OK) {
        return status;
    }
    return find_text(arena, pattern) ? GRAMMAR_OK : GRAMMAR_NO_MEMORY;
}

static bool matches_star(const struct pattern *pattern, struct str text) {
    size_t ends = pattern->head.len + pattern->tail.len;
    if (text.len < ends || !str_starts_with(text, pattern->head) ||
        !str_ends_with(text, pattern->tail)) {
        return false;
    }
    struct str middle = {text.ptr + pattern->head.len, text.len - ends};
    return str_find(middle, '/') == middle.len;
}

bool gitignore_pattern_matches(const struct pattern *pattern, struct str path,
                               struct str name, bool is_directory) {
    if (pattern->directories_only && !is_directory) {
        return false;
    }
    struct str text = pattern->anchored ? path : name;
    switch (pattern->shape) {
    case PATTERN_NOTHING:
        return false;
    case PATTERN_LITERAL:
        return str_equal(text, pattern->head);
    case PATTERN_STAR:
        return matches_star(pattern, text);
    case PATTERN_GLOB:
        return str_starts_with(text, pattern->head) &&
               glob_matches(&pattern->glob, text);
    }
    return false;
}

bool gitignore_pattern_reaches(const struct pattern *pattern, struct str directory) {
    if (!pattern->anchored || directory.len == 0) {
        return true;
    }
    if (pattern->shape != PATTERN_LITERAL) {
        return glob_reaches(&pattern->glob, directory);
    }
    struct str head = pattern->head;
    return head.len > directory.len && head.ptr[directory.len] == '/' &&
           str_starts_with(head, directory);
}
