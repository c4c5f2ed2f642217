/* Asking a program for credentials.
 *
 * Shapes: the command is split into words as a shell does, with quotes and backslashes,
 *   and nothing else of a shell. The program reads nothing; what it says on standard
 *   error is not shown, since it may hold secrets.
 * Errors: false, with a reason in words; "" when memory is out.
 * Threads: safe. */
#ifndef NET_PROCESS_H
#define NET_PROCESS_H

#include "base/arena.h"
#include "base/buf.h"

enum { PROCESS_REASON_BYTES = 160 };

/* Its standard output, up to the cap of `out`, within the time. */
bool process_read(struct arena *arena, struct str command, uint32_t timeout_ms,
                  struct buf *out, char reason[PROCESS_REASON_BYTES]);

/* The words, NULL at the end. NULL: memory is out, or a quote has no end (`*unclosed`).
 */
char **process_words(struct arena *arena, struct str command, bool *unclosed);

#endif
