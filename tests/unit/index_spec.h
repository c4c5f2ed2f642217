/* Indexes for tests, from one line: entries between ` / `, each
 * `name|version|flags|requirement|description`, of which the last three may be left
 * out. Flags: y yanked; w, s, r the triggers (none: w); e the description with an
 * escape. */
#ifndef INDEX_SPEC_H
#define INDEX_SPEC_H

#include "base/json_write.h"
#include "claims.h"
#include "schema/index_read.h"

#define SPEC_HASH                                                                      \
    "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* Takes what is before the separator off the text. */
static inline struct str spec_take(struct str *text, const char *separator) {
    size_t len = strlen(separator);
    for (size_t i = 0; i + len <= text->len; i++) {
        if (memcmp(text->ptr + i, separator, len) == 0) {
            struct str part = str_first(*text, i);
            *text = str_skip(*text, i + len);
            return part;
        }
    }
    struct str part = *text;
    *text = STR("");
    return part;
}

static inline void spec_entry(struct buf *out, struct str entry) {
    static const char *const names[] = {
        "w\"process_writes\"", "s\"process_scheduled_call\"", "r\"process_request\""};
    struct str name = spec_take(&entry, "|");
    struct str version = spec_take(&entry, "|");
    struct str flags = spec_take(&entry, "|");
    struct str requirement = spec_take(&entry, "|");
    bool first = true;
    buf_append(out, STR("{\"name\":"));
    json_append_string(out, name);
    buf_append(out, STR(",\"version\":"));
    json_append_string(out, version);
    buf_append(out, STR(",\"published_at\":\"2024-02-29T23:59:59Z\",\"description\":"));
    if (str_find(flags, 'e') < flags.len) {
        buf_append(out, STR("\"\\u0041bout "));
        buf_append(out, entry);
        buf_append_byte(out, '"');
    } else {
        json_append_string(out, entry.len > 0 ? entry : STR("About."));
    }
    buf_append(out, STR(",\"triggers\":["));
    for (size_t i = 0; i < 3; i++) {
        if (str_find(flags, names[i][0]) < flags.len) {
            buf_append(out, first ? STR("") : STR(","));
            buf_append(out, str_of(names[i] + 1));
            first = false;
        }
    }
    buf_append(out, first ? str_of(names[0] + 1) : STR(""));
    buf_append(out, STR("],\"dependencies\":{\"database_version\":"));
    json_append_string(out, requirement.len > 0 ? requirement : STR(">=3.0.0"));
    buf_append(out, STR("},\"hash\":\"" SPEC_HASH "\""));
    buf_append(out,
               str_find(flags, 'y') < flags.len ? STR(",\"yanked\":true}") : STR("}"));
}

static inline enum index_status spec_read(struct index *index, struct str spec,
                                          struct arena *arena,
                                          struct diag_list *defects) {
    struct buf source;
    buf_init(&source, (size_t)1 << 24);
    buf_append(&source, STR("{\"index_schema_version\":\"2.1\",\"artifacts_url\":"
                            "\"https://a.example/files\",\"plugins\":["));
    for (bool first = true; spec.len > 0; first = false) {
        buf_append(&source, first ? STR("") : STR(","));
        spec_entry(&source, spec_take(&spec, " / "));
    }
    buf_append(&source, STR("]}"));
    assert_false(source.failed);
    return index_read(index, &source, STR("index.json"), arena, defects);
}

/* `name@version`, and then whatever follows. */
static inline void spec_append_entry(struct buf *out, const struct index *index,
                                     size_t entry) {
    buf_append(out, index_entry_name(index, entry));
    buf_append_byte(out, '@');
    buf_append(out, index_entry_version(index, entry));
}

#endif
