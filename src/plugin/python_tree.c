#include "plugin/python_tree.h"

#include <tree_sitter/api.h>

#include "plugin/python_memory.h"

const TSLanguage *tree_sitter_python(void);

/* Ids of the grammar, looked up once a parse. */
struct ids {
    TSSymbol function, decorated, async, identifier, default_parameter;
    TSSymbol typed_default, typed, list_splat, dictionary_splat, star, slash;
    TSFieldId name, parameters;
};

struct reading {
    struct arena *arena;
    struct str source;
    struct python_module *module;
    struct python_function *functions;
    size_t room;
    struct ids ids;
};

static struct ids find_ids(const TSLanguage *language) {
#define SYMBOL(name, named)                                                            \
    ts_language_symbol_for_name(language, name, sizeof(name) - 1, named)
    return (struct ids){
        .function = SYMBOL("function_definition", true),
        .decorated = SYMBOL("decorated_definition", true),
        .async = SYMBOL("async", false),
        .identifier = SYMBOL("identifier", true),
        .default_parameter = SYMBOL("default_parameter", true),
        .typed_default = SYMBOL("typed_default_parameter", true),
        .typed = SYMBOL("typed_parameter", true),
        .list_splat = SYMBOL("list_splat_pattern", true),
        .dictionary_splat = SYMBOL("dictionary_splat_pattern", true),
        .star = SYMBOL("keyword_separator", true),
        .slash = SYMBOL("positional_separator", true),
        .name = ts_language_field_id_for_name(language, "name", 4),
        .parameters = ts_language_field_id_for_name(language, "parameters", 10),
    };
#undef SYMBOL
}

static void read_parameter(const struct ids *ids, TSNode node, bool *keyword_only,
                           struct python_function *function) {
    TSSymbol kind = ts_node_symbol(node);
    bool has_default = kind == ids->default_parameter || kind == ids->typed_default;
    if (kind == ids->typed) {
        TSSymbol inner = ts_node_symbol(ts_node_named_child(node, 0));
        kind = inner == ids->identifier ? kind : inner;
    }
    if (kind == ids->list_splat || kind == ids->star) {
        function->has_var_positional = kind == ids->list_splat;
        *keyword_only = true;
    } else if (kind == ids->dictionary_splat) {
        function->has_var_keyword = true;
    } else if (kind == ids->identifier || kind == ids->typed || has_default) {
        if (*keyword_only) {
            function->keyword_required += !has_default;
        } else {
            function->positional++;
            function->positional_required += !has_default;
        }
    }
}

static void read_function(const struct ids *ids, struct str source, TSNode node,
                          struct python_function *function) {
    TSNode name = ts_node_child_by_field_id(node, ids->name);
    TSNode parameters = ts_node_child_by_field_id(node, ids->parameters);
    bool keyword_only = false;
    function->offset = ts_node_start_byte(name);
    function->name = (struct str){source.ptr + function->offset,
                                  ts_node_end_byte(name) - function->offset};
    function->is_async = ts_node_symbol(ts_node_child(node, 0)) == ids->async;
    TSTreeCursor cursor = ts_tree_cursor_new(parameters);
    for (bool more = ts_tree_cursor_goto_first_child(&cursor); more;
         more = ts_tree_cursor_goto_next_sibling(&cursor)) {
        read_parameter(ids, ts_tree_cursor_current_node(&cursor), &keyword_only,
                       function);
    }
    ts_tree_cursor_delete(&cursor);
}

static bool add_function(struct reading *reading, TSNode node) {
    struct python_module *module = reading->module;
    if (module->function_count == reading->room) {
        size_t room = reading->room == 0 ? 16 : reading->room * 2;
        struct python_function *grown =
            arena_array(reading->arena, room, sizeof *grown);
        if (grown == NULL) {
            return false;
        }
        if (module->function_count > 0) {
            memcpy(grown, reading->functions, module->function_count * sizeof *grown);
        }
        reading->functions = grown;
        reading->room = room;
        module->functions = grown;
    }
    read_function(&reading->ids, reading->source, node,
                  &reading->functions[module->function_count++]);
    return true;
}

static bool read_functions(struct reading *reading, TSNode root) {
    TSTreeCursor cursor = ts_tree_cursor_new(root);
    bool good = true;
    for (bool more = ts_tree_cursor_goto_first_child(&cursor); good && more;
         more = ts_tree_cursor_goto_next_sibling(&cursor)) {
        TSNode node = ts_tree_cursor_current_node(&cursor);
        if (ts_node_symbol(node) == reading->ids.decorated) {
            node = ts_node_child(node, ts_node_child_count(node) - 1);
        }
        if (ts_node_symbol(node) == reading->ids.function) {
            good = add_function(reading, node);
        }
    }
    ts_tree_cursor_delete(&cursor);
    return good;
}

/* Byte offset of the first node that stands for an error or a missing token. */
static size_t find_error(TSNode root) {
    TSTreeCursor cursor = ts_tree_cursor_new(root);
    TSNode node = root;
    bool more = true;
    while (more && !ts_node_is_error(node) && !ts_node_is_missing(node)) {
        more = ts_node_has_error(node) ? ts_tree_cursor_goto_first_child(&cursor)
                                       : ts_tree_cursor_goto_next_sibling(&cursor);
        node = ts_tree_cursor_current_node(&cursor);
    }
    ts_tree_cursor_delete(&cursor);
    return ts_node_start_byte(node);
}

/* Apart from its caller, so that a jump out of it meets no changed local variable. */
static enum python_status read_tree(struct reading *reading) {
    TSParser *parser = ts_parser_new();
    ts_parser_set_language(parser, tree_sitter_python());
    TSTree *tree = ts_parser_parse_string(parser, NULL, reading->source.ptr,
                                          (uint32_t)reading->source.len);
    TSNode root = ts_tree_root_node(tree);
    if (ts_node_has_error(root)) {
        reading->module->message = STR("invalid syntax");
        reading->module->offset = find_error(root);
        return PYTHON_SYNTAX_ERROR;
    }
    return read_functions(reading, root) ? PYTHON_OK : PYTHON_NO_MEMORY;
}

static enum python_status read_guarded(struct python_memory *memory,
                                       struct reading *reading) {
    if (setjmp(memory->out) != 0) {
        return PYTHON_NO_MEMORY;
    }
    python_memory_begin(memory);
    return read_tree(reading);
}

enum python_status python_tree_parse(struct arena *arena, struct str source,
                                     struct python_module *module) {
    struct python_memory memory = {.chunks = NULL};
    struct reading reading = {.arena = arena,
                              .source = source,
                              .module = module,
                              .ids = find_ids(tree_sitter_python())};
    enum python_status status = read_guarded(&memory, &reading);
    python_memory_end(&memory);
    return status;
}
