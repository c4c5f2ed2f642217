/* From the text of a location to a store: one file a host, one row here.
 *
 * Source: docs/publishing.md, "Registry locations".
 * Ownership: the store owns all it needs; store_close ends it, and its HTTP client.
 * Errors: false with the failure set: usage::invalid_location (also for one with
 * credentials in it), auth::* where credentials are asked for at once. */
#ifndef STORES_STORES_H
#define STORES_STORES_H

#include "registry/store.h"

struct stores_options {
    bool writes; /* else public reads do without credentials */
    bool allow_insecure;
    uint32_t timeout_ms;         /* all together; 0: none */
    uint32_t connect_timeout_ms; /* 0: the usual */
    uint32_t stall_timeout_ms;
};

/* A location taken apart: `scheme://host/path?query`. */
struct location {
    struct str text;   /* as it may be shown */
    struct str scheme; /* in lowercase; "" for a plain path */
    struct str user;   /* of sftp; absent: none */
    struct str host;   /* authority, no credentials; "" where there is none */
    struct str path;  /* after it, with its first `/`; not decoded. All of a plain path,
                         and the command of `exec:` */
    struct str query; /* of an index's URL, not decoded; absent: none */
    struct location_parameter {
        struct str name;
        struct str value; /* decoded */
    } parameters[8];
    size_t parameter_count;
};

/* Everything lies in the arena, and ends with a NUL. Of http(s), host and path come as
 * the WHATWG URL Standard serializes them. */
bool location_parse(struct arena *arena, struct str text, struct location *location,
                    struct failure *failure);
/* Absent: not given. */
struct str location_parameter(const struct location *location, struct str name);

/* The path without the slashes around it: the prefix of an object store. A view. */
struct str location_prefix(const struct location *location);

/* Is it the URL of an index, good for reading only? `https://HOST/…/NAME.json` is. */
bool location_is_index(const struct location *location);

/* A text that may be no location, or one with credentials, as it may be shown: what
 * looks like a secret is `***`. Absent: memory is out. */
struct str location_shown(struct arena *arena, struct str text);

/* One row a scheme, in stores.c. */
struct store_kind {
    const char *scheme;            /* "": a plain path */
    const char *form;              /* as help shows it: `s3://BUCKET[/PREFIX]` */
    const char *const *parameters; /* that it takes, NULL at the end */
    struct store *(*open)(const struct location *location,
                          const struct stores_options *options,
                          struct failure *failure);
};
extern const struct store_kind store_kinds[];
extern const size_t store_kind_count;
const struct store_kind *store_kind_of(struct str scheme); /* NULL: unknown */

/* A location, or, for reading, the URL of an index. NULL: failed. */
struct store *stores_open(struct str location, const struct stores_options *options,
                          struct failure *failure);

struct store *store_directory_open(const struct location *,
                                   const struct stores_options *, struct failure *);
struct store *store_s3_open(const struct location *, const struct stores_options *,
                            struct failure *);
struct store *store_gcs_open(const struct location *, const struct stores_options *,
                             struct failure *);
struct store *store_azure_open(const struct location *, const struct stores_options *,
                               struct failure *);
struct store *store_github_open(const struct location *, const struct stores_options *,
                                struct failure *);
struct store *store_gitlab_open(const struct location *, const struct stores_options *,
                                struct failure *);
struct store *store_web_open(const struct location *, const struct stores_options *,
                             struct failure *);
struct store *store_sftp_open(const struct location *, const struct stores_options *,
                              struct failure *);
struct store *store_exec_open(const struct location *, const struct stores_options *,
                              struct failure *);

#endif
