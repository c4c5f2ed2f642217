#include "base/json_write.h"
#include "stores/gitlab_parts.h"

/* --- get --- */

/* Where the bytes of a link lie. Packages of this store are asked of the host and
 * project of the location, with its token, whatever the link's URL was made with. What
 * follows a `#` is no part of a request. */
static struct str file_of(struct gitlab *gitlab, struct store_call *call,
                          struct str url, bool *is_own) {
    const struct str mark = STR("/packages/generic/" GITLAB_PACKAGE "/");
    url = str_first(url, str_find(url, '#'));
    size_t at = 0;
    while (at + mark.len < url.len && !str_starts_with(str_skip(url, at), mark)) {
        at++;
    }
    *is_own = at + mark.len < url.len;
    return *is_own ? arena_concat(call->arena,
                                  (struct str[]){gitlab->package_url,
                                                 str_skip(url, at + mark.len - 1)},
                                  2)
                   : url;
}

static enum store_status download(struct gitlab *gitlab, struct store_call *call,
                                  const struct store_object *object, struct str url,
                                  uint64_t max_bytes, struct buf *bytes) {
    bool is_own = false;
    struct forge_request request = {.url = file_of(gitlab, call, url, &is_own),
                                    .accept = STR("*/*"),
                                    .max_bytes = max_bytes};
    request.is_bare = !is_own;
    enum store_status status =
        forge_download(&gitlab->forge, call, object, &request, bytes);
    if (status == STORE_ABSENT) {
        forge_fail(&gitlab->forge, call, ERROR_STORE_NOT_FOUND, object->name,
                   "the link is there, but not the package file that it leads to");
        status = STORE_FAILED;
    }
    return status;
}

enum store_status gitlab_get(struct store *store, struct store_call *call,
                             struct str name, uint64_t max_bytes, struct buf *bytes,
                             struct store_object *object) {
    struct gitlab *gitlab = gitlab_of(store);
    struct store_object found = {0};
    struct str url = STR_NONE;
    enum store_status status = STORE_OK;
    buf_init(bytes, SIZE_MAX / 2);
    /* Only index.json ever stands for other bytes than before. */
    if (str_equal(name, STORE_INDEX_NAME) ||
        !forge_known_find(&gitlab->forge.known, call->arena, name, &found, &url)) {
        status = forge_find(&gitlab->forge, call, name, &found, &url);
    }
    if (status == STORE_OK) {
        status = download(gitlab, call, &found, url, max_bytes, bytes);
    }
    if (status == STORE_OK && object != NULL) {
        *object = found;
        object->size_bytes = bytes->len;
    }
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
    if (forge_look(&gitlab->forge, &look, &found) != STORE_OK) {
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
    struct forge_request request = {
        .method = "PUT",
        .url = forge_object_url(&gitlab->forge, call->arena, id),
        .is_repeatable = true};
    return forge_send_json(&gitlab->forge, call, &request, &body, response);
}

enum store_status gitlab_rename(struct store *store, struct store_call *call,
                                const struct store_object *seen, struct str to) {
    struct gitlab *gitlab = gitlab_of(store);
    struct http_response response;
    if (!gitlab_name_is_good(gitlab, call, to)) {
        return STORE_FAILED;
    }
    forge_known_forget(&gitlab->forge.known, seen->revision);
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
        forge_refuse(&gitlab->forge, call, &response, seen->name, "rename the link");
        if (response.status >= 500) {
            status = look_after(gitlab, call, seen, to);
        }
    }
    http_response_release(&response);
    return status;
}
