/* A registry as it lies there: its index, all objects, and what each is.
 *
 * For verify and repair. Ownership: texts live in the arena; the index and the text are
 *   the survey's, until survey_release, in every case.
 * Errors: REGISTRY_FAILED with the store's failure, or registry::not_found. */
#ifndef REGISTRY_SURVEY_H
#define REGISTRY_SURVEY_H

#include "registry/registry.h"

/* What a command leaves behind is of one at work while it is younger. */
enum { SURVEY_AT_WORK_S = 3600 };

enum survey_journal {
    SURVEY_IN_STEP, /* index.json is the journal's newest; or the host has no journal */
    SURVEY_BEHIND,  /* it is an older one */
    SURVEY_FOREIGN  /* it is none of them */
};

struct survey {
    bool has_index;
    struct buf text; /* of index.json */
    struct index index;
    struct diag *invalid; /* registry::index_invalid; NULL: it is valid */
    bool is_canonical;
    bool has_list;
    struct store_list list; /* all objects, by name */
    enum survey_journal journal;
    uint64_t newest;       /* number of the journal or history; 0: there is none */
    uint64_t current;      /* of index.json, where it is behind; else 0 */
    struct str *withdrawn; /* artifacts that only an earlier index names */
    size_t withdrawn_count;
};

/* Looks again for some seconds while index.json is not in step, as someone may be at
 * bringing it there. One that is missing is no failure where `may_be_missing`. */
enum registry_status survey_take(struct arena *arena, struct store *store,
                                 const struct registry_host *host, bool may_be_missing,
                                 struct survey *survey, struct diag **failure);
void survey_release(struct survey *survey);

/* The object of that name in the list, or NULL. */
const struct store_object *survey_find(const struct survey *survey, struct str name);

enum survey_kind {
    SURVEY_OTHER,      /* none of a registry's, or as it should be */
    SURVEY_ORPHAN,     /* an artifact's name that no entry has */
    SURVEY_WITHDRAWN,  /* one that an earlier index has: it was rolled back */
    SURVEY_LEFTOVER,   /* of a command that ended long ago */
    SURVEY_INCOMPLETE, /* of an upload that ended long ago */
};
/* Finds the withdrawn ones; reads the history only where there are orphans. */
enum registry_status survey_recall(struct arena *arena, struct store *store,
                                   struct survey *survey, struct diag **failure);
enum survey_kind survey_kind_of(const struct survey *survey,
                                const struct store_object *object, int64_t now_s);

#endif
