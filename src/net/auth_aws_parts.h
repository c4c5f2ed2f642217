/* What the files of auth_aws share: one provider each.
 *
 * Errors: AUTH_AWS_NONE sets no failure. Threads: called under the mutex. */
#ifndef NET_AUTH_AWS_PARTS_H
#define NET_AUTH_AWS_PARTS_H

#include <pthread.h>

#include "net/auth_aws.h"

struct auth_aws {
    struct http *http;
    struct arena arena;      /* of files and settings, from the start */
    struct str profile;      /* its name */
    bool profile_was_chosen; /* by AWS_PROFILE */
    struct str config;       /* the files' texts; "": not there */
    struct str credentials;
    struct str region;
    pthread_mutex_t mutex;
    bool has_looked;
    enum auth_aws_status status; /* of the last look */
    struct arena kept;           /* of what follows */
    struct aws_credentials found;
};

/* A member of the profile, from the credentials file first; absent: none. */
struct str auth_aws_setting(const struct auth_aws *auth, struct str profile,
                            const char *key);
bool auth_aws_has_profile(const struct auth_aws *auth, struct str profile);

/* Reads a file that holds a token or credentials. False: the failure says which. */
bool auth_aws_read(struct arena *arena, struct str path, struct str *text,
                   struct failure *failure);

/* Hides the secrets; false: memory is out, or a part is missing (`source` says whose).
 */
bool auth_aws_accept(struct auth_aws *auth, const struct aws_credentials *credentials,
                     struct failure *failure);

/* `{"AccessKeyId": …, "SecretAccessKey": …, "Token": …, "Expiration": …}`; a session's
 * token is named `token_name`. */
bool auth_aws_read_json(struct auth_aws *auth, struct arena *arena, struct str text,
                        const char *token_name, const char *source,
                        struct aws_credentials *found, struct failure *failure);

/* auth_aws.c */
enum auth_aws_status auth_aws_environment(struct auth_aws *auth, struct arena *arena,
                                          struct aws_credentials *found,
                                          struct failure *failure);
/* auth_aws_profile.c */
enum auth_aws_status auth_aws_profile(struct auth_aws *auth, struct arena *arena,
                                      struct aws_credentials *found,
                                      struct failure *failure);
/* auth_aws_metadata.c */
enum auth_aws_status auth_aws_container(struct auth_aws *auth, struct arena *arena,
                                        struct aws_credentials *found,
                                        struct failure *failure);
enum auth_aws_status auth_aws_instance(struct auth_aws *auth, struct arena *arena,
                                       struct aws_credentials *found,
                                       struct failure *failure);

/* auth_aws_sts.c: a role taken on, with the token of an identity or as somebody who has
 * credentials already. */
struct auth_aws_role {
    struct str arn;
    struct str session_name; /* absent: one of our own */
    struct str external_id;  /* absent: none */
    struct str duration_s;   /* as configured; absent: the service's own */
    const char *source;
};
bool auth_aws_assume_with_token(struct auth_aws *auth, struct arena *arena,
                                const struct auth_aws_role *role, struct str token,
                                struct aws_credentials *found, struct failure *failure);
bool auth_aws_assume(struct auth_aws *auth, struct arena *arena,
                     const struct auth_aws_role *role, const struct aws_credentials *as,
                     struct aws_credentials *found, struct failure *failure);
enum auth_aws_status auth_aws_web_identity(struct auth_aws *auth, struct arena *arena,
                                           struct aws_credentials *found,
                                           struct failure *failure);

#endif
