#include "plugin/python.h"

#include "base/utf8.h"
#include "plugin/python_parser.h"

/* Line and column of `module->offset`. */
static void locate(struct str source, struct python_module *module) {
    size_t start = str_starts_with(source, STR("\xEF\xBB\xBF")) ? 3 : 0;
    uint32_t line = 1;
    for (size_t i = start; i < module->offset; i++) {
        char byte = source.ptr[i];
        bool pair = byte == '\r' && i + 1 < source.len && source.ptr[i + 1] == '\n';
        if ((byte == '\n' || byte == '\r') && !pair) {
            line++;
            start = i + 1;
        }
    }
    module->line = line;
    module->column = 1;
    if (module->offset > start) {
        struct str before = {source.ptr + start, module->offset - start};
        module->column = (uint32_t)utf8_count(before) + 1;
    }
}

enum python_status python_parse(struct arena *arena, struct str source,
                                struct python_module *module) {
    *module = (struct python_module){.function_count = 0};
    enum python_status status = python_parser_run(arena, source, module);
    if (status == PYTHON_SYNTAX_ERROR) {
        locate(source, module);
    }
    return status;
}

const struct python_function *python_find(const struct python_module *module,
                                          struct str name) {
    for (size_t i = module->function_count; i > 0; i--) {
        if (str_equal(module->functions[i - 1].name, name)) {
            return &module->functions[i - 1];
        }
    }
    return NULL;
}
