/* A region allocator: many allocations, released all at once.
 *
 * Ownership: the arena owns every block it hands out until arena_release, or until
 *   arena_rewind to an earlier mark. A zeroed `struct arena` is a valid empty one.
 * Errors: every allocating function returns NULL (or a view with a NULL `ptr`) when
 *   memory is out; the arena stays usable.
 * Threads: one thread at a time. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/str.h"

struct arena_chunk;

struct arena {
    struct arena_chunk *chunk; /* the newest; older ones are linked behind it */
    size_t used;               /* bytes taken of the newest chunk */
};

struct arena_mark {
    struct arena_chunk *chunk;
    size_t used;
};

/* Zeroed memory aligned for any type. A size of 0 gives a valid, distinct pointer. */
void *arena_alloc(struct arena *arena, size_t size);

/* Zeroed array; NULL also when `count * size` overflows. */
void *arena_array(struct arena *arena, size_t count, size_t size);

/* Bytes without alignment or zeroing, for text. */
char *arena_bytes(struct arena *arena, size_t size);

/* A copy; a NUL follows it that its length does not count. */
struct str arena_copy(struct arena *arena, struct str s);

/* A text, or the texts of an array, that lie elsewhere become copies in the arena; what
 * is absent stays so. False: memory is out. */
bool arena_adopt(struct arena *arena, struct str *text);
bool arena_adopt_all(struct arena *arena, const struct str **texts, size_t count);

/* The same as a C string. NULL when memory is out; embedded NULs are the caller's care.
 */
const char *arena_c_string(struct arena *arena, struct str s);

/* The parts one after another; a NUL follows. */
struct str arena_concat(struct arena *arena, const struct str *parts, size_t count);

/* printf into the arena; a NUL follows. */
struct str arena_printf(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Everything allocated since the mark becomes invalid. */
struct arena_mark arena_mark(const struct arena *arena);
void arena_rewind(struct arena *arena, struct arena_mark mark);

/* Frees all blocks; the arena is empty and usable again. */
void arena_release(struct arena *arena);

#endif
