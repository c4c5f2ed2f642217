/* What the files of the directory store share.
 *
 * Private to store_dir*.c. Errors: as store_dir.h says. */
#ifndef REGISTRY_STORE_DIR_PARTS_H
#define REGISTRY_STORE_DIR_PARTS_H

#include "registry/store.h"

struct stat;

#define STORE_DIR_TEMPORARY STR(".influxdb3-plugin-")
#define STORE_DIR_LOCK STR(".influxdb3-plugin-lock")

struct store_dir {
    struct store store;
    struct arena arena;
    struct str path;
};

static inline struct store_dir *store_dir_of(struct store *store) {
    return (struct store_dir *)store; /* its first member */
}

/* The call fails: `name` could not be, say, "written". STORE_FAILED. */
enum store_status store_dir_fail(struct store_dir *dir, struct store_call *call,
                                 struct str name, const char *what_failed, int error);

/* The path of an object; absent with the failure set. */
struct str store_dir_path(struct store_dir *dir, struct store_call *call,
                          struct str name);

/* The hash of a file's content, read in pieces; 0 or an errno value. */
int store_dir_hash_file(struct str path, char digest[SHA256_TEXT_BYTES + 1]);

/* What stat says, as a revision of listings: "stat:…". Absent: memory is out. */
struct str store_dir_stat_revision(struct arena *arena, const struct stat *info);

enum store_status store_dir_get(struct store *store, struct store_call *call,
                                struct str name, uint64_t max_bytes, struct buf *bytes,
                                struct store_object *object);
enum store_status store_dir_list(struct store *store, struct store_call *call,
                                 struct str prefix, struct store_list *list);

/* The number of the newest history copy, 0 if there is none; 0 or an errno value. */
int store_dir_newest(struct store_dir *dir, uint64_t *serial);

#endif
