#include "base/arena.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { CHUNK_FIRST = 4096, CHUNK_LARGEST = 1 << 20 };

struct arena_chunk {
    struct arena_chunk *older;
    size_t size; /* bytes of `data` */
    max_align_t data[];
};

static bool add_chunk(struct arena *arena, size_t need) {
    size_t size = CHUNK_FIRST;
    if (arena->chunk != NULL) {
        size =
            arena->chunk->size < CHUNK_LARGEST ? arena->chunk->size * 2 : CHUNK_LARGEST;
    }
    if (size < need) {
        size = need;
    }
    if (size > SIZE_MAX - sizeof(struct arena_chunk)) {
        return false;
    }
    struct arena_chunk *chunk = malloc(sizeof(struct arena_chunk) + size);
    if (chunk == NULL) {
        return false;
    }
    chunk->older = arena->chunk;
    chunk->size = size;
    arena->chunk = chunk;
    arena->used = 0;
    return true;
}

static char *take(struct arena *arena, size_t size, size_t align) {
    size_t start = (arena->used + align - 1) / align * align;
    if (arena->chunk == NULL || start > arena->chunk->size ||
        size > arena->chunk->size - start) {
        if (!add_chunk(arena, size)) {
            return NULL;
        }
        start = 0;
    }
    arena->used = start + size;
    return (char *)arena->chunk->data + start;
}

void *arena_alloc(struct arena *arena, size_t size) {
    /* Never zero bytes, so that two empty blocks have two addresses. */
    size_t need = size == 0 ? 1 : size;
    char *block = take(arena, need, _Alignof(max_align_t));
    if (block != NULL) {
        memset(block, 0, need);
    }
    return block;
}

void *arena_array(struct arena *arena, size_t count, size_t size) {
    if (size != 0 && count > SIZE_MAX / size) {
        return NULL;
    }
    return arena_alloc(arena, count * size);
}

char *arena_bytes(struct arena *arena, size_t size) {
    return take(arena, size == 0 ? 1 : size, 1);
}

struct str arena_concat(struct arena *arena, const struct str *parts, size_t count) {
    size_t len = 0;
    for (size_t i = 0; i < count; i++) {
        if (parts[i].len > SIZE_MAX - 1 - len) {
            return STR_NONE;
        }
        len += parts[i].len;
    }
    char *bytes = arena_bytes(arena, len + 1);
    if (bytes == NULL) {
        return STR_NONE;
    }
    char *at = bytes;
    for (size_t i = 0; i < count; i++) {
        if (parts[i].len > 0) {
            memcpy(at, parts[i].ptr, parts[i].len);
            at += parts[i].len;
        }
    }
    *at = '\0';
    return (struct str){bytes, len};
}

struct str arena_copy(struct arena *arena, struct str s) {
    return arena_concat(arena, &s, 1);
}

const char *arena_c_string(struct arena *arena, struct str s) {
    return arena_copy(arena, s).ptr;
}

struct str arena_printf(struct arena *arena, const char *format, ...) {
    va_list args;
    va_start(args, format);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (len < 0) {
        return STR_NONE;
    }
    char *text = arena_bytes(arena, (size_t)len + 1);
    if (text == NULL) {
        return STR_NONE;
    }
    va_start(args, format);
    len = vsnprintf(text, (size_t)len + 1, format, args);
    va_end(args);
    return len < 0 ? STR_NONE : (struct str){text, (size_t)len};
}

struct arena_mark arena_mark(const struct arena *arena) {
    return (struct arena_mark){arena->chunk, arena->used};
}

void arena_rewind(struct arena *arena, struct arena_mark mark) {
    while (arena->chunk != mark.chunk) {
        struct arena_chunk *newest = arena->chunk;
        arena->chunk = newest->older;
        free(newest);
    }
    arena->used = mark.used;
}

void arena_release(struct arena *arena) {
    arena_rewind(arena, (struct arena_mark){NULL, 0});
}

bool arena_adopt(struct arena *arena, struct str *text) {
    if (text->ptr == NULL) {
        return true;
    }
    *text = arena_copy(arena, *text);
    return text->ptr != NULL;
}

bool arena_adopt_all(struct arena *arena, const struct str **texts, size_t count) {
    if (count == 0 || *texts == NULL) {
        return true;
    }
    struct str *copies = arena_array(arena, count, sizeof *copies);
    bool good = copies != NULL;
    for (size_t i = 0; good && i < count; i++) {
        copies[i] = (*texts)[i];
        good = arena_adopt(arena, &copies[i]);
    }
    *texts = copies;
    return good;
}
