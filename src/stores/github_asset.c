#include "base/json_write.h"
#include "stores/github_parts.h"

/* --- get --- */

static enum store_status download(struct github *github, struct store_call *call,
                                  const struct store_object *object, uint64_t max_bytes,
                                  struct buf *bytes) {
    struct forge_request request = {
        .url = forge_object_url(&github->forge, call->arena, object->revision),
        .accept = STR("application/octet-stream"),
        .max_bytes = max_bytes};
    return forge_download(&github->forge, call, object, &request, bytes);
}

/* A reader without a token finds no index: is there no release, or is it private? Asked
 * once; what the API does not want to tell is no failure. */
static enum store_status explain_absence(struct github *github,
                                         struct store_call *call) {
    struct http_response response;
    struct store_call look = {.arena = call->arena};
    struct forge_request request = {
        .method = "GET", .url = github->forge.release_url, .is_impatient = true};
    (void)pthread_mutex_lock(&github->forge.mutex);
    bool is_explained = github->is_explained;
    github->is_explained = true;
    (void)pthread_mutex_unlock(&github->forge.mutex);
    if (is_explained ||
        forge_send(&github->forge, &look, &request, &response) != FORGE_ANSWERED) {
        return STORE_ABSENT;
    }
    if (response.status == 404) {
        forge_not_found(&github->forge, call);
    }
    http_response_release(&response);
    return call->failure.is_set ? STORE_FAILED : STORE_ABSENT;
}

/* By the URL that everybody reads. */
static enum store_status get_public(struct github *github, struct store_call *call,
                                    struct str name, uint64_t max_bytes,
                                    struct buf *bytes, struct store_object *object) {
    struct forge_request request = {
        .url =
            objects_url(call->arena, github->forge.store.artifacts_url, STR(""), name),
        .accept = STR("*/*"),
        .max_bytes = max_bytes,
        .is_bare = true};
    *object = (struct store_object){.name = name, .size_bytes = UINT64_MAX};
    enum store_status status =
        forge_download(&github->forge, call, object, &request, bytes);
    if (status == STORE_OK) {
        object->size_bytes = bytes->len;
    }
    return status == STORE_ABSENT && str_equal(name, STORE_INDEX_NAME)
               ? explain_absence(github, call)
               : status;
}

enum store_status github_get(struct store *store, struct store_call *call,
                             struct str name, uint64_t max_bytes, struct buf *bytes,
                             struct store_object *object) {
    struct github *github = github_of(store);
    struct store_object found = {0};
    enum store_status status = STORE_ABSENT;
    buf_init(bytes, SIZE_MAX / 2);
    if (github->forge.token_name.ptr == NULL) {
        status = get_public(github, call, name, max_bytes, bytes, &found);
    } else {
        /* Only index.json ever stands for another asset than before. */
        if (!str_equal(name, STORE_INDEX_NAME) &&
            forge_known_find(&github->forge.known, call->arena, name, &found, NULL)) {
            status = download(github, call, &found, max_bytes, bytes);
        }
        for (unsigned tries = 0; status == STORE_ABSENT && tries < 3; tries++) {
            if (found.revision.ptr != NULL) {
                forge_known_forget(&github->forge.known, found.revision);
            }
            status = forge_find(&github->forge, call, name, &found, NULL);
            if (status == STORE_ABSENT || (status == STORE_OK && found.is_incomplete)) {
                return STORE_ABSENT;
            }
            if (status == STORE_OK) {
                status = download(github, call, &found, max_bytes, bytes);
            }
        }
    }
    if (status == STORE_OK && object != NULL) {
        *object = found;
    }
    return status;
}

/* --- rename --- */

static enum forge_sent send_name(struct github *github, struct store_call *call,
                                 struct str id, struct str name,
                                 struct http_response *response) {
    struct buf body;
    buf_init(&body, 1 << 16);
    buf_append(&body, STR("{\"name\":"));
    json_append_string(&body, name);
    buf_append(&body, STR("}"));
    struct forge_request request = {
        .method = "PATCH",
        .url = forge_object_url(&github->forge, call->arena, id),
        .is_repeatable = true};
    return forge_send_json(&github->forge, call, &request, &body, response);
}

/* Who else has this name? GitHub's pages say that an upload over a taken name is
 * refused, and nothing of a rename: what is there decides. */
static enum store_status look_after(struct github *github, struct store_call *call,
                                    const struct store_object *seen, struct str to) {
    struct objects_found found;
    bool is_there = false;
    bool is_taken = false;
    struct str name = STR("");
    enum store_status status = forge_look(&github->forge, call, &found);
    for (size_t i = 0; status == STORE_OK && i < found.count; i++) {
        if (str_equal(found.objects[i].revision, seen->revision)) {
            is_there = true;
            name = found.objects[i].name;
        } else if (str_equal(found.objects[i].name, to)) {
            is_taken = true;
        }
    }
    if (status != STORE_OK) {
        return STORE_UNCERTAIN;
    }
    if (!is_there) {
        return STORE_ABSENT;
    }
    if (str_equal(name, to) && !is_taken) {
        call->failure = (struct failure){0};
        return STORE_OK;
    }
    if (!str_equal(name, seen->name)) {
        /* Two of one name, or a name that nobody asked for: back as it was. */
        struct http_response response;
        struct store_call undo = {.arena = call->arena};
        if (send_name(github, &undo, seen->revision, seen->name, &response) ==
            FORGE_ANSWERED) {
            http_response_release(&response);
        }
        forge_known_forget(&github->forge.known, seen->revision);
    }
    if (is_taken) {
        call->failure = (struct failure){0};
        return STORE_EXISTS;
    }
    forge_fail(&github->forge, call, ERROR_STORE_SERVER_ERROR, seen->name,
               "GitHub did not rename the asset to `%.*s`", STR_ARG(to));
    return STORE_FAILED;
}

enum store_status github_rename(struct store *store, struct store_call *call,
                                const struct store_object *seen, struct str to) {
    struct github *github = github_of(store);
    struct http_response response;
    forge_known_forget(&github->forge.known, seen->revision);
    enum forge_sent sent = send_name(github, call, seen->revision, to, &response);
    if (sent == FORGE_UNCERTAIN) {
        return look_after(github, call, seen, to);
    }
    if (sent == FORGE_FAILED) {
        return STORE_FAILED;
    }
    enum store_status status = STORE_FAILED;
    if (response.status == 200) {
        struct json_fields fields;
        struct str name =
            json_fields_begin(&fields, call->arena, buf_str(&response.body))
                ? json_fields_text(&fields, fields.root, "name")
                : STR_NONE;
        /* Any other name than the index's is nobody else's. */
        bool is_sure = str_equal(name, to) && !str_equal(to, STORE_INDEX_NAME);
        status = is_sure ? STORE_OK : look_after(github, call, seen, to);
    } else if (response.status == 404) {
        status = STORE_ABSENT;
    } else if (response.status == 422 && forge_says(&response, STR("already_exists"))) {
        status = STORE_EXISTS;
    } else {
        forge_refuse(&github->forge, call, &response, seen->name, "rename");
        status =
            response.status >= 500 ? look_after(github, call, seen, to) : STORE_FAILED;
    }
    http_response_release(&response);
    return status;
}
