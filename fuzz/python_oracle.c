#include "python_oracle.h"

#ifndef FUZZ_CPYTHON

enum opinion python_oracle(struct str source) {
    (void)source;
    return OPINION_NONE;
}

#else

#include <Python.h>

#include <sanitizer/lsan_interface.h>

#include "base/utf8.h"

static bool holds(struct str source, const char *text) {
    return memmem(source.ptr, source.len, text, strlen(text)) != NULL;
}

/* f-strings were strings and no syntax before 3.12, types had no parameters, and a
 * backslash at the end was nothing where nothing stood before it. */
static bool is_newer(struct str source) {
    if (PY_VERSION_HEX >= 0x030D0000) {
        return false;
    }
    size_t end = source.len;
    while (end > 0 && (source.ptr[end - 1] == '\n' || source.ptr[end - 1] == '\r')) {
        end--;
    }
    if (end > 0 && source.ptr[end - 1] == '\\') {
        return true;
    }
    for (size_t i = 0; i + 1 < source.len; i++) {
        char next = source.ptr[i + 1];
        bool quoted = next == '"' || next == '\'' || next == 'r' || next == 'R';
        if ((source.ptr[i] == 'f' || source.ptr[i] == 'F') && quoted) {
            return true;
        }
    }
    return holds(source, "type") ||
           ((holds(source, "def") || holds(source, "class")) && holds(source, "["));
}

static enum opinion ask(const char *text) {
    PyCompilerFlags flags = {PyCF_ONLY_AST | PyCF_IGNORE_COOKIE, PY_MINOR_VERSION};
    if (!Py_IsInitialized()) {
        Py_InitializeEx(0);
        PyRun_SimpleString("import warnings\nwarnings.simplefilter('ignore')\n");
    }
    PyObject *tree = Py_CompileStringExFlags(text, "", Py_file_input, &flags, -1);
    if (tree != NULL) {
        Py_DECREF(tree);
        return OPINION_ACCEPTS;
    }
    /* Anything else is a limit of its own: memory, recursion. */
    bool is_verdict = PyErr_ExceptionMatches(PyExc_SyntaxError) != 0;
    PyErr_Clear();
    return is_verdict ? OPINION_REJECTS : OPINION_NONE;
}

enum opinion python_oracle(struct str source) {
    if (!utf8_is_valid(source) || str_find(source, '\0') < source.len ||
        is_newer(source) || holds(source, "\\N{")) {
        return OPINION_NONE;
    }
    if (str_starts_with(source, STR("\xEF\xBB\xBF"))) {
        source = str_skip(source, 3); /* belongs to the file, not to its text */
    }
    char *text = malloc(source.len + 1);
    if (text == NULL) {
        return OPINION_NONE;
    }
    memcpy(text, source.ptr, source.len);
    text[source.len] = '\0';
    __lsan_disable(); /* it keeps memory where the sanitizer does not look */
    enum opinion opinion = ask(text);
    __lsan_enable();
    free(text);
    return opinion;
}

#endif
