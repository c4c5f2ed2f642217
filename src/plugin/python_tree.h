/* The syntax tree's part: does tree-sitter's grammar take the source, and which
 * functions does it see at the top level?
 *
 * Errors: PYTHON_SYNTAX_ERROR sets message and offset of `module`. */
#ifndef PLUGIN_PYTHON_TREE_H
#define PLUGIN_PYTHON_TREE_H

#include "plugin/python.h"

enum python_status python_tree_parse(struct arena *arena, struct str source,
                                     struct python_module *module);

#endif
