#include "plugin/scaffold_text.h"

#include "base/json_write.h"
#include "plugin/templates/templates.h"
#include "schema/index.h"

enum { TEXT_BYTES_MOST = 1 << 20 };

struct kind {
    const char *short_name;
    const char *title;
    const char *description;
    const char *handler;
    const char *about;
};

static const struct kind kinds[] = {
    [SCAFFOLD_PROCESS_WRITES] = {"process_writes", "Process Writes Plugin",
                                 "Works on rows as they are written.",
                                 template_process_writes_py, template_about_writes_md},
    [SCAFFOLD_PROCESS_SCHEDULED_CALL] = {"process_scheduled_call",
                                         "Scheduled Call Plugin",
                                         "Works at the times of a schedule.",
                                         template_process_scheduled_call_py,
                                         template_about_scheduled_call_md},
    [SCAFFOLD_PROCESS_REQUEST] = {"process_request", "Process Request Plugin",
                                  "Answers HTTP requests.", template_process_request_py,
                                  template_about_request_md},
    [SCAFFOLD_INDEX] = {"index", "Index", NULL, NULL, NULL},
};

const char *scaffold_short_name(enum scaffold_template kind) {
    return kinds[kind].short_name;
}

const char *scaffold_title(enum scaffold_template kind) {
    return kinds[kind].title;
}

struct value {
    const char *word;
    struct str text;
};

/* What stands for `@word@` at the start of `rest`, and how long that is. */
static const struct value *value_at(const struct value *values, struct str rest,
                                    size_t *len) {
    for (; values->word != NULL; values++) {
        size_t word = strlen(values->word);
        if (rest.len >= word + 2 && rest.ptr[word + 1] == '@' &&
            memcmp(rest.ptr + 1, values->word, word) == 0) {
            *len = word + 2;
            return values;
        }
    }
    return NULL;
}

static bool render(struct arena *arena, const char *template,
                   const struct value *values, struct str *text) {
    struct buf out;
    buf_init(&out, TEXT_BYTES_MOST);
    struct str rest = str_of(template);
    while (rest.len > 0) {
        size_t plain = str_find(rest, '@');
        buf_append(&out, str_first(rest, plain));
        rest = str_skip(rest, plain);
        size_t len = 0;
        const struct value *value = rest.len == 0 ? NULL : value_at(values, rest, &len);
        if (value != NULL) {
            buf_append(&out, value->text);
            rest = str_skip(rest, len);
        } else if (rest.len > 0) {
            buf_append_byte(&out, '@');
            rest = str_skip(rest, 1);
        }
    }
    *text = out.failed ? STR_NONE : arena_copy(arena, buf_str(&out));
    buf_release(&out);
    return text->ptr != NULL;
}

bool scaffold_plugin_texts(struct arena *arena, enum scaffold_template kind,
                           struct str name, struct str database_version,
                           struct scaffold_texts *texts) {
    const struct kind *row = &kinds[kind];
    /* The last paragraph holds values itself, and no line end of its own. */
    struct str about = str_of(row->about);
    about.len--;
    const struct value values[] = {
        {"name", name},
        {"trigger", str_of(row->short_name)},
        {"description", str_of(row->description)},
        {"database_version", database_version},
        {"about", about},
        {NULL, STR_NONE},
    };
    return render(arena, template_manifest_toml, values, &texts->manifest) &&
           render(arena, row->handler, values, &texts->handler) &&
           render(arena, template_readme_md, values, &texts->readme);
}

bool scaffold_index_text(struct arena *arena, struct str artifacts_url,
                         struct str *text) {
    struct buf out;
    buf_init(&out, TEXT_BYTES_MOST);
    buf_printf(&out, "{\n  \"index_schema_version\": \"%d.%d\",\n  ",
               INDEX_SCHEMA_MAJOR, INDEX_SCHEMA_MINOR);
    buf_append(&out, STR("\"artifacts_url\": "));
    json_append_string(&out, artifacts_url);
    buf_append(&out, STR(",\n  \"plugins\": []\n}\n"));
    *text = out.failed ? STR_NONE : arena_copy(arena, buf_str(&out));
    buf_release(&out);
    return text->ptr != NULL;
}
