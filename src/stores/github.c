/* A release of GitHub as a registry's place: `github://OWNER/REPO/TAG`. */
#include <stdlib.h>

#include "grammar/url_parts.h"
#include "stores/github_parts.h"

/* The version that this was written against; [versions]. */
#define API_VERSION "2022-11-28"

static const char *const public_tokens[] = {"GH_TOKEN", "GITHUB_TOKEN", NULL};
static const char *const server_tokens[] = {
    "GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN", "GH_TOKEN", "GITHUB_TOKEN", NULL};

static enum store_status list(struct store *store, struct store_call *call,
                              struct str prefix, struct store_list *list) {
    struct objects_found found;
    enum store_status status = github_look(github_of(store), call, &found);
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
    struct github *github = github_of(store);
    for (size_t i = 0; i < count; i++) {
        if (!forge_name_is_plain(names[i])) {
            forge_fail(
                &github->forge, call, ERROR_STORE_NAME_REFUSED, names[i],
                "GitHub would rewrite this name, as it does with `+`: only letters, "
                "digits, `.`, `-` and `_` survive");
            return STORE_FAILED;
        }
    }
    /* The next entry of the journal, a copy of the index, and one for chance. */
    const size_t more = 3;
    size_t total = forge_known_count_with(&github->known, names, count) + more;
    if (total == more) {
        struct objects_found found;
        enum store_status status = github_look(github, call, &found);
        if (status != STORE_OK) {
            return status;
        }
        total = forge_known_count_with(&github->known, names, count) + more;
    }
    if (total > GITHUB_ASSETS_MAX) {
        forge_fail(&github->forge, call, ERROR_STORE_LIMIT_REACHED, STR_NONE,
                   "the release `%.*s` would hold %zu assets, and GitHub allows %d; "
                   "start a further registry under another tag, or copy this one to "
                   "another host with `registry sync`",
                   STR_ARG(github->tag), total, (int)GITHUB_ASSETS_MAX);
        return STORE_FAILED;
    }
    if (total >= GITHUB_ASSETS_WARN) {
        call->warning = arena_printf(
            call->arena,
            "the release `%.*s` holds %zu of the %d assets that GitHub allows; plan "
            "for "
            "a registry under another tag, or on another host (`registry sync`)",
            STR_ARG(github->tag), total, (int)GITHUB_ASSETS_MAX);
    }
    return STORE_OK;
}

static void close_store(struct store *store) {
    struct github *github = github_of(store);
    (void)pthread_mutex_destroy(&github->mutex);
    forge_known_release(&github->known);
    forge_close(&github->forge);
    free(github);
}

static const struct store_ops operations = {
    .get = github_get,
    .put_new = github_put_new,
    .list = list,
    .rename = github_rename,
    .remove = github_remove,
    .admit = admit,
    .prepare = github_prepare,
    .close = close_store,
};

/* --- opening --- */

static bool refuse_form(struct failure *failure, const char *why) {
    failure_set(failure, ERROR_USAGE_INVALID_LOCATION, STR_NONE,
                "%s; write it as in `github://OWNER/REPO/TAG`", why);
    return false;
}

/* Names of owners and repositories, as GitHub allows them. */
static bool is_slug(struct str name) {
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (!ascii_is_alnum(c) && c != '-' && c != '_' && c != '.') {
            return false;
        }
    }
    return name.len > 0;
}

static bool take_names(struct github *github, const struct location *location,
                       struct failure *failure) {
    struct arena *arena = &github->forge.arena;
    struct str path = location_prefix(location);
    size_t slash = str_find(path, '/');
    struct str repo = str_first(path, slash);
    if (!is_slug(location->host) || !is_slug(repo)) {
        return refuse_form(failure, "it does not name a repository");
    }
    if (slash == path.len) {
        return refuse_form(failure, "it does not name the tag of a release");
    }
    struct str tag = url_percent_decode(arena, str_skip(path, slash + 1));
    github->tag = tag.ptr == NULL ? tag : arena_copy(arena, tag);
    github->repo =
        arena_concat(arena, (struct str[]){location->host, STR("/"), repo}, 3);
    if (github->tag.ptr == NULL || github->repo.ptr == NULL) {
        failure_memory(failure);
        return false;
    }
    return true;
}

/* The pages' address to an API's: Enterprise Server has it below `/api/v3`, GitHub and
 * its data-resident tenants on a host `api.`. */
static bool take_hosts(struct github *github, struct str given,
                       struct failure *failure) {
    struct forge *forge = &github->forge;
    if (!forge_take_api(forge, given.ptr == NULL ? STR("api.github.com") : given,
                        failure)) {
        return false;
    }
    size_t scheme = str_find(forge->api, ':') + strlen("://");
    struct str rest = str_skip(forge->api, scheme);
    bool has_path = str_find(rest, '/') < rest.len;
    struct str origin = str_first(forge->api, scheme + str_find(rest, '/'));
    if (!has_path && str_starts_with(rest, STR("api."))) {
        forge->web = arena_concat(
            &forge->arena,
            (struct str[]){str_first(forge->api, scheme), str_skip(rest, 4)}, 2);
    } else {
        forge->web = arena_copy(&forge->arena, origin);
        if (!has_path) {
            forge->api = arena_concat(&forge->arena,
                                      (struct str[]){forge->api, STR("/api/v3")}, 2);
        } else if (str_ends_with(forge->api, STR("/api/v3"))) {
            forge->web =
                arena_copy(&forge->arena, str_first(forge->api, forge->api.len - 7));
        }
    }
    if (forge->web.ptr == NULL || forge->api.ptr == NULL) {
        failure_memory(failure);
        return false;
    }
    return true;
}

static bool take_urls(struct github *github, struct failure *failure) {
    struct forge *forge = &github->forge;
    struct arena *arena = &forge->arena;
    struct str tag = objects_encoded(arena, github->tag, false);
    github->repo_url = arena_concat(
        arena, (struct str[]){forge->api, STR("/repos/"), github->repo}, 3);
    github->tag_url = arena_concat(
        arena, (struct str[]){github->repo_url, STR("/releases/tags/"), tag}, 3);
    forge->store.artifacts_url =
        arena_concat(arena,
                     (struct str[]){forge->web, STR("/"), github->repo,
                                    STR("/releases/download/"), tag},
                     5);
    if (tag.ptr == NULL || github->repo_url.ptr == NULL ||
        github->tag_url.ptr == NULL || forge->store.artifacts_url.ptr == NULL) {
        failure_memory(failure);
        return false;
    }
    return true;
}

static bool take_all(struct github *github, const struct location *location,
                     const struct stores_options *options, struct failure *failure) {
    struct forge *forge = &github->forge;
    struct str api = location_parameter(location, STR("api"));
    forge->host_name = "GitHub";
    forge->headers[forge->header_count++] =
        (struct http_header){STR("X-GitHub-Api-Version"), STR(API_VERSION)};
    if (!forge_open(forge, location, options, failure) ||
        !take_names(github, location, failure) || !take_hosts(github, api, failure) ||
        !take_urls(github, failure)) {
        return false;
    }
    forge->token_names =
        api.ptr == NULL
            ? "GH_TOKEN or GITHUB_TOKEN"
            : "GH_ENTERPRISE_TOKEN, GITHUB_ENTERPRISE_TOKEN, GH_TOKEN or GITHUB_TOKEN";
    if (!forge_take_token(forge, api.ptr == NULL ? public_tokens : server_tokens,
                          HTTP_AUTH_BEARER, STR_NONE, failure)) {
        return false;
    }
    if (options->writes && forge->token_name.ptr == NULL) {
        failure_set(
            failure, ERROR_AUTH_NO_CREDENTIALS, STR_NONE,
            "writing to a release of GitHub takes a token, and there is none in "
            "%s",
            forge->token_names);
        return false;
    }
    /* [best practices] asks for one request after another; its limit on requests that
     * create content is 80 a minute. */
    forge->store.max_parallel = 4;
    forge->store.ops = &operations;
    return true;
}

struct store *store_github_open(const struct location *location,
                                const struct stores_options *options,
                                struct failure *failure) {
    struct github *github = calloc(1, sizeof *github);
    if (github == NULL || pthread_mutex_init(&github->mutex, NULL) != 0 ||
        !forge_known_init(&github->known)) {
        free(github);
        failure_memory(failure);
        return NULL;
    }
    if (!take_all(github, location, options, failure)) {
        close_store(&github->forge.store);
        return NULL;
    }
    return &github->forge.store;
}
