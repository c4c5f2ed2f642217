/* A pip requirements file, compared with the manifest's Python dependencies.
 *
 * Source: pip's documentation, "Requirements File Format".
 * Shapes: any bytes. What cannot be read as a requirement (options, paths, bare URLs,
 *   mistakes) is passed over, since the file is a hint and no input of the contract.
 * Ownership: views into the document and the arena.
 * Errors: false only when memory is out.
 * Threads: pure. */
#ifndef PLUGIN_REQUIREMENTS_H
#define PLUGIN_REQUIREMENTS_H

#include "grammar/pep508.h"

struct requirements_line {
    struct str text; /* without comment, options and line continuations */
    struct pep508 parts;
    size_t offset; /* of the line in the document */
    size_t line;   /* from 1; the first one of a continued line */
};

struct requirements {
    struct requirements_line *lines;
    size_t count;
    bool open_ended; /* names what it does not spell out: `-r`, `-e`, a path, a URL */
};

bool requirements_read(struct arena *arena, struct str document,
                       struct requirements *requirements);

enum requirements_difference {
    REQUIREMENTS_ONLY_IN_FILE,
    REQUIREMENTS_ONLY_IN_MANIFEST,
    REQUIREMENTS_OTHER_VERSIONS /* or another URL */
};

struct requirements_disagreement {
    enum requirements_difference difference;
    struct str name;     /* as the file writes it, or else the manifest */
    struct str file;     /* the requirement in the file, or absent */
    struct str manifest; /* the one in the manifest, or absent */
    size_t offset;       /* in the document, or SIZE_MAX */
    size_t line;         /* or 0 */
    size_t order;        /* where it stands in the list */
};

/* One disagreement a distribution (PEP 503 names), those in the file first, each side
 * in its order. Specifiers are compared as sets of what is written, without whitespace;
 * extras and markers are not compared. What only the manifest has is no disagreement
 * with an open-ended file. Cost: n log n. */
bool requirements_disagree(struct arena *arena, const struct requirements *requirements,
                           const struct str *python, size_t python_count,
                           struct requirements_disagreement **disagreements,
                           size_t *count);

/* The disagreement in words, to follow "disagree on NAME: ". Absent: out of memory. */
struct str requirements_note(struct arena *arena,
                             const struct requirements_disagreement *disagreement);

#endif
