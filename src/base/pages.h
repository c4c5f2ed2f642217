/* A hint about large blocks of memory.
 *
 * The kernel hands memory out in pages of 4 KiB, which for a file of 70 MB takes longer
 * than reading it. Linux has larger ones for who asks; elsewhere this does nothing. */
#ifndef BASE_PAGES_H
#define BASE_PAGES_H

#include <stddef.h>

/* To be called before the block is first written to. */
void pages_prefer_large(void *block, size_t size);

#endif
