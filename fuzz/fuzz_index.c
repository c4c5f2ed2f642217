/* Indexes: what reads writes, what was written reads back and writes the same bytes,
 * and every entry is the same then. What does not read says where. */
#include "fuzz.h"

#include <stdlib.h>

#include "base/utf8.h"
#include "schema/index_read.h"
#include "schema/index_write.h"

enum { OUTPUT_MAX = 1 << 26 };

static bool collect(void *context, struct str bytes) {
    return buf_append(context, bytes);
}

static enum index_status read_index(struct index *index, struct str text,
                                    struct arena *arena, struct diag_list *defects) {
    /* Not a byte of room behind the NUL, so that reading on is seen. */
    struct buf source = {.ptr = malloc(text.len + 1),
                         .len = text.len,
                         .room = text.len + 1,
                         .max = OUTPUT_MAX};
    FUZZ_CHECK(source.ptr != NULL);
    if (text.len > 0) {
        memcpy(source.ptr, text.ptr, text.len);
    }
    source.ptr[text.len] = '\0';
    return index_read(index, &source, STR("index.json"), arena, defects);
}

static void check_defects(const struct diag_list *defects) {
    FUZZ_CHECK(defects->count > 0);
    for (const struct diag *diag = defects->first; diag != NULL; diag = diag->next) {
        struct buf text;
        buf_init(&text, OUTPUT_MAX);
        diag_message(diag, &text);
        diag_details_json(diag, &text);
        FUZZ_CHECK(!text.failed && diag->place.line > 0);
        buf_release(&text);
    }
}

/* Do both indexes say the same of the plugin? */
static void check_entry(const struct index *a, size_t entry, const struct index *b,
                        struct arena *arena) {
    struct index_record one;
    struct index_record two;
    struct str name = index_entry_name(a, entry);
    struct str version = index_entry_version(a, entry);
    size_t other = index_find(b, name, version).exact;
    FUZZ_CHECK(other != INDEX_NONE);
    FUZZ_CHECK(index_entry_decode(a, entry, arena, &one));
    FUZZ_CHECK(index_entry_decode(b, other, arena, &two));
    FUZZ_CHECK(str_equal(one.hash, two.hash) && one.yanked == two.yanked);
    FUZZ_CHECK(str_equal(one.published_at, two.published_at));
    FUZZ_CHECK(str_equal(one.fields.homepage, two.fields.homepage));
    FUZZ_CHECK(str_equal(one.fields.database_version, two.fields.database_version));
    FUZZ_CHECK(one.fields.trigger_count == two.fields.trigger_count);
    FUZZ_CHECK(one.fields.python_count == two.fields.python_count);
    FUZZ_CHECK(one.fields.plugin_count == two.fields.plugin_count);
    for (size_t i = 0; i < one.fields.python_count; i++) {
        FUZZ_CHECK(str_equal(one.fields.python[i], two.fields.python[i]));
    }
}

static void check_written(const struct index *index, struct str text) {
    struct index again;
    struct arena arena = {0};
    struct diag_list defects = {0};
    struct diag *defect = NULL;
    struct buf out;
    FUZZ_CHECK(read_index(&again, text, &arena, &defects) == INDEX_OK);
    FUZZ_CHECK(again.count == index->count);
    for (size_t i = 0; i < index->count && i < 20; i++) {
        check_entry(index, i, &again, &arena);
    }
    buf_init(&out, OUTPUT_MAX);
    FUZZ_CHECK(index_write(&again, collect, &out, &arena, &defect) == INDEX_WRITE_OK);
    FUZZ_CHECK(str_equal(buf_str(&out), text));
    buf_release(&out);
    index_release(&again);
    arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct index index;
    struct arena arena = {0};
    struct diag_list defects = {0};
    struct diag *defect = NULL;
    struct str text = {(const char *)data, size};
    if (!utf8_is_valid(text)) {
        return 0;
    }
    enum index_status status = read_index(&index, text, &arena, &defects);
    FUZZ_CHECK(status != INDEX_NO_MEMORY);
    if (status == INDEX_INVALID) {
        check_defects(&defects);
    } else {
        struct buf out;
        buf_init(&out, OUTPUT_MAX);
        enum index_write_status written =
            index_write(&index, collect, &out, &arena, &defect);
        FUZZ_CHECK(written == INDEX_WRITE_OK || defect != NULL);
        if (written == INDEX_WRITE_OK) {
            check_written(&index, buf_str(&out));
        }
        buf_release(&out);
    }
    index_release(&index);
    arena_release(&arena);
    return 0;
}
