/* Why one operation failed: a row of errors.def and a sentence, in a value of fixed
 * size.
 *
 * For code that runs in several threads or that cannot afford an arena; becomes a
 * diagnostic later (failure_diag).
 * Shapes: texts are cut, never grown; no secret is ever put into one.
 * Errors: the first failure wins: failure_set does nothing once one is set. */
#ifndef BASE_FAILURE_H
#define BASE_FAILURE_H

#include "base/diag.h"

enum { FAILURE_FIELD_BYTES = 320, FAILURE_NOTE_BYTES = 1024 };

struct failure {
    bool is_set;
    bool is_memory_out; /* then nothing else is filled in */
    enum error_id id;
    char field[FAILURE_FIELD_BYTES]; /* the object or file; empty: none */
    char note[FAILURE_NOTE_BYTES];   /* what is wrong, in a phrase */
};

/* `field` may be absent. */
void failure_set(struct failure *failure, enum error_id id, struct str field,
                 const char *format, ...) __attribute__((format(printf, 4, 5)));
/* Always false. */
bool failure_memory(struct failure *failure);

/* A diagnostic of the row, its note and field copied. The row's details are none,
 * `location`, or a value and a reason: the first gets `location`, the second the note.
 * NULL: memory is out (also where that was the failure). */
struct diag *failure_diag(const struct failure *failure, struct arena *arena,
                          struct str location);

#endif
