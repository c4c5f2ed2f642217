/* publish: a repository of plugins into a registry.
 *
 * Source: docs/publishing.md, "Publishing plugins": find, validate and build
 * everything, sort against the index, put what is new, change the index once, look.
 * Shapes: artifacts are built and held in memory, in up to `jobs` threads.
 * Ownership: results live in the arena.
 * Errors: REGISTRY_FAILED with one error: publish::failed with a
 * publish::invalid_plugin for each plugin that has defects (those nested in it),
 * changed, colliding or doubled plugins; or what a store reported. Whatever fails, the
 * registry is as before or complete: running it again finishes the work. */
#ifndef REGISTRY_PUBLISH_H
#define REGISTRY_PUBLISH_H

#include "registry/registry.h"

enum publish_changed { PUBLISH_CHANGED_ERROR, PUBLISH_CHANGED_WARN };

enum publish_outcome {
    PUBLISH_PUBLISHED,
    PUBLISH_UNCHANGED,
    PUBLISH_CHANGED,
    PUBLISH_WOULD_PUBLISH
};

enum publish_phase { PUBLISH_BUILDING, PUBLISH_UPLOADING, PUBLISH_INDEXING };

struct publish_progress {
    enum publish_phase phase;
    size_t done;
    size_t total;
    struct str what; /* the plugin or object just finished; may be absent */
};

struct publish_request {
    const struct str *dirs; /* plugin directories as typed; none: all below `root` */
    size_t dir_count;
    struct str root;            /* "." if absent */
    const struct str *excludes; /* names of directories below the root to pass over */
    size_t exclude_count;
    bool is_recursive;
    bool dry_run;
    enum publish_changed changed;
    bool replace_orphans;
    unsigned
        jobs; /* 0: as many as the machine has processors, for uploads at least 8 */
    struct registry_write write;
    /* Called by one thread at a time; may be NULL. */
    void (*progress)(void *context, const struct publish_progress *progress);
    void *progress_context;
};

struct publish_plugin {
    struct str dir; /* as found */
    struct str name;
    struct str version;
    enum publish_outcome outcome;
    struct str hash;
    struct str artifact_url;
    struct str published_at;     /* of the entry; absent with PUBLISH_WOULD_PUBLISH */
    const struct str *differing; /* with PUBLISH_CHANGED: files that differ */
    size_t differing_count;
    struct diag_list warnings;
};

struct publish_result {
    struct publish_plugin *plugins; /* in order of directories */
    size_t plugin_count;
    struct registry_written written;
};

enum registry_status publish_run(struct arena *arena, struct store *store,
                                 const struct publish_request *request,
                                 struct publish_result *result, struct diag **failure);

/* The directories that publish would take: those named, or every directory below `root`
 * with a manifest.toml, in byte order. publish::no_plugins where there is none. */
enum registry_status publish_find(struct arena *arena,
                                  const struct publish_request *request,
                                  struct str **dirs, size_t *count,
                                  struct diag **failure);

#endif
