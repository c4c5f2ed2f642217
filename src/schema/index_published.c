#include <stdlib.h>

#include "base/json_write.h"
#include "schema/index_parse.h"

/* A value inside an odd `published_at`. */
struct node {
    enum json_token_type type; /* JSON_OBJECT, JSON_ARRAY, JSON_STRING, or a scalar */
    struct str key;            /* in an object */
    struct str text;           /* of strings decoded, of scalars as written */
    struct node *parent;
    struct node *first; /* children, newest first while reading */
    struct node *next;
    size_t order; /* among its siblings */
    size_t count;
};

/* Depth 127 of the document; the value lies in an entry, a list and the root. */
enum { DEPTH_MAX = 127 - 3 };

static bool fail(struct index_parse *parse, const char *rule) {
    return index_parse_fail(parse, rule, STR_NONE, parse->scan.at);
}

/* Adds the token's value to `*at`, which becomes the container that is open then. */
static bool add_value(struct index_parse *parse, const struct json_token *token,
                      struct str key, struct node **at) {
    struct node *node = arena_alloc(parse->arena, sizeof *node);
    if (node == NULL) {
        return index_parse_no_memory(parse);
    }
    struct node *parent = *at;
    *node = (struct node){.type = token->type,
                          .key = key,
                          .text = token->raw,
                          .parent = parent,
                          .next = parent->first,
                          .order = parent->count};
    parent->first = node;
    parent->count++;
    if (token->type == JSON_STRING) {
        return index_parse_text(parse, &token->string, &node->text);
    }
    if (token->type == JSON_NUMBER && !json_number_is_finite(token->raw)) {
        return fail(parse, "the number is too large");
    }
    if (token->type == JSON_OBJECT || token->type == JSON_ARRAY) {
        *at = node;
        return token->depth <= DEPTH_MAX ||
               fail(parse, "`published_at` nests too deep");
    }
    return true;
}

static int compare_members(const void *left, const void *right) {
    const struct node *a = *(struct node *const *)left;
    const struct node *b = *(struct node *const *)right;
    int order = str_compare(a->key, b->key);
    return order != 0 ? order : (a->order > b->order) - (a->order < b->order);
}

/* Puts the children in their final order: an array's as they came, an object's by key,
 * of equal keys the last. */
static bool finish_container(struct index_parse *parse, struct node *container) {
    size_t count = container->count;
    struct node **members = arena_array(parse->arena, count, sizeof *members);
    if (members == NULL) {
        return index_parse_no_memory(parse);
    }
    struct node *child = container->first;
    for (size_t i = count; i > 0; i--) {
        members[i - 1] = child;
        child = child->next;
    }
    if (container->type == JSON_OBJECT && count > 0) {
        qsort(members, count, sizeof(struct node *), compare_members);
    }
    container->first = NULL;
    for (size_t i = count; i > 0; i--) {
        bool replaced = container->type == JSON_OBJECT && i < count &&
                        str_equal(members[i - 1]->key, members[i]->key);
        if (!replaced) {
            members[i - 1]->next = container->first;
            container->first = members[i - 1];
        }
    }
    return true;
}

static bool read_tree(struct index_parse *parse, struct json_walk *walk,
                      struct node *root) {
    struct node *at = root;
    struct str key = STR_NONE;
    struct json_token token = {0};
    while (json_walk_next(walk, &token)) {
        switch (token.type) {
        case JSON_DONE:
            return true;
        case JSON_KEY:
            if (!index_parse_text(parse, &token.string, &key)) {
                return false;
            }
            break;
        case JSON_CLOSE_OBJECT:
        case JSON_CLOSE_ARRAY:
            if (!finish_container(parse, at)) {
                return false;
            }
            at = at->parent;
            break;
        default:
            if (!add_value(parse, &token, key, &at)) {
                return false;
            }
        }
    }
    return false;
}

static void append_start(struct buf *out, const struct node *node) {
    if (node->parent->type == JSON_OBJECT) {
        json_append_key(out, node->key);
    }
    if (node->type == JSON_STRING) {
        json_append_string(out, node->text);
    } else if (node->type == JSON_OBJECT || node->type == JSON_ARRAY) {
        buf_append_byte(out, node->type == JSON_OBJECT ? '{' : '[');
    } else {
        buf_append(out, node->text);
    }
}

static void render(struct buf *out, const struct node *root) {
    const struct node *node = root->first;
    append_start(out, node);
    while (node != root) {
        bool container = node->type == JSON_OBJECT || node->type == JSON_ARRAY;
        if (container && node->first != NULL) {
            node = node->first;
            append_start(out, node);
            continue;
        }
        if (container) {
            buf_append_byte(out, node->type == JSON_OBJECT ? '}' : ']');
        }
        while (node->parent != root && node->next == NULL) {
            node = node->parent;
            buf_append_byte(out, node->type == JSON_OBJECT ? '}' : ']');
        }
        if (node->parent == root) {
            return;
        }
        node = node->next;
        buf_append_byte(out, ',');
        append_start(out, node);
    }
}

bool index_parse_odd_value(struct index_parse *parse, struct str *rendered) {
    struct node root = {.type = JSON_ARRAY};
    struct json_walk walk;
    json_walk_begin(&walk, &parse->scan);
    bool good = read_tree(parse, &walk, &root);
    json_walk_release(&walk);
    if (!good) {
        return false;
    }
    struct buf out;
    buf_init(&out, SIZE_MAX);
    render(&out, &root);
    *rendered = out.failed ? STR_NONE : arena_copy(parse->arena, buf_str(&out));
    buf_release(&out);
    return rendered->ptr != NULL || index_parse_no_memory(parse);
}
