/* What a host program does with libinfluxdb3plugin: checks a plugin, packages it, and
 * searches the index that comes of it.
 *
 *     cc $(pkg-config --cflags influxdb3plugin) embed.c \
 *         $(pkg-config --libs influxdb3plugin) -o embed
 *     ./embed PLUGIN-DIR INDEX OUT-DIR */
#include <influxdb3_plugin.h>

#include <stdio.h>

/* A text is not NUL-terminated. */
static void print(const char *label, i3p_text text) {
    printf("%s%.*s\n", label, (int)text.len, text.ptr == NULL ? "" : text.ptr);
}

static void print_diagnostic(const i3p_diagnostic *diagnostic) {
    i3p_text field = i3p_diagnostic_field(diagnostic);
    i3p_text file = i3p_diagnostic_file(diagnostic);
    print("  ", i3p_diagnostic_code(diagnostic));
    print("    ", i3p_diagnostic_message(diagnostic));
    if (field.ptr != NULL) {
        print("    in ", field);
    }
    if (file.ptr != NULL) {
        printf("    at %.*s:%lu:%lu\n", (int)file.len, file.ptr,
               (unsigned long)i3p_diagnostic_line(diagnostic),
               (unsigned long)i3p_diagnostic_column(diagnostic));
    }
}

/* Says what a call came to; frees what failed. */
static int succeeded(const char *what, i3p_status status, i3p_result *result) {
    const i3p_diagnostic *error = i3p_result_error(result);
    size_t i;
    if (status == I3P_OK) {
        return 1;
    }
    printf("%s failed\n", what);
    if (status == I3P_NO_MEMORY) {
        printf("  out of memory\n");
    } else {
        print_diagnostic(error);
        for (i = 0; i < i3p_diagnostic_nested_count(error); i++) {
            print_diagnostic(i3p_diagnostic_nested(error, i));
        }
    }
    i3p_result_free(result);
    return 0;
}

static int validate(const char *plugin_dir) {
    struct i3p_validate_options options = I3P_VALIDATE_OPTIONS_INIT;
    i3p_result *result;
    i3p_status status;
    size_t i;
    options.plugin_dir = plugin_dir;
    options.want_warnings = 1;
    status = i3p_validate(&options, &result);
    if (!succeeded("validate", status, result)) {
        return 0;
    }
    printf("valid, %lu warnings\n", (unsigned long)i3p_result_warning_count(result));
    for (i = 0; i < i3p_result_warning_count(result); i++) {
        print_diagnostic(i3p_result_warning(result, i));
    }
    i3p_result_free(result);
    return 1;
}

static int package(const char *plugin_dir, const char *index, const char *out_dir) {
    struct i3p_package_options options = I3P_PACKAGE_OPTIONS_INIT;
    i3p_result *result;
    i3p_status status;
    options.plugin_dir = plugin_dir;
    options.index_path = index;
    options.out_dir = out_dir;
    status = i3p_package(&options, &result);
    if (!succeeded("package", status, result)) {
        return 0;
    }
    print("artifact ", i3p_result_artifact_path(result));
    print("hash ", i3p_plugin_hash(i3p_result_plugin(result, 0)));
    i3p_result_free(result);
    return 1;
}

static int search(const char *index_path) {
    struct i3p_query query = I3P_QUERY_INIT;
    i3p_index *index;
    i3p_result *result;
    i3p_status status;
    size_t i;
    int is_done;
    status = i3p_index_open(index_path, &index, &result);
    if (!succeeded("open", status, result)) {
        return 0;
    }
    i3p_result_free(result);
    status = i3p_search(index, &query, &result);
    is_done = succeeded("search", status, result);
    if (is_done) {
        printf("%lu of %lu entries\n", (unsigned long)i3p_result_plugin_count(result),
               (unsigned long)i3p_index_entry_count(index));
        for (i = 0; i < i3p_result_plugin_count(result); i++) {
            const i3p_plugin *plugin = i3p_result_plugin(result, i);
            print("  ", i3p_plugin_name(plugin));
            print("    ", i3p_plugin_version(plugin));
            print("    ", i3p_plugin_description(plugin));
        }
        i3p_result_free(result);
    }
    i3p_index_free(index);
    return is_done;
}

int main(int argc, char **argv) {
    char index[4096];
    if (argc != 4) {
        fprintf(stderr, "usage: embed PLUGIN-DIR INDEX OUT-DIR\n");
        return 2;
    }
    printf("libinfluxdb3plugin %s\n", i3p_version());
    snprintf(index, sizeof index, "%s/index.json", argv[3]);
    return validate(argv[1]) && package(argv[1], argv[2], argv[3]) && search(index) ? 0
                                                                                    : 1;
}
