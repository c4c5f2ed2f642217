#include <stdlib.h>

#include "base/json.h"

enum { VALUE, FIRST_ITEM, FIRST_KEY, NEXT_KEY, AFTER };

void json_walk_begin(struct json_walk *walk, struct json_scan *scan) {
    *walk = (struct json_walk){.scan = scan, .state = VALUE};
}

void json_walk_release(struct json_walk *walk) {
    free(walk->levels);
    walk->levels = NULL;
}

static bool in_object(const struct json_walk *walk) {
    size_t level = walk->depth - 1;
    return (walk->levels[level / 64] >> (level % 64) & 1) != 0;
}

static bool open_container(struct json_walk *walk, bool object) {
    size_t word = walk->depth / 64;
    if (word == walk->room) {
        size_t room = walk->room == 0 ? 1 : walk->room * 2;
        uint64_t *grown = realloc(walk->levels, room * sizeof *grown);
        if (grown == NULL) {
            walk->scan->no_memory = true;
            return json_fail(walk->scan, "out of memory", walk->scan->at);
        }
        walk->levels = grown;
        walk->room = room;
    }
    uint64_t bit = UINT64_C(1) << (walk->depth % 64);
    if (object) {
        walk->levels[word] |= bit;
    } else {
        walk->levels[word] &= ~bit;
    }
    walk->depth++;
    walk->scan->at++;
    walk->state = object ? FIRST_KEY : FIRST_ITEM;
    return true;
}

static bool close_container(struct json_walk *walk, struct json_token *token) {
    token->type = in_object(walk) ? JSON_CLOSE_OBJECT : JSON_CLOSE_ARRAY;
    token->depth = walk->depth;
    walk->depth--;
    walk->scan->at++;
    walk->state = AFTER;
    return true;
}

static bool take_key(struct json_walk *walk, struct json_token *token) {
    struct json_scan *scan = walk->scan;
    token->type = JSON_KEY;
    if (*scan->at != '"') {
        return json_fail(scan, "expected a key in quotes", scan->at);
    }
    if (!json_string(scan, &token->string)) {
        return false;
    }
    json_space(scan);
    if (*scan->at != ':') {
        return json_fail(scan, "expected `:` after the key", scan->at);
    }
    scan->at++;
    walk->state = VALUE;
    return true;
}

static bool take_value(struct json_walk *walk, struct json_token *token) {
    struct json_scan *scan = walk->scan;
    char c = *scan->at;
    walk->state = AFTER;
    switch (c) {
    case '{':
    case '[':
        token->type = c == '{' ? JSON_OBJECT : JSON_ARRAY;
        token->depth = walk->depth + 1;
        return open_container(walk, c == '{');
    case '"':
        token->type = JSON_STRING;
        return json_string(scan, &token->string);
    default:
        token->type = c == 't' || c == 'f' || c == 'n' ? JSON_LITERAL : JSON_NUMBER;
        return json_scalar(scan, &token->raw);
    }
}

bool json_walk_next(struct json_walk *walk, struct json_token *token) {
    struct json_scan *scan = walk->scan;
    token->depth = walk->depth;
    if (walk->state == AFTER && walk->depth == 0) {
        token->type = JSON_DONE;
        return true;
    }
    json_space(scan);
    if (walk->state == AFTER) {
        if (*scan->at == (in_object(walk) ? '}' : ']')) {
            return close_container(walk, token);
        }
        if (*scan->at != ',') {
            return json_fail(
                scan, in_object(walk) ? "expected `,` or `}`" : "expected `,` or `]`",
                scan->at);
        }
        scan->at++;
        walk->state = in_object(walk) ? NEXT_KEY : VALUE;
        json_space(scan);
    }
    if ((walk->state == FIRST_KEY && *scan->at == '}') ||
        (walk->state == FIRST_ITEM && *scan->at == ']')) {
        return close_container(walk, token);
    }
    if (walk->state == FIRST_KEY || walk->state == NEXT_KEY) {
        return take_key(walk, token);
    }
    return take_value(walk, token);
}

bool json_skip(struct json_scan *scan) {
    struct json_walk walk;
    struct json_token token = {0};
    bool good = true;
    json_walk_begin(&walk, scan);
    do {
        good = json_walk_next(&walk, &token);
    } while (good && token.type != JSON_DONE);
    json_walk_release(&walk);
    return good;
}
