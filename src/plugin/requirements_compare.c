#include <stdint.h>
#include <stdlib.h>

#include "grammar/space.h"
#include "plugin/requirements.h"

/* A requirement of either side. Orders continue from the file's to the manifest's. */
struct entry {
    struct str key;        /* the normalized name */
    struct str constraint; /* in a form that compares by bytes */
    size_t order;
    struct str name; /* as written */
    struct str text;
};

struct comparison {
    struct arena *arena;
    const struct requirements *file;
    struct entry *entries;
    size_t count;
    struct requirements_disagreement *found;
    size_t found_count;
};

static bool in_file(const struct comparison *comparison, const struct entry *entry) {
    return entry->order < comparison->file->count;
}

static int compare_texts(const void *a, const void *b) {
    return str_compare(*(const struct str *)a, *(const struct str *)b);
}

static int compare_entries(const void *a, const void *b) {
    const struct entry *one = a;
    const struct entry *other = b;
    int order = str_compare(one->key, other->key);
    if (order == 0) {
        order = str_compare(one->constraint, other->constraint);
    }
    if (order == 0) {
        order = one->order < other->order ? -1 : one->order > other->order;
    }
    return order;
}

static struct str without_spaces(struct str text, char *out) {
    size_t len = 0;
    for (size_t at = 0; at < text.len;) {
        size_t width = space_at(text, at);
        if (width == 0) {
            out[len++] = text.ptr[at++];
        } else {
            at += width;
        }
    }
    return (struct str){out, len};
}

/* The comparisons without whitespace, each once, sorted. Absent: out of memory. */
static struct str canonical_specifiers(struct arena *arena, struct str specifiers) {
    size_t count = 1;
    for (size_t i = 0; i < specifiers.len; i++) {
        count += specifiers.ptr[i] == ',';
    }
    char *bytes = arena_bytes(arena, specifiers.len);
    char *joined = arena_bytes(arena, specifiers.len);
    struct str *parts = arena_array(arena, count, sizeof *parts);
    if (bytes == NULL || joined == NULL || parts == NULL) {
        return STR_NONE;
    }
    struct str rest = without_spaces(specifiers, bytes);
    for (size_t i = 0; i < count; i++) {
        parts[i] = str_first(rest, str_find(rest, ','));
        rest = str_skip(rest, parts[i].len + (i + 1 < count));
    }
    qsort(parts, count, sizeof *parts, compare_texts);
    size_t len = 0;
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && str_equal(parts[i], parts[i - 1])) {
            continue;
        }
        if (i > 0) {
            joined[len++] = ',';
        }
        memcpy(joined + len, parts[i].ptr, parts[i].len);
        len += parts[i].len;
    }
    return (struct str){joined, len};
}

static bool add_entry(struct comparison *comparison, const struct pep508 *parts,
                      struct str text, size_t order) {
    struct entry *entry = &comparison->entries[comparison->count++];
    char *key = arena_bytes(comparison->arena, parts->name.len);
    if (key == NULL) {
        return false;
    }
    *entry = (struct entry){
        .key = {key, pep508_normalize_name(parts->name, key)},
        .constraint = STR(""),
        .order = order,
        .name = parts->name,
        .text = text,
    };
    if (parts->url.ptr != NULL) {
        entry->constraint = parts->url;
    } else if (parts->specifiers.ptr != NULL) {
        entry->constraint = canonical_specifiers(comparison->arena, parts->specifiers);
    }
    return entry->constraint.ptr != NULL;
}

static bool collect(struct comparison *comparison, const struct str *python,
                    size_t python_count) {
    const struct requirements *file = comparison->file;
    size_t most = file->count + python_count;
    comparison->entries = arena_array(comparison->arena, most, sizeof(struct entry));
    comparison->found =
        arena_array(comparison->arena, most, sizeof(struct requirements_disagreement));
    if (comparison->entries == NULL || comparison->found == NULL) {
        return false;
    }
    for (size_t i = 0; i < file->count; i++) {
        if (!add_entry(comparison, &file->lines[i].parts, file->lines[i].text, i)) {
            return false;
        }
    }
    for (size_t i = 0; i < python_count; i++) {
        struct pep508 parts;
        struct syntax_error error;
        enum grammar_status status =
            pep508_parse(comparison->arena, python[i], &parts, &error);
        if (status == GRAMMAR_NO_MEMORY ||
            (status == GRAMMAR_OK &&
             !add_entry(comparison, &parts, python[i], file->count + i))) {
            return false;
        }
    }
    qsort(comparison->entries, comparison->count, sizeof(struct entry),
          compare_entries);
    return true;
}

/* Of a distribution's entries: the first ones of each side, and whether every
 * constraint stands on both sides. */
struct sides {
    const struct entry *file;
    const struct entry *manifest;
    bool alike;
};

static void prefer(const struct entry **chosen, const struct entry *entry) {
    if (*chosen == NULL || entry->order < (*chosen)->order) {
        *chosen = entry;
    }
}

/* Looks at the entries of one constraint; those that stand on one side only are what a
 * disagreement shows. */
static size_t look_at_constraint(const struct comparison *comparison, size_t start,
                                 struct sides *any, struct sides *unmatched) {
    const struct entry *first = &comparison->entries[start];
    struct sides here = {0};
    size_t at = start;
    for (; at < comparison->count; at++) {
        const struct entry *entry = &comparison->entries[at];
        if (!str_equal(entry->key, first->key) ||
            !str_equal(entry->constraint, first->constraint)) {
            break;
        }
        prefer(in_file(comparison, entry) ? &here.file : &here.manifest, entry);
    }
    if (here.file != NULL) {
        prefer(&any->file, here.file);
    }
    if (here.manifest != NULL) {
        prefer(&any->manifest, here.manifest);
    }
    if (here.file == NULL) {
        prefer(&unmatched->manifest, here.manifest);
        any->alike = false;
    } else if (here.manifest == NULL) {
        prefer(&unmatched->file, here.file);
        any->alike = false;
    }
    return at;
}

static void report(struct comparison *comparison, const struct sides *any,
                   const struct sides *unmatched) {
    const struct entry *file = unmatched->file != NULL ? unmatched->file : any->file;
    const struct entry *manifest =
        unmatched->manifest != NULL ? unmatched->manifest : any->manifest;
    struct requirements_disagreement *found =
        &comparison->found[comparison->found_count++];
    *found = (struct requirements_disagreement){
        .difference = file == NULL       ? REQUIREMENTS_ONLY_IN_MANIFEST
                      : manifest == NULL ? REQUIREMENTS_ONLY_IN_FILE
                                         : REQUIREMENTS_OTHER_VERSIONS,
        .name = file != NULL ? file->name : manifest->name,
        .file = file != NULL ? file->text : STR_NONE,
        .manifest = manifest != NULL ? manifest->text : STR_NONE,
        .order = file != NULL ? file->order : manifest->order,
        .offset = SIZE_MAX,
    };
    if (file != NULL) {
        found->offset = comparison->file->lines[file->order].offset;
        found->line = comparison->file->lines[file->order].line;
    }
}

static int compare_found(const void *a, const void *b) {
    const struct requirements_disagreement *one = a;
    const struct requirements_disagreement *other = b;
    return one->order < other->order ? -1 : one->order > other->order;
}

bool requirements_disagree(struct arena *arena, const struct requirements *requirements,
                           const struct str *python, size_t python_count,
                           struct requirements_disagreement **disagreements,
                           size_t *count) {
    struct comparison comparison = {.arena = arena, .file = requirements};
    if (!collect(&comparison, python, python_count)) {
        return false;
    }
    size_t at = 0;
    while (at < comparison.count) {
        struct str key = comparison.entries[at].key;
        struct sides any = {.alike = true};
        struct sides unmatched = {0};
        while (at < comparison.count && str_equal(comparison.entries[at].key, key)) {
            at = look_at_constraint(&comparison, at, &any, &unmatched);
        }
        if (!any.alike && (any.file != NULL || !requirements->open_ended)) {
            report(&comparison, &any, &unmatched);
        }
    }
    qsort(comparison.found, comparison.found_count, sizeof *comparison.found,
          compare_found);
    *disagreements = comparison.found;
    *count = comparison.found_count;
    return true;
}

struct str requirements_note(struct arena *arena,
                             const struct requirements_disagreement *disagreement) {
    switch (disagreement->difference) {
    case REQUIREMENTS_ONLY_IN_FILE:
        return STR("only requirements.txt lists it");
    case REQUIREMENTS_ONLY_IN_MANIFEST:
        return STR("only the manifest lists it");
    default:
        break;
    }
    const struct str parts[] = {STR("`"), disagreement->file,
                                STR("` in requirements.txt, `"), disagreement->manifest,
                                STR("` in the manifest")};
    return arena_concat(arena, parts, sizeof parts / sizeof parts[0]);
}
