#include "schema/index_write_entry.h"

#include "base/json_write.h"
#include "schema/index_nfc.h"

enum { FLUSH_BYTES = 1 << 18 };

bool index_output_flush(struct index_output *output, bool all) {
    if (output->buf.failed || output->no_memory || output->stopped) {
        return false;
    }
    if (output->buf.len >= FLUSH_BYTES || (all && output->buf.len > 0)) {
        output->stopped = !output->sink(output->context, buf_str(&output->buf));
        buf_clear(&output->buf);
    }
    return !output->stopped;
}

static void append_line(struct buf *out, unsigned indent) {
    buf_append_byte(out, '\n');
    buf_append_fill(out, ' ', indent);
}

static void start_item(struct buf *out, unsigned indent, bool *first) {
    if (!*first) {
        buf_append_byte(out, ',');
    }
    *first = false;
    append_line(out, indent);
}

void index_output_key(struct index_output *output, unsigned indent, bool *first,
                      struct str key) {
    start_item(&output->buf, indent, first);
    json_append_key(&output->buf, key);
    buf_append_byte(&output->buf, ' ');
}

static void append_text(struct index_output *output, unsigned indent, bool *first,
                        struct str key, struct str text) {
    if (text.ptr != NULL) {
        index_output_key(output, indent, first, key);
        json_append_string(&output->buf, text);
    }
}

static bool append_texts(struct index_output *output, unsigned indent, bool *first,
                         struct str key, const struct str *texts, size_t count) {
    bool first_item = true;
    index_output_key(output, indent, first, key);
    buf_append_byte(&output->buf, '[');
    for (size_t i = 0; i < count; i++) {
        start_item(&output->buf, indent + 2, &first_item);
        json_append_string(&output->buf, texts[i]);
        if (!index_output_flush(output, false)) {
            return false;
        }
    }
    if (count > 0) {
        append_line(&output->buf, indent);
    }
    return buf_append_byte(&output->buf, ']');
}

/* Where the canonical layout of a value stands. */
struct layout {
    unsigned indent; /* of the member that the value belongs to */
    bool fresh;      /* nothing yet in the innermost container */
    bool after_key;  /* the key's own value comes next */
};

/* Does a container have its items on lines of their own? `depth` counts from 1 for the
 * value itself; the value of a member at indentation 2 is at depth 1 of the document.
 */
static bool is_spread(const struct layout *layout, size_t depth) {
    return depth + layout->indent / 2 - 1 <= INDEX_SPREAD_DEPTH;
}

static void append_place(struct buf *out, struct layout *layout,
                         const struct json_token *token) {
    if (layout->after_key || token->depth == 0) {
        layout->after_key = false;
        return;
    }
    if (!layout->fresh) {
        buf_append_byte(out, ',');
    }
    layout->fresh = false;
    if (is_spread(layout, token->depth)) {
        append_line(out, layout->indent + 2 * (unsigned)token->depth);
    }
}

static void append_token(struct buf *out, struct layout *layout,
                         const struct json_token *token) {
    /* A container's own depth is one more than its place's. */
    struct json_token place = *token;
    switch (token->type) {
    case JSON_OBJECT:
    case JSON_ARRAY:
        place.depth--;
        append_place(out, layout, &place);
        buf_append_byte(out, token->type == JSON_OBJECT ? '{' : '[');
        layout->fresh = true;
        return;
    case JSON_CLOSE_OBJECT:
    case JSON_CLOSE_ARRAY:
        if (!layout->fresh && is_spread(layout, token->depth)) {
            append_line(out, layout->indent + 2 * ((unsigned)token->depth - 1));
        }
        buf_append_byte(out, token->type == JSON_CLOSE_OBJECT ? '}' : ']');
        layout->fresh = false;
        return;
    case JSON_KEY:
        append_place(out, layout, token);
        json_append_rewritten(out, token->string.raw);
        buf_append(out, is_spread(layout, token->depth) ? STR(": ") : STR(":"));
        layout->after_key = true;
        return;
    case JSON_STRING:
        append_place(out, layout, token);
        json_append_rewritten(out, token->string.raw);
        return;
    default:
        append_place(out, layout, token);
        buf_append(out, token->raw);
    }
}

bool index_output_member(struct index_output *output, struct str source,
                         const struct index_member *member, unsigned indent,
                         bool *first) {
    struct json_scan scan;
    struct json_string key = {0};
    struct json_walk walk;
    struct json_token token = {0};
    struct layout layout = {.indent = indent};
    json_begin(&scan, source);
    scan.at += member->key;
    bool good = json_string(&scan, &key);
    start_item(&output->buf, indent, first);
    json_append_rewritten(&output->buf, key.raw);
    buf_append(&output->buf, STR(": "));
    scan.at = scan.start + member->value;
    json_walk_begin(&walk, &scan);
    while (good && (good = json_walk_next(&walk, &token)) && token.type != JSON_DONE) {
        append_token(&output->buf, &layout, &token);
        good = index_output_flush(output, false);
    }
    json_walk_release(&walk);
    output->no_memory = output->no_memory || scan.no_memory;
    return good;
}

/* The unknown members of `owner`, from `*at` on; members of the plugins come in the
 * plugins' order, so one pass serves them all. */
static bool append_unknown(struct index_output *output, const struct index_parse *parse,
                           uint32_t owner, size_t *at, unsigned indent, bool *first) {
    const struct index_member *members = parse == NULL ? NULL : parse->unknown.items;
    size_t count = parse == NULL ? 0 : parse->unknown.count;
    struct str source = STR_NONE;
    if (count > 0) {
        source = (struct str){parse->scan.start,
                              (size_t)(parse->scan.end - parse->scan.start)};
    }
    for (; *at < count; ++*at) {
        const struct index_member *member = &members[*at];
        if (member->owner > owner) {
            if (owner >= MEMBER_PLUGIN) {
                return true;
            }
        } else if (member->owner == owner &&
                   !index_output_member(output, source, member, indent, first)) {
            return false;
        }
    }
    return true;
}

static bool append_plugins(struct index_output *output, const struct fields *fields,
                           const struct index_parse *parse, bool *first) {
    if (fields->plugin_count == 0) {
        return true;
    }
    struct buf *out = &output->buf;
    bool first_plugin = true;
    size_t at = 0;
    index_output_key(output, 8, first, STR("plugins"));
    buf_append_byte(out, '[');
    for (size_t i = 0; i < fields->plugin_count; i++) {
        const struct plugin_dependency *plugin = &fields->plugins[i];
        bool first_member = true;
        start_item(out, 10, &first_plugin);
        buf_append_byte(out, '{');
        append_text(output, 12, &first_member, STR("index_url"), plugin->index_url);
        append_text(output, 12, &first_member, STR("name"), plugin->name);
        append_text(output, 12, &first_member, STR("version"), plugin->version);
        if (!append_unknown(output, parse, MEMBER_PLUGIN + (uint32_t)i, &at, 12,
                            &first_member)) {
            return false;
        }
        append_line(out, 10);
        buf_append_byte(out, '}');
        if (!index_output_flush(output, false)) {
            return false;
        }
    }
    append_line(out, 8);
    return buf_append_byte(out, ']');
}

static bool append_dependencies(struct index_output *output,
                                const struct fields *fields,
                                const struct index_parse *parse, bool *first_of_entry) {
    bool first = true;
    size_t at = 0;
    index_output_key(output, 6, first_of_entry, STR("dependencies"));
    buf_append_byte(&output->buf, '{');
    append_text(output, 8, &first, STR("database_version"), fields->database_version);
    if (!append_texts(output, 8, &first, STR("python"), fields->python,
                      fields->python_count) ||
        !append_plugins(output, fields, parse, &first) ||
        !append_unknown(output, parse, MEMBER_DEPENDENCIES, &at, 8, &first)) {
        return false;
    }
    append_line(&output->buf, 6);
    return buf_append_byte(&output->buf, '}');
}

bool index_output_record(struct index_output *output, const struct index_record *record,
                         const struct index_parse *parse, struct arena *scratch) {
    const struct fields *fields = &record->fields;
    struct str description = index_nfc(scratch, fields->description);
    if (description.ptr == NULL) {
        output->no_memory = true;
        return false;
    }
    bool first = true;
    size_t at = 0;
    buf_append_byte(&output->buf, '{');
    append_text(output, 6, &first, STR("name"), fields->name);
    append_text(output, 6, &first, STR("version"), fields->version);
    append_text(output, 6, &first, STR("published_at"), record->published_at);
    append_text(output, 6, &first, STR("description"), description);
    if (!append_texts(output, 6, &first, STR("triggers"), fields->triggers,
                      fields->trigger_count)) {
        return false;
    }
    append_text(output, 6, &first, STR("homepage"), fields->homepage);
    append_text(output, 6, &first, STR("repository"), fields->repository);
    append_text(output, 6, &first, STR("documentation"), fields->documentation);
    if (!append_dependencies(output, fields, parse, &first)) {
        return false;
    }
    append_text(output, 6, &first, STR("hash"), record->hash);
    if (record->yanked) {
        index_output_key(output, 6, &first, STR("yanked"));
        buf_append(&output->buf, STR("true"));
    }
    if (!append_unknown(output, parse, MEMBER_ENTRY, &at, 6, &first)) {
        return false;
    }
    append_line(&output->buf, 4);
    buf_append_byte(&output->buf, '}');
    return index_output_flush(output, false);
}
