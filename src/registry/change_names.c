#include <inttypes.h>
#include <stdio.h>

#include "registry/change_steps.h"

/* `index-000042.json`; copies `index-copy-000042-0123456789abcdef.json`. */
#define HISTORY STR("index-")
#define COPY STR("index-copy-")
#define PROBE STR("index-probe-")
#define SUFFIX STR(".json")
enum { SERIAL_DIGITS = 6, SERIAL_MAX_DIGITS = 18 };

void change_name_history(char *name, uint64_t serial) {
    (void)snprintf(name, CHANGE_NAME_BYTES, "index-%06" PRIu64 ".json", serial);
}

void change_name_copy(char *name, uint64_t serial, uint64_t token) {
    (void)snprintf(name, CHANGE_NAME_BYTES,
                   "index-copy-%06" PRIu64 "-%016" PRIx64 ".json", serial, token);
}

struct str change_history_name(struct arena *arena, uint64_t serial) {
    char name[CHANGE_NAME_BYTES];
    change_name_history(name, serial);
    return arena_copy(arena, str_of(name));
}

/* Steps over the digits of a serial as they are written here; 0: they are not. */
static uint64_t take_serial(struct str *text) {
    uint64_t serial = 0;
    size_t len = 0;
    while (len < text->len && ascii_is_digit(text->ptr[len])) {
        if (++len > SERIAL_MAX_DIGITS) {
            return 0;
        }
        serial = serial * 10 + (uint64_t)(text->ptr[len - 1] - '0');
    }
    if (len < SERIAL_DIGITS || (len > SERIAL_DIGITS && text->ptr[0] == '0')) {
        return 0;
    }
    *text = str_skip(*text, len);
    return serial;
}

uint64_t change_history_serial(struct str name) {
    if (!str_starts_with(name, HISTORY)) {
        return 0;
    }
    struct str rest = str_skip(name, HISTORY.len);
    uint64_t serial = take_serial(&rest);
    return str_equal(rest, SUFFIX) ? serial : 0;
}

enum change_kind change_kind_of(struct str name, uint64_t *serial) {
    *serial = 0;
    if (str_equal(name, STORE_INDEX_NAME)) {
        return CHANGE_KIND_INDEX;
    }
    if (str_equal(name, STR(CHANGE_LOCK_NAME))) {
        return CHANGE_KIND_LOCK;
    }
    *serial = change_history_serial(name);
    if (*serial != 0) {
        return CHANGE_KIND_HISTORY;
    }
    if (!str_ends_with(name, SUFFIX)) {
        return CHANGE_KIND_OTHER;
    }
    if (str_starts_with(name, PROBE)) {
        return CHANGE_KIND_PROBE;
    }
    if (!str_starts_with(name, COPY)) {
        return CHANGE_KIND_OTHER;
    }
    struct str rest = str_skip(name, COPY.len);
    *serial = take_serial(&rest);
    return *serial != 0 && str_starts_with(rest, STR("-")) ? CHANGE_KIND_COPY
                                                           : CHANGE_KIND_OTHER;
}
