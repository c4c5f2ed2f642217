#include <assert.h>
#include <stdlib.h>

#include "base/bits.h"
#include "base/pages.h"
#include "grammar/name.h"
#include "schema/index_parse.h"
#include "schema/index_rows.h"

void index_release(struct index *index) {
    free(index->entries);
    buf_release(&index->source);
    arena_release(&index->arena);
    *index = (struct index){0};
}

struct str index_entry_name(const struct index *index, size_t entry) {
    const struct index_entry *row = &index->entries[entry];
    return (struct str){row->name, row->name_len};
}

struct str index_entry_version(const struct index *index, size_t entry) {
    const struct index_entry *row = &index->entries[entry];
    return (struct str){row->version, row->version_len};
}

bool index_entry_yanked(const struct index *index, size_t entry) {
    return (index->entries[entry].flags & ROW_YANKED) != 0;
}

void index_entry_set_yanked(struct index *index, size_t entry, bool yanked) {
    struct index_entry *row = &index->entries[entry];
    if (index_entry_yanked(index, entry) != yanked) {
        row->flags = (uint8_t)((row->flags ^ ROW_YANKED) & ~ROW_CANONICAL);
    }
}

uint32_t index_entry_group(const struct index *index, size_t entry) {
    return index->entries[entry].group;
}

size_t index_first_of_name(const struct index *index, struct str name) {
    uint32_t different = ROW_LAST; /* the group of the row before */
    for (size_t i = 0; i < index->count; i++) {
        if (index->entries[i].group == different) {
            continue;
        }
        if (name_canonical_equal(index_entry_name(index, i), name)) {
            return i;
        }
        different = index->entries[i].group;
    }
    return INDEX_NONE;
}

size_t index_next_of_name(const struct index *index, size_t entry) {
    uint32_t next = index->entries[entry].next;
    return next == ROW_LAST ? INDEX_NONE : next;
}

bool index_entry_has_trigger(const struct index *index, size_t entry,
                             struct str trigger) {
    return (index->entries[entry].triggers & index_trigger_bit(trigger)) != 0;
}

/* The string whose opening quote is at `offset` of the source. */
static struct str string_at(const struct index *index, uint32_t offset,
                            struct arena *arena) {
    struct json_scan scan;
    struct json_string string = {0};
    struct str text = STR_NONE;
    json_begin(&scan, buf_str(&index->source));
    scan.at += offset;
    bool good = json_string(&scan, &string);
    assert(good);
    if (!good || !string.escaped) {
        return string.raw;
    }
    return json_decode(arena, string.raw, &text) == JSON_DECODED ? text : STR_NONE;
}

struct str index_entry_description(const struct index *index, size_t entry,
                                   struct arena *arena) {
    const struct index_entry *row = &index->entries[entry];
    if (row->added != NULL) {
        return row->added->fields.description;
    }
    return row->description_len == ROW_ESCAPED
               ? string_at(index, row->description, arena)
               : (struct str){index->source.ptr + row->description + 1,
                              row->description_len};
}

void index_entry_expect(const struct index *index, size_t entry) {
    enum { LINE = 64 };
    if (entry < index->count && index->entries[entry].added == NULL) {
        const struct index_entry *row = &index->entries[entry];
        bits_prefetch(index->source.ptr + row->description);
        if (row->description + LINE < index->source.len) {
            bits_prefetch(index->source.ptr + row->description + LINE);
        }
    }
}

struct str index_entry_requirement(const struct index *index, size_t entry,
                                   struct arena *arena) {
    const struct index_entry *row = &index->entries[entry];
    return row->added != NULL ? row->added->fields.database_version
                              : string_at(index, row->requirement, arena);
}

struct index_match index_find(const struct index *index, struct str name,
                              struct str version) {
    struct index_match match = {INDEX_NONE, INDEX_NONE, INDEX_NONE, INDEX_NONE};
    for (size_t i = index_first_of_name(index, name); i != INDEX_NONE;
         i = index_next_of_name(index, i)) {
        bool same_name = str_equal(index_entry_name(index, i), name);
        bool same_version = str_equal(index_entry_version(index, i), version);
        size_t *first = same_name ? &match.first_same_name : &match.other_spelling;
        if (*first == INDEX_NONE) {
            *first = i;
        }
        if (same_version && match.same_version == INDEX_NONE) {
            match.same_version = i;
        }
        if (same_version && same_name && match.exact == INDEX_NONE) {
            match.exact = i;
        }
    }
    return match;
}

struct index_entry *index_add_row(struct index *index) {
    if (index->count == index->room) {
        /* Room for an index like most at once, then by halves. */
        size_t room = index->room == 0 ? index->source.len / 640 + 16
                                       : index->room + index->room / 2;
        struct index_entry *grown = realloc(index->entries, room * sizeof *grown);
        if (grown == NULL) {
            return NULL;
        }
        index->entries = grown;
        index->room = room;
        pages_prefer_large(grown, room * sizeof *grown);
    }
    return index->count >= ROW_LAST ? NULL : &index->entries[index->count++];
}

uint8_t index_trigger_bit(struct str trigger) {
    for (unsigned i = 0; trigger_types[i] != NULL; i++) {
        if (strncmp(trigger_types[i], trigger.ptr, trigger.len) == 0 &&
            trigger_types[i][trigger.len] == '\0') {
            return (uint8_t)(1U << i);
        }
    }
    return 0;
}

uint64_t index_version_rank(const struct semver *version) {
    const uint64_t limit = UINT64_C(1) << 21;
    bool small = version->major < limit && version->minor < limit &&
                 version->patch < limit && version->pre.len == 0 &&
                 version->build.len == 0;
    return small ? (version->major << 42 | version->minor << 21 | version->patch) + 1
                 : 0;
}

static struct semver version_of(const struct index *index, size_t entry) {
    struct semver version = {0};
    struct syntax_error error;
    enum grammar_status status =
        semver_parse(index_entry_version(index, entry), &version, &error);
    assert(status == GRAMMAR_OK);
    (void)status;
    return version;
}

int index_compare_versions(const struct index *index, size_t a, size_t b,
                           int (*compare)(const struct semver *,
                                          const struct semver *)) {
    uint64_t left = index->entries[a].rank;
    uint64_t right = index->entries[b].rank;
    if (left != 0 && right != 0) {
        return (left > right) - (left < right);
    }
    struct semver left_version = version_of(index, a);
    struct semver right_version = version_of(index, b);
    return compare(&left_version, &right_version);
}

bool index_append(struct index *index, const struct index_record *record) {
    const struct fields *fields = &record->fields;
    size_t entry = index->count;
    size_t last = INDEX_NONE;
    for (size_t i = index_first_of_name(index, fields->name); i != INDEX_NONE;
         i = index_next_of_name(index, i)) {
        last = i;
    }
    struct index_entry *row = index_add_row(index);
    if (row == NULL) {
        return false;
    }
    *row = (struct index_entry){
        .name = fields->name.ptr,
        .version = fields->version.ptr,
        .added = record,
        .name_len = (uint32_t)fields->name.len,
        .version_len = (uint32_t)fields->version.len,
        .group = last == INDEX_NONE ? index->group_count : index->entries[last].group,
        .next = ROW_LAST,
        .flags = (uint8_t)((record->yanked ? ROW_YANKED : 0) | ROW_WIDE),
    };
    for (size_t i = 0; i < fields->trigger_count; i++) {
        row->triggers |= index_trigger_bit(fields->triggers[i]);
    }
    struct semver version = version_of(index, entry);
    row->rank = index_version_rank(&version);
    if (last == INDEX_NONE) {
        index->group_count++;
    } else {
        index->entries[last].next = (uint32_t)entry;
    }
    return true;
}

/* Texts with escapes were decoded into the parse's arena; arrays must outlive it. */
static bool copy_fields(const struct raw_fields *raw, struct arena *arena,
                        struct fields *fields) {
    struct str *triggers = arena_array(arena, raw->trigger_count, sizeof *triggers);
    struct str *python = arena_array(arena, raw->python_count, sizeof *python);
    struct plugin_dependency *plugins =
        arena_array(arena, raw->plugin_count, sizeof *plugins);
    if (triggers == NULL || python == NULL || plugins == NULL) {
        return false;
    }
    for (size_t i = 0; i < raw->trigger_count; i++) {
        triggers[i] = raw->triggers[i].text;
    }
    for (size_t i = 0; i < raw->python_count; i++) {
        python[i] = raw->python[i].text;
    }
    for (size_t i = 0; i < raw->plugin_count; i++) {
        plugins[i] = (struct plugin_dependency){raw->plugins[i].index_url.text,
                                                raw->plugins[i].name.text,
                                                raw->plugins[i].version.text};
    }
    *fields = (struct fields){.name = raw->name.text,
                              .version = raw->version.text,
                              .description = raw->description.text,
                              .triggers = triggers,
                              .trigger_count = raw->trigger_count,
                              .homepage = raw->homepage.text,
                              .repository = raw->repository.text,
                              .documentation = raw->documentation.text,
                              .database_version = raw->database_version.text,
                              .python = python,
                              .python_count = raw->python_count,
                              .plugins = plugins,
                              .plugin_count = raw->plugin_count};
    return true;
}

static bool normalize_fields(const struct raw_fields *raw, size_t entry,
                             struct arena *arena, struct fields *fields) {
    struct diag_list defects = {0};
    struct field_scope scope = {
        .in_index = true, .entry = entry, .arena = arena, .defects = &defects};
    return fields_check_identity(&scope, raw, fields) &&
           fields_check_rest(&scope, raw, fields);
}

bool index_parse_decode(struct index_parse *parse, const struct index *index,
                        size_t entry, struct index_record *record) {
    const struct index_entry *row = &index->entries[entry];
    parse->scan.at = parse->scan.start + row->begin;
    if (!index_parse_entry(parse)) {
        assert(parse->scan.no_memory);
        return false;
    }
    *record = (struct index_record){.published_at = parse->published_at.text,
                                    .hash = parse->hash.text,
                                    .yanked = index_entry_yanked(index, entry)};
    return (row->flags & ROW_WRITTEN_FORM) != 0
               ? copy_fields(&parse->fields, parse->arena, &record->fields)
               : normalize_fields(&parse->fields, entry, parse->arena, &record->fields);
}

bool index_entry_decode(const struct index *index, size_t entry, struct arena *arena,
                        struct index_record *record) {
    const struct index_entry *row = &index->entries[entry];
    if (row->added != NULL) {
        *record = *row->added;
        record->yanked = index_entry_yanked(index, entry);
        return true;
    }
    struct index_parse parse;
    index_parse_begin(&parse, buf_str(&index->source), arena);
    bool good = index_parse_decode(&parse, index, entry, record);
    index_parse_release(&parse);
    return good;
}
