#include "plugin/python_memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
    UNIT = 16,
    SMALL_MAX = (PYTHON_MEMORY_CLASSES - 1) * UNIT,
    CHUNK_FIRST = 64 << 10,
    CHUNK_MOST = 1 << 20,
};

struct python_memory_chunk {
    struct python_memory_chunk *next;
    size_t padding;
};

/* Blocks too large for a chunk have links before their header. */
struct python_memory_large {
    struct python_memory_large *previous;
    struct python_memory_large *next;
};

/* Before every block: how many bytes it can hold. */
struct header {
    size_t size;
    size_t padding;
};

_Static_assert(sizeof(struct header) == UNIT, "blocks stay aligned");
_Static_assert(sizeof(struct python_memory_chunk) % UNIT == 0, "so do chunks");
_Static_assert(sizeof(struct python_memory_large) % UNIT == 0, "and large blocks");

static _Thread_local struct python_memory *python_memory_current;

void python_memory_begin(struct python_memory *memory) {
    memory->chunk_size = CHUNK_FIRST;
    python_memory_current = memory;
}

void python_memory_end(struct python_memory *memory) {
    python_memory_current = NULL;
    while (memory->chunks != NULL) {
        struct python_memory_chunk *chunk = memory->chunks;
        memory->chunks = chunk->next;
        free(chunk);
    }
    while (memory->large != NULL) {
        struct python_memory_large *large = memory->large;
        memory->large = large->next;
        free(large);
    }
}

static _Noreturn void give_up(struct python_memory *memory) {
    longjmp(memory->out, 1);
}

static struct header *header_of(void *block) {
    return (struct header *)block - 1;
}

static void *large_block(struct python_memory *memory,
                         struct python_memory_large *large, size_t size) {
    large->previous = NULL;
    large->next = memory->large;
    if (large->next != NULL) {
        large->next->previous = large;
    }
    memory->large = large;
    struct header *header = (struct header *)(large + 1);
    header->size = size;
    return header + 1;
}

static void large_unlink(struct python_memory *memory,
                         struct python_memory_large *large) {
    if (large->previous != NULL) {
        large->previous->next = large->next;
    } else {
        memory->large = large->next;
    }
    if (large->next != NULL) {
        large->next->previous = large->previous;
    }
}

enum { LARGE_EXTRA = sizeof(struct python_memory_large) + sizeof(struct header) };

static void *large_alloc(struct python_memory *memory, size_t size) {
    struct python_memory_large *large =
        size > SIZE_MAX - LARGE_EXTRA ? NULL : malloc(size + LARGE_EXTRA);
    if (large == NULL) {
        give_up(memory);
    }
    return large_block(memory, large, size);
}

static void add_chunk(struct python_memory *memory) {
    struct python_memory_chunk *chunk = malloc(memory->chunk_size);
    if (chunk == NULL) {
        give_up(memory);
    }
    chunk->next = memory->chunks;
    memory->chunks = chunk;
    memory->next = (char *)(chunk + 1);
    memory->left = memory->chunk_size - sizeof *chunk;
    if (memory->chunk_size < CHUNK_MOST) {
        memory->chunk_size *= 2;
    }
}

void *i3p_ts_malloc(size_t size) {
    struct python_memory *memory = python_memory_current;
    if (size > SMALL_MAX) {
        return large_alloc(memory, size);
    }
    size_t units = size == 0 ? 1 : (size + UNIT - 1) / UNIT;
    void *block = memory->unused[units];
    if (block != NULL) {
        memcpy(&memory->unused[units], block, sizeof(void *));
        return block;
    }
    size_t bytes = units * UNIT + sizeof(struct header);
    if (memory->left < bytes) {
        add_chunk(memory);
    }
    struct header *header = (struct header *)(void *)memory->next;
    memory->next += bytes;
    memory->left -= bytes;
    header->size = units * UNIT;
    return header + 1;
}

void *i3p_ts_calloc(size_t count, size_t size) {
    if (size != 0 && count > SIZE_MAX / size) {
        give_up(python_memory_current);
    }
    void *block = i3p_ts_malloc(count * size);
    memset(block, 0, count * size);
    return block;
}

void i3p_ts_free(void *block) {
    struct python_memory *memory = python_memory_current;
    if (block == NULL) {
        return;
    }
    size_t size = header_of(block)->size;
    if (size > SMALL_MAX) {
        struct python_memory_large *large =
            (struct python_memory_large *)header_of(block) - 1;
        large_unlink(memory, large);
        free(large);
        return;
    }
    memcpy(block, &memory->unused[size / UNIT], sizeof(void *));
    memory->unused[size / UNIT] = block;
}

void *i3p_ts_realloc(void *block, size_t size) {
    struct python_memory *memory = python_memory_current;
    if (block == NULL) {
        return i3p_ts_malloc(size);
    }
    size_t old = header_of(block)->size;
    if (old > SMALL_MAX && size > SMALL_MAX) {
        struct python_memory_large *large =
            (struct python_memory_large *)header_of(block) - 1;
        large_unlink(memory, large);
        struct python_memory_large *grown =
            size > SIZE_MAX - LARGE_EXTRA ? NULL : realloc(large, size + LARGE_EXTRA);
        if (grown == NULL) {
            large_block(memory, large, old);
            give_up(memory);
        }
        return large_block(memory, grown, size);
    }
    if (size <= old && old <= SMALL_MAX) {
        return block;
    }
    void *moved = i3p_ts_malloc(size);
    memcpy(moved, block, old < size ? old : size);
    i3p_ts_free(block);
    return moved;
}
