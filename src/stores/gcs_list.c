/* Listing a bucket, and looking whether it can be written. */
#include "net/instant.h"
#include "net/json_fields.h"
#include "stores/gcs_parts.h"

/* A million objects: what lists more has no end. */
enum { MAX_PAGES = 1000, PAGE_BYTES = 4 << 20 };

static bool add_item(struct store_call *call, const struct gcs *gcs,
                     struct json_fields *fields, struct str item,
                     struct objects_found *found) {
    struct str name = json_fields_text(fields, item, "name");
    if (name.ptr == NULL || !str_starts_with(name, gcs->prefix)) {
        return !fields->no_memory;
    }
    /* The page goes, its names stay. */
    struct str generation = json_fields_text(fields, item, "generation");
    struct store_object object = {
        .name = arena_copy(call->arena, str_skip(name, gcs->prefix.len)),
        .revision =
            generation.ptr == NULL ? STR_NONE : arena_copy(call->arena, generation),
        .size_bytes = UINT64_MAX};
    if (object.name.ptr == NULL ||
        (generation.ptr != NULL && object.revision.ptr == NULL)) {
        return false;
    }
    (void)json_fields_u64(fields, item, "size", &object.size_bytes);
    struct str updated = json_fields_text(fields, item, "updated");
    if (!instant_parse(updated, &object.modified_s)) {
        object.modified_s = 0;
    }
    return !fields->no_memory && objects_add(call->arena, found, &object);
}

static bool read_page(struct gcs *gcs, struct store_call *call, struct str body,
                      struct objects_found *found, struct str *token) {
    struct arena scratch = {0};
    struct json_fields fields;
    bool is_good = json_fields_begin(&fields, &scratch, body);
    if (!is_good && !fields.no_memory) {
        failure_set(&call->failure, ERROR_STORE_BAD_RESPONSE, STR_NONE,
                    "the list that the host sent is no JSON");
    }
    struct str items =
        is_good ? json_fields_get(&fields, fields.root, "items") : STR_NONE;
    struct str item;
    size_t at = 0;
    while (is_good && json_fields_next(&fields, items, &at, &item)) {
        is_good = add_item(call, gcs, &fields, item, found);
    }
    struct str next =
        is_good ? json_fields_text(&fields, fields.root, "nextPageToken") : STR_NONE;
    *token = next.ptr == NULL ? STR_NONE : arena_copy(call->arena, next);
    is_good = is_good && !fields.no_memory && (next.ptr == NULL || token->ptr != NULL);
    if (!is_good && !call->failure.is_set) {
        failure_memory(&call->failure);
    }
    arena_release(&scratch);
    return is_good;
}

/* One page; `*token` is where the next begins, absent at the end. */
static bool list_page(struct gcs *gcs, struct store_call *call, struct str prefix,
                      unsigned max, struct objects_found *found, struct str *token) {
    struct str whole =
        arena_concat(call->arena, (struct str[]){gcs->prefix, prefix}, 2);
    struct str encoded = objects_encoded(call->arena, whole, false);
    struct str next =
        objects_encoded(call->arena, token->ptr == NULL ? STR("") : *token, false);
    struct str url = arena_printf(
        call->arena,
        "%.*s/o?prefix=%.*s&delimiter=%%2F&maxResults=%u"
        "&fields=items(name%%2Cgeneration%%2Csize%%2Cupdated)%%2CnextPageToken%s%.*s",
        STR_ARG(gcs->api), STR_ARG(encoded), max, next.len > 0 ? "&pageToken=" : "",
        STR_ARG(next));
    if (whole.ptr == NULL || encoded.ptr == NULL || next.ptr == NULL ||
        url.ptr == NULL) {
        failure_memory(&call->failure);
        return false;
    }
    struct http_request request = {
        .method = "GET", .url = url, .max_bytes = PAGE_BYTES, .is_repeatable = true};
    struct http_response response;
    if (!gcs_send(gcs, call, &request, &response, NULL)) {
        return false;
    }
    bool is_read = response.status == 200;
    if (is_read) {
        is_read = read_page(gcs, call, buf_str(&response.body), found, token);
    } else {
        gcs_refused(gcs, call, &response, "listing", STR_NONE);
    }
    http_response_release(&response);
    return is_read;
}

enum store_status gcs_list(struct store *store, struct store_call *call,
                           struct str prefix, struct store_list *list) {
    struct gcs *gcs = (struct gcs *)store;
    struct objects_found found = {0};
    struct str token = STR_NONE;
    for (unsigned pages = 0; pages == 0 || token.len > 0; pages++) {
        if (pages == MAX_PAGES) {
            failure_set(&call->failure, ERROR_STORE_BAD_RESPONSE, STR_NONE,
                        "the host's list of objects has no end");
            return STORE_FAILED;
        }
        if (!list_page(gcs, call, prefix, 1000, &found, &token)) {
            return STORE_FAILED;
        }
    }
    objects_sort(&found);
    *list = (struct store_list){found.objects, found.count};
    return STORE_OK;
}

/* --- before the first object --- */

static const char *const permissions[] = {
    "storage.objects.create",
    "storage.objects.delete", /* replacing is deleting and creating */
    "storage.objects.get",
    "storage.objects.list",
};
enum { PERMISSION_COUNT = sizeof permissions / sizeof *permissions };

/* Those that are missing, in words. */
static void name_missing(struct json_fields *fields, struct store_call *call) {
    struct str held = json_fields_get(fields, fields->root, "permissions");
    struct buf missing;
    buf_init(&missing, 512);
    for (size_t i = 0; i < PERMISSION_COUNT; i++) {
        bool is_held = false;
        struct str item;
        size_t at = 0;
        while (!is_held && json_fields_next(fields, held, &at, &item)) {
            is_held =
                str_equal(json_fields_string(fields, item), str_of(permissions[i]));
        }
        if (!is_held) {
            buf_printf(&missing, "%s%s", missing.len == 0 ? "" : ", ", permissions[i]);
        }
    }
    if (missing.len > 0) {
        failure_set(&call->failure, ERROR_STORE_ACCESS_DENIED, STR_NONE,
                    "the identity has no %s in this bucket; the role "
                    "roles/storage.objectUser has all that is needed",
                    missing.ptr);
    }
    if (missing.failed || fields->no_memory) {
        failure_memory(&call->failure);
    }
    buf_release(&missing);
}

enum store_status gcs_prepare(struct store *store, struct store_call *call) {
    struct gcs *gcs = (struct gcs *)store;
    struct buf url;
    buf_init(&url, 4096);
    buf_append(&url, gcs->api);
    for (size_t i = 0; i < PERMISSION_COUNT; i++) {
        buf_printf(&url, "%s%s",
                   i == 0 ? "/iam/testPermissions?permissions=" : "&permissions=",
                   permissions[i]);
    }
    struct http_request request = {.method = "GET",
                                   .url = buf_str(&url),
                                   .max_bytes = GCS_ANSWER_BYTES,
                                   .is_repeatable = true};
    struct http_response response;
    if (url.failed) {
        failure_memory(&call->failure);
    } else if (gcs_send(gcs, call, &request, &response, NULL)) {
        struct json_fields fields;
        bool is_json = json_fields_begin(&fields, call->arena, buf_str(&response.body));
        if (response.status == 200 && is_json) {
            name_missing(&fields, call);
        } else if (is_json || (response.status != 404 && response.status != 501)) {
            gcs_refused(gcs, call, &response, "looking at the bucket", STR_NONE);
        }
        http_response_release(&response);
    }
    buf_release(&url);
    /* A server that knows nothing of permissions knows its buckets. */
    struct objects_found found = {0};
    struct str token = STR_NONE;
    return !call->failure.is_set && list_page(gcs, call, STR(""), 1, &found, &token)
               ? STORE_OK
               : STORE_FAILED;
}
