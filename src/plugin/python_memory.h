/* The memory of one syntax tree.
 *
 * Purpose: tree-sitter ends the process when its allocator fails, and its allocator
 *   hook is global. Compiled with this header before its own (tools/meson.build), it
 *   takes all blocks from the pool of the parse that runs on its thread; a failure
 *   jumps back to where the parse began, and dropping the pool frees every block.
 * Threads: `python_memory_current` is the one mutable static of the library. It is
 *   thread-local and set only while a parse runs: tree-sitter's allocation macros have
 *   no argument that could carry the pool.
 * Ownership: the pool owns all blocks until python_memory_end. */
#ifndef PLUGIN_PYTHON_MEMORY_H
#define PLUGIN_PYTHON_MEMORY_H

#include <setjmp.h>
#include <stddef.h>

enum { PYTHON_MEMORY_CLASSES = 65 }; /* blocks up to 1024 bytes, by 16 */

struct python_memory_chunk;
struct python_memory_large;

struct python_memory {
    jmp_buf out; /* set by the owner before python_memory_begin */
    struct python_memory_chunk *chunks;
    char *next; /* unused bytes of the newest chunk */
    size_t left;
    size_t chunk_size;
    void *unused[PYTHON_MEMORY_CLASSES]; /* freed blocks, linked, by size class */
    struct python_memory_large *large;
};

void python_memory_begin(struct python_memory *memory);
void python_memory_end(struct python_memory *memory);

/* What tree-sitter calls in place of malloc and the rest. They never return NULL. */
void *i3p_ts_malloc(size_t size);
void *i3p_ts_calloc(size_t count, size_t size);
void *i3p_ts_realloc(void *block, size_t size);
void i3p_ts_free(void *block);

#endif
