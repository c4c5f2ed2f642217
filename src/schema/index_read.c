#include "schema/index_read.h"

#include <stdlib.h>

#include "grammar/name.h"
#include "schema/index_check.h"

enum root_key { SCHEMA_VERSION, ARTIFACTS_URL, PLUGINS };

static const struct index_key root_list[] = {INDEX_KEY("  ", "index_schema_version"),
                                             INDEX_KEY("  ", "artifacts_url"),
                                             INDEX_KEY("  ", "plugins")};

static const struct index_keys root_keys = {
    root_list, 3, 1 << SCHEMA_VERSION | 1 << ARTIFACTS_URL | 1 << PLUGINS, 2};

struct reader {
    struct index *index;
    struct arena *arena; /* of defects */
    struct index_parse parse;
    struct index_check check;
    struct index_names names;
    struct diag_list entry_defects;
    struct field_text schema_version;
    struct field_text artifacts_url;
    struct index_member *unknown; /* of the root */
    bool no_memory;
};

static bool out_of_memory(struct reader *reader) {
    reader->no_memory = true;
    return false;
}

static uint8_t flags_of(const struct index_parse *parse, bool written_form) {
    unsigned flags = parse->yanked ? ROW_YANKED : 0;
    if (written_form) {
        flags |= ROW_WRITTEN_FORM;
        flags |= parse->canonical ? ROW_CANONICAL : 0;
    }
    flags |= parse->description_ascii && !parse->description_escaped ? 0 : ROW_WIDE;
    return (uint8_t)flags;
}

/* A view that outlives the entry: into the source, or a copy. */
static bool keep(struct reader *reader, struct str text, const char **ptr,
                 uint32_t *len) {
    const struct json_scan *scan = &reader->parse.scan;
    bool in_source = (uintptr_t)text.ptr >= (uintptr_t)scan->start &&
                     (uintptr_t)text.ptr < (uintptr_t)scan->end;
    struct str kept = in_source ? text : arena_copy(&reader->index->arena, text);
    *ptr = kept.ptr;
    *len = (uint32_t)kept.len;
    return kept.ptr != NULL || out_of_memory(reader);
}

static bool fill_row(struct reader *reader, struct index_entry *row,
                     const struct index_check_result *checked) {
    const struct index_parse *parse = &reader->parse;
    const struct raw_fields *raw = &parse->fields;
    *row = (struct index_entry){
        .begin = (uint32_t)parse->begin,
        .end = (uint32_t)parse->end,
        .description = (uint32_t)raw->description.offset,
        .requirement = (uint32_t)raw->database_version.offset,
        .rank = checked->rank,
        .triggers = parse->trigger_bits,
        .description_len = ROW_ESCAPED,
        .flags = flags_of(parse, checked->written_form),
    };
    if (!parse->description_escaped && raw->description.text.len < ROW_ESCAPED) {
        row->description_len = (uint16_t)raw->description.text.len;
    }
    return keep(reader, raw->name.text, &row->name, &row->name_len) &&
           keep(reader, raw->version.text, &row->version, &row->version_len);
}

static bool add_diag(struct reader *reader, struct diag *diag) {
    if (diag == NULL) {
        return out_of_memory(reader);
    }
    diag->place.offset = reader->parse.begin;
    diag_append(&reader->entry_defects, diag);
    return true;
}

/* DuplicateIndexEntry or CanonicalCollision of the last row. */
static bool check_identity(struct reader *reader) {
    struct index *index = reader->index;
    uint32_t entry = (uint32_t)(index->count - 1);
    enum index_name_verdict verdict = index_names_enter(&reader->names, index, entry);
    if (verdict == INDEX_NAME_NEW) {
        return true;
    }
    if (verdict == INDEX_NAME_NO_MEMORY) {
        return out_of_memory(reader);
    }
    struct arena *arena = reader->arena;
    struct str name = index_entry_name(index, entry);
    struct str field = arena_printf(arena, "plugins[%u]", (unsigned)entry);
    if (field.ptr == NULL) {
        return out_of_memory(reader);
    }
    if (verdict == INDEX_NAME_DUPLICATE) {
        struct detail details[] = {DETAIL_TEXT(name),
                                   DETAIL_TEXT(index_entry_version(index, entry))};
        return add_diag(reader, diag_new_variant(arena, VARIANT_DUPLICATE_INDEX_ENTRY,
                                                 field, details, 2));
    }
    char *canonical = arena_bytes(arena, name.len);
    struct detail details[3] = {DETAIL_TEXT(name)};
    if (canonical == NULL ||
        !index_names_existing(&reader->names, index, entry, arena, &details[2])) {
        return out_of_memory(reader);
    }
    name_canonicalize(name, canonical);
    details[1] = (struct detail)DETAIL_TEXT(((struct str){canonical, name.len}));
    return add_diag(reader, diag_new_variant(arena, VARIANT_INDEX_CANONICAL_COLLISION,
                                             field, details, 3));
}

static bool read_entry(struct reader *reader) {
    struct index_parse *parse = &reader->parse;
    struct index_check_result checked;
    size_t defects = reader->entry_defects.count;
    struct arena_mark mark = arena_mark(reader->arena);
    if (!index_parse_entry(parse)) {
        return false;
    }
    if (!index_check_entry(&reader->check, parse, reader->index->count, &checked)) {
        return out_of_memory(reader);
    }
    struct index_entry *row = index_add_row(reader->index);
    if (row == NULL || !fill_row(reader, row, &checked)) {
        return out_of_memory(reader);
    }
    if (reader->entry_defects.count == defects) {
        arena_rewind(reader->arena, mark);
    }
    return check_identity(reader);
}

static bool read_entries(struct reader *reader) {
    struct index_array array = {0};
    /* What is unknown in the root so far gives way to each entry's own. */
    struct index_vec root_unknown = reader->parse.unknown;
    reader->parse.unknown = (struct index_vec){0};
    bool good = index_array_open(&reader->parse, &array, root_list[PLUGINS].name, 4);
    while (good && index_array_next(&reader->parse, &array)) {
        good = read_entry(reader);
    }
    free(reader->parse.unknown.items);
    reader->parse.unknown = root_unknown;
    return good && array.end;
}

static bool read_root(struct reader *reader) {
    struct index_parse *parse = &reader->parse;
    struct index_object object = {.owner = MEMBER_ENTRY};
    int key;
    json_space(&parse->scan);
    if (!index_object_open(parse, &object, &root_keys, "the document must be an object",
                           STR_NONE)) {
        return false;
    }
    while ((key = index_object_next(parse, &object)) >= 0) {
        bool good;
        switch ((enum root_key)key) {
        case SCHEMA_VERSION:
            good =
                index_parse_string(parse, root_list[key].name, &reader->schema_version);
            break;
        case ARTIFACTS_URL:
            good =
                index_parse_string(parse, root_list[key].name, &reader->artifacts_url);
            break;
        default:
            good = read_entries(reader);
        }
        if (!good) {
            return false;
        }
    }
    if (key != OBJECT_END) {
        return false;
    }
    json_space(&parse->scan);
    return parse->scan.at == parse->scan.end ||
           json_fail(&parse->scan, "something follows the index", parse->scan.at);
}

/* The one defect of a broken structure. */
static bool report_structure(struct reader *reader, struct diag_list *defects) {
    const struct index_parse *parse = &reader->parse;
    struct str text = parse->key.ptr == NULL
                          ? arena_printf(reader->arena, "%s", parse->scan.rule)
                          : arena_printf(reader->arena, "`%.*s` %s",
                                         STR_ARG(parse->key), parse->scan.rule);
    struct diag *diag =
        text.ptr == NULL ? NULL
                         : diag_new_variant(reader->arena, VARIANT_JSON_PARSE, STR_NONE,
                                            (struct detail[]){DETAIL_TEXT(text)}, 1);
    if (diag == NULL) {
        return out_of_memory(reader);
    }
    diag->place.offset = (size_t)(parse->scan.wrong - parse->scan.start);
    diag_append(defects, diag);
    return true;
}

/* Schema version alone, then `artifacts_url`, then what the entries have. */
static bool finish(struct reader *reader, struct diag_list *defects) {
    struct index *index = reader->index;
    struct arena *arena = reader->arena;
    if (!schema_version_check(arena, defects, true, &reader->schema_version,
                              &index->schema_minor)) {
        return out_of_memory(reader);
    }
    if (defects->count > 0) {
        return true;
    }
    struct str href = STR_NONE;
    if (!artifacts_url_check(arena, defects, &reader->artifacts_url, &href)) {
        return out_of_memory(reader);
    }
    for (struct diag *diag = reader->entry_defects.first; diag != NULL;) {
        struct diag *next = diag->next;
        diag->next = NULL;
        diag_append(defects, diag);
        diag = next;
    }
    if (defects->count > 0) {
        return true;
    }
    size_t count = reader->parse.unknown.count;
    struct index_member *unknown = arena_array(&index->arena, count, sizeof *unknown);
    index->artifacts_url = arena_copy(&index->arena, href);
    if (unknown == NULL || index->artifacts_url.ptr == NULL) {
        return out_of_memory(reader);
    }
    if (count > 0) {
        memcpy(unknown, reader->parse.unknown.items, count * sizeof *unknown);
    }
    index->unknown = unknown;
    index->unknown_count = count;
    index->group_count = (uint32_t)reader->names.groups.count;
    return true;
}

static enum index_status run(struct reader *reader, struct str file,
                             struct diag_list *defects) {
    struct json_scan *scan = &reader->parse.scan;
    bool good = read_root(reader) ? finish(reader, defects)
                : scan->no_memory || scan->rule == NULL
                    ? out_of_memory(reader)
                    : report_structure(reader, defects);
    if (!good) {
        return INDEX_NO_MEMORY;
    }
    if (defects->count == 0) {
        return INDEX_OK;
    }
    diag_locate_all(defects, file, buf_str(&reader->index->source));
    return INDEX_INVALID;
}

enum index_status index_read(struct index *index, struct buf *source, struct str file,
                             struct arena *diag_arena, struct diag_list *defects) {
    *index = (struct index){.source = *source};
    buf_init(source, source->max);
    struct reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL) {
        return INDEX_NO_MEMORY;
    }
    reader->index = index;
    reader->arena = diag_arena;
    reader->check.arena = diag_arena;
    reader->check.defects = &reader->entry_defects;
    index_parse_begin(&reader->parse, buf_str(&index->source), diag_arena);
    index_names_begin(&reader->names, index);
    enum index_status status = run(reader, file, defects);
    index_names_release(&reader->names);
    index_parse_release(&reader->parse);
    free(reader);
    return status;
}
