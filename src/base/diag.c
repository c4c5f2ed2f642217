#include "base/diag.h"

#include <assert.h>

#include "base/json_write.h"
#include "base/utf8.h"

struct row {
    const char *code; /* or the schema variant's name */
    int exit;
    const char *details;
    const char *message;
    const char *advice;
};

static const struct row errors[] = {
#define ERROR(id, code, exit, details, message, advice)                                \
    {code, exit, details, message, advice},
#define VARIANT(id, name, details, message, advice)
#include "base/errors.def"
#undef ERROR
#undef VARIANT
};

static const struct row variants[] = {
    {NULL, 0, "", "", NULL}, /* VARIANT_NONE */
#define ERROR(id, code, exit, details, message, advice)
#define VARIANT(id, name, details, message, advice) {name, 1, details, message, advice},
#include "base/errors.def"
#undef ERROR
#undef VARIANT
};

/* The row that says what the details are. */
static const struct row *row_of(const struct diag *diag) {
    return diag->variant == VARIANT_NONE ? &errors[diag->id] : &variants[diag->variant];
}

/* Steps through "name:type name:type"; false at the end. */
static bool next_key(const char **at, struct str *name, struct str *type) {
    if (**at == '\0') {
        return false;
    }
    const char *colon = strchr(*at, ':');
    size_t type_len = strcspn(colon + 1, " ");
    *name = (struct str){*at, (size_t)(colon - *at)};
    *type = (struct str){colon + 1, type_len};
    *at = colon + 1 + type_len;
    *at += **at == ' ';
    return true;
}

static size_t key_count(const char *details) {
    size_t count = 0;
    struct str name;
    struct str type;
    while (next_key(&details, &name, &type)) {
        count++;
    }
    return count;
}

static struct diag *make(struct arena *arena, struct diag model,
                         const struct detail *details) {
    struct diag *diag = arena_alloc(arena, sizeof *diag);
    struct detail *copy = arena_array(arena, model.detail_count, sizeof *copy);
    if (diag == NULL || copy == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < model.detail_count; i++) {
        copy[i] = details[i];
    }
    *diag = model;
    diag->details = copy;
    diag->place.offset = DIAG_NOWHERE;
    assert(model.detail_count == key_count(row_of(diag)->details));
    return diag;
}

struct diag *diag_new(struct arena *arena, enum error_id id, struct str field,
                      const struct detail *details, size_t detail_count) {
    return make(arena,
                (struct diag){.id = id, .field = field, .detail_count = detail_count},
                details);
}

struct diag *diag_new_variant(struct arena *arena, enum variant_id variant,
                              struct str field, const struct detail *details,
                              size_t detail_count) {
    return make(arena,
                (struct diag){.id = ERROR_SCHEMA_REPORTED,
                              .variant = variant,
                              .field = field,
                              .detail_count = detail_count},
                details);
}

void diag_append(struct diag_list *list, struct diag *diag) {
    if (list->last == NULL) {
        list->first = diag;
    } else {
        list->last->next = diag;
    }
    list->last = diag;
    list->count++;
}

void diag_nest(struct diag *parent, const struct diag_list *list) {
    parent->first = list->first;
    parent->nested_count = list->count;
}

/* A place in a document, which moves by the way it has to go: the places of a list lie
 * near each other, and a document may be one long line. */
struct cursor {
    struct str document;
    size_t at;
    uint32_t line;
    size_t start; /* of the line, and where its line feed is or would be */
    size_t end;
    size_t column; /* characters from `start` to `at` */
};

static size_t line_end(struct str document, size_t start) {
    return start + str_find(str_skip(document, start), '\n');
}

static void move_to(struct cursor *cursor, size_t offset) {
    struct str document = cursor->document;
    bool same_line = offset >= cursor->start && offset <= cursor->end;
    while (offset > cursor->end) {
        cursor->start = cursor->end + 1;
        cursor->end = line_end(document, cursor->start);
        cursor->line++;
    }
    while (offset < cursor->start) {
        cursor->end = cursor->start - 1;
        size_t before = str_find_last(str_first(document, cursor->end), '\n');
        cursor->start = before == cursor->end ? 0 : before + 1;
        cursor->line--;
    }
    if (!same_line) {
        cursor->at = cursor->start;
        cursor->column = 0;
    }
    const char *text = document.ptr;
    if (offset >= cursor->at) {
        cursor->column +=
            utf8_count((struct str){text + cursor->at, offset - cursor->at});
    } else {
        cursor->column -= utf8_count((struct str){text + offset, cursor->at - offset});
    }
    cursor->at = offset;
}

static void locate(struct cursor *cursor, struct diag *diag, struct str file) {
    struct str document = cursor->document;
    size_t offset = diag->place.offset;
    diag->place.file = file;
    if (offset == DIAG_NOWHERE) {
        return;
    }
    move_to(cursor, offset < document.len ? offset : document.len);
    size_t len = cursor->end - cursor->start;
    size_t column = cursor->column;
    if (len > 0 && document.ptr[cursor->end - 1] == '\r') {
        len--;
        column -= cursor->at == cursor->end;
    }
    diag->place.line = cursor->line;
    diag->place.column = (uint32_t)column + 1;
    diag->place.text = (struct str){document.ptr + cursor->start, len};
}

static struct cursor cursor_of(struct str document) {
    return (struct cursor){
        .document = document, .line = 1, .end = line_end(document, 0)};
}

void diag_locate(struct diag *diag, struct str file, struct str document) {
    struct cursor cursor = cursor_of(document);
    locate(&cursor, diag, file);
}

void diag_locate_all(struct diag_list *list, struct str file, struct str document) {
    struct cursor cursor = cursor_of(document);
    for (struct diag *diag = list->first; diag != NULL; diag = diag->next) {
        locate(&cursor, diag, file);
    }
}

const char *diag_code(const struct diag *diag) {
    return errors[diag->id].code;
}

int diag_exit_status(const struct diag *diag) {
    return errors[diag->id].exit;
}

const char *diag_variant_name(const struct diag *diag) {
    return variants[diag->variant].code;
}

const char *diag_advice(const struct diag *diag) {
    return row_of(diag)->advice;
}

size_t error_row_count(void) {
    return ERROR_COUNT;
}

size_t diag_detail_count(enum error_id id) {
    return key_count(row_of(&(struct diag){.id = id})->details);
}

/* A detail in prose: a list is joined by commas. */
static void append_prose(struct buf *out, const struct detail *value, struct str type) {
    if (str_equal(type, STR("text"))) {
        buf_append(out, value->text);
    } else if (str_equal(type, STR("number"))) {
        buf_append_u64(out, value->number);
    } else {
        for (size_t i = 0; i < value->count; i++) {
            buf_append(out, i == 0 ? STR("") : STR(", "));
            if (str_equal(type, STR("texts"))) {
                buf_append(out, value->texts[i]);
            } else {
                buf_append(out, value->versions[i].name);
                buf_append_byte(out, '@');
                buf_append(out, value->versions[i].version);
            }
        }
    }
}

static void append_placeholder(struct buf *out, const struct diag *diag,
                               struct str key) {
    if (str_equal(key, STR("field"))) {
        buf_append(out, diag->field);
    } else if (str_equal(key, STR("note"))) {
        buf_append(out, diag->note);
    } else if (str_equal(key, STR("count"))) {
        buf_append_u64(out, diag->nested_count);
    } else {
        const char *at = row_of(diag)->details;
        struct str name;
        struct str type;
        for (size_t i = 0; next_key(&at, &name, &type); i++) {
            if (str_equal(name, key)) {
                append_prose(out, &diag->details[i], type);
            }
        }
    }
}

void diag_message(const struct diag *diag, struct buf *out) {
    const char *at = row_of(diag)->message;
    while (*at != '\0') {
        size_t plain = strcspn(at, "{");
        buf_append(out, (struct str){at, plain});
        at += plain;
        if (*at == '{') {
            size_t key = strcspn(at, "}");
            append_placeholder(out, diag, (struct str){at + 1, key - 1});
            at += key + 1;
        }
    }
}

static void append_version(struct buf *out, const struct name_version *item,
                           bool pair) {
    buf_append(out, pair ? STR("[") : STR("{\"name\":"));
    json_append_string(out, item->name);
    buf_append(out, pair ? STR(",") : STR(",\"version\":"));
    json_append_string(out, item->version);
    buf_append(out, pair ? STR("]") : STR("}"));
}

static void append_value(struct buf *out, const struct detail *value, struct str type) {
    if (str_equal(type, STR("text"))) {
        json_append_string(out, value->text);
        return;
    }
    if (str_equal(type, STR("number"))) {
        buf_append_u64(out, value->number);
        return;
    }
    buf_append_byte(out, '[');
    for (size_t i = 0; i < value->count; i++) {
        buf_append(out, i == 0 ? STR("") : STR(","));
        if (str_equal(type, STR("texts"))) {
            json_append_string(out, value->texts[i]);
        } else {
            append_version(out, &value->versions[i], str_equal(type, STR("pairs")));
        }
    }
    buf_append_byte(out, ']');
}

void diag_details_json(const struct diag *diag, struct buf *out) {
    const char *at = row_of(diag)->details;
    if (diag->variant == VARIANT_NONE && *at == '\0') {
        return;
    }
    buf_append_byte(out, '{');
    if (diag->variant != VARIANT_NONE) {
        buf_append(out, STR("\"schema_variant\":"));
        json_append_string(out, str_of(diag_variant_name(diag)));
    }
    struct str name;
    struct str type;
    for (size_t i = 0; next_key(&at, &name, &type); i++) {
        buf_append(out, i > 0 || diag->variant != VARIANT_NONE ? STR(",") : STR(""));
        json_append_key(out, name);
        append_value(out, &diag->details[i], type);
    }
    buf_append_byte(out, '}');
}
