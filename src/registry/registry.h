/* A registry on a store: making one, reading it, changing its index.
 *
 * Source: docs/publishing.md.
 * Ownership: results live in the arena or view the index given; the index is to be
 * released after them, in every case. Errors: REGISTRY_FAILED with one error in
 * `*failure`. */
#ifndef REGISTRY_REGISTRY_H
#define REGISTRY_REGISTRY_H

#include "registry/edit.h"
#include "registry/index_file.h"
#include "registry/store.h"

/* Clock and chance, so that tests have their own. */
struct registry_host {
    int64_t (*now_s)(void *context); /* seconds since 1970 */
    void (*sleep_ms)(void *context, uint32_t time_ms);
    uint64_t (*random)(void *context);
    void *context;
};

/* What all calls that change an index take. */
struct registry_write {
    const struct registry_host *host;
    bool assume_exclusive; /* the operator's word for stores that need it */
    bool adopt;        /* take an index that was written by other means as the base */
    bool replaces_all; /* one in force that is not valid is edited as an empty one */
};

/* What all of them say of how it went. */
struct registry_written {
    unsigned attempts; /* times the index was read in order to change it */
    uint64_t serial;   /* number of the index now in force; 0: unknown */
    bool changed;
    struct str index_url; /* where readers find it */
    struct diag_list warnings;
};

/* index.json, read and checked. Where the host's readers may miss it for a moment,
 * tries again for ten seconds. `*location` errors: registry::not_found,
 * registry::index_invalid with its defects nested. `text`, if not NULL, is where a view
 * of its bytes goes. */
enum registry_status registry_read(struct arena *arena, struct store *store,
                                   const struct registry_host *host,
                                   struct index *index, struct str *text,
                                   struct diag **failure);

struct registry_init_request {
    struct str artifacts_url; /* absent: the store's own */
    struct registry_write write;
};
struct registry_init_result {
    struct str artifacts_url; /* serialized */
    struct str index_url;
    enum store_mode mode; /* as probed */
    bool needs_exclusive;
};

/* Prepares the host, probes what its conditions are worth (registry::condition_ignored
 * where they are worth less than the mode claims, saying what to write into the
 * location), and seeds an empty index. registry::exists over an index that is there. */
enum registry_status registry_init(struct arena *arena, struct store *store,
                                   const struct registry_init_request *request,
                                   struct registry_init_result *result,
                                   struct diag **failure);

struct registry_yank_request {
    struct str name;
    struct str version;
    bool undo;
    struct registry_write write;
};
struct registry_yank_result {
    enum yank_outcome outcome;
    struct index_record record; /* as it is now */
    struct registry_written written;
};

enum registry_status registry_yank(struct arena *arena, struct store *store,
                                   const struct registry_yank_request *request,
                                   struct index *index,
                                   struct registry_yank_result *result,
                                   struct diag **failure);

/* One earlier index, or the one in force. */
struct registry_moment {
    uint64_t serial;
    size_t entry_count;
    int64_t modified_s; /* when it came in force; 0: unknown */
    uint64_t size_bytes;
    bool is_current;
};

/* The newest first. registry::no_history where the host keeps none. */
enum registry_status registry_history(struct arena *arena, struct store *store,
                                      const struct registry_host *host,
                                      struct registry_moment **moments, size_t *count,
                                      struct diag **failure);

/* What a rollback takes away or brings back. */
struct registry_rollback {
    struct name_version *removed; /* entries published since: their artifacts stay */
    size_t removed_count;
    struct name_version *restored; /* entries that are not in force now */
    size_t restored_count;
    struct name_version *changed; /* yanked or not, as then */
    size_t changed_count;
    struct registry_written written;
};

/* Publishes a new index with the content of number `to`, also where the one in force is
 * not valid: every entry then counts as restored. With `dry_run` only tells. */
enum registry_status registry_rollback(struct arena *arena, struct store *store,
                                       uint64_t to, bool dry_run,
                                       const struct registry_write *write,
                                       struct registry_rollback *result,
                                       struct diag **failure);

#endif
