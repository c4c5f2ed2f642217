#include "schema/index_write.h"

#include <stdlib.h>

#include "base/json_write.h"
#include "base/utf8.h"
#include "schema/index_nfc.h"
#include "schema/index_order.h"
#include "schema/index_write_entry.h"

/* A run of the source goes to the sink from where it lies if it has this many bytes. */
enum { RUN_BYTES = 1 << 16 };

struct writer {
    const struct index *index;
    uint32_t *order; /* NULL: as they are */
    struct index_output output;
    struct arena scratch; /* of one entry */
    struct index_parse parse;
    const char *run; /* bytes of the source to be copied, or NULL */
    const char *run_end;
};

static size_t entry_at(const struct writer *writer, size_t place) {
    return writer->order == NULL ? place : writer->order[place];
}

/* An index of a write that was refused: DescriptionTooLong, with NFC's length. */
static enum index_write_status check_description(struct writer *writer, size_t entry,
                                                 struct arena *diag_arena,
                                                 struct diag **defect) {
    struct str text = index_entry_description(writer->index, entry, &writer->scratch);
    struct str normal = text.ptr == NULL ? text : index_nfc(&writer->scratch, text);
    if (normal.ptr == NULL) {
        return INDEX_WRITE_NO_MEMORY;
    }
    size_t len = normal.len <= DESCRIPTION_MAX_CHARACTERS ? 0 : utf8_count(normal);
    arena_rewind(&writer->scratch, (struct arena_mark){0});
    if (len <= DESCRIPTION_MAX_CHARACTERS) {
        return INDEX_WRITE_OK;
    }
    *defect = diag_new_variant(diag_arena, VARIANT_DESCRIPTION_TOO_LONG, STR_NONE,
                               (struct detail[]){DETAIL_NUMBER(len)}, 1);
    return *defect == NULL ? INDEX_WRITE_NO_MEMORY : INDEX_WRITE_DESCRIPTION_TOO_LONG;
}

static enum index_write_status check_descriptions(struct writer *writer,
                                                  struct arena *diag_arena,
                                                  struct diag **defect) {
    for (size_t i = 0; i < writer->index->count; i++) {
        size_t entry = entry_at(writer, i);
        if ((writer->index->entries[entry].flags & ROW_WIDE) == 0) {
            continue;
        }
        enum index_write_status status =
            check_description(writer, entry, diag_arena, defect);
        if (status != INDEX_WRITE_OK) {
            return status;
        }
    }
    return INDEX_WRITE_OK;
}

static bool flush_run(struct writer *writer) {
    struct index_output *output = &writer->output;
    struct str run = {writer->run, (size_t)(writer->run_end - writer->run)};
    writer->run = NULL;
    writer->run_end = NULL;
    if (run.len < RUN_BYTES) {
        return run.len == 0 ||
               (buf_append(&output->buf, run) && index_output_flush(output, false));
    }
    if (!index_output_flush(output, true)) {
        return false;
    }
    output->stopped = !output->sink(output->context, run);
    return !output->stopped;
}

/* Do the entry's bytes stand in the source as they are to be written? */
static bool is_verbatim(struct writer *writer, size_t entry) {
    const struct index_entry *row = &writer->index->entries[entry];
    if ((row->flags & ROW_CANONICAL) == 0) {
        return false;
    }
    return (row->flags & ROW_WIDE) == 0 || index_nfc_is_plain(index_entry_description(
                                               writer->index, entry, &writer->scratch));
}

static bool write_verbatim(struct writer *writer, const struct index_entry *row,
                           struct str separator) {
    const char *begin = writer->index->source.ptr + row->begin;
    bool goes_on = writer->run != NULL &&
                   (size_t)(begin - writer->run_end) == separator.len &&
                   memcmp(writer->run_end, separator.ptr, separator.len) == 0;
    if (!goes_on) {
        if (!flush_run(writer) || !buf_append(&writer->output.buf, separator)) {
            return false;
        }
        writer->run = begin;
    }
    writer->run_end = writer->index->source.ptr + row->end;
    return true;
}

static bool write_entry(struct writer *writer, size_t entry, struct str separator) {
    const struct index *index = writer->index;
    const struct index_entry *row = &index->entries[entry];
    if (is_verbatim(writer, entry)) {
        return write_verbatim(writer, row, separator);
    }
    struct index_record record;
    if (!flush_run(writer) || !buf_append(&writer->output.buf, separator)) {
        return false;
    }
    bool read = row->added == NULL;
    bool good = read ? index_parse_decode(&writer->parse, index, entry, &record)
                     : index_entry_decode(index, entry, &writer->scratch, &record);
    if (!good) {
        writer->output.no_memory = true;
        return false;
    }
    good = index_output_record(&writer->output, &record, read ? &writer->parse : NULL,
                               &writer->scratch);
    arena_rewind(&writer->scratch, (struct arena_mark){0});
    return good;
}

static bool write_head(struct writer *writer) {
    struct index_output *output = &writer->output;
    uint32_t minor = writer->index->schema_minor;
    bool first = true;
    buf_append_byte(&output->buf, '{');
    index_output_key(output, 2, &first, STR("index_schema_version"));
    buf_printf(
        &output->buf, "\"%d.%lu\"", INDEX_SCHEMA_MAJOR,
        (unsigned long)(minor > INDEX_SCHEMA_MINOR ? minor : INDEX_SCHEMA_MINOR));
    index_output_key(output, 2, &first, STR("artifacts_url"));
    json_append_string(&output->buf, writer->index->artifacts_url);
    index_output_key(output, 2, &first, STR("plugins"));
    return buf_append_byte(&output->buf, '[');
}

static bool write_all(struct writer *writer) {
    const struct index *index = writer->index;
    struct index_output *output = &writer->output;
    if (!write_head(writer)) {
        return false;
    }
    for (size_t i = 0; i < index->count; i++) {
        struct str separator = i == 0 ? STR("\n    ") : STR(",\n    ");
        if (!write_entry(writer, entry_at(writer, i), separator)) {
            return false;
        }
    }
    if (!flush_run(writer)) {
        return false;
    }
    buf_append(&output->buf, index->count == 0 ? STR("]") : STR("\n  ]"));
    bool first = false;
    for (size_t i = 0; i < index->unknown_count; i++) {
        if (!index_output_member(output, buf_str(&index->source), &index->unknown[i], 2,
                                 &first)) {
            return false;
        }
    }
    buf_append(&output->buf, STR("\n}\n"));
    return index_output_flush(output, true);
}

enum index_write_status index_write(const struct index *index, index_sink sink,
                                    void *context, struct arena *diag_arena,
                                    struct diag **defect) {
    struct writer writer = {.index = index};
    writer.output.sink = sink;
    writer.output.context = context;
    if (!index_order(index, &writer.order)) {
        return INDEX_WRITE_NO_MEMORY;
    }
    buf_init(&writer.output.buf, SIZE_MAX);
    index_parse_begin(&writer.parse, buf_str(&index->source), &writer.scratch);
    enum index_write_status status = check_descriptions(&writer, diag_arena, defect);
    if (status == INDEX_WRITE_OK && !write_all(&writer) && !writer.output.stopped) {
        status = INDEX_WRITE_NO_MEMORY;
    }
    index_parse_release(&writer.parse);
    buf_release(&writer.output.buf);
    arena_release(&writer.scratch);
    free(writer.order);
    return status;
}
