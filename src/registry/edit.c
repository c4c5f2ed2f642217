#include "registry/edit.h"

#include "grammar/name.h"

static struct str at_version(struct arena *arena, struct str name, struct str version) {
    return arena_concat(arena, (struct str[]){name, STR("@"), version}, 3);
}

/* All entries of the name's canonical form, in index order. */
static bool list_existing(const struct index *index, struct str name,
                          struct arena *arena, struct name_version **existing,
                          size_t *count) {
    size_t first = index_first_of_name(index, name);
    *count = 0;
    for (size_t i = first; i != INDEX_NONE; i = index_next_of_name(index, i)) {
        ++*count;
    }
    *existing = arena_array(arena, *count, sizeof **existing);
    if (*existing == NULL) {
        return false;
    }
    size_t at = 0;
    for (size_t i = first; i != INDEX_NONE; i = index_next_of_name(index, i)) {
        (*existing)[at++] = (struct name_version){index_entry_name(index, i),
                                                  index_entry_version(index, i)};
    }
    return true;
}

static bool refuse_collision(const struct index *index, struct str name,
                             struct arena *arena, struct diag **refused) {
    struct name_version *existing;
    size_t count;
    char *canonical = arena_bytes(arena, name.len);
    if (canonical == NULL || !list_existing(index, name, arena, &existing, &count)) {
        return false;
    }
    name_canonicalize(name, canonical);
    struct detail details[] = {DETAIL_TEXT(name),
                               DETAIL_TEXT(((struct str){canonical, name.len})),
                               DETAIL_VERSIONS(existing, count)};
    *refused =
        diag_new(arena, ERROR_CANONICAL_COLLISION, STR("plugin.name"), details, 3);
    return *refused != NULL;
}

static bool refuse_published(const struct index *index, struct str name,
                             struct str version, struct arena *arena,
                             struct diag **refused) {
    struct name_version *existing;
    size_t count;
    struct str field = at_version(arena, name, version);
    if (field.ptr == NULL || !list_existing(index, name, arena, &existing, &count)) {
        return false;
    }
    struct str *versions = arena_array(arena, count, sizeof *versions);
    if (versions == NULL) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        versions[i] = existing[i].version;
    }
    struct detail details[] = {DETAIL_TEXT(name), DETAIL_TEXT(version),
                               DETAIL_TEXTS(versions, count)};
    *refused = diag_new(arena, ERROR_ALREADY_PUBLISHED, field, details, 3);
    return *refused != NULL;
}

bool edit_may_add(const struct index *index, struct str name, struct str version,
                  struct arena *diag_arena, struct diag **refused) {
    struct index_match match = index_find(index, name, version);
    *refused = NULL;
    if (match.other_spelling != INDEX_NONE) {
        return refuse_collision(index, name, diag_arena, refused);
    }
    return match.exact == INDEX_NONE ||
           refuse_published(index, name, version, diag_arena, refused);
}

bool edit_add(struct index *index, const struct index_record *record,
              struct arena *diag_arena, struct diag **refused) {
    const struct fields *fields = &record->fields;
    if (!edit_may_add(index, fields->name, fields->version, diag_arena, refused)) {
        return false;
    }
    return *refused != NULL || index_append(index, record);
}

/* What the index has instead: of many versions the last ones, as they were added. */
static struct str near_misses(const struct index *index, struct str name,
                              const struct index_match *match, struct arena *arena) {
    enum { SHOWN = 3 };
    size_t first = index_first_of_name(index, name);
    if (first == INDEX_NONE) {
        return STR(", and neither is another version of that plugin");
    }
    if (match->first_same_name == INDEX_NONE) {
        return arena_concat(arena,
                            (struct str[]){STR(", where the plugin is spelled `"),
                                           index_entry_name(index, first), STR("`")},
                            3);
    }
    struct str last[SHOWN];
    size_t count = 0;
    for (size_t i = first; i != INDEX_NONE; i = index_next_of_name(index, i)) {
        last[count++ % SHOWN] = index_entry_version(index, i);
    }
    size_t shown = count < SHOWN ? count : SHOWN;
    struct str note =
        count > SHOWN
            ? arena_printf(arena, ", which has %zu versions, the last of them ", count)
            : STR(", which has ");
    for (size_t i = 0; note.ptr != NULL && i < shown; i++) {
        struct str parts[] = {note, i == 0 ? STR("") : STR(", "),
                              last[(count - shown + i) % SHOWN]};
        note = arena_concat(arena, parts, 3);
    }
    return note;
}

bool edit_yank(struct index *index, struct str name, struct str version, bool undo,
               struct arena *diag_arena, enum yank_outcome *outcome, size_t *entry,
               struct diag **refused) {
    struct index_match match = index_find(index, name, version);
    *refused = NULL;
    if (match.exact == INDEX_NONE) {
        struct str field = at_version(diag_arena, name, version);
        struct str note = near_misses(index, name, &match, diag_arena);
        if (field.ptr == NULL || note.ptr == NULL) {
            return false;
        }
        struct detail details[] = {DETAIL_TEXT(name), DETAIL_TEXT(version)};
        *refused = diag_new(diag_arena, ERROR_ENTRY_NOT_FOUND, field, details, 2);
        if (*refused != NULL) {
            (*refused)->note = note;
        }
        return *refused != NULL;
    }
    bool was_yanked = index_entry_yanked(index, match.exact);
    *entry = match.exact;
    index_entry_set_yanked(index, match.exact, !undo);
    *outcome = undo ? (was_yanked ? YANK_UNYANKED : YANK_ALREADY_UNYANKED)
                    : (was_yanked ? YANK_ALREADY_YANKED : YANK_YANKED);
    return true;
}

struct str yank_outcome_text(enum yank_outcome outcome) {
    switch (outcome) {
    case YANK_YANKED:
        return STR("yanked");
    case YANK_UNYANKED:
        return STR("unyanked");
    case YANK_ALREADY_YANKED:
        return STR("already_yanked");
    case YANK_ALREADY_UNYANKED:
        break;
    }
    return STR("already_unyanked");
}
