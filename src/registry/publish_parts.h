/* What the files of publishing share.
 *
 * Private to publish*.c.
 * Ownership: a unit's texts live in its arena, its artifact in its buffer. */
#ifndef REGISTRY_PUBLISH_PARTS_H
#define REGISTRY_PUBLISH_PARTS_H

#include <pthread.h>

#include "base/parallel.h"
#include "grammar/timestamp.h"
#include "registry/plan.h"
#include "registry/publish.h"

/* A plugin of the repository on its way. */
struct publish_unit {
    struct arena arena;
    struct str dir;
    struct fields fields;
    struct str prefix; /* `{name}-{version}` */
    struct str object; /* the artifact's name */
    struct buf artifact;
    char hash[SHA256_TEXT_BYTES + 1];
    struct diag *defect; /* why there is no artifact */
    struct diag_list warnings;
    /* How it stands against the index that was seen last. */
    struct str entry_hash; /* that the verdict is about */
    enum plan_difference difference;
    struct plan_files files;
    struct str note;     /* in what it differs, in words */
    bool is_uploaded;    /* the artifact is there */
    bool is_orphaned;    /* another is, that no entry names */
    bool was_offered;    /* in an index that was to be written */
    struct str entry_at; /* published_at of the entry */
    enum publish_outcome outcome;
};

struct publish_job {
    struct arena *arena;
    struct store *store;
    const struct publish_request *request;
    struct publish_unit *units;
    struct plan_item *items; /* one a unit */
    size_t count;
    size_t *todo; /* units of the step at hand */
    size_t todo_count;
    char now[TIMESTAMP_BYTES + 1];
    pthread_mutex_t mutex; /* of the next two, and of calls to progress */
    enum publish_phase phase;
    size_t done;
    struct str artifacts_url; /* of the index seen last */
    struct str warning;       /* a store's; absent: none */
};

/* Reports that one more is done; any thread. */
void publish_step(struct publish_job *job, size_t total, struct str what);
void publish_phase_begin(struct publish_job *job, enum publish_phase phase,
                         size_t total);

/* Validates and builds every unit; defects stay with the units. False: memory is out.
 */
bool publish_build(struct publish_job *job);

/* Looks at the published artifacts of the units to do. */
enum registry_status publish_compare(struct publish_job *job, struct diag **failure);

/* Puts the artifacts of the units to do where they are to be; marks those whose place
 * an orphan has. */
enum registry_status publish_upload(struct publish_job *job, struct diag **failure);

/* publish::failed with what is wrong of builds, twins, and, if `index` is not NULL,
 * against it; `*failure` stays NULL if nothing is. False: memory is out. */
bool publish_judge(struct publish_job *job, const struct index *index,
                   struct diag **failure);

/* publish::changed, or the warning of the same; NULL: memory is out. */
struct diag *publish_changed(struct arena *arena, enum error_id id,
                             const struct publish_unit *unit);

unsigned publish_threads(const struct publish_job *job);

#endif
