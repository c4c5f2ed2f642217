/* Listing a container, and looking whether it is there. */
#include "net/host.h"
#include "net/retry.h"
#include "net/xml_fields.h"
#include "stores/azure_parts.h"

/* A million blobs: what lists more has no end. */
enum { MAX_PAGES = 1000, PAGE_BLOBS = 1000, PAGE_BYTES = 8 << 20 };

struct page {
    struct azure *azure;
    struct store_call *call;
    struct objects_found *found;
    struct str
        marker; /* where it, and then the next, begins; absent: the first, none */
    bool no_memory;
};

static struct str text_at(struct page *page, struct str content, const char *name) {
    struct str inner = xml_fields_get(content, name);
    return inner.ptr == NULL
               ? STR_NONE
               : xml_fields_text(page->call->arena, inner, &page->no_memory);
}

/* As the conditions want it: in quotes. */
static struct str etag_of(struct page *page, struct str properties) {
    struct str etag = text_at(page, properties, "Etag");
    if (etag.len == 0 || etag.ptr[0] == '"') {
        return etag;
    }
    etag =
        arena_concat(page->call->arena, (struct str[]){STR("\""), etag, STR("\"")}, 3);
    page->no_memory = page->no_memory || etag.ptr == NULL;
    return etag;
}

static bool add_blob(struct page *page, struct str blob) {
    struct str prefix = page->azure->prefix;
    struct str name = text_at(page, blob, "Name");
    if (name.ptr == NULL || !str_starts_with(name, prefix)) {
        return !page->no_memory;
    }
    struct str properties = xml_fields_get(blob, "Properties");
    struct str size = text_at(page, properties, "Content-Length");
    struct str modified = text_at(page, properties, "Last-Modified");
    struct store_object object = {.name = str_skip(name, prefix.len),
                                  .revision = etag_of(page, properties),
                                  .size_bytes =
                                      size.len > 0 ? objects_number(size) : UINT64_MAX};
    if (modified.ptr == NULL ||
        !retry_http_date(modified, host_now_s(NULL), &object.modified_s)) {
        object.modified_s = 0;
    }
    return !page->no_memory && objects_add(page->call->arena, page->found, &object);
}

static bool read_page(struct page *page, struct str body) {
    struct str root;
    struct str content;
    struct str name;
    struct str inner;
    if (!xml_fields_root(body, &root, &content) ||
        !str_equal(root, STR("EnumerationResults"))) {
        failure_set(&page->call->failure, ERROR_STORE_BAD_RESPONSE, STR_NONE,
                    "the list that the host sent is not one");
        return false;
    }
    struct str blobs = xml_fields_get(content, "Blobs");
    size_t at = 0;
    while (blobs.ptr != NULL && xml_fields_next(blobs, &at, &name, &inner)) {
        if (str_equal(name, STR("Blob")) && !add_blob(page, inner)) {
            failure_memory(&page->call->failure);
            return false;
        }
    }
    page->marker = text_at(page, content, "NextMarker");
    if (page->no_memory) {
        failure_memory(&page->call->failure);
    }
    return !page->no_memory;
}

static bool list_page(struct page *page, struct str prefix, unsigned max) {
    struct azure *azure = page->azure;
    struct store_call *call = page->call;
    struct arena *arena = call->arena;
    struct str whole = arena_concat(arena, (struct str[]){azure->prefix, prefix}, 2);
    struct str encoded =
        whole.ptr == NULL ? STR_NONE : objects_encoded(arena, whole, false);
    struct str marker = page->marker.ptr == NULL ? STR("") : page->marker;
    marker = objects_encoded(arena, marker, false);
    struct str url = arena_printf(
        arena,
        "%.*s?restype=container&comp=list&delimiter=%%2F&maxresults=%u%s%.*s%s%.*s",
        STR_ARG(azure->place), max, encoded.len > 0 ? "&prefix=" : "", STR_ARG(encoded),
        marker.len > 0 ? "&marker=" : "", STR_ARG(marker));
    if (encoded.ptr == NULL || marker.ptr == NULL || url.ptr == NULL) {
        failure_memory(&call->failure);
        return false;
    }
    struct http_request request = {
        .method = "GET", .url = url, .max_bytes = PAGE_BYTES, .is_repeatable = true};
    struct http_response response;
    if (!azure_send(azure, call, &request, &response, NULL)) {
        return false;
    }
    bool is_read = response.status == 200;
    if (is_read) {
        is_read = read_page(page, buf_str(&response.body));
    } else {
        azure_refused(azure, call, &response, "listing", STR_NONE);
    }
    http_response_release(&response);
    return is_read;
}

enum store_status azure_list(struct store *store, struct store_call *call,
                             struct str prefix, struct store_list *list) {
    struct objects_found found = {0};
    struct page page = {.azure = (struct azure *)store, .call = call, .found = &found};
    for (unsigned pages = 0; pages == 0 || page.marker.len > 0; pages++) {
        if (pages == MAX_PAGES) {
            failure_set(&call->failure, ERROR_STORE_BAD_RESPONSE, STR_NONE,
                        "the host's list of blobs has no end");
            return STORE_FAILED;
        }
        if (!list_page(&page, prefix, PAGE_BLOBS)) {
            return STORE_FAILED;
        }
    }
    objects_sort(&found);
    *list = (struct store_list){found.objects, found.count};
    return STORE_OK;
}

enum store_status azure_prepare(struct store *store, struct store_call *call) {
    struct objects_found found = {0};
    struct page page = {.azure = (struct azure *)store, .call = call, .found = &found};
    return list_page(&page, STR(""), 1) ? STORE_OK : STORE_FAILED;
}
