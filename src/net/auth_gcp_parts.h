/* What the files of Google Cloud's credentials share.
 *
 * Ownership: texts lie in the arena of the whole. */
#ifndef NET_AUTH_GCP_PARTS_H
#define NET_AUTH_GCP_PARTS_H

#include "net/auth_gcp.h"
#include "net/oauth.h"
#include "net/token.h"

#define GCP_SCOPE STR("https://www.googleapis.com/auth/devstorage.read_write")

enum { GCP_MAX_HEADERS = 4, GCP_ANSWER_BYTES = 256 << 10 };

enum gcp_kind {
    GCP_METADATA, /* the machine's own, if it has one */
    GCP_TOKEN,
    GCP_SERVICE_ACCOUNT,
    GCP_USER,
    GCP_EXTERNAL
};

enum gcp_subject { GCP_SUBJECT_FILE, GCP_SUBJECT_URL, GCP_SUBJECT_RUNNER };

struct gcp_external {
    enum gcp_subject subject;
    struct str place; /* the file, or the URL */
    struct http_header headers[GCP_MAX_HEADERS];
    size_t header_count;
    struct str field; /* of the JSON that holds the token; absent: it is plain text */
    struct str audience;
    struct str type;
};

struct auth_gcp {
    struct http *http;
    struct arena arena;
    enum gcp_kind kind;
    struct str source; /* in words */
    struct str token;  /* GCP_TOKEN */
    struct str token_url;
    struct str email; /* GCP_SERVICE_ACCOUNT */
    struct str key;
    struct str key_id;
    struct str client_id; /* GCP_USER; GCP_EXTERNAL of a workforce */
    struct str client_secret;
    struct str refresh_token;
    struct gcp_external external;
    struct str impersonation_url; /* absent: one acts as oneself */
    uint64_t impersonation_s;
    struct token_cache cache;
    atomic_bool has_metadata; /* the server gave a token once */
};

/* auth_gcp_file.c: the file's content; `named_by` says how it was found, in words. */
bool gcp_read_file(struct auth_gcp *auth, struct str path, const char *named_by,
                   struct failure *failure);

/* auth_gcp_fetch.c, auth_gcp_external.c: a token_fetch each. */
bool gcp_fetch(void *context, struct arena *arena, struct token_grant *grant,
               struct failure *failure);
bool gcp_fetch_external(struct auth_gcp *auth, struct arena *arena,
                        struct token_grant *grant, struct failure *failure);

#endif
