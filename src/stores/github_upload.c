#include "net/host.h"
#include "stores/github_parts.h"

enum {
    UNCLEAR_MAX = 5, /* uploads of which it was not clear how they went */
    VANISHED_MAX = 3,
    ROUNDS_MAX = 60,
    /* An upload that somebody else has begun shows as an incomplete asset, too; one
     * that shows for so long was left by somebody who died. */
    PATIENCE_MS = 15000,
    LOOK_EVERY_MS = 500
};

enum upload_outcome {
    UPLOAD_DONE,
    UPLOAD_TAKEN,
    UPLOAD_VANISHED, /* 404, though the release is there */
    UPLOAD_UNCLEAR,
    UPLOAD_FAILED
};

struct upload {
    struct github *github;
    struct store_call *call;
    const struct store_put *put;
    char digest[SHA256_TEXT_BYTES + 1];
    struct store_object created;
    struct str watched; /* an incomplete asset, by its id, … */
    int64_t watched_ms; /* … for so long */
};

static bool take_created(struct upload *upload, struct str body) {
    struct str name = upload->put->name;
    struct store_object *created = &upload->created;
    struct json_fields fields;
    struct str url;
    if (!json_fields_begin(&fields, upload->call->arena, body) ||
        !github_asset(&fields, fields.root, created, &url)) {
        forge_fail(&upload->github->forge, upload->call, ERROR_STORE_BAD_RESPONSE, name,
                   "GitHub's answer to an upload cannot be understood");
        return false;
    }
    if (!str_equal(created->name, name)) {
        struct store_call undo = {.arena = upload->call->arena};
        struct str given = created->name;
        (void)forge_remove(&upload->github->forge.store, &undo, created);
        forge_fail(&upload->github->forge, upload->call, ERROR_STORE_NAME_REFUSED, name,
                   "GitHub keeps no such name: it made `%.*s` of it", STR_ARG(given));
        return false;
    }
    if (created->digest[0] != '\0' && strcmp(created->digest, upload->digest) != 0) {
        struct store_call undo = {.arena = upload->call->arena};
        (void)forge_remove(&upload->github->forge.store, &undo, created);
        forge_fail(&upload->github->forge, upload->call, ERROR_STORE_BAD_RESPONSE, name,
                   "GitHub stored other bytes than were sent");
        return false;
    }
    memcpy(created->digest, upload->digest, sizeof created->digest);
    return true;
}

static enum upload_outcome answered(struct upload *upload,
                                    const struct http_response *response) {
    struct github *github = upload->github;
    struct str name = upload->put->name;
    if (response->status == 201) {
        return take_created(upload, buf_str(&response->body)) ? UPLOAD_DONE
                                                              : UPLOAD_FAILED;
    }
    if (response->status == 422 && forge_says(response, STR("already_exists"))) {
        return UPLOAD_TAKEN;
    }
    if (response->status == 404) {
        /* The release is gone, or what was begun was deleted by somebody. */
        struct objects_found found;
        struct store_call look = {.arena = upload->call->arena};
        if (forge_look(&github->forge, &look, &found) != STORE_OK) {
            upload->call->failure = look.failure;
            return UPLOAD_FAILED;
        }
        forge_fail(&github->forge, upload->call, ERROR_AUTH_INSUFFICIENT_SCOPE, name,
                   "GitHub does not find the release to upload to, though it is there: "
                   "%.*s needs `contents: write`",
                   STR_ARG(forge_token_shown(&github->forge, upload->call->arena)));
        return UPLOAD_VANISHED;
    }
    forge_refuse(&github->forge, upload->call, response, name, "upload");
    return response->status >= 500 || response->status == 408 ? UPLOAD_UNCLEAR
                                                              : UPLOAD_FAILED;
}

static enum upload_outcome send_once(struct upload *upload) {
    struct github *github = upload->github;
    struct arena *arena = upload->call->arena;
    struct http_response response;
    struct str encoded = objects_encoded(arena, upload->put->name, false);
    (void)pthread_mutex_lock(&github->forge.mutex);
    struct str base = github->upload_url;
    (void)pthread_mutex_unlock(&github->forge.mutex);
    struct forge_request request = {
        .method = "POST",
        .url = arena_concat(arena, (struct str[]){base, STR("?name="), encoded}, 3),
        .content_type = STR("application/octet-stream"),
        .body = upload->put->bytes};
    if (encoded.ptr == NULL || request.url.ptr == NULL) {
        (void)store_out_of_memory(upload->call);
        return UPLOAD_FAILED;
    }
    switch (forge_send(&github->forge, upload->call, &request, &response)) {
    case FORGE_UNCERTAIN:
        return UPLOAD_UNCLEAR;
    case FORGE_FAILED:
        return UPLOAD_FAILED;
    case FORGE_ANSWERED:
        break;
    }
    enum upload_outcome outcome = answered(upload, &response);
    http_response_release(&response);
    return outcome;
}

static bool wait_a_little(struct upload *upload) {
    if (host_monotonic_ms() + LOOK_EVERY_MS >=
        http_deadline_ms(upload->github->forge.http)) {
        return false;
    }
    host_sleep_ms(NULL, LOOK_EVERY_MS);
    upload->watched_ms += LOOK_EVERY_MS;
    return true;
}

/* After an upload that did not go through, or of which that is not known. STORE_OK: it
 * did; STORE_ABSENT: send again. */
static enum store_status look_after(struct upload *upload, bool was_unclear) {
    struct github *github = upload->github;
    struct store_object object;
    struct store_call look = {.arena = upload->call->arena};
    enum store_status status =
        forge_find(&github->forge, &look, upload->put->name, &object, NULL);
    if (status == STORE_FAILED && !upload->call->failure.is_set) {
        upload->call->failure = look.failure;
    }
    if (status != STORE_OK) {
        return status == STORE_FAILED && was_unclear ? STORE_UNCERTAIN : status;
    }
    if (!object.is_incomplete) {
        bool is_own = was_unclear && strcmp(object.digest, upload->digest) == 0;
        upload->created = object;
        return is_own ? STORE_OK : STORE_EXISTS;
    }
    if (!str_equal(upload->watched, object.revision)) {
        upload->watched = object.revision;
        upload->watched_ms = 0;
    }
    if (!was_unclear && upload->watched_ms < PATIENCE_MS) {
        return wait_a_little(upload) ? STORE_CONFLICT : STORE_EXISTS;
    }
    status = forge_remove(&github->forge.store, &look, &object);
    if (status == STORE_FAILED || status == STORE_UNCERTAIN) {
        upload->call->failure = look.failure;
        return status;
    }
    return STORE_ABSENT;
}

static enum store_status run(struct upload *upload) {
    unsigned unclear = 0;
    unsigned vanished = 0;
    for (unsigned round = 1; round <= ROUNDS_MAX; round++) {
        enum upload_outcome outcome = send_once(upload);
        if (outcome == UPLOAD_DONE || outcome == UPLOAD_FAILED) {
            return outcome == UPLOAD_DONE ? STORE_OK : STORE_FAILED;
        }
        bool was_unclear = outcome == UPLOAD_UNCLEAR;
        enum store_status status = look_after(upload, was_unclear);
        while (status == STORE_CONFLICT) {
            status = look_after(upload, false); /* still somebody's upload */
        }
        if (status == STORE_OK || status == STORE_EXISTS) {
            upload->call->failure = (struct failure){0};
        }
        if (status != STORE_ABSENT) {
            return status;
        }
        unclear += was_unclear;
        vanished += outcome == UPLOAD_VANISHED;
        if (vanished == VANISHED_MAX) {
            return STORE_FAILED;
        }
        if (unclear == UNCLEAR_MAX || !forge_pause(&upload->github->forge, round)) {
            return was_unclear ? STORE_UNCERTAIN : STORE_EXISTS;
        }
        upload->call->failure = (struct failure){0};
    }
    forge_fail(&upload->github->forge, upload->call, ERROR_STORE_SERVER_ERROR,
               upload->put->name,
               "GitHub says that the asset is there, but does not show it");
    return STORE_FAILED;
}

/* Before anything is sent. */
static bool may_be_sent(struct github *github, struct store_call *call,
                        const struct store_put *put) {
    if (!forge_name_is_plain(put->name)) {
        forge_fail(&github->forge, call, ERROR_STORE_NAME_REFUSED, put->name,
                   "GitHub would rewrite this name, as it does with `+`: only letters, "
                   "digits, `.`, `-` and `_` survive");
        return false;
    }
    if (put->bytes.len > GITHUB_ASSET_BYTES_MAX) {
        forge_fail(&github->forge, call, ERROR_STORE_TOO_LARGE, put->name,
                   "it has %zu bytes, and GitHub takes assets of less than 2 GiB",
                   put->bytes.len);
        return false;
    }
    if (put->bytes.len == 0) {
        forge_fail(&github->forge, call, ERROR_STORE_UNSUPPORTED, put->name,
                   "it is empty, and GitHub takes no empty assets");
        return false;
    }
    return true;
}

enum store_status github_put_new(struct store *store, struct store_call *call,
                                 const struct store_put *put,
                                 struct store_object *created) {
    struct github *github = github_of(store);
    struct upload upload = {.github = github, .call = call, .put = put};
    if (!may_be_sent(github, call, put)) {
        return STORE_FAILED;
    }
    (void)pthread_mutex_lock(&github->forge.mutex);
    bool is_ready = github->upload_url.ptr != NULL;
    (void)pthread_mutex_unlock(&github->forge.mutex);
    if (!is_ready) {
        struct objects_found found;
        enum store_status status = forge_look(&github->forge, call, &found);
        if (status != STORE_OK) {
            return status;
        }
    }
    sha256_of(put->bytes, upload.digest);
    enum store_status status = run(&upload);
    if (status == STORE_OK) {
        forge_known_add(&github->forge.known, &upload.created, STR_NONE);
        if (created != NULL) {
            *created = upload.created;
        }
    }
    return status;
}
