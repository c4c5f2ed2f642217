#include "schema/index_names.h"

#include <stdlib.h>

#include "grammar/name.h"

void index_names_begin(struct index_names *names, const struct index *index) {
    *names = (struct index_names){0};
    buf_init(&names->canonical, SIZE_MAX);
    /* Where things lie differs from run to run, and who writes an index does not know
     * it; the verdicts do not depend on it. */
    names->key.half[0] =
        (uint64_t)(uintptr_t)index->source.ptr ^ UINT64_C(0x9E3779B97F4A7C15);
    names->key.half[1] = (uint64_t)(uintptr_t)names * UINT64_C(0xD6E8FEB86659FD93);
}

void index_names_release(struct index_names *names) {
    free(names->by_name.slots);
    free(names->by_version.slots);
    free(names->groups.items);
    buf_release(&names->canonical);
}

static bool make_room(struct index_name_table *table) {
    if (table->count < table->room / 2) {
        return true;
    }
    size_t room = table->room == 0 ? 64 : table->room * 2;
    struct index_name_slot *slots = calloc(room, sizeof *slots);
    if (slots == NULL) {
        return false;
    }
    for (size_t i = 0; i < table->room; i++) {
        if (table->slots[i].item != 0) {
            size_t at = table->slots[i].hash & (room - 1);
            while (slots[at].item != 0) {
                at = (at + 1) & (room - 1);
            }
            slots[at] = table->slots[i];
        }
    }
    free(table->slots);
    table->slots = slots;
    table->room = room;
    return true;
}

static struct str name_of(const struct index_entry *row) {
    return (struct str){row->name, row->name_len};
}

static struct str version_of(const struct index_entry *row) {
    return (struct str){row->version, row->version_len};
}

/* The row's group, made if it is new: then its `first` is the row. */
static struct index_name_group *find_group(struct index_names *names,
                                           const struct index *index, uint32_t entry) {
    struct str name = name_of(&index->entries[entry]);
    buf_clear(&names->canonical);
    if (!buf_reserve(&names->canonical, name.len) || !make_room(&names->by_name)) {
        return NULL;
    }
    name_canonicalize(name, names->canonical.ptr);
    uint32_t hash =
        (uint32_t)hash_str(&names->key, (struct str){names->canonical.ptr, name.len});
    struct index_name_table *table = &names->by_name;
    size_t at = hash & (table->room - 1);
    while (table->slots[at].item != 0) {
        struct index_name_group *group =
            (struct index_name_group *)names->groups.items +
            (table->slots[at].item - 1);
        if (table->slots[at].hash == hash &&
            name_canonical_equal(name_of(&index->entries[group->first]), name)) {
            return group;
        }
        at = (at + 1) & (table->room - 1);
    }
    struct index_name_group *group = index_vec_add(&names->groups, sizeof *group);
    if (group == NULL) {
        return NULL;
    }
    *group =
        (struct index_name_group){.first = entry, .last = entry, .listed_next = entry};
    table->slots[at] = (struct index_name_slot){hash, (uint32_t)names->groups.count};
    table->count++;
    return group;
}

/* Enters name and version: 1 if they are new, 0 if not, -1 when memory is out. */
static int enter_version(struct index_names *names, const struct index *index,
                         uint32_t entry) {
    const struct index_entry *row = &index->entries[entry];
    struct index_name_table *table = &names->by_version;
    if (!make_room(table)) {
        return -1;
    }
    uint64_t mixed = hash_str(&names->key, version_of(row)) ^
                     (row->group + UINT64_C(1)) * UINT64_C(0x9E3779B97F4A7C15);
    uint32_t hash = (uint32_t)(mixed ^ mixed >> 32);
    size_t at = hash & (table->room - 1);
    for (; table->slots[at].item != 0; at = (at + 1) & (table->room - 1)) {
        const struct index_entry *other = &index->entries[table->slots[at].item - 1];
        if (table->slots[at].hash == hash && other->group == row->group &&
            str_equal(version_of(other), version_of(row)) &&
            str_equal(name_of(other), name_of(row))) {
            return 0;
        }
    }
    table->slots[at] = (struct index_name_slot){hash, entry + 1};
    table->count++;
    return 1;
}

/* Are name and version new? Versions in ascending order, as most files have them, need
 * no table: whatever is larger than all others is none of them. */
static int check_version(struct index_names *names, const struct index *index,
                         struct index_name_group *group, uint32_t entry) {
    uint64_t rank = index->entries[entry].rank;
    if (group->first == entry) {
        group->tabled = rank == 0;
        group->rank = rank;
        return rank != 0 ? 1 : enter_version(names, index, entry);
    }
    if (!group->tabled && !group->mixed && rank > group->rank) {
        group->rank = rank;
        return 1;
    }
    for (uint32_t i = group->first; !group->tabled && i != entry;
         i = index->entries[i].next) {
        if (enter_version(names, index, i) < 0) {
            return -1;
        }
    }
    group->tabled = true;
    return enter_version(names, index, entry);
}

/* The group of the row, which may be a new one. */
static struct index_name_group *group_of(struct index_names *names,
                                         const struct index *index, uint32_t entry) {
    const struct index_entry *row = &index->entries[entry];
    if (entry > 0 && str_equal(name_of(row - 1), name_of(row))) {
        return (struct index_name_group *)names->groups.items + row[-1].group;
    }
    return find_group(names, index, entry);
}

enum index_name_verdict index_names_enter(struct index_names *names,
                                          const struct index *index, uint32_t entry) {
    struct index_entry *row = &index->entries[entry];
    struct index_name_group *group = group_of(names, index, entry);
    if (group == NULL) {
        return INDEX_NAME_NO_MEMORY;
    }
    row->group = (uint32_t)(group - (struct index_name_group *)names->groups.items);
    row->next = ROW_LAST;
    if (group->first != entry) {
        index->entries[group->last].next = entry;
        group->last = entry;
        group->mixed = group->mixed ||
                       !str_equal(name_of(&index->entries[group->first]), name_of(row));
    }
    bool other_spelling = group->mixed;
    int entered = check_version(names, index, group, entry);
    if (entered < 0) {
        return INDEX_NAME_NO_MEMORY;
    }
    return entered == 0     ? INDEX_NAME_DUPLICATE
           : other_spelling ? INDEX_NAME_COLLISION
                            : INDEX_NAME_NEW;
}

bool index_names_existing(struct index_names *names, const struct index *index,
                          uint32_t entry, struct arena *arena,
                          struct detail *existing) {
    struct index_name_group *group =
        (struct index_name_group *)names->groups.items + index->entries[entry].group;
    while (group->listed_next != entry) {
        if (group->listed_count == group->listed_room) {
            uint32_t room = group->listed_room == 0 ? 4 : group->listed_room * 2;
            struct name_version *grown = arena_array(arena, room, sizeof *grown);
            if (grown == NULL) {
                return false;
            }
            for (uint32_t i = 0; i < group->listed_count; i++) {
                grown[i] = group->listed[i];
            }
            group->listed = grown;
            group->listed_room = room;
        }
        const struct index_entry *row = &index->entries[group->listed_next];
        group->listed[group->listed_count++] =
            (struct name_version){name_of(row), version_of(row)};
        group->listed_next = row->next;
    }
    *existing = (struct detail)DETAIL_VERSIONS(group->listed, group->listed_count);
    return true;
}
