#include "schema/toml_parts.h"

enum { SHOWN_KEY_BYTES = 80 };

void toml_set_type(struct toml_item *item, enum toml_type type) {
    item->node.type = type;
    item->node.type_name = type == TOML_TABLE ? "table" : "array";
}

static uint64_t hash_of(const struct toml_parser *parser,
                        const struct toml_item *parent, struct str key) {
    uint64_t hash = hash_str(&parser->hash_key, key);
    return hash ^ (uint64_t)(uintptr_t)parent * UINT64_C(0x9E3779B97F4A7C15);
}

/* The slot of the key, or the free one where it would be. */
static struct toml_item **slot_of(const struct toml_parser *parser,
                                  const struct toml_item *parent, struct str key,
                                  uint64_t hash) {
    size_t mask = parser->slot_count - 1;
    size_t place = (size_t)(hash >> 20) & mask;
    while (parser->slots[place] != NULL) {
        const struct toml_item *item = parser->slots[place];
        if (item->hash == hash && item->parent == parent &&
            str_equal(item->node.key, key)) {
            break;
        }
        place = (place + 1) & mask;
    }
    return &parser->slots[place];
}

/* Room for one more; half of the slots stay free. */
static bool grow(struct toml_parser *parser) {
    if ((parser->slots_used + 1) * 2 <= parser->slot_count) {
        return true;
    }
    struct toml_item **old = parser->slots;
    size_t old_count = parser->slot_count;
    size_t count = old_count == 0 ? 64 : old_count * 2;
    struct toml_item **slots = (struct toml_item **)arena_array(
        parser->arena, count, sizeof(struct toml_item *));
    if (slots == NULL) {
        return false;
    }
    parser->slots = slots;
    parser->slot_count = count;
    for (size_t i = 0; i < old_count; i++) {
        if (old[i] != NULL) {
            *slot_of(parser, old[i]->parent, old[i]->node.key, old[i]->hash) = old[i];
        }
    }
    return true;
}

static struct toml_item *find(const struct toml_parser *parser,
                              const struct toml_item *parent, struct str key) {
    if (parser->slot_count == 0) {
        return NULL;
    }
    return *slot_of(parser, parent, key, hash_of(parser, parent, key));
}

struct toml_item *toml_new_item(struct toml_parser *parser, struct toml_item *parent,
                                const struct toml_key *key, enum toml_origin origin,
                                size_t offset) {
    struct toml_item *item = arena_alloc(parser->arena, sizeof *item);
    if (item == NULL || (key != NULL && !grow(parser))) {
        toml_no_memory(parser);
        return NULL;
    }
    item->origin = origin;
    item->parent = parent;
    item->node.offset = offset;
    toml_set_type(item, TOML_TABLE);
    if (key != NULL) {
        item->node.key = key->text;
        item->node.key_offset = key->offset;
        item->hash = hash_of(parser, parent, key->text);
        *slot_of(parser, parent, key->text, item->hash) = item;
        parser->slots_used++;
    }
    if (parent != NULL) {
        if (parent->last == NULL) {
            parent->node.first = &item->node;
        } else {
            parent->last->node.next = &item->node;
        }
        parent->last = item;
        parent->node.count++;
    }
    return item;
}

/* NULL, after the defect of a part of the path. */
static struct toml_item *reject_key(struct toml_parser *parser, size_t part,
                                    const char *what) {
    const struct toml_key *key = &parser->path[part];
    size_t shown = key->text.len;
    if (shown > SHOWN_KEY_BYTES) {
        shown = SHOWN_KEY_BYTES;
        while (shown > 0 && ((unsigned char)key->text.ptr[shown] & 0xC0) == 0x80) {
            shown--;
        }
    }
    toml_reject(parser, key->offset, "`%.*s` %s", (int)shown, key->text.ptr, what);
    return NULL;
}

/* The table that a part before a header's last one names; made if there is none. */
static struct toml_item *enter_by_header(struct toml_parser *parser,
                                         struct toml_item *table, size_t part,
                                         size_t offset) {
    struct toml_item *child = find(parser, table, parser->path[part].text);
    if (child == NULL) {
        return toml_new_item(parser, table, &parser->path[part], TOML_BY_SUBTABLE,
                             offset);
    }
    if (child->origin == TOML_BY_ELEMENTS) {
        return child->last;
    }
    if (child->origin == TOML_BY_VALUE) {
        return reject_key(parser, part, "has a value that cannot be added to");
    }
    return child;
}

static struct toml_item *add_element(struct toml_parser *parser,
                                     struct toml_item *table, struct toml_item *array,
                                     size_t offset) {
    size_t last = parser->path_len - 1;
    if (array != NULL && array->origin != TOML_BY_ELEMENTS) {
        return reject_key(parser, last, "is defined already, not as `[[…]]`");
    }
    if (array == NULL) {
        array =
            toml_new_item(parser, table, &parser->path[last], TOML_BY_ELEMENTS, offset);
        if (array == NULL) {
            return NULL;
        }
        toml_set_type(array, TOML_ARRAY);
    }
    return toml_new_item(parser, array, NULL, TOML_BY_HEADER, offset);
}

struct toml_item *toml_open_table(struct toml_parser *parser, size_t offset,
                                  bool is_element) {
    struct toml_item *table = parser->root;
    size_t last = parser->path_len - 1;
    for (size_t part = 0; part < last && table != NULL; part++) {
        table = enter_by_header(parser, table, part, offset);
    }
    if (table == NULL) {
        return NULL;
    }
    struct toml_item *child = find(parser, table, parser->path[last].text);
    if (is_element) {
        return add_element(parser, table, child, offset);
    }
    if (child == NULL) {
        return toml_new_item(parser, table, &parser->path[last], TOML_BY_HEADER,
                             offset);
    }
    if (child->origin != TOML_BY_SUBTABLE) {
        return reject_key(parser, last, "is defined twice");
    }
    child->origin = TOML_BY_HEADER;
    child->node.offset = offset;
    return child;
}

struct toml_item *toml_open_value(struct toml_parser *parser, struct toml_item *table) {
    size_t last = parser->path_len - 1;
    for (size_t part = 0; part < last; part++) {
        struct toml_item *child = find(parser, table, parser->path[part].text);
        if (child == NULL) {
            child = toml_new_item(parser, table, &parser->path[part], TOML_BY_DOTS,
                                  parser->path[part].offset);
            if (child == NULL) {
                return NULL;
            }
        } else if (child->origin != TOML_BY_DOTS) {
            return reject_key(parser, part, "is defined already");
        }
        table = child;
    }
    if (find(parser, table, parser->path[last].text) != NULL) {
        return reject_key(parser, last, "is defined twice");
    }
    return toml_new_item(parser, table, &parser->path[last], TOML_BY_VALUE, parser->at);
}
