/* What the stores on code hosts (GitHub, GitLab) have in common: requests with their
 * token, waiting where a host limits their rate, and what its refusals mean.
 *
 * Source: docs/locations/github.md, docs/locations/gitlab.md.
 * Ownership: texts of a forge live in its arena, which forge_close releases. Errors: in
 * the call's failure, never with a secret in it.
 * Threads: forge_send may run in several at once, each with a call of its own. */
#ifndef STORES_FORGE_H
#define STORES_FORGE_H

#include "net/http.h"
#include "net/json_fields.h"
#include "stores/forge_known.h"

enum { FORGE_HEADERS_MAX = 4 };

struct forge_host;

struct forge {
    struct store store; /* first: a forge is a store */
    const struct forge_host *host;
    struct arena arena;
    struct http *http;
    struct str api; /* base of the API, no slash at its end */
    struct str web; /* base of the pages */
    struct http_auth auth;
    struct str token_name; /* the variable that the token came from; absent: no token */
    const char *token_names;                       /* those looked into, for messages */
    struct http_header headers[FORGE_HEADERS_MAX]; /* of each request to the API */
    size_t header_count;
    struct str place; /* the path of the repository or project */
    struct str place_url;
    struct str look_more; /* what place_url takes at its end to be looked at */
    struct str tag;       /* decoded */
    struct str release_url;
    struct str objects_url; /* an object's is below it, by its revision */
    struct forge_known known;
    pthread_mutex_t mutex; /* guards what a host keeps besides */
};

/* What tells one host from the other. */
struct forge_host {
    const char *name;          /* "GitHub" */
    const char *place_name;    /* "repository" */
    const char *place_article; /* before a place that has no such release */
    const char *release_note;  /* after it */
    const char *looking;       /* at the place, in words */
    const char *listing;       /* the objects, in words */
    const char *deleting;      /* an object, in words */
    unsigned pages_max;        /* of a list of objects */
    size_t cuts[2];            /* numbers of objects that a limit may leave */
    long removed[2];           /* statuses of an object that is gone now */
    /* Opens what is the host's own; forge_close follows where it fails. */
    bool (*take_all)(struct forge *forge, const struct location *location,
                     const struct stores_options *options, struct failure *failure);
    /* Out of an answer about the release: its objects, and the URL of their list.
     * False: it is none, or memory is out. */
    bool (*take_release)(struct forge *forge, struct json_fields *fields,
                         struct str *objects, struct str *list_url);
    /* `url` stays absent where the revision is all it takes to read the object. */
    bool (*take_object)(struct json_fields *fields, struct str json,
                        struct store_object *object, struct str *url);
    /* STORE_FAILED with `*is_raced`: it may be there nevertheless. */
    enum store_status (*create_release)(struct forge *forge, struct store_call *call,
                                        bool *is_raced);
    /* The failure is set where the answer is one that this host alone gives. */
    void (*explain)(struct forge *forge, struct store_call *call,
                    const struct http_response *response, struct str object,
                    const char *doing);
    /* After "may not see it"; "" where there is no more to say. */
    const char *(*hidden_note)(const struct forge *forge);
};

static inline struct forge *forge_of(struct store *store) {
    return (struct forge *)(void *)store;
}

/* A store of `size` bytes, a struct forge at its start, opened by host->take_all. NULL:
 * the failure is set. */
struct store *forge_new(size_t size, const struct forge_host *host,
                        const struct location *location,
                        const struct stores_options *options, struct failure *failure);
void forge_close(struct store *store);

/* False: the store is to write, and there is no token. */
bool forge_may_write(struct forge *forge, const struct stores_options *options,
                     struct failure *failure);

/* The first of the variables (NULL at the end) that is set and not empty. False: it
 * holds what no token is, or memory is out; without one `token_name` stays absent. */
bool forge_take_token(struct forge *forge, const char *const *variables,
                      enum http_auth_kind kind, struct str header,
                      struct failure *failure);

/* `api=` as given, `https://` before it where no scheme is. False: it is no such URL.
 */
bool forge_take_api(struct forge *forge, struct str given, struct failure *failure);

struct forge_request {
    const char *method;
    struct str url;
    struct str accept;       /* absent: JSON */
    struct str content_type; /* with a body */
    struct str body;         /* absent: none */
    uint64_t max_bytes;      /* 0: as much as any JSON answer may have */
    bool follows;
    bool is_repeatable;
    bool is_bare;      /* without token and the API's headers */
    bool is_impatient; /* once, and no limit is waited out: it answers 403 or 429 */
};

enum forge_sent {
    FORGE_ANSWERED,  /* `response` is to be released */
    FORGE_UNCERTAIN, /* sent, and no answer: failure set */
    FORGE_FAILED     /* failure set */
};

/* Waits out rate limits: store::rate_limited where that goes past the deadline. */
enum forge_sent forge_send(struct forge *forge, struct store_call *call,
                           const struct forge_request *request,
                           struct http_response *response);

/* The same with a body of JSON, which is released. */
enum forge_sent forge_send_json(struct forge *forge, struct store_call *call,
                                const struct forge_request *request, struct buf *body,
                                struct http_response *response);

/* What the host says in an answer that refuses; "" where it says nothing. */
struct str forge_message(struct arena *arena, const struct http_response *response);

/* Does the answer's body hold these words, in any case? */
bool forge_says(const struct http_response *response, struct str words);

/* Is what came what the host says that it holds, by size and digest as far as known?
 * Else the failure is set. */
bool forge_is_whole(struct forge *forge, struct store_call *call,
                    const struct store_object *object, struct str bytes);

/* failure_set, and nothing hidden shows. */
void forge_fail(struct forge *forge, struct store_call *call, enum error_id id,
                struct str object, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* What an answer refuses: what the host explains, else what a status means on either
 * host: a token not accepted, too large, its own fault; anything else is an answer that
 * cannot be understood. `doing` as in "upload". */
void forge_refuse(struct forge *forge, struct store_call *call,
                  const struct http_response *response, struct str object,
                  const char *doing);

/* "the token in GH_TOKEN", or that there is none. In the arena. */
struct str forge_token_shown(struct forge *forge, struct arena *arena);

/* Before trying again what failed `tries` times; false: the deadline would be past. */
bool forge_pause(struct forge *forge, unsigned tries);

/* Letters, digits, `.`, `-` and `_`, a letter or digit at the start and the end. */
bool forge_name_is_plain(struct str name);

#endif
