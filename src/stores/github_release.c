#include "base/json_write.h"
#include "net/instant.h"
#include "stores/github_parts.h"

/* --- reading answers --- */

bool github_asset(struct json_fields *fields, struct str json,
                  struct store_object *object, struct str *url) {
    uint64_t id = 0;
    *url = STR_NONE; /* the id is enough */
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

static bool take_upload_url(struct github *github, struct str url) {
    if (url.ptr == NULL) {
        return false;
    }
    url = str_first(url, str_find(url, '{')); /* `{?name,label}` */
    bool is_safe = str_starts_with(url, STR("https://")) ||
                   (str_starts_with(url, STR("http://")) &&
                    str_starts_with(github->forge.api, STR("http://")));
    (void)pthread_mutex_lock(&github->forge.mutex);
    if (is_safe && !str_equal(github->upload_url, url)) {
        github->upload_url = arena_copy(&github->forge.arena, url);
    }
    (void)pthread_mutex_unlock(&github->forge.mutex);
    return is_safe;
}

bool github_take_release(struct forge *forge, struct json_fields *fields,
                         struct str *objects, struct str *list_url) {
    uint64_t id = 0;
    if (!json_fields_u64(fields, fields->root, "id", &id) ||
        !take_upload_url(github_of(&forge->store),
                         json_fields_text(fields, fields->root, "upload_url"))) {
        return false;
    }
    *objects = json_fields_get(fields, fields->root, "assets");
    *list_url = arena_printf(fields->arena, "%.*s/releases/%llu/assets",
                             STR_ARG(forge->place_url), (unsigned long long)id);
    fields->no_memory = fields->no_memory || list_url->ptr == NULL;
    return list_url->ptr != NULL;
}

/* --- refusals --- */

void github_explain(struct forge *forge, struct store_call *call,
                    const struct http_response *response, struct str object,
                    const char *doing) {
    if (response->status == 403 &&
        forge_says(response, STR("resource not accessible"))) {
        forge_fail(forge, call, ERROR_AUTH_INSUFFICIENT_SCOPE, object,
                   "%.*s may not do this (%s) in %.*s: it needs `contents: write` "
                   "(reading private repositories: `contents: read`)",
                   STR_ARG(forge_token_shown(forge, call->arena)), doing,
                   STR_ARG(forge->place));
    } else if (response->status == 422 &&
               forge_says(response, STR("immutable release"))) {
        forge_fail(forge, call, ERROR_STORE_READ_ONLY, object,
                   "the release `%.*s` is immutable: its assets can never change; turn "
                   "immutable releases off for %.*s (Settings, Releases) and start the "
                   "registry under another tag",
                   STR_ARG(forge->tag), STR_ARG(forge->place));
    } else if (response->status == 422 && forge_says(response, STR("file_count"))) {
        forge_fail(forge, call, ERROR_STORE_LIMIT_REACHED, object,
                   "the release `%.*s` holds as many assets as GitHub allows (%d); "
                   "start a further registry under another tag, or copy this one to "
                   "another host with `registry sync`",
                   STR_ARG(forge->tag), (int)GITHUB_ASSETS_MAX);
    }
}

/* --- making the release --- */

enum store_status github_create_release(struct forge *forge, struct store_call *call,
                                        bool *is_raced) {
    struct buf body;
    struct http_response response;
    buf_init(&body, 1 << 16);
    buf_append(&body, STR("{\"tag_name\":"));
    json_append_string(&body, forge->tag);
    buf_append(&body,
               STR(",\"name\":\"Plugin registry\",\"body\":\"A registry of InfluxDB 3 "
                   "plugins, kept by influxdb3-plugin: its assets are written by "
                   "that tool alone.\",\"make_latest\":\"false\"}"));
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
        struct json_fields fields;
        status = forge_take_release(forge, call, &response, &fields);
        if (status == STORE_OK &&
            json_fields_is_true(&fields, fields.root, "immutable")) {
            forge_fail(forge, call, ERROR_STORE_READ_ONLY, STR_NONE,
                       "releases of %.*s are immutable as soon as they are published: "
                       "turn that off (Settings, Releases), delete the release `%.*s` "
                       "and try again",
                       STR_ARG(forge->place), STR_ARG(forge->tag));
            status = STORE_FAILED;
        }
    } else if (response.status == 404) {
        forge_not_found(forge, call);
    } else {
        *is_raced =
            response.status >= 500 ||
            (response.status == 422 && forge_says(&response, STR("already_exists")));
        forge_refuse(forge, call, &response, STR_NONE, "create the release");
    }
    http_response_release(&response);
    return status;
}
