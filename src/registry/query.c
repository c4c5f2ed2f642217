#include "registry/query.h"

#include <stdlib.h>

#include "grammar/name.h"
#include "grammar/url.h"
#include "grammar/version_req.h"
#include "registry/text_match.h"

/* Descriptions lie far apart: how many entries ahead they are asked for. */
enum { EXPECTED_AHEAD = 12 };

/* A query over all entries, with what it remembers from one to the next. */
struct query {
    const struct index *index;
    const struct query_filter *filter;
    struct arena *arena;
    struct text_needle plain;
    struct text_needle canonical;
    /* Entries of one plugin mostly stand together and require the same. */
    uint32_t name_group;
    bool name_matches;
    struct str requirement; /* the last one that was looked at, or absent */
    bool compatible;
    bool no_memory;
};

static bool out_of_memory(struct query *query) {
    query->no_memory = true;
    return false;
}

/* Does the entry's requirement hold? True where no version is asked for. */
static bool is_compatible(struct query *query, size_t entry) {
    if (query->filter->database_version == NULL) {
        return true;
    }
    struct str text = index_entry_requirement(query->index, entry, query->arena);
    if (text.ptr == NULL) {
        return out_of_memory(query);
    }
    if (query->requirement.ptr == NULL || !str_equal(query->requirement, text)) {
        struct version_req required;
        struct syntax_error error;
        query->requirement = text;
        query->compatible =
            version_req_parse(text, &required, &error) == GRAMMAR_OK &&
            version_req_matches(&required, query->filter->database_version);
    }
    return query->compatible;
}

static bool is_selectable(struct query *query, size_t entry) {
    const struct query_filter *filter = query->filter;
    return (filter->include_yanked || !index_entry_yanked(query->index, entry)) &&
           (filter->include_incompatible || is_compatible(query, entry));
}

static bool text_matches(struct query *query, size_t entry) {
    if (query->plain.folded.len == 0) {
        return true;
    }
    uint32_t group = index_entry_group(query->index, entry);
    if (group != query->name_group) {
        struct str name = index_entry_name(query->index, entry);
        query->name_group = group;
        query->name_matches = text_contains(name, &query->plain) ||
                              text_contains(name, &query->canonical);
    }
    if (query->name_matches) {
        return true;
    }
    struct arena_mark mark = arena_mark(query->arena);
    struct str description = index_entry_description(query->index, entry, query->arena);
    bool found = description.ptr == NULL ? out_of_memory(query)
                                         : text_contains(description, &query->plain);
    arena_rewind(query->arena, mark);
    return found;
}

/* The newer of an entry and the newest so far, INDEX_NONE at first. */
static size_t newer(const struct index *index, size_t newest, size_t entry) {
    bool stays = newest != INDEX_NONE &&
                 index_compare_versions(index, entry, newest, semver_compare) <= 0;
    return stays ? newest : entry;
}

/* Everything about an entry that was chosen, and why it might be hidden. */
static bool make_hit(struct query *query, size_t entry, struct query_hit *hit) {
    hit->entry = entry;
    hit->reason_count = 0;
    if (!index_entry_decode(query->index, entry, query->arena, &hit->record)) {
        return out_of_memory(query);
    }
    if (hit->record.yanked) {
        hit->reasons[hit->reason_count++] = (struct hidden_reason){.yanked = true};
    }
    if (!is_compatible(query, entry)) {
        hit->reasons[hit->reason_count++] =
            (struct hidden_reason){.required = hit->record.fields.database_version,
                                   .actual = query->filter->database_version_text};
    }
    return !query->no_memory;
}

static bool begin(struct query *query, const struct index *index,
                  const struct query_filter *filter, struct arena *arena) {
    struct str text = text_trim(filter->text);
    *query = (struct query){
        .index = index, .filter = filter, .arena = arena, .name_group = UINT32_MAX};
    return text_needle_init(&query->plain, arena, text, false) &&
           text_needle_init(&query->canonical, arena, text, true);
}

struct chosen {
    struct str name;
    size_t entry;
};

static int compare_chosen(const void *left, const void *right) {
    const struct chosen *a = left;
    const struct chosen *b = right;
    return name_canonical_compare(a->name, b->name);
}

/* The newest matching entry of each plugin; `newest` has a place a group. */
static bool choose(struct query *query, size_t *newest) {
    const struct index *index = query->index;
    struct str trigger = query->filter->trigger;
    for (size_t i = 0; i < index->count; i++) {
        if (query->plain.folded.len > 0) {
            index_entry_expect(index, i + EXPECTED_AHEAD);
        }
        if ((trigger.ptr == NULL || index_entry_has_trigger(index, i, trigger)) &&
            text_matches(query, i) && is_selectable(query, i)) {
            size_t *place = &newest[index_entry_group(index, i)];
            *place = newer(index, *place, i);
        }
        if (query->no_memory) {
            return false;
        }
    }
    return true;
}

/* The hits of what was chosen, in order of canonical names. */
static bool collect(struct query *query, const size_t *newest, struct chosen *chosen,
                    struct query_hits *hits) {
    const struct index *index = query->index;
    size_t count = 0;
    for (size_t i = 0; i < index->group_count; i++) {
        if (newest[i] != INDEX_NONE) {
            chosen[count++] =
                (struct chosen){index_entry_name(index, newest[i]), newest[i]};
        }
    }
    qsort(chosen, count, sizeof *chosen, compare_chosen);
    hits->items = arena_array(query->arena, count, sizeof *hits->items);
    hits->count = count;
    bool good = hits->items != NULL;
    for (size_t i = 0; good && i < count; i++) {
        good = make_hit(query, chosen[i].entry, &hits->items[i]);
    }
    return good;
}

bool query_search(const struct index *index, const struct query_filter *filter,
                  struct arena *arena, struct query_hits *hits) {
    struct query query;
    /* One more: an empty index is no failure. */
    size_t *newest = calloc((size_t)index->group_count + 1, sizeof *newest);
    struct chosen *chosen = calloc((size_t)index->group_count + 1, sizeof *chosen);
    bool good = newest != NULL && chosen != NULL && begin(&query, index, filter, arena);
    for (size_t i = 0; good && i < index->group_count; i++) {
        newest[i] = INDEX_NONE;
    }
    good = good && choose(&query, newest) && collect(&query, newest, chosen, hits);
    free(chosen);
    free(newest);
    return good;
}

/* Adds the reasons that this entry has and the result not yet. */
static bool add_reasons(struct query *query, size_t entry, bool *yanked,
                        struct hidden_reason *incompatible) {
    *yanked = *yanked || index_entry_yanked(query->index, entry);
    if (incompatible->required.ptr != NULL || is_compatible(query, entry)) {
        return !query->no_memory;
    }
    struct index_record record;
    if (query->no_memory ||
        !index_entry_decode(query->index, entry, query->arena, &record)) {
        return out_of_memory(query);
    }
    incompatible->required = record.fields.database_version;
    incompatible->actual = query->filter->database_version_text;
    return true;
}

static bool filter_out(struct query *query, size_t first, struct info_result *result) {
    bool yanked = false;
    struct hidden_reason incompatible = {0};
    for (size_t i = first; i != INDEX_NONE; i = index_next_of_name(query->index, i)) {
        if (!add_reasons(query, i, &yanked, &incompatible)) {
            return false;
        }
    }
    result->outcome = INFO_FILTERED_OUT;
    if (yanked) {
        result->reasons[result->reason_count++] =
            (struct hidden_reason){.yanked = true};
    }
    if (incompatible.required.ptr != NULL) {
        result->reasons[result->reason_count++] = incompatible;
    }
    return true;
}

static bool find_artifact(struct query *query, struct info_result *result) {
    const struct fields *fields = &result->hit.record.fields;
    struct url base;
    struct syntax_error error;
    struct str file = arena_concat(
        query->arena,
        (struct str[]){fields->name, STR("-"), fields->version, STR(".tar.gz")}, 4);
    return file.ptr != NULL &&
           url_parse(query->arena, query->index->artifacts_url, &base, &error) ==
               GRAMMAR_OK &&
           url_append_segment(query->arena, &base, file, &result->artifact_url) ==
               GRAMMAR_OK;
}

/* The entry of that version, or the newest selectable one. */
static bool choose_version(struct query *query, size_t first, struct str version,
                           size_t *newest) {
    for (size_t i = first; i != INDEX_NONE; i = index_next_of_name(query->index, i)) {
        bool wanted = version.ptr == NULL
                          ? is_selectable(query, i)
                          : str_equal(index_entry_version(query->index, i), version);
        if (query->no_memory) {
            return false;
        }
        if (wanted) {
            *newest = newer(query->index, *newest, i);
        }
    }
    return true;
}

bool query_info(const struct index *index, struct str name, struct str version,
                const struct query_filter *filter, struct arena *arena,
                struct info_result *result) {
    struct query query;
    size_t newest = INDEX_NONE;
    *result = (struct info_result){.outcome = INFO_NOT_FOUND};
    size_t first = index_first_of_name(index, name);
    if (!begin(&query, index, filter, arena) ||
        !choose_version(&query, first, version, &newest)) {
        return false;
    }
    if (newest != INDEX_NONE) {
        result->outcome = INFO_FOUND;
        return make_hit(&query, newest, &result->hit) && find_artifact(&query, result);
    }
    return first == INDEX_NONE || version.ptr != NULL ||
           filter_out(&query, first, result);
}
