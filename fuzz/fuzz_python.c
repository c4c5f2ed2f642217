/* Python source: no crash; every place and name lies within the source; and CPython's
 * parser, where it is there, comes to the same verdict. */
#include "fuzz.h"
#include "python_oracle.h"

#include "base/arena.h"
#include "plugin/python.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena arena = {0};
    struct python_module module;
    struct str source = {(const char *)data, size};
    if (data == NULL) {
        source.ptr = "";
    }
    if (python_parse(&arena, source, &module) == PYTHON_SYNTAX_ERROR) {
        FUZZ_CHECK(module.message.len > 0);
        FUZZ_CHECK(module.offset <= size);
        FUZZ_CHECK(module.line >= 1 && module.column >= 1);
        FUZZ_CHECK(python_oracle(source) != OPINION_ACCEPTS);
    } else {
        FUZZ_CHECK(python_oracle(source) != OPINION_REJECTS);
        for (size_t i = 0; i < module.function_count; i++) {
            const struct python_function *f = &module.functions[i];
            FUZZ_CHECK(f->offset < size && f->name.len <= size - f->offset);
            FUZZ_CHECK(f->name.ptr == source.ptr + f->offset);
            FUZZ_CHECK(f->positional_required <= f->positional);
        }
    }
    arena_release(&arena);
    return 0;
}
