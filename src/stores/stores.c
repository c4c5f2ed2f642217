#include "stores/stores.h"

#include "base/fs.h"
#include "base/path.h"

static const char *const no_parameters[] = {NULL};
static const char *const s3_parameters[] = {"endpoint", "region", "mode", "path-style",
                                            NULL};
static const char *const gcs_parameters[] = {"endpoint", "user_project", NULL};
static const char *const azure_parameters[] = {"endpoint", NULL};
static const char *const github_parameters[] = {"api", NULL};
static const char *const gitlab_parameters[] = {"api", NULL};
static const char *const web_parameters[] = {"mode", NULL};
static const char *const sftp_parameters[] = {"identity", "known-hosts", "config",
                                              NULL};

/* A kind without a function to open it is not in this build yet. */
/* clang-format off */
const struct store_kind store_kinds[] = {
    {"", "PATH", no_parameters, store_directory_open},
    {"file", "file:///PATH", no_parameters, store_directory_open},
    {"s3", "s3://BUCKET[/PREFIX]", s3_parameters, store_s3_open},
    {"gs", "gs://BUCKET[/PREFIX]", gcs_parameters, store_gcs_open},
    {"az", "az://ACCOUNT/CONTAINER[/PREFIX]", azure_parameters, store_azure_open},
    {"github", "github://OWNER/REPO/TAG", github_parameters, store_github_open},
    {"gitlab", "gitlab://HOST/PROJECT-PATH/-/TAG", gitlab_parameters, store_gitlab_open},
    {"https", "https://HOST[:PORT]/PATH", web_parameters, store_web_open},
    {"http", "http://HOST[:PORT]/PATH", web_parameters, store_web_open},
    {"sftp", "sftp://[USER@]HOST[:PORT]/PATH", sftp_parameters, store_sftp_open},
    {"exec", "exec:COMMAND", no_parameters, store_exec_open},
};
/* clang-format on */
const size_t store_kind_count = sizeof store_kinds / sizeof *store_kinds;

const struct store_kind *store_kind_of(struct str scheme) {
    for (size_t i = 0; i < store_kind_count; i++) {
        if (str_equal(scheme, str_of(store_kinds[i].scheme))) {
            return &store_kinds[i];
        }
    }
    return NULL;
}

struct store *stores_open(struct str text, const struct stores_options *options,
                          struct failure *failure) {
    struct arena arena = {0};
    struct store *store = NULL;
    struct location location;
    if (!location_parse(&arena, text, &location, failure)) {
        goto out;
    }
    if (location_is_index(&location) && options->writes) {
        failure_set(failure, ERROR_USAGE_INVALID_LOCATION, STR_NONE,
                    "this is the URL of an index, which is good for reading only; to "
                    "write, give the URL of the directory that holds it");
        goto out;
    }
    const struct store_kind *kind = store_kind_of(location.scheme);
    if (kind->open == NULL) {
        failure_set(failure, ERROR_STORE_UNSUPPORTED, STR_NONE,
                    "`%s` locations are not supported by this build", kind->form);
        goto out;
    }
    store = kind->open(&location, options, failure);

out:
    arena_release(&arena);
    /* A store has copies of what it keeps of its location. */
    /* cppcheck-suppress returnDanglingLifetime */
    return store;
}
