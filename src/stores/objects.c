#include "stores/objects.h"

#include <stdlib.h>

#include "net/http.h"

/* More is no object store's: it keeps a hostile answer from filling the memory. */
enum { URL_MAX = 16384 };

struct str objects_content_type(struct str name) {
    if (str_ends_with(name, STR(".json"))) {
        return STR("application/json");
    }
    if (str_ends_with(name, STR(".gz"))) {
        return STR("application/gzip");
    }
    return STR("application/octet-stream");
}

struct str objects_cache_control(struct str name) {
    return str_equal(name, STORE_INDEX_NAME)
               ? STR("no-cache")
               : STR("public, max-age=31536000, immutable");
}

/* The content in the arena, and the buffer released. */
static struct str taken(struct arena *arena, struct buf *buf) {
    struct str text = buf->failed ? STR_NONE : arena_copy(arena, buf_str(buf));
    buf_release(buf);
    return text;
}

struct str objects_url(struct arena *arena, struct str base, struct str prefix,
                       struct str name) {
    struct buf url;
    buf_init(&url, URL_MAX);
    (void)(buf_append(&url, base) && buf_append_byte(&url, '/') &&
           http_append_encoded(&url, prefix, true) &&
           http_append_encoded(&url, name, true));
    return taken(arena, &url);
}

struct str objects_encoded(struct arena *arena, struct str text, bool keep_slashes) {
    struct buf encoded;
    buf_init(&encoded, URL_MAX);
    (void)http_append_encoded(&encoded, text, keep_slashes);
    return taken(arena, &encoded);
}

struct str objects_prefix(struct arena *arena, const struct location *location) {
    struct str path = location_prefix(location);
    return path.len == 0 ? arena_copy(arena, STR(""))
                         : arena_concat(arena, (struct str[]){path, STR("/")}, 2);
}

struct str objects_base(struct str address) {
    while (address.len > 0 && address.ptr[address.len - 1] == '/') {
        address.len--;
    }
    return address;
}

uint64_t objects_number(struct str text) {
    uint64_t number = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (!ascii_is_digit(text.ptr[i]) || number > (UINT64_MAX - 9) / 10) {
            return 0;
        }
        number = number * 10 + (uint64_t)(text.ptr[i] - '0');
    }
    return number;
}

bool objects_add(struct arena *arena, struct objects_found *found,
                 const struct store_object *object) {
    if (found->count == found->room) {
        size_t room = found->room == 0 ? 64 : found->room * 2;
        struct store_object *objects = arena_array(arena, room, sizeof *objects);
        if (objects == NULL) {
            return false;
        }
        if (found->count > 0) {
            memcpy(objects, found->objects, found->count * sizeof *objects);
        }
        found->objects = objects;
        found->room = room;
    }
    found->objects[found->count++] = *object;
    return true;
}

static int compare_names(const void *a, const void *b) {
    return str_compare(((const struct store_object *)a)->name,
                       ((const struct store_object *)b)->name);
}

void objects_sort(struct objects_found *found) {
    if (found->count > 1) {
        qsort(found->objects, found->count, sizeof *found->objects, compare_names);
    }
}
