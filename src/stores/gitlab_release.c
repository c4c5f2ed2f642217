#include <stdlib.h>

#include "base/json_write.h"
#include "stores/gitlab_parts.h"

enum { HASH_DIGITS = 64 };

/* --- reading answers --- */

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

bool gitlab_link(struct json_fields *fields, struct str json,
                 struct store_object *object, struct str *url) {
    uint64_t id = 0;
    bool has_id = json_fields_u64(fields, json, "id", &id);
    object->name = json_fields_text(fields, json, "name");
    *url = json_fields_text(fields, json, "url");
    if (!has_id || object->name.ptr == NULL || url->ptr == NULL) {
        return false;
    }
    object->revision = arena_printf(fields->arena, "%llu", (unsigned long long)id);
    fields->no_memory = fields->no_memory || object->revision.ptr == NULL;
    take_digest(*url, object);
    return object->revision.ptr != NULL;
}

bool gitlab_take_release(struct forge *forge, struct json_fields *fields,
                         struct str *objects, struct str *list_url) {
    struct str assets = json_fields_get(fields, fields->root, "assets");
    *objects = json_fields_get(fields, assets, "links");
    *list_url = forge->objects_url;
    return true;
}

/* --- refusals --- */

void gitlab_explain(struct forge *forge, struct store_call *call,
                    const struct http_response *response, struct str object,
                    const char *doing) {
    if (response->status == 403 && forge_says(response, STR("insufficient_scope"))) {
        forge_fail(forge, call, ERROR_AUTH_INSUFFICIENT_SCOPE, object,
                   "%.*s has not the scope for this (%s): it needs `api` (for reading "
                   "`read_api`)",
                   STR_ARG(forge_token_shown(forge, call->arena)), doing);
    } else if (response->status == 403 && !gitlab_of(&forge->store)->has_job_token) {
        forge_fail(
            forge, call, ERROR_STORE_ACCESS_DENIED, object,
            "GitLab does not allow this (%s) to %.*s: it takes the role Developer "
            "in %.*s and, where the tag `%.*s` is protected, to be among those "
            "who may create it",
            doing, STR_ARG(forge_token_shown(forge, call->arena)),
            STR_ARG(forge->place), STR_ARG(forge->tag));
    } else if (response->status == 403) {
        forge_fail(forge, call, ERROR_STORE_ACCESS_DENIED, object,
                   "GitLab does not allow this (%s) to %.*s: who started the pipeline "
                   "needs the role Developer in %.*s and, where the tag `%.*s` is "
                   "protected, to be among those who may create it",
                   doing, STR_ARG(forge_token_shown(forge, call->arena)),
                   STR_ARG(forge->place), STR_ARG(forge->tag));
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

/* --- making the release --- */

/* What a new tag is made of: the commit of the pipeline that runs, or the default
 * branch. Absent: the failure is set. */
static struct str find_ref(struct gitlab *gitlab, struct store_call *call) {
    struct str own = str_of(getenv("CI_PROJECT_PATH"));
    struct str commit = str_of(getenv("CI_COMMIT_SHA"));
    if (own.len > 0 && commit.len > 0 && str_equal(own, gitlab->forge.place)) {
        return commit;
    }
    struct http_response response;
    struct forge_request request = {
        .method = "GET", .url = gitlab->forge.place_url, .is_repeatable = true};
    if (forge_send(&gitlab->forge, call, &request, &response) != FORGE_ANSWERED) {
        return STR_NONE;
    }
    struct str ref = STR_NONE;
    struct json_fields fields;
    if (response.status == 404) {
        forge_not_found(&gitlab->forge, call);
    } else if (response.status != 200) {
        forge_refuse(&gitlab->forge, call, &response, STR_NONE, "look at the project");
    } else if (!json_fields_begin(&fields, call->arena, buf_str(&response.body))) {
        (void)forge_not_understood(&gitlab->forge, call);
    } else {
        ref = json_fields_text(&fields, fields.root, "default_branch");
        if (ref.ptr == NULL) {
            forge_fail(
                &gitlab->forge, call, ERROR_STORE_UNSUPPORTED, STR_NONE,
                "a release belongs to a tag, and %.*s has no commit that the tag "
                "`%.*s` could be made of: push one first",
                STR_ARG(gitlab->forge.place), STR_ARG(gitlab->forge.tag));
        }
    }
    http_response_release(&response);
    return ref;
}

enum store_status gitlab_create_release(struct forge *forge, struct store_call *call,
                                        bool *is_raced) {
    struct http_response response;
    struct buf body;
    struct str ref = find_ref(gitlab_of(&forge->store), call);
    if (ref.ptr == NULL) {
        return STORE_FAILED;
    }
    buf_init(&body, 1 << 16);
    buf_append(&body, STR("{\"tag_name\":"));
    json_append_string(&body, forge->tag);
    buf_append(&body, STR(",\"ref\":"));
    json_append_string(&body, ref);
    buf_append(&body,
               STR(",\"name\":\"Plugin registry\",\"description\":\"A registry of "
                   "InfluxDB 3 plugins, kept by influxdb3-plugin: its links are "
                   "written by that tool alone.\"}"));
    struct forge_request request = {
        .method = "POST",
        .url = arena_concat(call->arena,
                            (struct str[]){forge->place_url, STR("/releases")}, 2)};
    enum forge_sent sent = forge_send_json(forge, call, &request, &body, &response);
    *is_raced = sent == FORGE_UNCERTAIN;
    if (sent != FORGE_ANSWERED) {
        return STORE_FAILED;
    }
    enum store_status status = STORE_FAILED;
    if (response.status == 201) {
        status = STORE_OK;
    } else if (response.status == 404) {
        forge_not_found(forge, call);
    } else {
        *is_raced = response.status == 409 || response.status >= 500;
        forge_refuse(forge, call, &response, STR_NONE, "create the release");
    }
    http_response_release(&response);
    return status;
}
