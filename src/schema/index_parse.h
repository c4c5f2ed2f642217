/* Private to the index of this room: the parser of one entry, and what it is made of.
 *
 * Source: docs/formats.md, "Index", phase 1.
 * Ownership: views into the source; strings with escapes are decoded into the parse's
 *   arena.
 * Errors: false, and `scan` tells what; `key` names the key that it is about. */
#ifndef SCHEMA_INDEX_PARSE_H
#define SCHEMA_INDEX_PARSE_H

#include "base/json.h"
#include "schema/index.h"

/* A member of an object that this format does not know: three offsets. */
struct index_member {
    uint32_t owner; /* MEMBER_ENTRY, MEMBER_DEPENDENCIES, or MEMBER_PLUGIN + i */
    uint32_t key;
    uint32_t value;
};
enum { MEMBER_ENTRY, MEMBER_DEPENDENCIES, MEMBER_PLUGIN };

/* A growing array of one type. */
struct index_vec {
    void *items;
    size_t count;
    size_t room;
};

/* The place of one more item, or NULL when memory is out. */
void *index_vec_add(struct index_vec *vec, size_t item_size);

/* The last value of a field: entries of one plugin stand together and share most of
 * what they say. */
enum index_memo_field {
    MEMO_NAME,
    MEMO_HOMEPAGE,
    MEMO_REPOSITORY,
    MEMO_DOCUMENTATION,
    MEMO_DATABASE_VERSION,
    MEMO_TRIGGERS,
    MEMO_PYTHON,
    MEMO_FIELDS
};

struct index_memo {
    struct str text; /* the value in the source, without escapes; or absent */
    bool good;      /* for index_check: it keeps the rules and is in its written form */
    bool canonical; /* the layout of an array */
    size_t count;   /* of its items, which are still in the parse's array */
};

/* A parse over the source, entry after entry, and the last entry's values as they stand
 * there. The arrays in `fields` are the parse's own, until the next entry. */
struct index_parse {
    struct json_scan scan;
    struct arena *arena; /* for strings with escapes, and for odd `published_at` */
    struct str key;      /* that `scan.rule` is about, or absent */
    bool canonical;      /* so far */

    struct raw_fields fields;
    struct field_text published_at; /* absent: missing or null */
    bool published_odd;             /* neither string nor null; the text is the JSON */
    struct field_text hash;
    bool yanked;
    bool python_given;
    bool escaped;             /* some value has escapes */
    bool description_escaped; /* this one has */
    bool description_ascii;   /* it has certainly no byte over 0x7F */
    bool last_escaped;        /* the same of the last string */
    bool last_ascii;
    size_t begin;
    size_t end;
    bool published_good; /* it was seen to keep the rules; likewise the hash */
    bool hash_good;
    struct index_memo memos[MEMO_FIELDS]; /* of fields that are there and have no
                                             escapes: their values */
    uint8_t trigger_bits;                 /* of the known triggers */
    bool triggers_known;                  /* all of them */
    struct index_vec triggers;            /* of struct field_text; likewise `python` */
    struct index_vec python;
    struct index_vec plugins;
    struct index_vec unknown; /* of struct index_member */
};

void index_parse_begin(struct index_parse *parse, struct str source,
                       struct arena *arena);
void index_parse_release(struct index_parse *parse);

/* Both return false. `key` may be absent. */
bool index_parse_fail(struct index_parse *parse, const char *rule, struct str key,
                      const char *wrong);
bool index_parse_no_memory(struct index_parse *parse);

/* The text of a scanned string. */
bool index_parse_text(struct index_parse *parse, const struct json_string *string,
                      struct str *text);

/* The entry at `scan.at`, which it steps over. False: see `scan`. */
bool index_parse_entry(struct index_parse *parse);

/* A known key, and how its member begins in canonical layout after another member. */
struct index_key {
    struct str name;
    struct str lead;
};

/* `indent` is the literal white space before the member. */
#define INDEX_KEY(indent, name)                                                        \
    {                                                                                  \
        {name, sizeof(name) - 1}, {                                                    \
            ",\n" indent "\"" name "\": ", sizeof(",\n" indent "\"" name "\": ") - 1   \
        }                                                                              \
    }

/* One kind of object: its known keys in canonical order. */
struct index_keys {
    const struct index_key *list;
    unsigned count;
    uint32_t required; /* bits */
    unsigned indent;   /* of members in canonical layout */
};

/* An object that is being parsed. */
struct index_object {
    const struct index_keys *keys;
    uint32_t owner; /* of its unknown members */
    uint32_t seen;  /* known keys so far, bits */
    unsigned next;  /* after the last known key */
    bool any;
    const char *begin;
};

enum { OBJECT_FAILED = -1, OBJECT_END = -2 };

/* `{` (else it fails by the rule), and then the number of each known key, with the scan
 * at its value; unknown members are noted and stepped over. At the end all required
 * keys were there. */
bool index_object_open(struct index_parse *parse, struct index_object *object,
                       const struct index_keys *keys, const char *rule,
                       struct str what);
int index_object_next(struct index_parse *parse, struct index_object *object);

/* `[`, and then true with the scan at each item, or false: `*end` tells end from
 * failure. */
struct index_array {
    unsigned indent;
    bool any;
    bool end;
};
bool index_array_open(struct index_parse *parse, struct index_array *array,
                      struct str what, unsigned indent);
bool index_array_next(struct index_parse *parse, struct index_array *array);

bool index_parse_string(struct index_parse *parse, struct str what,
                        struct field_text *value);

/* The same for a field that has a memo; and an array of strings. */
bool index_parse_repeated(struct index_parse *parse, struct str what,
                          enum index_memo_field field, struct field_text *value);
bool index_parse_strings(struct index_parse *parse, struct str what,
                         enum index_memo_field field, unsigned indent,
                         struct index_vec *items);

/* A `published_at` that is neither string nor null: checks it and renders it compactly
 * with sorted keys. */
bool index_parse_odd_value(struct index_parse *parse, struct str *rendered);

/* An entry's values, normalized, in the arena; `parse` then holds its unknown members.
 * Not for appended entries. */
bool index_parse_decode(struct index_parse *parse, const struct index *index,
                        size_t entry, struct index_record *record);

#endif
