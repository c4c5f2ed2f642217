/* The protocol that changes an index, as a machine without input or output.
 *
 * Source: docs/publishing.md, "Changing the index".
 * Shapes: change_next tells the one thing to do now, change_take takes what came of it;
 *   a machine is a value that may be copied at any moment. Four modes:
 *   STORE_CAS: get, edit, the old bytes kept as `index-NNNNNN.json`, replace under the
 *     revision seen.
 *   STORE_OVERWRITE: the same, and read back.
 *   STORE_JOURNAL, STORE_JOURNAL_LOCKED: creating `index-NNNNNN.json` decides;
 * index.json is brought to the newest of them in a loop that ends with a look that
 * agreed.
 *     - STORE_JOURNAL: a copy under a name of its own; the index.json that was seen is
 *       removed by its identity, which succeeds for one publisher only; who did it
 *       renames the copy into place. Who finds index.json missing removes, by identity,
 *       every copy but one, and renames that one into place; all of it after a look
 * that had this copy. So whenever an index.json appears, no other copy that anyone may
 *       still rename exists, and none can come back later: it never goes backwards,
 * with any number of publishers, stalled for any time (change_explore tests it).
 *     - STORE_JOURNAL_LOCKED: replaced under `index.lock`, which is broken after the
 * same lock was seen for `stale_ms`. Ownership: texts and lists given to change_take
 * live until a request that names their slot, lists and objects as long as the machine.
 * Errors: the end says which; of a store's failure only that there was one. */
#ifndef REGISTRY_CHANGE_MACHINE_H
#define REGISTRY_CHANGE_MACHINE_H

#include "registry/change.h"

enum { CHANGE_NAME_BYTES = 64, CHANGE_LOCK_BYTES = 96 };

enum change_ask {
    CHANGE_ASK_GET,     /* `name`, its bytes into `slot` */
    CHANGE_ASK_PUT_NEW, /* `name` */
    CHANGE_ASK_REPLACE, /* `name`, `seen` */
    CHANGE_ASK_LIST,    /* prefix `name` */
    CHANGE_ASK_RENAME,  /* `seen` to `name` */
    CHANGE_ASK_REMOVE,  /* `seen` */
    CHANGE_ASK_EDIT,    /* of `bytes`, number `serial` */
    CHANGE_ASK_WAIT,    /* some time of up to `wait_ms` */
    CHANGE_ASK_END
};

/* Where texts are kept: one a slot. */
enum change_slot {
    CHANGE_SLOT_BASE,  /* what is edited */
    CHANGE_SLOT_FOUND, /* index.json, where that is another */
    CHANGE_SLOT_OTHER, /* looked at and compared */
    CHANGE_SLOT_NEXT,  /* what an edit made */
    CHANGE_SLOT_COUNT
};

struct change_request {
    enum change_ask ask;
    enum change_slot slot;
    char name[CHANGE_NAME_BYTES];
    struct str bytes;             /* to write; absent: `lock` */
    char lock[CHANGE_LOCK_BYTES]; /* content of a lock */
    uint64_t serial;
    struct store_object seen;
    uint32_t wait_ms;
};

struct change_reply {
    enum store_status status;
    struct str bytes;           /* get, edit */
    struct store_object object; /* get, put_new, replace */
    struct store_list list;
    enum change_verdict verdict; /* edit */
    uint32_t waited_ms;
    int64_t now_s; /* always: seconds since 1970 */
};

enum change_end {
    CHANGE_END_DONE,
    CHANGE_END_NOT_FOUND, /* no index */
    CHANGE_END_EXISTS,    /* one that was to be made is there */
    CHANGE_END_FOREIGN,   /* index.json equals no entry of the journal */
    CHANGE_END_BUSY,
    CHANGE_END_STORE, /* the last request failed */
    CHANGE_END_EDIT   /* the edit did */
};

struct change_options {
    enum store_mode mode;
    bool can_list;
    bool adopt;
    uint64_t token;  /* names this publisher's temporary objects */
    struct str seed; /* absent: an index is to be changed; else to be made, of this */
    /* The usual values from change_defaults. */
    unsigned kept;        /* entries or copies of history */
    unsigned prune_every; /* numbers */
    unsigned max_attempts;
    unsigned max_looks;
    uint32_t rescue_ms; /* index.json missing for so long: its mover has died */
    uint32_t stale_ms;  /* a lock or a half-done upload unchanged for so long */
};

enum change_state {
    CHANGE_STATE_GET,
    CHANGE_STATE_EDIT,
    CHANGE_STATE_NUMBER,
    CHANGE_STATE_HISTORY,
    CHANGE_STATE_HISTORY_CHECK,
    CHANGE_STATE_CONFIRM,
    CHANGE_STATE_REPLACE,
    CHANGE_STATE_CHECK,
    CHANGE_STATE_SEED,
    CHANGE_STATE_WAIT,
    CHANGE_STATE_PRUNE_LIST,
    CHANGE_STATE_PRUNE,
    CHANGE_STATE_LOOK,
    CHANGE_STATE_GET_ENTRY,
    CHANGE_STATE_GET_BASE,
    CHANGE_STATE_GET_FOUND,
    CHANGE_STATE_GET_OLDER,
    CHANGE_STATE_PUT_BASE,
    CHANGE_STATE_PUT_ENTRY,
    CHANGE_STATE_CHECK_ENTRY,
    CHANGE_STATE_REMOVE_STRAY,
    CHANGE_STATE_REMOVE_BLOCK,
    CHANGE_STATE_PUT_COPY,
    CHANGE_STATE_REMOVE_INDEX,
    CHANGE_STATE_REMOVE_COPY,
    CHANGE_STATE_PLACE,
    CHANGE_STATE_LOCK,
    CHANGE_STATE_CHECK_LOCK,
    CHANGE_STATE_BREAK_LOCK,
    CHANGE_STATE_OVERWRITE,
    CHANGE_STATE_CHECK_OWN_LOCK, /* held for long */
    CHANGE_STATE_UNLOCK,
    CHANGE_STATE_CLEAN,
    CHANGE_STATE_END
};

struct change_machine {
    struct change_options options;
    enum change_state state;
    enum change_end end;
    unsigned attempts; /* edits */
    unsigned looks;
    unsigned waits;           /* since something went on */
    bool changed;             /* this publisher's change is in force */
    bool was_uncertain;       /* a write of the change may have taken effect */
    bool wrote;               /* anything at all */
    struct str base;          /* being edited; of the journal its newest */
    uint64_t base_serial;     /* its number; 0: unknown, or no base */
    struct str next;          /* absent: no edit yet */
    uint64_t next_serial;     /* CAS: of index.json; journal: of the entry to make */
    struct store_object seen; /* CAS: index.json as read; journal: to act upon */
    struct store_list list;
    size_t cursor; /* in the list */
    /* Journal. Marks are hashes of texts, 0 for unknown. */
    uint64_t newest;    /* number; 0: the journal is empty */
    uint64_t goal;      /* number that index.json has to reach; 0: none yet */
    uint64_t goal_mark; /* of its revision */
    uint64_t base_mark; /* of its revision */
    uint64_t vouched;   /* of the revision of an index.json known to be an entry */
    uint64_t doomed;    /* of the revision of an object that may yet be removed */
    uint64_t suspect;   /* of an index.json that seems to be foreign */
    uint64_t watched;   /* of the lock or half-done upload being watched */
    uint32_t watched_ms;
    uint32_t missing_ms; /* index.json has been missing */
    bool is_ours;        /* the goal is this publisher's entry */
    bool is_rechecking;  /* the edit asks whether the goal is in force */
    bool is_agreed;
    bool looks_again;  /* what was cleaned away may have been index.json by then */
    bool is_foreign;   /* the base is an index.json that is no entry yet */
    bool base_is_next; /* lies in its slot */
    bool has_found;    /* `found` is index.json, read after the list */
    bool is_entry;     /* the index.json of the list is known to be one */
    bool holds_lock;
    struct str found;
    int64_t now_s; /* when the last reply came */
    int64_t locked_s;
    struct store_object lock_object;
    char lock[CHANGE_LOCK_BYTES];
};

void change_defaults(struct change_options *options);
void change_begin(struct change_machine *machine, const struct change_options *options);
void change_next(const struct change_machine *machine, struct change_request *request);
void change_take(struct change_machine *machine, const struct change_reply *reply);

/* What an object of a registry is, by its name. */
enum change_kind {
    CHANGE_KIND_OTHER, /* an artifact, or none of ours */
    CHANGE_KIND_INDEX,
    CHANGE_KIND_HISTORY, /* index-NNNNNN.json */
    CHANGE_KIND_COPY,    /* on its way to become index.json, or left behind */
    CHANGE_KIND_LOCK,
    CHANGE_KIND_PROBE
};
enum change_kind change_kind_of(struct str name, uint64_t *serial);

#endif
