/* Runs the machine of change_machine.h over a store.
 *
 * Ownership: as with change_run; the slots belong to the run.
 * Errors: one in `*failure`. */
#ifndef REGISTRY_CHANGE_DRIVE_H
#define REGISTRY_CHANGE_DRIVE_H

#include "registry/change_machine.h"

struct change_drive {
    struct arena *arena;
    struct store *store;
    const struct registry_write *write;
    change_edit edit;
    void *context;
    struct registry_written *written;
    struct diag **failure;
    /* of its own */
    struct buf slots[CHANGE_SLOT_COUNT];
    struct str url; /* artifacts_url of the index edited first */
    enum registry_status edit_status;
    struct failure problem; /* the store's */
    struct str warned;      /* its last warning */
};

enum registry_status change_drive(struct change_drive *drive,
                                  const struct change_options *options);

/* One request of the machine's, other than an edit. REGISTRY_FAILED never. */
enum registry_status change_ask(struct change_drive *drive,
                                const struct change_request *request,
                                struct change_reply *reply);

/* Takes the text over, into its slot. */
struct str change_keep(struct change_drive *drive, enum change_slot slot,
                       struct buf *text);

/* registry::foreign_index, telling in what it differs. */
enum registry_status change_foreign(struct change_drive *drive,
                                    const struct change_machine *machine);

/* An error of a row whose only detail is the location. */
enum registry_status change_fail(struct arena *arena, enum error_id id,
                                 struct str location, struct str note,
                                 struct diag **failure);
enum registry_status change_store_failure(struct arena *arena,
                                          const struct store *store,
                                          const struct failure *from,
                                          struct diag **failure);

/* registry::not_exclusive */
enum registry_status change_refuse_shared(struct arena *arena,
                                          const struct store *store,
                                          struct diag **failure);

/* A copy of the bytes as a checked index; registry::index_invalid views it. `name` is
 * the object's. */
enum registry_status change_parse(struct arena *arena, struct str location,
                                  struct str name, struct str bytes,
                                  struct index *index, struct diag **failure);

/* Where readers find index.json; absent if neither URL is one. */
enum registry_status change_index_url(struct arena *arena, const struct store *store,
                                      struct str artifacts_url, struct str *index_url);

/* The URL that readers will find artifacts under, serialized;
 * usage::invalid_artifacts_url, which shows no credentials. */
enum registry_status change_artifacts_url(struct arena *arena, struct str text,
                                          struct str *href, struct diag **failure);

/* index.json as readers get it, with their patience; `bytes` is to be released in every
 * case. */
enum registry_status registry_get(struct arena *arena, struct store *store,
                                  const struct registry_host *host, struct buf *bytes,
                                  struct store_object *object, struct diag **failure);

/* Adds a warning of a store's, once. */
enum registry_status change_warn(struct arena *arena, const struct store *store,
                                 struct str warning, struct diag_list *warnings);

#endif
