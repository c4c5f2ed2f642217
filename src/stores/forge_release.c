#include "stores/forge_release.h"

enum { PAGE_SIZE = 100 };

/* --- looking --- */

/* The objects, and the URL of each. */
struct seen {
    struct objects_found objects;
    struct str *urls;
    size_t room;
};

static bool add(struct arena *arena, struct seen *seen,
                const struct store_object *object, struct str url) {
    if (!objects_add(arena, &seen->objects, object)) {
        return false;
    }
    size_t count = seen->objects.count;
    if (seen->room != seen->objects.room) {
        struct str *urls = arena_array(arena, seen->objects.room, sizeof *urls);
        if (urls == NULL) {
            return false;
        }
        if (count > 1) {
            memcpy(urls, seen->urls, (count - 1) * sizeof *urls);
        }
        seen->urls = urls;
        seen->room = seen->objects.room;
    }
    seen->urls[count - 1] = url;
    return true;
}

static bool has_revision(const struct seen *seen, size_t count, struct str revision) {
    for (size_t i = 0; i < count; i++) {
        if (str_equal(seen->objects.objects[i].revision, revision)) {
            return true;
        }
    }
    return false;
}

enum store_status forge_not_understood(struct forge *forge, struct store_call *call) {
    forge_fail(forge, call, ERROR_STORE_BAD_RESPONSE, STR_NONE,
               "%s's answer about the release `%.*s` cannot be understood",
               forge->host->name, STR_ARG(forge->tag));
    return STORE_FAILED;
}

/* Adds the objects of an array that no page before showed; `*count` is how many it has.
 */
static enum store_status take_array(struct forge *forge, struct store_call *call,
                                    struct json_fields *fields, struct str array,
                                    struct seen *seen, size_t *count) {
    size_t before = seen->objects.count;
    size_t at = 0;
    struct str json;
    if (!json_fields_is_array(array)) {
        return forge_not_understood(forge, call);
    }
    for (*count = 0; json_fields_next(fields, array, &at, &json); ++*count) {
        struct store_object object = {.size_bytes = UINT64_MAX};
        struct str url = STR_NONE;
        if (!forge->host->take_object(fields, json, &object, &url)) {
            return fields->no_memory ? store_out_of_memory(call)
                                     : forge_not_understood(forge, call);
        }
        if (!has_revision(seen, before, object.revision) &&
            !add(call->arena, seen, &object, url)) {
            return store_out_of_memory(call);
        }
    }
    return STORE_OK;
}

/* Beyond what the release itself showed. */
static enum store_status look_at_pages(struct forge *forge, struct store_call *call,
                                       struct str list_url, struct seen *seen) {
    for (unsigned page = 1; page <= forge->host->pages_max; page++) {
        struct http_response response;
        struct forge_request request = {
            .method = "GET",
            .url = arena_printf(call->arena, "%.*s?per_page=%d&page=%u",
                                STR_ARG(list_url), (int)PAGE_SIZE, page),
            .is_repeatable = true};
        if (request.url.ptr == NULL) {
            return store_out_of_memory(call);
        }
        if (forge_send(forge, call, &request, &response) != FORGE_ANSWERED) {
            return STORE_FAILED;
        }
        enum store_status status = STORE_FAILED;
        struct json_fields fields;
        size_t count = 0;
        if (response.status != 200) {
            forge_refuse(forge, call, &response, STR_NONE, forge->host->listing);
        } else if (!json_fields_begin(&fields, call->arena, buf_str(&response.body))) {
            status = forge_not_understood(forge, call);
        } else {
            status = take_array(forge, call, &fields, fields.root, seen, &count);
        }
        http_response_release(&response);
        if (status != STORE_OK || count < PAGE_SIZE) {
            return status;
        }
    }
    return STORE_OK;
}

/* A release shows all of its objects within itself, in one answer and so as they were
 * at one moment. No page of either host's documentation says that it always will: where
 * the number is one that a limit would leave, the pages of the list are asked, too. */
static bool may_be_cut(const struct forge_host *host, size_t count) {
    return count > 0 &&
           (count == host->cuts[0] || count == host->cuts[1] || count % 50 == 0);
}

static enum store_status take_release(struct forge *forge, struct store_call *call,
                                      const struct http_response *response,
                                      struct json_fields *fields, struct seen *seen) {
    struct str array = STR_NONE;
    struct str list_url = STR_NONE;
    size_t count = 0;
    if (!json_fields_begin(fields, call->arena, buf_str(&response->body)) ||
        !forge->host->take_release(forge, fields, &array, &list_url)) {
        return fields->no_memory ? store_out_of_memory(call)
                                 : forge_not_understood(forge, call);
    }
    enum store_status status = take_array(forge, call, fields, array, seen, &count);
    if (status == STORE_OK && may_be_cut(forge->host, count)) {
        status = look_at_pages(forge, call, list_url, seen);
    }
    if (status == STORE_OK) {
        forge_known_set(&forge->known, &seen->objects, seen->urls);
    }
    return status;
}

enum store_status forge_take_release(struct forge *forge, struct store_call *call,
                                     const struct http_response *response,
                                     struct json_fields *fields) {
    struct seen seen = {0};
    return take_release(forge, call, response, fields, &seen);
}

static enum store_status look(struct forge *forge, struct store_call *call,
                              struct seen *seen) {
    struct http_response response;
    struct forge_request request = {
        .method = "GET", .url = forge->release_url, .is_repeatable = true};
    *seen = (struct seen){0};
    if (forge_send(forge, call, &request, &response) != FORGE_ANSWERED) {
        return STORE_FAILED;
    }
    enum store_status status = STORE_FAILED;
    if (response.status == 200) {
        struct json_fields fields;
        status = take_release(forge, call, &response, &fields, seen);
    } else if (response.status == 404) {
        forge_not_found(forge, call);
    } else {
        forge_refuse(forge, call, &response, STR_NONE, "look at the release");
    }
    http_response_release(&response);
    return status;
}

enum store_status forge_look(struct forge *forge, struct store_call *call,
                             struct objects_found *found) {
    struct seen seen;
    enum store_status status = look(forge, call, &seen);
    *found = seen.objects;
    return status;
}

enum store_status forge_find(struct forge *forge, struct store_call *call,
                             struct str name, struct store_object *object,
                             struct str *url) {
    struct seen seen;
    enum store_status status = look(forge, call, &seen);
    if (status != STORE_OK) {
        return status;
    }
    for (size_t i = 0; i < seen.objects.count; i++) {
        if (str_equal(seen.objects.objects[i].name, name)) {
            *object = seen.objects.objects[i];
            if (url != NULL) {
                *url = seen.urls[i];
            }
            return STORE_OK;
        }
    }
    return STORE_ABSENT;
}

enum store_status forge_list(struct store *store, struct store_call *call,
                             struct str prefix, struct store_list *list) {
    struct objects_found found;
    enum store_status status = forge_look(forge_of(store), call, &found);
    if (status != STORE_OK) {
        return status;
    }
    size_t count = 0;
    for (size_t i = 0; i < found.count; i++) {
        if (str_starts_with(found.objects[i].name, prefix)) {
            found.objects[count++] = found.objects[i];
        }
    }
    found.count = count;
    objects_sort(&found);
    *list = (struct store_list){found.objects, found.count};
    return STORE_OK;
}

void forge_not_found(struct forge *forge, struct store_call *call) {
    const struct forge_host *host = forge->host;
    struct http_response response;
    struct forge_request request = {
        .method = "GET",
        .url = arena_concat(call->arena,
                            (struct str[]){forge->place_url, forge->look_more}, 2),
        .is_repeatable = true};
    if (request.url.ptr == NULL) {
        (void)store_out_of_memory(call);
        return;
    }
    if (forge_send(forge, call, &request, &response) != FORGE_ANSWERED) {
        return;
    }
    if (response.status == 200) {
        forge_fail(forge, call, ERROR_STORE_NOT_FOUND, STR_NONE,
                   "%s%.*s has no release of the tag `%.*s`%s", host->place_article,
                   STR_ARG(forge->place), STR_ARG(forge->tag), host->release_note);
    } else if (response.status == 404 && forge->token_name.ptr == NULL) {
        forge_fail(forge, call, ERROR_STORE_NOT_FOUND, STR_NONE,
                   "there is no %s %.*s, or it is private: that takes a token, and "
                   "there is none in %s",
                   host->place_name, STR_ARG(forge->place), forge->token_names);
    } else if (response.status == 404) {
        forge_fail(forge, call, ERROR_STORE_NOT_FOUND, STR_NONE,
                   "there is no %s %.*s, or it is private and %.*s may not see it%s",
                   host->place_name, STR_ARG(forge->place),
                   STR_ARG(forge_token_shown(forge, call->arena)),
                   host->hidden_note(forge));
    } else {
        forge_refuse(forge, call, &response, STR_NONE, host->looking);
    }
    http_response_release(&response);
}

/* --- making the release --- */

enum store_status forge_prepare(struct store *store, struct store_call *call) {
    struct forge *forge = forge_of(store);
    struct objects_found found;
    struct store_call look_first = {.arena = call->arena};
    enum store_status status = forge_look(forge, &look_first, &found);
    if (status == STORE_OK || look_first.failure.is_memory_out ||
        look_first.failure.id != ERROR_STORE_NOT_FOUND) {
        call->failure = look_first.failure;
        return status;
    }
    bool is_raced = false;
    status = forge->host->create_release(forge, call, &is_raced);
    if (status == STORE_FAILED && is_raced) {
        /* Somebody else may have made it, or this did after all. */
        struct store_call again = {.arena = call->arena};
        if (forge_look(forge, &again, &found) == STORE_OK) {
            call->failure = (struct failure){0};
            return STORE_OK;
        }
    }
    return status;
}

/* --- one object --- */

struct str forge_object_url(struct forge *forge, struct arena *arena,
                            struct str revision) {
    return arena_concat(arena, (struct str[]){forge->objects_url, STR("/"), revision},
                        3);
}

enum store_status forge_download(struct forge *forge, struct store_call *call,
                                 const struct store_object *object,
                                 const struct forge_request *request,
                                 struct buf *bytes) {
    struct http_response response;
    struct forge_request get = *request;
    get.method = "GET";
    get.follows = true;
    get.is_repeatable = true;
    if (get.url.ptr == NULL) {
        return store_out_of_memory(call);
    }
    if (forge_send(forge, call, &get, &response) != FORGE_ANSWERED) {
        return STORE_FAILED;
    }
    enum store_status status = STORE_FAILED;
    if (response.status == 200) {
        if (forge_is_whole(forge, call, object, buf_str(&response.body))) {
            *bytes = response.body;
            return STORE_OK;
        }
    } else if (response.status == 404) {
        status = STORE_ABSENT;
    } else {
        forge_refuse(forge, call, &response, object->name, "download");
    }
    http_response_release(&response);
    return status;
}

enum store_status forge_remove(struct store *store, struct store_call *call,
                               const struct store_object *seen) {
    struct forge *forge = forge_of(store);
    struct http_response response;
    struct forge_request request = {
        .method = "DELETE",
        .url = forge_object_url(forge, call->arena, seen->revision),
        .is_repeatable = true};
    if (request.url.ptr == NULL) {
        return store_out_of_memory(call);
    }
    forge_known_forget(&forge->known, seen->revision);
    enum forge_sent sent = forge_send(forge, call, &request, &response);
    if (sent != FORGE_ANSWERED) {
        return sent == FORGE_UNCERTAIN ? STORE_UNCERTAIN : STORE_FAILED;
    }
    enum store_status status = STORE_FAILED;
    if (response.status == forge->host->removed[0] ||
        response.status == forge->host->removed[1]) {
        status = STORE_OK;
    } else if (response.status == 404) {
        /* Perhaps by a try of one's own whose answer was lost; but STORE_OK is for who
         * knows. */
        status = STORE_ABSENT;
    } else {
        forge_refuse(forge, call, &response, seen->name, forge->host->deleting);
    }
    http_response_release(&response);
    return status;
}
