#include "registry/change_drive.h"

/* What one has that the other lacks. */
static size_t count_lacking(const struct index *of, const struct index *in) {
    size_t count = 0;
    for (size_t i = 0; i < of->count; i++) {
        struct index_match match =
            index_find(in, index_entry_name(of, i), index_entry_version(of, i));
        count += match.exact == INDEX_NONE;
    }
    return count;
}

static struct str describe(struct arena *arena, const struct index *newest,
                           const struct index *found, uint64_t serial) {
    return arena_printf(arena,
                        "it equals no entry of the journal, has %zu plugin version(s) "
                        "that the newest entry, number %llu, lacks, and lacks %zu that "
                        "are there",
                        count_lacking(found, newest), (unsigned long long)serial,
                        count_lacking(newest, found));
}

enum registry_status change_foreign(struct change_drive *drive,
                                    const struct change_machine *machine) {
    struct index newest;
    struct index found;
    struct diag *broken = NULL;
    struct arena *arena = drive->arena;
    struct str location = drive->store->location;
    struct str note =
        STR("it equals no entry of the journal, and one of them is invalid");
    enum registry_status status = change_parse(arena, location, STORE_INDEX_NAME,
                                               machine->base, &newest, &broken);
    enum registry_status other = change_parse(arena, location, STORE_INDEX_NAME,
                                              machine->found, &found, &broken);
    if (status == REGISTRY_OK && other == REGISTRY_OK) {
        note = describe(arena, &newest, &found, machine->newest);
    }
    index_release(&newest);
    index_release(&found);
    if (status == REGISTRY_NO_MEMORY || other == REGISTRY_NO_MEMORY) {
        return REGISTRY_NO_MEMORY;
    }
    return change_fail(arena, ERROR_REGISTRY_FOREIGN_INDEX, location, note,
                       drive->failure);
}
