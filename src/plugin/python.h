/* Python source: is it Python 3, and which functions does it define at the top level?
 *
 * Source: docs/formats.md, "Plugin directory"; the grammar and the lexical analysis of
 *   CPython 3.13 (what only its compiler pass finds may pass). The parser is written
 *   here, in python_*.c: python_internal.h has the picture.
 * Shapes: UTF-8, an optional byte order mark; LF, CR LF and lone CR end lines. Lines
 *   and columns start at 1; columns count scalar values.
 * Ownership: the functions lie in the arena and view the source; messages are static.
 * Errors: PYTHON_NO_MEMORY when the arena has none left.
 * Threads: safe in several at once, one arena each.
 * Cost: linear in the source, with a fixed table of some ten kilobytes on the stack;
 * the arena holds the functions, and more only for nesting beyond some hundred levels.
 * No recursion. */
#ifndef PLUGIN_PYTHON_H
#define PLUGIN_PYTHON_H

#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

enum python_status { PYTHON_OK, PYTHON_SYNTAX_ERROR, PYTHON_NO_MEMORY };

/* One top-level `def` or `async def`, decorated or not. */
struct python_function {
    struct str name;
    size_t offset; /* of the name, in bytes */
    bool is_async;
    bool has_var_positional;    /* `*args` */
    bool has_var_keyword;       /* `**kwargs` */
    size_t positional;          /* parameters that can be given by position */
    size_t positional_required; /* those of them without a default */
    size_t keyword_required;    /* keyword-only parameters without a default */
};

struct python_module {
    const struct python_function *functions; /* in source order, redefinitions too */
    size_t function_count;
    /* of a syntax error */
    struct str message; /* what is wrong, no position in it */
    size_t offset;      /* where, in bytes */
    uint32_t line;
    uint32_t column;
};

enum python_status python_parse(struct arena *arena, struct str source,
                                struct python_module *module);

/* The last definition of that name, or NULL. */
const struct python_function *python_find(const struct python_module *module,
                                          struct str name);

#endif
