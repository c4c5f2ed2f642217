/* Listing and making directories of a web server, by WebDAV. */
#include "grammar/url_parts.h"
#include "net/host.h"
#include "net/retry.h"
#include "net/xml_fields.h"
#include "stores/web_parts.h"

static const char ask_text[] =
    "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
    "<propfind xmlns=\"DAV:\"><prop><resourcetype/><getcontentlength/>"
    "<getlastmodified/></prop></propfind>\n";

static bool is_success(struct str status) {
    return status.ptr == NULL || str_find(status, ' ') + 2 > status.len ||
           status.ptr[str_find(status, ' ') + 1] == '2';
}

/* The properties that were found; what is not there is said apart. */
static bool take_properties(struct arena *arena, struct str response,
                            struct store_object *object, bool *is_directory) {
    size_t at = 0;
    struct str name;
    struct str inner;
    bool no_memory = false;
    object->size_bytes = UINT64_MAX;
    while (xml_fields_next(response, &at, &name, &inner)) {
        if (!str_equal(name, STR("propstat"))) {
            continue;
        }
        struct str status =
            xml_fields_text(arena, xml_fields_get(inner, "status"), &no_memory);
        struct str prop = xml_fields_get(inner, "prop");
        if (no_memory) {
            return false;
        }
        if (prop.ptr == NULL || !is_success(status)) {
            continue;
        }
        struct str type = xml_fields_get(prop, "resourcetype");
        struct str size = xml_fields_text(
            arena, xml_fields_get(prop, "getcontentlength"), &no_memory);
        struct str modified =
            xml_fields_text(arena, xml_fields_get(prop, "getlastmodified"), &no_memory);
        *is_directory =
            type.ptr != NULL && xml_fields_get(type, "collection").ptr != NULL;
        if (size.len > 0) {
            object->size_bytes = objects_number(str_trim(size));
        }
        int64_t time_s;
        if (modified.len > 0 &&
            retry_http_date(str_trim(modified), host_now_s(NULL), &time_s)) {
            object->modified_s = time_s;
        }
    }
    return !no_memory;
}

/* The last part of an address's path, decoded; empty for a directory's. */
static bool take_name(struct arena *arena, struct str response, struct str *name) {
    bool no_memory = false;
    struct str href =
        xml_fields_text(arena, xml_fields_get(response, "href"), &no_memory);
    href = href.ptr == NULL ? STR("") : str_trim(href);
    href = str_first(href, str_find(href, '?'));
    size_t slash = str_find_last(href, '/');
    struct str last = slash < href.len ? str_skip(href, slash + 1) : href;
    struct str decoded = url_percent_decode(arena, last);
    *name = decoded.ptr == NULL ? STR_NONE : arena_copy(arena, decoded);
    return !no_memory && name->ptr != NULL;
}

static bool take_response(struct arena *arena, struct str response, struct str prefix,
                          struct objects_found *found) {
    struct store_object object = {0};
    bool is_directory = false;
    if (!take_name(arena, response, &object.name) ||
        !take_properties(arena, response, &object, &is_directory)) {
        return false;
    }
    if (is_directory || object.name.len == 0 || !str_starts_with(object.name, prefix)) {
        return true;
    }
    object.is_incomplete = str_starts_with(object.name, WEB_TEMPORARY);
    return objects_add(arena, found, &object);
}

static enum store_status take_listing(struct store_call *call, struct str text,
                                      struct str prefix, struct store_list *list) {
    struct str name;
    struct str root;
    struct str inner;
    struct objects_found found = {0};
    size_t at = 0;
    if (!xml_fields_root(text, &name, &root) || !str_equal(name, STR("multistatus"))) {
        failure_set(&call->failure, ERROR_STORE_BAD_RESPONSE, STR_NONE,
                    "the server's listing is no WebDAV listing");
        return STORE_FAILED;
    }
    while (xml_fields_next(root, &at, &name, &inner)) {
        if (str_equal(name, STR("response")) &&
            !take_response(call->arena, inner, prefix, &found)) {
            failure_memory(&call->failure);
            return STORE_FAILED;
        }
    }
    objects_sort(&found);
    *list = (struct store_list){found.objects, found.count};
    return STORE_OK;
}

static struct str directory_url(struct web *web, struct store_call *call) {
    struct str url = arena_concat(call->arena, (struct str[]){web->base, STR("/")}, 2);
    if (url.ptr == NULL) {
        failure_memory(&call->failure);
    }
    return url;
}

enum store_status web_list(struct store *store, struct store_call *call,
                           struct str prefix, struct store_list *list) {
    struct web *web = (struct web *)store;
    struct http_header headers[] = {
        {STR("Depth"), STR("1")},
        {STR("Content-Type"), STR("application/xml; charset=utf-8")}};
    struct http_request request = {.method = "PROPFIND",
                                   .url = directory_url(web, call),
                                   .headers = headers,
                                   .header_count = 2,
                                   .body = str_of(ask_text),
                                   .max_bytes = WEB_LIST_BYTES,
                                   .is_repeatable = true};
    struct web_exchange exchange;
    enum store_status status = web_send(web, call, &request, &exchange);
    if (status != STORE_OK) {
        return status;
    }
    status = exchange.response.status == 207
                 ? take_listing(call, buf_str(&exchange.response.body), prefix, list)
                 : web_fail(web, call, STR_NONE, "PROPFIND", &exchange);
    http_response_release(&exchange.response);
    return status;
}

/* --- before the first object --- */

/* `*answer` of making the directory at `url`, which ends in `/`. */
static enum store_status make(struct web *web, struct store_call *call, struct str url,
                              struct web_exchange *exchange) {
    struct http_request request = {
        .method = "MKCOL", .url = url, .is_repeatable = true};
    return web_send(web, call, &request, exchange);
}

/* The directory above; false for the root. */
static bool parent_of(struct str url, struct str *parent) {
    struct str inner = str_first(url, url.len - 1);
    size_t start = str_find(url, ':') + 3;
    size_t slash = str_find_last(inner, '/');
    *parent = str_first(url, slash < inner.len ? slash + 1 : 0);
    return slash < inner.len && slash > start;
}

/* Up to where a directory can be made, and down again. A server that knows no
 * directories may make them by itself: only what is refused stops. */
enum store_status web_prepare(struct store *store, struct store_call *call) {
    struct web *web = (struct web *)store;
    struct str whole = directory_url(web, call);
    struct str at = whole;
    while (at.ptr != NULL) {
        struct web_exchange exchange;
        enum store_status status = make(web, call, at, &exchange);
        if (status != STORE_OK) {
            return status == STORE_UNCERTAIN ? STORE_FAILED : status;
        }
        long answer = exchange.response.status;
        struct str parent;
        if (answer == 409 && parent_of(at, &parent)) {
            http_response_release(&exchange.response);
            at = parent;
            continue;
        }
        bool is_refused = answer == 401 || answer == 403 || answer == 507 ||
                          answer == 429 || (answer >= 500 && answer != 501);
        status =
            is_refused ? web_fail(web, call, STR_NONE, "MKCOL", &exchange) : STORE_OK;
        http_response_release(&exchange.response);
        if (status != STORE_OK) {
            return status == STORE_UNCERTAIN ? STORE_FAILED : status;
        }
        if (at.len == whole.len) {
            return STORE_OK;
        }
        at = str_first(whole, at.len + str_find(str_skip(whole, at.len), '/') + 1);
    }
    return STORE_FAILED;
}
