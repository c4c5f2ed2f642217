#include "grammar/glob.h"

#include "base/utf8.h"

enum { NO_STEP = UINT16_MAX };

/* An open brace group. Its alternatives form a chain: each begins with a split that
 * leads to the next one, and ends with a jump behind the group. */
struct group {
    uint16_t split;      /* of the alternative being read */
    uint16_t last_split; /* of the one before, or NO_STEP */
    uint16_t last_jump;  /* chained through `target`, or NO_STEP */
};

struct compiler {
    struct str text;
    size_t at;
    struct step *steps;
    size_t count;
    struct byte_set *sets;
    size_t set_count;
    struct group *groups; /* the open ones */
    size_t depth;
    bool fresh; /* at the start of the glob or of an alternative */
    struct syntax_error *error;
};

static void emit(struct compiler *c, enum step_kind kind, unsigned byte,
                 size_t target) {
    c->steps[c->count++] =
        (struct step){(uint8_t)kind, (uint8_t)byte, (uint16_t)target};
}

static void emit_star(struct compiler *c) {
    if (c->count == 0 || c->steps[c->count - 1].kind != STEP_STAR) {
        emit(c, STEP_STAR, 0, 0);
    }
}

static int peek(const struct compiler *c, size_t ahead) {
    size_t at = c->at + ahead;
    return at < c->text.len ? (unsigned char)c->text.ptr[at] : -1;
}

static bool ends_alternative(const struct compiler *c, int byte) {
    return byte == -1 || (c->depth > 0 && (byte == ',' || byte == '}'));
}

/* One star, or two: those mean directories only where they fill a component. */
static void read_star(struct compiler *c) {
    if (peek(c, 1) != '*') {
        emit_star(c);
        c->at++;
        return;
    }
    int next = peek(c, 2);
    bool after_slash = c->at > 0 && c->text.ptr[c->at - 1] == '/';
    bool at_start = c->fresh;
    c->at += 2;
    if (next == '/' && (at_start || after_slash)) {
        /* Nothing, or anything that ends in a slash. */
        emit(c, STEP_SPLIT, 0, c->count + 3);
        emit(c, STEP_ALL, 0, 0);
        emit(c, STEP_BYTE, '/', 0);
        c->at++;
    } else if (at_start ? next == -1 : after_slash && ends_alternative(c, next)) {
        emit(c, STEP_ALL, 0, 0);
    } else {
        emit_star(c);
    }
}

static void set_add(struct byte_set *set, unsigned first, unsigned last) {
    for (unsigned byte = first; byte <= last; byte++) {
        set->bits[byte / 64] |= UINT64_C(1) << (byte % 64);
    }
}

/* A range of characters in brackets, as places in the text. */
struct range {
    size_t first, first_end;
    size_t last, last_end;
};

/* Matching is by bytes: a range goes from the last byte of its first character to the
 * first byte of its last one, and the other bytes stand for themselves. */
static void set_add_range(struct byte_set *set, const char *text, struct range range) {
    const unsigned char *bytes = (const unsigned char *)text;
    for (size_t i = range.first; i < range.first_end; i++) {
        set_add(set, bytes[i], bytes[i]);
    }
    for (size_t i = range.last; i < range.last_end; i++) {
        set_add(set, bytes[i], bytes[i]);
    }
    size_t length = range.last_end - range.last;
    if (length != range.first_end - range.first ||
        memcmp(bytes + range.first, bytes + range.last, length) != 0) {
        set_add(set, bytes[range.first_end - 1], bytes[range.last]);
    }
}

/* Fills the set; `*end` is behind the closing bracket, or 0 if there is none. */
static enum grammar_status read_set(struct compiler *c, struct byte_set *set,
                                    size_t *end) {
    size_t at = c->at + 1;
    bool negated = peek(c, 1) == '!' || peek(c, 1) == '^';
    at += negated;
    struct range range = {0};
    bool has_range = false;
    uint32_t low = 0; /* the character that the range begins with */
    bool dash = false;
    memset(set, 0, sizeof *set);
    for (*end = 0; at < c->text.len;) {
        size_t start = at;
        uint32_t point = utf8_next(c->text, &at);
        if (point == ']' && has_range) {
            *end = at;
            break;
        }
        if (point == '-' && has_range && !dash) {
            dash = true;
            continue;
        }
        if (!dash) {
            if (has_range) {
                set_add_range(set, c->text.ptr, range);
            }
            range = (struct range){start, at, start, at};
            has_range = true;
            low = point;
        } else {
            if (point < low) {
                return grammar_reject(c->error, "range in brackets runs backwards",
                                      start);
            }
            range.last = start;
            range.last_end = at;
            dash = false;
        }
    }
    if (has_range) {
        set_add_range(set, c->text.ptr, range);
    }
    if (dash) {
        set_add(set, '-', '-');
    }
    for (size_t i = 0; negated && i < 4; i++) {
        set->bits[i] = ~set->bits[i];
    }
    set->bits['/' / 64] &= ~(UINT64_C(1) << ('/' % 64));
    return GRAMMAR_OK;
}

/* A bracket that is never closed stands for itself. */
static enum grammar_status read_bracket(struct compiler *c) {
    size_t end;
    if (read_set(c, &c->sets[c->set_count], &end) != GRAMMAR_OK) {
        return GRAMMAR_INVALID;
    }
    if (end == 0) {
        emit(c, STEP_BYTE, '[', 0);
        c->at++;
    } else {
        emit(c, STEP_CLASS, 0, c->set_count++);
        c->at = end;
    }
    return GRAMMAR_OK;
}

static void begin_alternative(struct compiler *c) {
    struct group *group = &c->groups[c->depth - 1];
    group->split = (uint16_t)c->count;
    emit(c, STEP_SPLIT, 0, 0);
    c->fresh = true;
    c->at++;
}

/* An empty alternative is no alternative: `{,a}` means `a`. */
static void end_alternative(struct compiler *c) {
    struct group *group = &c->groups[c->depth - 1];
    if (c->count == (size_t)group->split + 1) {
        c->count = group->split;
        return;
    }
    if (group->last_split != NO_STEP) {
        c->steps[group->last_split].target = group->split;
    }
    group->last_split = group->split;
    emit(c, STEP_JUMP, 0, group->last_jump);
    group->last_jump = (uint16_t)(c->count - 1);
}

static void close_group(struct compiler *c) {
    end_alternative(c);
    struct group *group = &c->groups[--c->depth];
    if (group->last_split != NO_STEP) {
        c->steps[group->last_split].target = (uint16_t)(group->last_split + 1);
    }
    for (uint16_t jump = group->last_jump; jump != NO_STEP;) {
        uint16_t before = c->steps[jump].target;
        c->steps[jump].target = (uint16_t)c->count;
        jump = before;
    }
    c->at++;
}

static enum grammar_status read_item(struct compiler *c) {
    int byte = peek(c, 0);
    switch (byte) {
    case '*':
        read_star(c);
        return GRAMMAR_OK;
    case '?':
        emit(c, STEP_ANY, 0, 0);
        break;
    case '[':
        return read_bracket(c);
    case '}':
        if (c->depth == 0) {
            return grammar_reject(c->error, "closing brace without an opening one",
                                  c->at);
        }
        close_group(c);
        return GRAMMAR_OK;
    case '\\':
        if (peek(c, 1) == -1) {
            return grammar_reject(c->error, "backslash at the end", c->at);
        }
        c->at++;
        emit(c, STEP_BYTE, (unsigned)peek(c, 0), 0);
        break;
    default:
        emit(c, STEP_BYTE, (unsigned)byte, 0);
        break;
    }
    c->at++;
    return GRAMMAR_OK;
}

static enum grammar_status read_items(struct compiler *c) {
    c->fresh = true;
    while (c->at < c->text.len) {
        int byte = peek(c, 0);
        if (byte == '{') {
            c->groups[c->depth++] = (struct group){0, NO_STEP, NO_STEP};
            begin_alternative(c);
        } else if (byte == ',' && c->depth > 0) {
            end_alternative(c);
            begin_alternative(c);
        } else {
            if (read_item(c) != GRAMMAR_OK) {
                return GRAMMAR_INVALID;
            }
            c->fresh = false;
        }
    }
    if (c->depth > 0) {
        return grammar_reject(c->error, "brace is never closed", c->text.len);
    }
    emit(c, STEP_MATCHED, 0, 0);
    return GRAMMAR_OK;
}

static size_t count_of(struct str text, char byte) {
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++) {
        count += text.ptr[i] == byte;
    }
    return count;
}

enum grammar_status glob_compile(struct arena *arena, struct str text,
                                 struct glob *glob, struct syntax_error *error) {
    if (text.len > GLOB_MAX_BYTES) {
        return grammar_reject(error, "pattern with wildcards is too long",
                              GLOB_MAX_BYTES);
    }
    struct compiler c = {.text = text, .error = error};
    c.steps = arena_array(arena, 2 * text.len + 1, sizeof *c.steps);
    c.sets = arena_array(arena, count_of(text, '['), sizeof *c.sets);
    c.groups = arena_array(arena, count_of(text, '{'), sizeof *c.groups);
    if (c.steps == NULL || c.sets == NULL || c.groups == NULL) {
        return GRAMMAR_NO_MEMORY;
    }
    if (read_items(&c) != GRAMMAR_OK) {
        return GRAMMAR_INVALID;
    }
    *glob = (struct glob){c.steps, c.count, c.sets};
    return GRAMMAR_OK;
}
