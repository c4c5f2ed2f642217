/* verify, repair and sync: a registry against itself, and against another.
 *
 * Source: docs/publishing.md.
 * Ownership: results live in the arena.
 * Errors: REGISTRY_FAILED with one error in `*failure`; defects of a registry are no
 * failure but a list. */
#ifndef REGISTRY_VERIFY_H
#define REGISTRY_VERIFY_H

#include "registry/registry.h"

/* Looks into an artifact whose hash is right: unpacks it and validates what is in it,
 * and that it is the entry's. Appends defects to the list. False: memory is out. */
typedef bool (*verify_unpack)(void *context, struct arena *arena, struct str artifact,
                              const struct index_record *record,
                              struct diag_list *defects);

struct verify_request {
    bool is_deep;
    verify_unpack unpack; /* with is_deep */
    void *unpack_context;
    unsigned jobs;
    const struct registry_host *host;
    void (*progress)(void *context, size_t done, size_t total);
    void *progress_context;
};

struct verify_result {
    size_t entry_count;
    size_t artifact_count; /* looked at, and as they should be */
    size_t orphan_count;
    size_t withdrawn_count; /* artifacts that only an earlier index names */
    struct diag_list
        defects; /* registry::not_canonical, artifact_missing, artifact_differs,
                    artifact_invalid, orphan, journal_behind, foreign_index,
                    leftover, incomplete_upload */
};

enum registry_status verify_run(struct arena *arena, struct store *store,
                                const struct verify_request *request,
                                struct verify_result *result, struct diag **failure);

/* From the bytes of an artifact to the entry that it would have: manifest read and
 * checked, name and version those of the file's name. False: memory is out; `*defect`
 * says why it is no complete plugin. */
typedef bool (*repair_read_artifact)(void *context, struct arena *arena,
                                     struct str name, struct str artifact,
                                     struct index_record *record, struct diag **defect);

struct repair_request {
    bool remove_orphans;
    bool dry_run; /* tell only */
    repair_read_artifact read_artifact;
    void *read_context;
    struct registry_write write;
};

struct repair_step {
    enum repair_kind {
        REPAIR_BRING_FORWARD, /* index.json to the journal's newest */
        REPAIR_REWRITE,       /* in canonical form */
        REPAIR_ADOPT,         /* an orphan into the index */
        REPAIR_REMOVE,        /* an object that no entry names */
        REPAIR_LEAVE          /* an orphan that is no complete plugin; `why` */
    } kind;
    struct str name;
    struct str why;
};

struct repair_result {
    struct repair_step *steps; /* what was done, or would be */
    size_t step_count;
    struct registry_written written;
};

enum registry_status repair_run(struct arena *arena, struct store *store,
                                const struct repair_request *request,
                                struct repair_result *result, struct diag **failure);

struct sync_request {
    struct str artifacts_url; /* of the target; absent: its own */
    bool dry_run;
    unsigned jobs;
    struct registry_write write;
    void (*progress)(void *context, size_t done, size_t total);
    void *progress_context;
};

struct sync_result {
    size_t copied;  /* artifacts */
    size_t present; /* there already, with the right hash */
    size_t entries_added;
    struct registry_written written;
};

/* All entries and artifacts of `from` into `to`: artifacts first, each checked by its
 * hash, then the index, with `artifacts_url` of the target. What `to` has more of
 * stays; what it has differently (registry::sync_conflict) stops before anything is
 * written. Resumable. */
enum registry_status sync_run(struct arena *arena, struct store *from, struct store *to,
                              const struct sync_request *request,
                              struct sync_result *result, struct diag **failure);

#endif
