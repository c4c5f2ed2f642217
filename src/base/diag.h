/* Diagnostics: what is wrong, where, and what to do about it.
 *
 * One row of errors.def and the values of its details; JSON and human text are both
 * rendered from those, late (diag_message, diag_details_json).
 * Ownership: a diagnostic and all it holds live in the arena it was made in; texts
 * given to it are viewed, not copied, so they must live as long. Errors: NULL or false
 * only when memory is out. */
#ifndef BASE_DIAG_H
#define BASE_DIAG_H

#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"

enum error_id {
#define ERROR(id, code, exit, details, message, advice) ERROR_##id,
#define VARIANT(id, name, details, message, advice)
#include "base/errors.def"
#undef ERROR
#undef VARIANT
    ERROR_COUNT
};

enum variant_id {
    VARIANT_NONE,
#define ERROR(id, code, exit, details, message, advice)
#define VARIANT(id, name, details, message, advice) VARIANT_##id,
#include "base/errors.def"
#undef ERROR
#undef VARIANT
    VARIANT_COUNT
};

struct name_version {
    struct str name;
    struct str version;
};

/* A value of a row's details; the row says of which type. */
struct detail {
    struct str text;
    uint64_t number;
    const struct str *texts;
    const struct name_version *versions; /* for versions and pairs */
    size_t count;                        /* of texts, versions, pairs */
};

/* `(struct detail[]){DETAIL_TEXT(a), DETAIL_NUMBER(7)}` */
#define DETAIL_TEXT(s)                                                                 \
    { .text = (s) }
#define DETAIL_NUMBER(n)                                                               \
    { .number = (n) }
#define DETAIL_TEXTS(items, n)                                                         \
    { .texts = (items), .count = (n) }
#define DETAIL_VERSIONS(items, n)                                                      \
    { .versions = (items), .count = (n) }

#define DIAG_NOWHERE SIZE_MAX

/* A place in a text file. Unknown parts are absent, DIAG_NOWHERE or 0. */
struct place {
    struct str file; /* as it should be shown */
    size_t offset;   /* bytes from the start of the file */
    uint32_t line;   /* from 1 */
    uint32_t column; /* from 1, in scalar values */
    struct str text; /* that line, without its end */
};

struct diag {
    enum error_id id;
    enum variant_id variant;
    struct str field; /* absent if there is none */
    const struct detail *details;
    size_t detail_count;
    struct str note;          /* for `{note}` of the message; may be absent */
    const struct str *causes; /* outermost first */
    size_t cause_count;
    struct place place;
    struct diag *first; /* nested diagnostics, in order */
    size_t nested_count;
    struct diag *next;
};

struct diag_list {
    struct diag *first;
    struct diag *last;
    size_t count;
};

/* A diagnostic of the row `id`; copies the details (their count must be the row's). */
struct diag *diag_new(struct arena *arena, enum error_id id, struct str field,
                      const struct detail *details, size_t detail_count);

/* A schema defect (ERROR_SCHEMA_REPORTED) of the row `variant`. */
struct diag *diag_new_variant(struct arena *arena, enum variant_id variant,
                              struct str field, const struct detail *details,
                              size_t detail_count);

void diag_append(struct diag_list *list, struct diag *diag);

/* Makes the list's diagnostics the nested ones of `parent`. */
void diag_nest(struct diag *parent, const struct diag_list *list);

/* A copy that views nothing but the arena, of all that is nested, too. */
struct diag *diag_copy(struct arena *arena, const struct diag *diag);

/* Fills line, column and text of `diag->place` from its offset; `document` is the whole
 * file and is viewed. No effect without an offset. */
void diag_locate(struct diag *diag, struct str file, struct str document);
void diag_locate_all(struct diag_list *list, struct str file, struct str document);

/* Of the row. */
const char *diag_code(const struct diag *diag);
int diag_exit_status(const struct diag *diag);
const char *diag_variant_name(const struct diag *diag); /* NULL without a variant */
const char *diag_advice(const struct diag *diag);       /* may be NULL */
size_t error_row_count(void);
size_t diag_detail_count(enum error_id id); /* that the row has */

/* Appends the message, or the `details` object (nothing if there are none). A message
 * keeps bytes that are not UTF-8, as file names have, for its reader to escape; JSON
 * shows them as U+FFFD. The result shows in `out->failed`. */
void diag_message(const struct diag *diag, struct buf *out);
void diag_details_json(const struct diag *diag, struct buf *out);

#endif
