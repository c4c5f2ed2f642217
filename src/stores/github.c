/* A release of GitHub as a registry's place: `github://OWNER/REPO/TAG`. */
#include "grammar/url_parts.h"
#include "stores/github_parts.h"

/* The version that this was written against; [versions]. */
#define API_VERSION "2022-11-28"

static const char *const public_tokens[] = {"GH_TOKEN", "GITHUB_TOKEN", NULL};
static const char *const server_tokens[] = {
    "GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN", "GH_TOKEN", "GITHUB_TOKEN", NULL};

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
    size_t total = forge_known_count_with(&github->forge.known, names, count) + more;
    if (total == more) {
        struct objects_found found;
        enum store_status status = forge_look(&github->forge, call, &found);
        if (status != STORE_OK) {
            return status;
        }
        total = forge_known_count_with(&github->forge.known, names, count) + more;
    }
    if (total > GITHUB_ASSETS_MAX) {
        forge_fail(&github->forge, call, ERROR_STORE_LIMIT_REACHED, STR_NONE,
                   "the release `%.*s` would hold %zu assets, and GitHub allows %d; "
                   "start a further registry under another tag, or copy this one to "
                   "another host with `registry sync`",
                   STR_ARG(github->forge.tag), total, (int)GITHUB_ASSETS_MAX);
        return STORE_FAILED;
    }
    if (total >= GITHUB_ASSETS_WARN) {
        call->warning = arena_printf(
            call->arena,
            "the release `%.*s` holds %zu of the %d assets that GitHub allows; plan "
            "for "
            "a registry under another tag, or on another host (`registry sync`)",
            STR_ARG(github->forge.tag), total, (int)GITHUB_ASSETS_MAX);
    }
    return STORE_OK;
}

static const struct store_ops operations = {
    .get = github_get,
    .put_new = github_put_new,
    .list = forge_list,
    .rename = github_rename,
    .remove = forge_remove,
    .admit = admit,
    .prepare = forge_prepare,
    .close = forge_close,
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
    github->forge.tag = tag.ptr == NULL ? tag : arena_copy(arena, tag);
    github->forge.place =
        arena_concat(arena, (struct str[]){location->host, STR("/"), repo}, 3);
    if (github->forge.tag.ptr == NULL || github->forge.place.ptr == NULL) {
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
    struct str tag = objects_encoded(arena, forge->tag, false);
    forge->place_url = arena_concat(
        arena, (struct str[]){forge->api, STR("/repos/"), forge->place}, 3);
    forge->release_url = arena_concat(
        arena, (struct str[]){forge->place_url, STR("/releases/tags/"), tag}, 3);
    forge->objects_url = arena_concat(
        arena, (struct str[]){forge->place_url, STR("/releases/assets")}, 2);
    forge->store.artifacts_url =
        arena_concat(arena,
                     (struct str[]){forge->web, STR("/"), forge->place,
                                    STR("/releases/download/"), tag},
                     5);
    if (tag.ptr == NULL || forge->place_url.ptr == NULL ||
        forge->release_url.ptr == NULL || forge->objects_url.ptr == NULL ||
        forge->store.artifacts_url.ptr == NULL) {
        failure_memory(failure);
        return false;
    }
    return true;
}

static bool take_all(struct forge *forge, const struct location *location,
                     const struct stores_options *options, struct failure *failure) {
    struct github *github = github_of(&forge->store);
    struct str api = location_parameter(location, STR("api"));
    forge->headers[forge->header_count++] =
        (struct http_header){STR("X-GitHub-Api-Version"), STR(API_VERSION)};
    forge->token_names =
        api.ptr == NULL
            ? "GH_TOKEN or GITHUB_TOKEN"
            : "GH_ENTERPRISE_TOKEN, GITHUB_ENTERPRISE_TOKEN, GH_TOKEN or GITHUB_TOKEN";
    if (!take_names(github, location, failure) || !take_hosts(github, api, failure) ||
        !take_urls(github, failure) ||
        !forge_take_token(forge, api.ptr == NULL ? public_tokens : server_tokens,
                          HTTP_AUTH_BEARER, STR_NONE, failure) ||
        !forge_may_write(forge, options, failure)) {
        return false;
    }
    /* [best practices] asks for one request after another; its limit on requests that
     * create content is 80 a minute. */
    forge->store.max_parallel = 4;
    forge->store.ops = &operations;
    return true;
}

static const char *hidden_note(const struct forge *forge) {
    (void)forge;
    return "";
}

static const struct forge_host github_host = {
    .name = "GitHub",
    .place_name = "repository",
    .place_article = "",
    .release_note = " (a draft does not count)",
    .looking = "look at the repository",
    .listing = "list of assets",
    .deleting = "delete",
    .pages_max = 20,
    .cuts = {30, 30},
    .removed = {204, 204},
    .take_all = take_all,
    .take_release = github_take_release,
    .take_object = github_asset,
    .create_release = github_create_release,
    .explain = github_explain,
    .hidden_note = hidden_note,
};

struct store *store_github_open(const struct location *location,
                                const struct stores_options *options,
                                struct failure *failure) {
    return forge_new(sizeof(struct github), &github_host, location, options, failure);
}
