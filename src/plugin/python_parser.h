/* The parser behind python_parse; its parts are in python_internal.h.
 *
 * Errors: PYTHON_SYNTAX_ERROR sets message and offset of `module`. */
#ifndef PLUGIN_PYTHON_PARSER_H
#define PLUGIN_PYTHON_PARSER_H

#include "plugin/python.h"

enum python_status python_parser_run(struct arena *arena, struct str source,
                                     struct python_module *module);

#endif
