#include <stdlib.h>

#include "base/json_write.h"
#include "stores/gitlab_parts.h"

enum { PAGE_SIZE = 100, PAGES_MAX = 1000, HASH_DIGITS = 64 };

/* --- reading answers --- */

static enum store_status not_understood(struct gitlab *gitlab,
                                        struct store_call *call) {
    forge_fail(&gitlab->forge, call, ERROR_STORE_BAD_RESPONSE, STR_NONE,
               "GitLab's answer about the release `%.*s` cannot be understood",
               STR_ARG(gitlab->tag));
    return STORE_FAILED;
}

/* `…/packages/generic/PACKAGE/HASH/FILE` tells what lies there. */
static void take_digest(struct str url, struct store_object *object) {
    const struct str mark = STR("/packages/generic/");
    size_t at = 0;
    while (at + mark.len < url.len && !str_starts_with(str_skip(url, at), mark)) {
        at++;
    }
    if (at + mark.len >= url.len) {
        return;
    }
    struct str rest = str_skip(url, at + mark.len);
    size_t slash = str_find(rest, '/');
    if (slash == rest.len) {
        return;
    }
    struct str version = str_skip(rest, slash + 1);
    version = str_first(version, str_find(version, '/'));
    char text[SHA256_TEXT_BYTES + 1] = "sha256:";
    if (version.len == HASH_DIGITS) {
        memcpy(text + 7, version.ptr, HASH_DIGITS);
        if (sha256_is_text(str_of(text))) {
            memcpy(object->digest, text, sizeof text);
        }
    }
}

/* The links of an array that are not there yet. */
static enum store_status take_links(struct gitlab *gitlab, struct store_call *call,
                                    struct json_fields *fields, struct str array,
                                    struct objects_found *found,
                                    struct objects_found *urls, size_t *count) {
    size_t before = found->count;
    size_t at = 0;
    struct str json;
    if (!json_fields_is_array(array)) {
        return not_understood(gitlab, call);
    }
    for (*count = 0; json_fields_next(fields, array, &at, &json); ++*count) {
        struct store_object object = {.size_bytes = UINT64_MAX};
        uint64_t id = 0;
        bool has_id = json_fields_u64(fields, json, "id", &id);
        object.name = json_fields_text(fields, json, "name");
        struct store_object url = {.name = json_fields_text(fields, json, "url")};
        if (!has_id || object.name.ptr == NULL || url.name.ptr == NULL) {
            return fields->no_memory ? forge_no_memory(call)
                                     : not_understood(gitlab, call);
        }
        object.revision = arena_printf(call->arena, "%llu", (unsigned long long)id);
        take_digest(url.name, &object);
        bool is_there = false;
        for (size_t i = 0; i < before && !is_there; i++) {
            is_there = str_equal(found->objects[i].revision, object.revision);
        }
        if (object.revision.ptr == NULL ||
            (!is_there && (!objects_add(call->arena, found, &object) ||
                           !objects_add(call->arena, urls, &url)))) {
            return forge_no_memory(call);
        }
    }
    return STORE_OK;
}

static enum store_status look_at_pages(struct gitlab *gitlab, struct store_call *call,
                                       struct objects_found *found,
                                       struct objects_found *urls) {
    for (unsigned page = 1; page <= PAGES_MAX; page++) {
        struct http_response response;
        struct forge_request request = {
            .method = "GET",
            .url = arena_printf(call->arena, "%.*s?per_page=%d&page=%u",
                                STR_ARG(gitlab->links_url), (int)PAGE_SIZE, page),
            .is_repeatable = true};
        if (request.url.ptr == NULL) {
            return forge_no_memory(call);
        }
        if (forge_send(&gitlab->forge, call, &request, &response) != FORGE_ANSWERED) {
            return STORE_FAILED;
        }
        enum store_status status = STORE_FAILED;
        struct json_fields fields;
        size_t count = 0;
        if (response.status != 200) {
            gitlab_refuse(gitlab, call, &response, STR_NONE, "list of links");
        } else if (!json_fields_begin(&fields, call->arena, buf_str(&response.body))) {
            status = not_understood(gitlab, call);
        } else {
            status =
                take_links(gitlab, call, &fields, fields.root, found, urls, &count);
        }
        http_response_release(&response);
        if (status != STORE_OK || count < PAGE_SIZE) {
            return status;
        }
    }
    return STORE_OK;
}

/* A release shows all of its links within itself, in one answer and so as they were at
 * one moment. No page says that it always will: where the number is one that a limit
 * would leave, the pages of the list are asked, too. */
static bool may_be_cut(size_t count) {
    return count == 20 || count == 30 || (count > 0 && count % 50 == 0);
}

static enum store_status take_release(struct gitlab *gitlab, struct store_call *call,
                                      struct str body, struct objects_found *found,
                                      struct str **urls) {
    struct json_fields fields;
    struct objects_found addresses = {0};
    size_t count = 0;
    if (!json_fields_begin(&fields, call->arena, body)) {
        return fields.no_memory ? forge_no_memory(call) : not_understood(gitlab, call);
    }
    struct str assets = json_fields_get(&fields, fields.root, "assets");
    struct str links = json_fields_get(&fields, assets, "links");
    enum store_status status =
        take_links(gitlab, call, &fields, links, found, &addresses, &count);
    if (status == STORE_OK && may_be_cut(count)) {
        status = look_at_pages(gitlab, call, found, &addresses);
    }
    if (status != STORE_OK) {
        return status;
    }
    *urls = arena_array(call->arena, addresses.count, sizeof **urls);
    if (*urls == NULL) {
        return forge_no_memory(call);
    }
    for (size_t i = 0; i < addresses.count; i++) {
        (*urls)[i] = addresses.objects[i].name;
    }
    forge_known_set(&gitlab->known, found, *urls);
    return STORE_OK;
}

static enum store_status look(struct gitlab *gitlab, struct store_call *call,
                              struct objects_found *found, struct str **urls) {
    struct http_response response;
    struct forge_request request = {
        .method = "GET", .url = gitlab->release_url, .is_repeatable = true};
    *found = (struct objects_found){0};
    if (forge_send(&gitlab->forge, call, &request, &response) != FORGE_ANSWERED) {
        return STORE_FAILED;
    }
    enum store_status status = STORE_FAILED;
    if (response.status == 200) {
        status = take_release(gitlab, call, buf_str(&response.body), found, urls);
    } else if (response.status == 404) {
        gitlab_not_found(gitlab, call);
    } else {
        gitlab_refuse(gitlab, call, &response, STR_NONE, "look at the release");
    }
    http_response_release(&response);
    return status;
}

enum store_status gitlab_look(struct gitlab *gitlab, struct store_call *call,
                              struct objects_found *found) {
    struct str *urls;
    return look(gitlab, call, found, &urls);
}

enum store_status gitlab_find(struct gitlab *gitlab, struct store_call *call,
                              struct str name, struct store_object *object,
                              struct str *url) {
    struct objects_found found;
    struct str *urls;
    enum store_status status = look(gitlab, call, &found, &urls);
    if (status != STORE_OK) {
        return status;
    }
    for (size_t i = 0; i < found.count; i++) {
        if (str_equal(found.objects[i].name, name)) {
            *object = found.objects[i];
            *url = urls[i];
            return STORE_OK;
        }
    }
    return STORE_ABSENT;
}

/* --- refusals --- */

void gitlab_not_found(struct gitlab *gitlab, struct store_call *call) {
    struct forge *forge = &gitlab->forge;
    struct http_response response;
    /* A job token may not ask for the project; its list of releases tells the same. */
    struct str more = gitlab->has_job_token ? STR("/releases?per_page=1") : STR("");
    struct forge_request request = {
        .method = "GET",
        .url = arena_concat(call->arena, (struct str[]){gitlab->project_url, more}, 2),
        .is_repeatable = true};
    if (request.url.ptr == NULL) {
        (void)forge_no_memory(call);
        return;
    }
    if (forge_send(forge, call, &request, &response) != FORGE_ANSWERED) {
        return;
    }
    if (response.status == 200) {
        forge_fail(forge, call, ERROR_STORE_NOT_FOUND, STR_NONE,
                   "the project %.*s has no release of the tag `%.*s`",
                   STR_ARG(gitlab->project), STR_ARG(gitlab->tag));
    } else if (response.status == 404 && forge->token_name.ptr == NULL) {
        forge_fail(
            forge, call, ERROR_STORE_NOT_FOUND, STR_NONE,
            "there is no project %.*s, or it is private: that takes a token, and "
            "there is none in %s",
            STR_ARG(gitlab->project), forge->token_names);
    } else if (response.status == 404) {
        forge_fail(
            forge, call, ERROR_STORE_NOT_FOUND, STR_NONE,
            "there is no project %.*s, or it is private and %.*s may not see it%s",
            STR_ARG(gitlab->project), STR_ARG(forge_token_shown(forge, call->arena)),
            gitlab->has_job_token
                ? " (a job token sees other projects only where their job token "
                  "permissions list its own)"
                : "");
    } else {
        gitlab_refuse(gitlab, call, &response, STR_NONE, "look at the project");
    }
    http_response_release(&response);
}

void gitlab_refuse(struct gitlab *gitlab, struct store_call *call,
                   const struct http_response *response, struct str object,
                   const char *doing) {
    struct forge *forge = &gitlab->forge;
    if (response->status == 403 && forge_says(response, STR("insufficient_scope"))) {
        forge_fail(forge, call, ERROR_AUTH_INSUFFICIENT_SCOPE, object,
                   "%.*s has not the scope for this (%s): it needs `api` (for reading "
                   "`read_api`)",
                   STR_ARG(forge_token_shown(forge, call->arena)), doing);
    } else if (response->status == 403 && !gitlab->has_job_token) {
        forge_fail(
            forge, call, ERROR_STORE_ACCESS_DENIED, object,
            "GitLab does not allow this (%s) to %.*s: it takes the role Developer "
            "in %.*s and, where the tag `%.*s` is protected, to be among those "
            "who may create it",
            doing, STR_ARG(forge_token_shown(forge, call->arena)),
            STR_ARG(gitlab->project), STR_ARG(gitlab->tag));
    } else if (response->status == 403) {
        forge_fail(forge, call, ERROR_STORE_ACCESS_DENIED, object,
                   "GitLab does not allow this (%s) to %.*s: who started the pipeline "
                   "needs the role Developer in %.*s and, where the tag `%.*s` is "
                   "protected, to be among those who may create it",
                   doing, STR_ARG(forge_token_shown(forge, call->arena)),
                   STR_ARG(gitlab->project), STR_ARG(gitlab->tag));
    } else {
        forge_refuse(forge, call, response, object, doing);
    }
}

bool gitlab_name_is_good(struct gitlab *gitlab, struct store_call *call,
                         struct str name) {
    if (!forge_name_is_plain(name)) {
        forge_fail(&gitlab->forge, call, ERROR_STORE_NAME_REFUSED, name,
                   "GitLab takes no such name for a file of a release, as none with "
                   "`+`: only letters, digits, `.`, `-` and `_`");
        return false;
    }
    if (name.len + 1 > GITLAB_PATH_MAX) {
        forge_fail(&gitlab->forge, call, ERROR_STORE_LIMIT_REACHED, name,
                   "the name has %zu characters, and GitLab takes %d", name.len,
                   (int)GITLAB_PATH_MAX - 1);
        return false;
    }
    return true;
}

/* --- prepare --- */

/* What a new tag is made of: the commit of the pipeline that runs, or the default
 * branch. Absent: the failure is set. */
static struct str find_ref(struct gitlab *gitlab, struct store_call *call) {
    struct str own = str_of(getenv("CI_PROJECT_PATH"));
    struct str commit = str_of(getenv("CI_COMMIT_SHA"));
    if (own.len > 0 && commit.len > 0 && str_equal(own, gitlab->project)) {
        return commit;
    }
    struct http_response response;
    struct forge_request request = {
        .method = "GET", .url = gitlab->project_url, .is_repeatable = true};
    if (forge_send(&gitlab->forge, call, &request, &response) != FORGE_ANSWERED) {
        return STR_NONE;
    }
    struct str ref = STR_NONE;
    struct json_fields fields;
    if (response.status == 404) {
        gitlab_not_found(gitlab, call);
    } else if (response.status != 200) {
        gitlab_refuse(gitlab, call, &response, STR_NONE, "look at the project");
    } else if (!json_fields_begin(&fields, call->arena, buf_str(&response.body))) {
        (void)not_understood(gitlab, call);
    } else {
        ref = json_fields_text(&fields, fields.root, "default_branch");
        if (ref.ptr == NULL) {
            forge_fail(
                &gitlab->forge, call, ERROR_STORE_UNSUPPORTED, STR_NONE,
                "a release belongs to a tag, and %.*s has no commit that the tag "
                "`%.*s` could be made of: push one first",
                STR_ARG(gitlab->project), STR_ARG(gitlab->tag));
        }
    }
    http_response_release(&response);
    return ref;
}

static enum store_status create_release(struct gitlab *gitlab, struct store_call *call,
                                        struct str ref, bool *is_raced) {
    struct http_response response;
    struct buf body;
    buf_init(&body, 1 << 16);
    buf_append(&body, STR("{\"tag_name\":"));
    json_append_string(&body, gitlab->tag);
    buf_append(&body, STR(",\"ref\":"));
    json_append_string(&body, ref);
    buf_append(&body,
               STR(",\"name\":\"Plugin registry\",\"description\":\"A registry of "
                   "InfluxDB 3 plugins, kept by influxdb3-plugin: its links are "
                   "written by that tool alone.\"}"));
    struct forge_request request = {
        .method = "POST",
        .url = arena_concat(call->arena,
                            (struct str[]){gitlab->project_url, STR("/releases")}, 2),
        .content_type = STR("application/json"),
        .body = buf_str(&body)};
    enum store_status status = STORE_FAILED;
    enum forge_sent sent = FORGE_FAILED;
    if (body.failed || request.url.ptr == NULL) {
        (void)forge_no_memory(call);
    } else {
        sent = forge_send(&gitlab->forge, call, &request, &response);
    }
    buf_release(&body);
    *is_raced = sent == FORGE_UNCERTAIN;
    if (sent != FORGE_ANSWERED) {
        return STORE_FAILED;
    }
    if (response.status == 201) {
        status = STORE_OK;
    } else if (response.status == 404) {
        gitlab_not_found(gitlab, call);
    } else {
        *is_raced = response.status == 409 || response.status >= 500;
        gitlab_refuse(gitlab, call, &response, STR_NONE, "create the release");
    }
    http_response_release(&response);
    return status;
}

enum store_status gitlab_prepare(struct store *store, struct store_call *call) {
    struct gitlab *gitlab = gitlab_of(store);
    struct objects_found found;
    struct store_call look = {.arena = call->arena};
    enum store_status status = gitlab_look(gitlab, &look, &found);
    if (status == STORE_OK || look.failure.is_memory_out ||
        look.failure.id != ERROR_STORE_NOT_FOUND) {
        call->failure = look.failure;
        return status;
    }
    struct str ref = find_ref(gitlab, call);
    if (ref.ptr == NULL) {
        return STORE_FAILED;
    }
    bool is_raced = false;
    status = create_release(gitlab, call, ref, &is_raced);
    if (status == STORE_FAILED && is_raced) {
        /* Somebody else may have made it, or this did after all. */
        struct store_call again = {.arena = call->arena};
        if (gitlab_look(gitlab, &again, &found) == STORE_OK) {
            call->failure = (struct failure){0};
            return STORE_OK;
        }
    }
    return status;
}
