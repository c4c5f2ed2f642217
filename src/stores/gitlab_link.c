#include "base/json_write.h"
#include "stores/gitlab_parts.h"

static struct str link_url(struct gitlab *gitlab, struct arena *arena, struct str id) {
    return arena_concat(arena, (struct str[]){gitlab->links_url, STR("/"), id}, 3);
}

/* --- get --- */

/* A reader finds no index: is there no release, or is it private? Asked once; what the
 * host does not want to tell is no failure. */
static enum store_status explain_absence(struct gitlab *gitlab,
                                         struct store_call *call) {
    struct http_response response;
    struct store_call look = {.arena = call->arena};
    struct forge_request request = {
        .method = "GET", .url = gitlab->release_url, .is_impatient = true};
    (void)pthread_mutex_lock(&gitlab->mutex);
    bool is_explained = gitlab->is_explained;
    gitlab->is_explained = true;
    (void)pthread_mutex_unlock(&gitlab->mutex);
    if (is_explained ||
        forge_send(&gitlab->forge, &look, &request, &response) != FORGE_ANSWERED) {
        return STORE_ABSENT;
    }
    if (response.status == 404) {
        gitlab_not_found(gitlab, call);
    }
    http_response_release(&response);
    return call->failure.is_set ? STORE_FAILED : STORE_ABSENT;
}

static bool is_whole(struct gitlab *gitlab, struct store_call *call,
                     const struct http_response *response, struct str name) {
    struct str told = http_header_of(response, STR("x-checksum-sha256"));
    if (told.ptr == NULL) {
        return true;
    }
    char digest[SHA256_TEXT_BYTES + 1];
    struct sha256 sha;
    sha256_begin(&sha);
    sha256_add(&sha, buf_str(&response->body));
    sha256_end(&sha, digest);
    if (!str_equal_ignore_case(str_trim(told), str_of(digest + strlen("sha256:")))) {
        forge_fail(&gitlab->forge, call, ERROR_STORE_BAD_RESPONSE, name,
                   "what was downloaded is not what GitLab says it holds");
        return false;
    }
    return true;
}

/* The API's permanent link leads to the package, and that to where its bytes are. */
enum store_status gitlab_get(struct store *store, struct store_call *call,
                             struct str name, uint64_t max_bytes, struct buf *bytes,
                             struct store_object *object) {
    struct gitlab *gitlab = gitlab_of(store);
    struct http_response response;
    struct forge_request request = {
        .method = "GET",
        .url = objects_url(call->arena, gitlab->release_url, STR("downloads/"), name),
        .accept = STR("*/*"),
        .max_bytes = max_bytes,
        .follows = true,
        .is_repeatable = true};
    buf_init(bytes, SIZE_MAX / 2);
    if (request.url.ptr == NULL) {
        return forge_no_memory(call);
    }
    if (forge_send(&gitlab->forge, call, &request, &response) != FORGE_ANSWERED) {
        return STORE_FAILED;
    }
    enum store_status status = STORE_FAILED;
    if (response.status == 200) {
        if (is_whole(gitlab, call, &response, name)) {
            *bytes = response.body;
            if (object != NULL) {
                *object = (struct store_object){.name = name, .size_bytes = bytes->len};
            }
            return STORE_OK;
        }
    } else if (response.status == 404) {
        status = str_equal(name, STORE_INDEX_NAME) ? explain_absence(gitlab, call)
                                                   : STORE_ABSENT;
    } else {
        gitlab_refuse(gitlab, call, &response, name, "download");
    }
    http_response_release(&response);
    return status;
}

/* --- rename --- */

/* After a rename that the host did not answer, or answered with a fault of its own (as
 * where two of one name meet in its database). */
static enum store_status look_after(struct gitlab *gitlab, struct store_call *call,
                                    const struct store_object *seen, struct str to) {
    struct objects_found found;
    struct store_call look = {.arena = call->arena};
    bool is_there = false;
    bool is_taken = false;
    if (gitlab_look(gitlab, &look, &found, NULL) != STORE_OK) {
        return STORE_UNCERTAIN;
    }
    for (size_t i = 0; i < found.count; i++) {
        bool is_seen = str_equal(found.objects[i].revision, seen->revision);
        if (is_seen && str_equal(found.objects[i].name, to)) {
            call->failure = (struct failure){0};
            return STORE_OK;
        }
        is_there = is_there || is_seen;
        is_taken = is_taken || str_equal(found.objects[i].name, to);
    }
    if (!is_there || is_taken) {
        call->failure = (struct failure){0};
        return is_there ? STORE_EXISTS : STORE_ABSENT;
    }
    return STORE_UNCERTAIN;
}

static enum forge_sent send_name(struct gitlab *gitlab, struct store_call *call,
                                 struct str id, struct str name,
                                 struct http_response *response) {
    struct buf body;
    buf_init(&body, 1 << 16);
    buf_append(&body, STR("{\"name\":"));
    json_append_string(&body, name);
    buf_append(&body, STR(",\"direct_asset_path\":\"/"));
    (void)http_append_encoded(&body, name, false); /* of plain characters */
    buf_append(&body, STR("\",\"link_type\":\"package\"}"));
    struct forge_request request = {.method = "PUT",
                                    .url = link_url(gitlab, call->arena, id),
                                    .content_type = STR("application/json"),
                                    .body = buf_str(&body),
                                    .is_repeatable = true};
    enum forge_sent sent = FORGE_FAILED;
    if (body.failed || request.url.ptr == NULL) {
        (void)forge_no_memory(call);
    } else {
        sent = forge_send(&gitlab->forge, call, &request, response);
    }
    buf_release(&body);
    return sent;
}

enum store_status gitlab_rename(struct store *store, struct store_call *call,
                                const struct store_object *seen, struct str to) {
    struct gitlab *gitlab = gitlab_of(store);
    struct http_response response;
    if (!gitlab_name_is_good(gitlab, call, to)) {
        return STORE_FAILED;
    }
    enum forge_sent sent = send_name(gitlab, call, seen->revision, to, &response);
    if (sent != FORGE_ANSWERED) {
        return sent == FORGE_UNCERTAIN ? look_after(gitlab, call, seen, to)
                                       : STORE_FAILED;
    }
    enum store_status status = STORE_FAILED;
    if (response.status == 200) {
        status = STORE_OK;
    } else if (response.status == 404) {
        status = STORE_ABSENT;
    } else if (response.status == 400 && forge_says(&response, STR("taken"))) {
        status = STORE_EXISTS;
    } else {
        gitlab_refuse(gitlab, call, &response, seen->name, "rename the link");
        if (response.status >= 500) {
            status = look_after(gitlab, call, seen, to);
        }
    }
    http_response_release(&response);
    return status;
}

/* --- remove --- */

/* The package stays: other links may lead to it, and only maintainers may delete it. */
enum store_status gitlab_remove(struct store *store, struct store_call *call,
                                const struct store_object *seen) {
    struct gitlab *gitlab = gitlab_of(store);
    struct http_response response;
    struct forge_request request = {.method = "DELETE",
                                    .url =
                                        link_url(gitlab, call->arena, seen->revision),
                                    .is_repeatable = true};
    if (request.url.ptr == NULL) {
        return forge_no_memory(call);
    }
    enum forge_sent sent = forge_send(&gitlab->forge, call, &request, &response);
    if (sent != FORGE_ANSWERED) {
        return sent == FORGE_UNCERTAIN ? STORE_UNCERTAIN : STORE_FAILED;
    }
    enum store_status status = STORE_FAILED;
    if (response.status == 200 || response.status == 204) {
        status = STORE_OK;
    } else if (response.status == 404) {
        /* Perhaps by a try of one's own whose answer was lost; but STORE_OK is for who
         * knows. */
        status = STORE_ABSENT;
    } else {
        gitlab_refuse(gitlab, call, &response, seen->name, "delete the link");
    }
    http_response_release(&response);
    return status;
}
