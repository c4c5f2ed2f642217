/* What the files of Azure's credentials share.
 *
 * Ownership: texts lie in the arena of the whole. */
#ifndef NET_AUTH_AZURE_PARTS_H
#define NET_AUTH_AZURE_PARTS_H

#include "net/auth_azure.h"
#include "net/oauth.h"
#include "net/token.h"

enum { AZURE_ANSWER_BYTES = 256 << 10 };

enum azure_means {
    AZURE_METADATA, /* the machine's own, if it has one */
    AZURE_SAS,
    AZURE_KEY,
    AZURE_FEDERATED_FILE,
    AZURE_FEDERATED_RUNNER,
    AZURE_SECRET,
    AZURE_ENDPOINT /* IDENTITY_ENDPOINT */
};

struct auth_azure {
    struct http *http;
    struct arena arena;
    enum azure_means means;
    struct str account;
    struct str source;   /* in words */
    struct str endpoint; /* of a connection string; absent: none */
    struct str sas;      /* without its `?` */
    struct buf key;      /* decoded */
    struct str client_id;
    struct str token_url;
    struct str token_file;
    struct str secret;
    struct token_cache cache;
    atomic_bool has_metadata; /* the service gave a token once */
};

/* auth_azure_key.c: adds `x-ms-date` and the signature. */
bool azure_sign(const struct auth_azure *auth, struct arena *arena,
                struct http_request *request, struct failure *failure);

/* The text that is signed, for a request with all its headers. Absent: memory is out.
 */
struct str azure_string_to_sign(struct arena *arena, struct str account,
                                const struct http_request *request);

/* auth_azure_token.c: a token_fetch. */
bool azure_fetch(void *context, struct arena *arena, struct token_grant *grant,
                 struct failure *failure);

#endif
