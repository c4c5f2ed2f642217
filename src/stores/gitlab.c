/* A release of GitLab as a registry's place: `gitlab://HOST/PROJECT-PATH/-/TAG`. */
#include <stdlib.h>

#include "grammar/url_parts.h"
#include "stores/gitlab_parts.h"

static const char *const own_tokens[] = {"GITLAB_TOKEN", NULL};
static const char *const job_tokens[] = {"CI_JOB_TOKEN", NULL};

static enum store_status list(struct store *store, struct store_call *call,
                              struct str prefix, struct store_list *list) {
    struct objects_found found;
    enum store_status status = gitlab_look(gitlab_of(store), call, &found);
    if (status != STORE_OK) {
        return status;
    }
    size_t count = 0;
    for (size_t i = 0; i < found.count; i++) {
        if (str_starts_with(found.objects[i].name, prefix)) {
            found.objects[count++] = found.objects[i];
        }
    }
    found.count = count;
    objects_sort(&found);
    *list = (struct store_list){found.objects, found.count};
    return STORE_OK;
}

static enum store_status admit(struct store *store, struct store_call *call,
                               const struct str *names, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (!gitlab_name_is_good(gitlab_of(store), call, names[i])) {
            return STORE_FAILED;
        }
    }
    return STORE_OK;
}

static void close_store(struct store *store) {
    struct gitlab *gitlab = gitlab_of(store);
    (void)pthread_mutex_destroy(&gitlab->mutex);
    forge_known_release(&gitlab->known);
    forge_close(&gitlab->forge);
    free(gitlab);
}

static const struct store_ops operations = {
    .get = gitlab_get,
    .put_new = gitlab_put_new,
    .list = list,
    .rename = gitlab_rename,
    .remove = gitlab_remove,
    .admit = admit,
    .prepare = gitlab_prepare,
    .close = close_store,
};

/* --- opening --- */

static bool refuse_form(struct failure *failure, const char *why) {
    failure_set(failure, ERROR_USAGE_INVALID_LOCATION, STR_NONE,
                "%s; write it as in `gitlab://HOST/PROJECT-PATH/-/TAG`", why);
    return false;
}

static bool take_names(struct gitlab *gitlab, const struct location *location,
                       struct failure *failure) {
    struct arena *arena = &gitlab->forge.arena;
    struct str path = location_prefix(location);
    const struct str mark = STR("/-/");
    size_t at = 0;
    while (at + mark.len < path.len && !str_starts_with(str_skip(path, at), mark)) {
        at++;
    }
    if (at + mark.len >= path.len) {
        return refuse_form(failure, "it does not name the tag of a release");
    }
    struct str project = url_percent_decode(arena, str_first(path, at));
    struct str tag = url_percent_decode(arena, str_skip(path, at + mark.len));
    gitlab->project = project.ptr == NULL ? project : arena_copy(arena, project);
    gitlab->tag = tag.ptr == NULL ? tag : arena_copy(arena, tag);
    if (gitlab->project.ptr == NULL || gitlab->tag.ptr == NULL) {
        failure_memory(failure);
        return false;
    }
    size_t slash = str_find(gitlab->project, '/');
    return (slash > 0 && slash + 1 < gitlab->project.len) ||
           refuse_form(failure, "it does not name a project (GROUP/PROJECT)");
}

static bool take_hosts(struct gitlab *gitlab, const struct location *location,
                       struct failure *failure) {
    struct forge *forge = &gitlab->forge;
    const struct str suffix = STR("/api/v4");
    struct str api = location_parameter(location, STR("api"));
    if (api.ptr == NULL) {
        api = arena_concat(&forge->arena, (struct str[]){location->host, suffix}, 2);
    }
    if (api.ptr == NULL || !forge_take_api(forge, api, failure)) {
        failure_memory(failure);
        return false;
    }
    if (!str_ends_with(forge->api, suffix)) {
        return refuse_form(failure, "`api=` does not end in `/api/v4`");
    }
    forge->web = str_first(forge->api, forge->api.len - suffix.len);
    return true;
}

static bool take_urls(struct gitlab *gitlab, struct failure *failure) {
    struct forge *forge = &gitlab->forge;
    struct arena *arena = &forge->arena;
    struct str tag = objects_encoded(arena, gitlab->tag, false);
    struct str project = objects_encoded(arena, gitlab->project, false);
    struct str path = objects_encoded(arena, gitlab->project, true);
    gitlab->project_url =
        arena_concat(arena, (struct str[]){forge->api, STR("/projects/"), project}, 3);
    gitlab->release_url = arena_concat(
        arena, (struct str[]){gitlab->project_url, STR("/releases/"), tag}, 3);
    gitlab->links_url = arena_concat(
        arena, (struct str[]){gitlab->release_url, STR("/assets/links")}, 2);
    gitlab->package_url = arena_concat(
        arena,
        (struct str[]){gitlab->project_url, STR("/packages/generic/" GITLAB_PACKAGE)},
        2);
    forge->store.artifacts_url =
        arena_concat(arena,
                     (struct str[]){forge->web, STR("/"), path, STR("/-/releases/"),
                                    tag, STR("/downloads")},
                     6);
    const struct str made[] = {tag,
                               project,
                               path,
                               gitlab->project_url,
                               gitlab->release_url,
                               gitlab->links_url,
                               gitlab->package_url,
                               forge->store.artifacts_url};
    for (size_t i = 0; i < sizeof made / sizeof *made; i++) {
        if (made[i].ptr == NULL) {
            failure_memory(failure);
            return false;
        }
    }
    return true;
}

/* A job's token is one of its own GitLab alone, and is shown to no other. */
static bool take_token(struct gitlab *gitlab, struct failure *failure) {
    struct forge *forge = &gitlab->forge;
    struct str own_api = objects_base(str_of(getenv("CI_API_V4_URL")));
    if (!forge_take_token(forge, own_tokens, HTTP_AUTH_HEADER, STR("PRIVATE-TOKEN"),
                          failure)) {
        return false;
    }
    if (forge->token_name.ptr == NULL && str_equal(own_api, forge->api)) {
        if (!forge_take_token(forge, job_tokens, HTTP_AUTH_HEADER, STR("JOB-TOKEN"),
                              failure)) {
            return false;
        }
        gitlab->has_job_token = forge->token_name.ptr != NULL;
    }
    forge->token_names =
        "GITLAB_TOKEN or, in a job of this same GitLab (CI_API_V4_URL), CI_JOB_TOKEN";
    return true;
}

static bool take_all(struct gitlab *gitlab, const struct location *location,
                     const struct stores_options *options, struct failure *failure) {
    struct forge *forge = &gitlab->forge;
    forge->host_name = "GitLab";
    if (!forge_open(forge, location, options, failure) ||
        !take_names(gitlab, location, failure) ||
        !take_hosts(gitlab, location, failure) || !take_urls(gitlab, failure) ||
        !take_token(gitlab, failure)) {
        return false;
    }
    if (options->writes && forge->token_name.ptr == NULL) {
        failure_set(
            failure, ERROR_AUTH_NO_CREDENTIALS, STR_NONE,
            "writing to a release of GitLab takes a token, and there is none in "
            "%s",
            forge->token_names);
        return false;
    }
    /* Its pages ask for one upload after another. */
    forge->store.max_parallel = 1;
    forge->store.ops = &operations;
    return true;
}

struct store *store_gitlab_open(const struct location *location,
                                const struct stores_options *options,
                                struct failure *failure) {
    struct gitlab *gitlab = calloc(1, sizeof *gitlab);
    if (gitlab == NULL || pthread_mutex_init(&gitlab->mutex, NULL) != 0 ||
        !forge_known_init(&gitlab->known)) {
        free(gitlab);
        failure_memory(failure);
        return NULL;
    }
    if (!take_all(gitlab, location, options, failure)) {
        close_store(&gitlab->forge.store);
        return NULL;
    }
    return &gitlab->forge.store;
}
