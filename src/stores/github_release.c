#include "base/json_write.h"
#include "net/instant.h"
#include "stores/github_parts.h"

enum { PAGE_SIZE = 100, PAGES_MAX = 20 };

/* --- reading answers --- */

bool github_asset(struct json_fields *fields, struct str json,
                  struct store_object *object) {
    uint64_t id = 0;
    *object = (struct store_object){.size_bytes = UINT64_MAX};
    if (!json_fields_u64(fields, json, "id", &id)) {
        return false;
    }
    object->name = json_fields_text(fields, json, "name");
    object->revision = arena_printf(fields->arena, "%llu", (unsigned long long)id);
    struct str state = json_fields_text(fields, json, "state");
    struct str digest = json_fields_text(fields, json, "digest");
    struct str created = json_fields_text(fields, json, "created_at");
    if (object->name.ptr == NULL || object->revision.ptr == NULL) {
        return false;
    }
    (void)json_fields_u64(fields, json, "size", &object->size_bytes);
    object->is_incomplete = !str_equal(state, STR("uploaded"));
    if (digest.ptr != NULL && sha256_is_text(digest)) {
        memcpy(object->digest, digest.ptr, SHA256_TEXT_BYTES);
    }
    if (created.ptr == NULL || !instant_parse(created, &object->modified_s)) {
        object->modified_s = 0;
    }
    return !fields->no_memory;
}

static bool has_id(const struct objects_found *found, struct str id) {
    for (size_t i = 0; i < found->count; i++) {
        if (str_equal(found->objects[i].revision, id)) {
            return true;
        }
    }
    return false;
}

static enum store_status not_understood(struct github *github,
                                        struct store_call *call) {
    forge_fail(&github->forge, call, ERROR_STORE_BAD_RESPONSE, STR_NONE,
               "GitHub's answer about the release `%.*s` cannot be understood",
               STR_ARG(github->tag));
    return STORE_FAILED;
}

/* Adds the assets of an array that are not there yet; `*count` is how many it has. */
static enum store_status take_assets(struct github *github, struct store_call *call,
                                     struct json_fields *fields, struct str array,
                                     struct objects_found *found, size_t *count) {
    bool is_first = found->count == 0;
    size_t at = 0;
    struct str json;
    if (!json_fields_is_array(array)) {
        return not_understood(github, call);
    }
    for (*count = 0; json_fields_next(fields, array, &at, &json); ++*count) {
        struct store_object object;
        if (!github_asset(fields, json, &object)) {
            return fields->no_memory ? forge_no_memory(call)
                                     : not_understood(github, call);
        }
        if ((is_first || !has_id(found, object.revision)) &&
            !objects_add(call->arena, found, &object)) {
            return forge_no_memory(call);
        }
    }
    return STORE_OK;
}

static bool take_upload_url(struct github *github, struct str url) {
    if (url.ptr == NULL) {
        return false;
    }
    url = str_first(url, str_find(url, '{')); /* `{?name,label}` */
    bool is_safe = str_starts_with(url, STR("https://")) ||
                   (str_starts_with(url, STR("http://")) &&
                    str_starts_with(github->forge.api, STR("http://")));
    (void)pthread_mutex_lock(&github->mutex);
    if (is_safe && !str_equal(github->upload_url, url)) {
        github->upload_url = arena_copy(&github->forge.arena, url);
    }
    (void)pthread_mutex_unlock(&github->mutex);
    return is_safe;
}

/* --- looking --- */

/* Beyond what the release itself showed. */
static enum store_status look_at_pages(struct github *github, struct store_call *call,
                                       uint64_t id, struct objects_found *found) {
    for (unsigned page = 1; page <= PAGES_MAX; page++) {
        struct http_response response;
        struct forge_request request = {
            .method = "GET",
            .url = arena_printf(call->arena,
                                "%.*s/releases/%llu/assets?per_page=%d&page=%u",
                                STR_ARG(github->repo_url), (unsigned long long)id,
                                (int)PAGE_SIZE, page),
            .is_repeatable = true};
        if (request.url.ptr == NULL) {
            return forge_no_memory(call);
        }
        if (forge_send(&github->forge, call, &request, &response) != FORGE_ANSWERED) {
            return STORE_FAILED;
        }
        enum store_status status = STORE_FAILED;
        struct json_fields fields;
        size_t count = 0;
        if (response.status != 200) {
            github_refuse(github, call, &response, STR_NONE, "list of assets");
        } else if (!json_fields_begin(&fields, call->arena, buf_str(&response.body))) {
            status = not_understood(github, call);
        } else {
            status = take_assets(github, call, &fields, fields.root, found, &count);
        }
        http_response_release(&response);
        if (status != STORE_OK || count < PAGE_SIZE) {
            return status;
        }
    }
    return STORE_OK;
}

/* A release shows all of its assets within itself, in one answer and so as they were at
 * one moment. No page says that it always will: where the number is one that a limit
 * would leave, the pages of the list are asked, too. */
static bool may_be_cut(size_t count) {
    return count == 30 || (count > 0 && count % 50 == 0);
}

static enum store_status take_release(struct github *github, struct store_call *call,
                                      struct str body, struct objects_found *found,
                                      bool *is_immutable) {
    struct json_fields fields;
    uint64_t id = 0;
    size_t count = 0;
    if (!json_fields_begin(&fields, call->arena, body) ||
        !json_fields_u64(&fields, fields.root, "id", &id) ||
        !take_upload_url(github,
                         json_fields_text(&fields, fields.root, "upload_url"))) {
        return fields.no_memory ? forge_no_memory(call) : not_understood(github, call);
    }
    *is_immutable = json_fields_is_true(&fields, fields.root, "immutable");
    enum store_status status =
        take_assets(github, call, &fields,
                    json_fields_get(&fields, fields.root, "assets"), found, &count);
    if (status == STORE_OK && may_be_cut(count)) {
        status = look_at_pages(github, call, id, found);
    }
    if (status == STORE_OK) {
        forge_known_set(&github->known, found, NULL);
    }
    return status;
}

enum store_status github_look(struct github *github, struct store_call *call,
                              struct objects_found *found) {
    struct http_response response;
    struct forge_request request = {
        .method = "GET", .url = github->tag_url, .is_repeatable = true};
    *found = (struct objects_found){0};
    if (forge_send(&github->forge, call, &request, &response) != FORGE_ANSWERED) {
        return STORE_FAILED;
    }
    enum store_status status = STORE_FAILED;
    if (response.status == 200) {
        bool is_immutable = false;
        status =
            take_release(github, call, buf_str(&response.body), found, &is_immutable);
    } else if (response.status == 404) {
        github_not_found(github, call);
    } else {
        github_refuse(github, call, &response, STR_NONE, "look at the release");
    }
    http_response_release(&response);
    return status;
}

enum store_status github_find(struct github *github, struct store_call *call,
                              struct str name, struct store_object *object) {
    struct objects_found found;
    enum store_status status = github_look(github, call, &found);
    if (status != STORE_OK) {
        return status;
    }
    for (size_t i = 0; i < found.count; i++) {
        if (str_equal(found.objects[i].name, name)) {
            *object = found.objects[i];
            return STORE_OK;
        }
    }
    return STORE_ABSENT;
}

/* --- refusals --- */

void github_not_found(struct github *github, struct store_call *call) {
    struct http_response response;
    struct forge_request request = {
        .method = "GET", .url = github->repo_url, .is_repeatable = true};
    if (forge_send(&github->forge, call, &request, &response) != FORGE_ANSWERED) {
        return;
    }
    if (response.status == 200) {
        forge_fail(&github->forge, call, ERROR_STORE_NOT_FOUND, STR_NONE,
                   "%.*s has no release of the tag `%.*s` (a draft does not count)",
                   STR_ARG(github->repo), STR_ARG(github->tag));
    } else if (response.status == 404 && github->forge.token_name.ptr == NULL) {
        forge_fail(&github->forge, call, ERROR_STORE_NOT_FOUND, STR_NONE,
                   "there is no repository %.*s, or it is private: that takes a token, "
                   "and there is none in %s",
                   STR_ARG(github->repo), github->forge.token_names);
    } else if (response.status == 404) {
        forge_fail(&github->forge, call, ERROR_STORE_NOT_FOUND, STR_NONE,
                   "there is no repository %.*s, or it is private and %.*s may not see "
                   "it",
                   STR_ARG(github->repo),
                   STR_ARG(forge_token_shown(&github->forge, call->arena)));
    } else {
        github_refuse(github, call, &response, STR_NONE, "look at the repository");
    }
    http_response_release(&response);
}

void github_refuse(struct github *github, struct store_call *call,
                   const struct http_response *response, struct str object,
                   const char *doing) {
    struct forge *forge = &github->forge;
    if (response->status == 403 &&
        forge_says(response, STR("resource not accessible"))) {
        forge_fail(forge, call, ERROR_AUTH_INSUFFICIENT_SCOPE, object,
                   "%.*s may not do this (%s) in %.*s: it needs `contents: write` "
                   "(reading private repositories: `contents: read`)",
                   STR_ARG(forge_token_shown(forge, call->arena)), doing,
                   STR_ARG(github->repo));
    } else if (response->status == 422 &&
               forge_says(response, STR("immutable release"))) {
        forge_fail(forge, call, ERROR_STORE_READ_ONLY, object,
                   "the release `%.*s` is immutable: its assets can never change; turn "
                   "immutable releases off for %.*s (Settings, Releases) and start the "
                   "registry under another tag",
                   STR_ARG(github->tag), STR_ARG(github->repo));
    } else if (response->status == 422 && forge_says(response, STR("file_count"))) {
        forge_fail(forge, call, ERROR_STORE_LIMIT_REACHED, object,
                   "the release `%.*s` holds as many assets as GitHub allows (%d); "
                   "start a further registry under another tag, or copy this one to "
                   "another host with `registry sync`",
                   STR_ARG(github->tag), (int)GITHUB_ASSETS_MAX);
    } else {
        forge_refuse(forge, call, response, object, doing);
    }
}

/* --- prepare --- */

static enum store_status create_release(struct github *github, struct store_call *call,
                                        bool *is_raced) {
    struct buf body;
    struct http_response response;
    enum store_status status = STORE_FAILED;
    buf_init(&body, 1 << 16);
    buf_append(&body, STR("{\"tag_name\":"));
    json_append_string(&body, github->tag);
    buf_append(&body,
               STR(",\"name\":\"Plugin registry\",\"body\":\"A registry of InfluxDB 3 "
                   "plugins, kept by influxdb3-plugin: its assets are written by "
                   "that tool alone.\",\"make_latest\":\"false\"}"));
    struct forge_request request = {
        .method = "POST",
        .url = arena_printf(call->arena, "%.*s/releases", STR_ARG(github->repo_url)),
        .content_type = STR("application/json"),
        .body = buf_str(&body)};
    *is_raced = false;
    if (body.failed || request.url.ptr == NULL) {
        status = forge_no_memory(call);
        goto out;
    }
    enum forge_sent sent = forge_send(&github->forge, call, &request, &response);
    if (sent != FORGE_ANSWERED) {
        *is_raced = sent == FORGE_UNCERTAIN;
        goto out;
    }
    if (response.status == 201) {
        struct objects_found found = {0};
        bool is_immutable = false;
        status =
            take_release(github, call, buf_str(&response.body), &found, &is_immutable);
        if (status == STORE_OK && is_immutable) {
            forge_fail(&github->forge, call, ERROR_STORE_READ_ONLY, STR_NONE,
                       "releases of %.*s are immutable as soon as they are published: "
                       "turn that off (Settings, Releases), delete the release `%.*s` "
                       "and try again",
                       STR_ARG(github->repo), STR_ARG(github->tag));
            status = STORE_FAILED;
        }
    } else if ((response.status == 422 &&
                forge_says(&response, STR("already_exists"))) ||
               response.status >= 500) {
        *is_raced = true;
        github_refuse(github, call, &response, STR_NONE, "create the release");
    } else if (response.status == 404) {
        github_not_found(github, call);
    } else {
        github_refuse(github, call, &response, STR_NONE, "create the release");
    }
    http_response_release(&response);

out:
    buf_release(&body);
    return status;
}

enum store_status github_prepare(struct store *store, struct store_call *call) {
    struct github *github = github_of(store);
    struct objects_found found;
    struct store_call look = {.arena = call->arena};
    enum store_status status = github_look(github, &look, &found);
    if (status == STORE_OK || look.failure.is_memory_out ||
        look.failure.id != ERROR_STORE_NOT_FOUND) {
        call->failure = look.failure;
        return status;
    }
    bool is_raced = false;
    status = create_release(github, call, &is_raced);
    if (status == STORE_FAILED && is_raced) {
        /* Somebody else may have made it, or this did after all. */
        struct store_call again = {.arena = call->arena};
        if (github_look(github, &again, &found) == STORE_OK) {
            call->failure = (struct failure){0};
            return STORE_OK;
        }
    }
    return status;
}
