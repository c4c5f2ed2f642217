#include "base/json_write.h"
#include "net/host.h"
#include "stores/gitlab_parts.h"

enum { UNCLEAR_MAX = 5, ROUNDS_MAX = 12 };

enum link_outcome { LINK_DONE, LINK_TAKEN, LINK_URL_TAKEN, LINK_UNCLEAR, LINK_FAILED };

struct upload {
    struct gitlab *gitlab;
    struct store_call *call;
    const struct store_put *put;
    char digest[SHA256_TEXT_BYTES + 1];
    struct str file; /* URL of the bytes */
    struct str url;  /* of the link: the same, or with a fragment that makes it another
                      */
    struct store_object created;
};

static struct str hash_of(const struct upload *upload) {
    return str_skip(str_of(upload->digest), strlen("sha256:"));
}

/* --- the bytes --- */

/* These very bytes were the last that this store uploaded: a copy of a journal's entry
 * needs none. */
static bool is_uploaded(struct upload *upload) {
    struct gitlab *gitlab = upload->gitlab;
    (void)pthread_mutex_lock(&gitlab->forge.mutex);
    bool is_same = strcmp(gitlab->last_digest, upload->digest) == 0;
    if (is_same) {
        upload->file = arena_copy(upload->call->arena, str_of(gitlab->last_url));
    }
    (void)pthread_mutex_unlock(&gitlab->forge.mutex);
    return is_same && upload->file.ptr != NULL;
}

static void note_uploaded(struct upload *upload) {
    struct gitlab *gitlab = upload->gitlab;
    if (upload->file.len < sizeof gitlab->last_url) {
        (void)pthread_mutex_lock(&gitlab->forge.mutex);
        memcpy(gitlab->last_url, upload->file.ptr, upload->file.len);
        gitlab->last_url[upload->file.len] = '\0';
        memcpy(gitlab->last_digest, upload->digest, sizeof upload->digest);
        (void)pthread_mutex_unlock(&gitlab->forge.mutex);
    }
}

/* Did the host store what was sent? */
static bool is_stored(struct upload *upload, const struct http_response *response) {
    struct json_fields fields;
    struct str stored = STR_NONE;
    if (json_fields_begin(&fields, upload->call->arena, buf_str(&response->body))) {
        stored = json_fields_text(&fields, fields.root, "file_sha256");
    }
    if (stored.ptr != NULL && !str_equal_ignore_case(stored, hash_of(upload))) {
        forge_fail(&upload->gitlab->forge, upload->call, ERROR_STORE_BAD_RESPONSE,
                   upload->put->name, "GitLab stored other bytes than were sent");
        return false;
    }
    return true;
}

static enum store_status upload_bytes(struct upload *upload) {
    struct gitlab *gitlab = upload->gitlab;
    struct arena *arena = upload->call->arena;
    struct str name = upload->put->name;
    struct http_response response;
    if (is_uploaded(upload)) {
        return STORE_OK;
    }
    upload->file = arena_concat(
        arena,
        (struct str[]){gitlab->package_url, STR("/"), hash_of(upload), STR("/"), name},
        5);
    struct forge_request request = {
        .method = "PUT",
        .url = arena_concat(
            arena, (struct str[]){upload->file, STR("?select=package_file")}, 2),
        .content_type = STR("application/octet-stream"),
        .body = upload->put->bytes,
        .is_repeatable = true};
    if (upload->file.ptr == NULL || request.url.ptr == NULL) {
        return store_out_of_memory(upload->call);
    }
    enum forge_sent sent =
        forge_send(&gitlab->forge, upload->call, &request, &response);
    if (sent != FORGE_ANSWERED) {
        return STORE_FAILED;
    }
    enum store_status status = STORE_FAILED;
    bool is_there =
        response.status == 400 && forge_says(&response, STR("duplicate package"));
    if (response.status == 200 || response.status == 201) {
        if (is_stored(upload, &response)) {
            status = STORE_OK;
        }
    } else if (is_there) {
        /* Of this hash, so these bytes: the project refuses them a second time. */
        status = STORE_OK;
    } else if (response.status == 400 && forge_says(&response, STR("too large"))) {
        forge_fail(&gitlab->forge, upload->call, ERROR_STORE_TOO_LARGE, name,
                   "it has %zu bytes, more than this GitLab takes for a package file",
                   upload->put->bytes.len);
    } else if (response.status == 404) {
        struct objects_found found;
        if (forge_look(&gitlab->forge, upload->call, &found) == STORE_OK) {
            forge_fail(&gitlab->forge, upload->call, ERROR_STORE_UNSUPPORTED, name,
                       "the package registry of %.*s is turned off",
                       STR_ARG(gitlab->forge.place));
        }
    } else {
        forge_refuse(&gitlab->forge, upload->call, &response, name,
                     "upload the package");
    }
    http_response_release(&response);
    if (status == STORE_OK) {
        note_uploaded(upload);
    }
    return status;
}

/* --- the link --- */

static enum link_outcome linked(struct upload *upload,
                                const struct http_response *response) {
    struct gitlab *gitlab = upload->gitlab;
    struct str name = upload->put->name;
    if (response->status == 201) {
        struct json_fields fields;
        uint64_t id = 0;
        if (!json_fields_begin(&fields, upload->call->arena,
                               buf_str(&response->body)) ||
            !json_fields_u64(&fields, fields.root, "id", &id)) {
            forge_fail(&gitlab->forge, upload->call, ERROR_STORE_BAD_RESPONSE, name,
                       "GitLab's answer about a new link cannot be understood");
            return LINK_UNCLEAR;
        }
        upload->created.revision =
            arena_printf(upload->call->arena, "%llu", (unsigned long long)id);
        return LINK_DONE;
    }
    if (response->status == 400 &&
        (forge_says(response, STR("name has already")) ||
         forge_says(response, STR("filepath has already")))) {
        return LINK_TAKEN;
    }
    if (response->status == 400 && forge_says(response, STR("url has already"))) {
        return LINK_URL_TAKEN;
    }
    if (response->status == 400 && forge_says(response, STR("filepath is"))) {
        forge_fail(&gitlab->forge, upload->call, ERROR_STORE_NAME_REFUSED, name,
                   "GitLab takes no such name for a file of a release: %.*s",
                   STR_ARG(forge_message(upload->call->arena, response)));
        return LINK_FAILED;
    }
    if (response->status == 404) {
        forge_not_found(&gitlab->forge, upload->call);
        return LINK_FAILED;
    }
    forge_refuse(&gitlab->forge, upload->call, response, name, "create the link");
    return response->status >= 500 || response->status == 408 || response->status == 409
               ? LINK_UNCLEAR
               : LINK_FAILED;
}

static enum link_outcome create_link(struct upload *upload) {
    struct gitlab *gitlab = upload->gitlab;
    struct http_response response;
    struct buf body;
    buf_init(&body, 1 << 16);
    buf_append(&body, STR("{\"name\":"));
    json_append_string(&body, upload->put->name);
    buf_append(&body, STR(",\"url\":"));
    json_append_string(&body, upload->url);
    buf_append(&body, STR(",\"direct_asset_path\":\"/"));
    buf_append(&body, upload->put->name); /* of plain characters */
    buf_append(&body, STR("\",\"link_type\":\"package\"}"));
    struct forge_request request = {.method = "POST", .url = gitlab->forge.objects_url};
    enum forge_sent sent =
        forge_send_json(&gitlab->forge, upload->call, &request, &body, &response);
    if (sent != FORGE_ANSWERED) {
        return sent == FORGE_UNCERTAIN ? LINK_UNCLEAR : LINK_FAILED;
    }
    enum link_outcome outcome = linked(upload, &response);
    http_response_release(&response);
    return outcome;
}

/* Another URL for the same bytes, as URLs of links are unique in a release: no client
 * sends what follows a `#`. */
static bool make_url_unique(struct upload *upload) {
    upload->url =
        arena_printf(upload->call->arena, "%.*s#%016llx", STR_ARG(upload->file),
                     (unsigned long long)host_random(NULL));
    return upload->url.ptr != NULL;
}

/* STORE_OK: the link is this one's; STORE_ABSENT: try again. */
static enum store_status look_after(struct upload *upload) {
    struct str url;
    struct store_object object;
    struct store_call look = {.arena = upload->call->arena};
    enum store_status status =
        forge_find(&upload->gitlab->forge, &look, upload->put->name, &object, &url);
    if (status != STORE_OK) {
        return status == STORE_FAILED ? STORE_UNCERTAIN : status;
    }
    upload->created.revision = object.revision;
    return str_equal(url, upload->url) ? STORE_OK : STORE_EXISTS;
}

static enum store_status run(struct upload *upload) {
    unsigned unclear = 0;
    bool is_shared = !str_ends_with(upload->file, upload->put->name);
    upload->url = upload->file;
    if (is_shared && !make_url_unique(upload)) {
        return store_out_of_memory(upload->call);
    }
    for (unsigned round = 1; round <= ROUNDS_MAX; round++) {
        enum link_outcome outcome = create_link(upload);
        if (outcome == LINK_DONE) {
            return STORE_OK;
        }
        if (outcome == LINK_FAILED) {
            return STORE_FAILED;
        }
        if (outcome == LINK_TAKEN) {
            return STORE_EXISTS;
        }
        if (outcome == LINK_URL_TAKEN) {
            if (!make_url_unique(upload)) {
                return store_out_of_memory(upload->call);
            }
            continue;
        }
        enum store_status status = look_after(upload);
        if (status == STORE_OK || status == STORE_EXISTS) {
            upload->call->failure = (struct failure){0};
        }
        if (status != STORE_ABSENT) {
            return status;
        }
        if (++unclear == UNCLEAR_MAX || !forge_pause(&upload->gitlab->forge, round)) {
            return STORE_UNCERTAIN;
        }
        upload->call->failure = (struct failure){0};
    }
    forge_fail(&upload->gitlab->forge, upload->call, ERROR_STORE_SERVER_ERROR,
               upload->put->name, "GitLab did not take a link to it");
    return STORE_FAILED;
}

enum store_status gitlab_put_new(struct store *store, struct store_call *call,
                                 const struct store_put *put,
                                 struct store_object *created) {
    struct gitlab *gitlab = gitlab_of(store);
    struct upload upload = {.gitlab = gitlab, .call = call, .put = put};
    if (!gitlab_name_is_good(gitlab, call, put->name)) {
        return STORE_FAILED;
    }
    sha256_of(put->bytes, upload.digest);
    enum store_status status = upload_bytes(&upload);
    if (status == STORE_OK) {
        status = run(&upload);
    }
    if (status == STORE_OK) {
        upload.created.name = put->name;
        upload.created.size_bytes = put->bytes.len;
        memcpy(upload.created.digest, upload.digest, sizeof upload.digest);
        forge_known_add(&gitlab->forge.known, &upload.created, upload.url);
        if (created != NULL) {
            *created = upload.created;
        }
    }
    return status;
}
