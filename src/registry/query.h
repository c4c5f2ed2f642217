/* Finding plugins in an index: search and info.
 *
 * Source: docs/cli.md, "search" and "info"; docs/formats.md, "SemVer" (which of several
 *   tying versions is newest).
 * Ownership: results live in the arena and view the index.
 * Errors: false only when memory is out.
 * Cost: about linear in the number of entries, also for a plugin of many versions. */
#ifndef REGISTRY_QUERY_H
#define REGISTRY_QUERY_H

#include "grammar/semver.h"
#include "schema/index.h"

struct query_filter {
    struct str text;                       /* search only; trimmed by query_search */
    struct str trigger;                    /* absent: any */
    const struct semver *database_version; /* NULL: any */
    struct str database_version_text;      /* as given, for `actual` */
    bool include_yanked;
    bool include_incompatible;
};

struct hidden_reason {
    bool yanked;         /* else: incompatible_database_version */
    struct str required; /* display form */
    struct str actual;
};

struct query_hit {
    size_t entry;
    struct index_record record;
    struct hidden_reason reasons[2]; /* yanked first */
    size_t reason_count;             /* 0: visible */
};

struct query_hits {
    struct query_hit *items;
    size_t count;
};

bool query_search(const struct index *index, const struct query_filter *filter,
                  struct arena *arena, struct query_hits *hits);

enum info_outcome { INFO_FOUND, INFO_NOT_FOUND, INFO_FILTERED_OUT };

struct info_result {
    enum info_outcome outcome;
    struct query_hit hit;            /* found */
    struct str artifact_url;         /* found */
    struct hidden_reason reasons[2]; /* filtered out: distinct kinds, yanked first */
    size_t reason_count;
};

/* `version` absent: the newest selectable. */
bool query_info(const struct index *index, struct str name, struct str version,
                const struct query_filter *filter, struct arena *arena,
                struct info_result *result);

#endif
