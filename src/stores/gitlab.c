/* A release of GitLab as a registry's place: `gitlab://HOST/PROJECT-PATH/-/TAG`. */
#include <stdlib.h>

#include "grammar/url_parts.h"
#include "stores/gitlab_parts.h"

static const char *const own_tokens[] = {"GITLAB_TOKEN", NULL};
static const char *const job_tokens[] = {"CI_JOB_TOKEN", NULL};

static enum store_status admit(struct store *store, struct store_call *call,
                               const struct str *names, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (!gitlab_name_is_good(gitlab_of(store), call, names[i])) {
            return STORE_FAILED;
        }
    }
    return STORE_OK;
}

static const struct store_ops operations = {
    .get = gitlab_get,
    .put_new = gitlab_put_new,
    .list = forge_list,
    .rename = gitlab_rename,
    .remove = forge_remove,
    .admit = admit,
    .prepare = forge_prepare,
    .close = forge_close,
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
    gitlab->forge.place = project.ptr == NULL ? project : arena_copy(arena, project);
    gitlab->forge.tag = tag.ptr == NULL ? tag : arena_copy(arena, tag);
    if (gitlab->forge.place.ptr == NULL || gitlab->forge.tag.ptr == NULL) {
        failure_memory(failure);
        return false;
    }
    size_t slash = str_find(gitlab->forge.place, '/');
    return (slash > 0 && slash + 1 < gitlab->forge.place.len) ||
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
    struct str tag = objects_encoded(arena, forge->tag, false);
    struct str project = objects_encoded(arena, forge->place, false);
    struct str path = objects_encoded(arena, forge->place, true);
    forge->place_url =
        arena_concat(arena, (struct str[]){forge->api, STR("/projects/"), project}, 3);
    forge->release_url = arena_concat(
        arena, (struct str[]){forge->place_url, STR("/releases/"), tag}, 3);
    forge->objects_url = arena_concat(
        arena, (struct str[]){forge->release_url, STR("/assets/links")}, 2);
    gitlab->package_url = arena_concat(
        arena,
        (struct str[]){forge->place_url, STR("/packages/generic/" GITLAB_PACKAGE)}, 2);
    forge->store.artifacts_url =
        arena_concat(arena,
                     (struct str[]){forge->web, STR("/"), path, STR("/-/releases/"),
                                    tag, STR("/downloads")},
                     6);
    const struct str made[] = {tag,
                               project,
                               path,
                               forge->place_url,
                               forge->release_url,
                               forge->objects_url,
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
        /* It may not ask for the project; its list of releases tells the same. */
        forge->look_more =
            gitlab->has_job_token ? STR("/releases?per_page=1") : STR_NONE;
    }
    forge->token_names =
        "GITLAB_TOKEN or, in a job of this same GitLab (CI_API_V4_URL), CI_JOB_TOKEN";
    return true;
}

static bool take_all(struct forge *forge, const struct location *location,
                     const struct stores_options *options, struct failure *failure) {
    struct gitlab *gitlab = gitlab_of(&forge->store);
    if (!take_names(gitlab, location, failure) ||
        !take_hosts(gitlab, location, failure) || !take_urls(gitlab, failure) ||
        !take_token(gitlab, failure) || !forge_may_write(forge, options, failure)) {
        return false;
    }
    /* Its pages ask for one upload after another. */
    forge->store.max_parallel = 1;
    forge->store.ops = &operations;
    return true;
}

static const char *hidden_note(const struct forge *forge) {
    return ((const struct gitlab *)(const void *)forge)->has_job_token
               ? " (a job token sees other projects only where their job token "
                 "permissions list its own)"
               : "";
}

static const struct forge_host gitlab_host = {
    .name = "GitLab",
    .place_name = "project",
    .place_article = "the project ",
    .release_note = "",
    .looking = "look at the project",
    .listing = "list of links",
    .deleting = "delete the link",
    .pages_max = 1000,
    .cuts = {20, 30},
    .removed = {200, 204},
    .take_all = take_all,
    .take_release = gitlab_take_release,
    .take_object = gitlab_link,
    .create_release = gitlab_create_release,
    .explain = gitlab_explain,
    .hidden_note = hidden_note,
};

struct store *store_gitlab_open(const struct location *location,
                                const struct stores_options *options,
                                struct failure *failure) {
    return forge_new(sizeof(struct gitlab), &gitlab_host, location, options, failure);
}
