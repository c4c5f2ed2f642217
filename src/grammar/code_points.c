#include "grammar/code_points.h"

#include <utf8proc.h>

bool code_points_equal(struct code_points a, struct code_points b) {
    return a.len == b.len &&
           (a.len == 0 || memcmp(a.ptr, b.ptr, a.len * sizeof *a.ptr) == 0);
}

bool code_points_are_ascii(struct code_points text) {
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] >= 0x80) {
            return false;
        }
    }
    return true;
}

static size_t decompose(uint32_t code_point, utf8proc_int32_t *out, size_t room) {
    int boundclass = 0;
    utf8proc_ssize_t count = utf8proc_decompose_char((utf8proc_int32_t)code_point, out,
                                                     (utf8proc_ssize_t)room,
                                                     UTF8PROC_DECOMPOSE, &boundclass);
    return count < 0 ? 0 : (size_t)count;
}

static unsigned combining_class(utf8proc_int32_t code_point) {
    return (unsigned)utf8proc_get_property(code_point)->combining_class;
}

/* Sorts a run of marks by combining class and keeps the order of equal ones: by
 * counting, so that a hostile run costs no more than its length. */
static void order_run(utf8proc_int32_t *run, size_t count, utf8proc_int32_t *scratch) {
    size_t place[257] = {0};
    for (size_t i = 0; i < count; i++) {
        place[combining_class(run[i]) + 1]++;
    }
    for (size_t class = 1; class < 257; class ++) {
        place[class] += place[class - 1];
    }
    for (size_t i = 0; i < count; i++) {
        scratch[place[combining_class(run[i])]++] = run[i];
    }
    memcpy(run, scratch, count * sizeof *run);
}

static void order_marks(utf8proc_int32_t *text, size_t len, utf8proc_int32_t *scratch) {
    size_t at = 0;
    while (at < len) {
        if (combining_class(text[at]) == 0) {
            at++;
            continue;
        }
        size_t end = at + 1;
        bool ordered = true;
        for (; end < len && combining_class(text[end]) != 0; end++) {
            ordered =
                ordered && combining_class(text[end - 1]) <= combining_class(text[end]);
        }
        if (!ordered) {
            order_run(text + at, end - at, scratch);
        }
        at = end;
    }
}

bool code_points_nfc(struct arena *arena, struct code_points text,
                     struct code_points *normal) {
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        len += text.ptr[i] < 0x80 ? 1 : decompose(text.ptr[i], NULL, 0);
    }
    utf8proc_int32_t *parts = arena_array(arena, len, sizeof *parts);
    utf8proc_int32_t *scratch = arena_array(arena, len, sizeof *scratch);
    uint32_t *out = arena_array(arena, len, sizeof *out);
    if (parts == NULL || scratch == NULL || out == NULL) {
        return false;
    }
    size_t at = 0;
    for (size_t i = 0; i < text.len; i++) {
        at += decompose(text.ptr[i], parts + at, len - at);
    }
    order_marks(parts, len, scratch);
    utf8proc_ssize_t count = utf8proc_normalize_utf32(
        parts, (utf8proc_ssize_t)len, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
    normal->len = count < 0 ? 0 : (size_t)count;
    for (size_t i = 0; i < normal->len; i++) {
        out[i] = (uint32_t)parts[i];
    }
    normal->ptr = out;
    return true;
}
