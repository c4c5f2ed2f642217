#include "claims.h"

#include "cli/help.h"
#include "cli/parse.h"

enum { MAX_WORDS = 24 };

/* Splits at spaces; `""` is an empty word. The words lie in `text`, which changes. */
static int split(char *text, char **words) {
    int count = 0;
    words[count++] = (char[]){"influxdb3-plugin"};
    for (char *word = text; *word != '\0';) {
        size_t len = strcspn(word, " ");
        bool is_last = word[len] == '\0';
        word[len] = '\0';
        words[count++] = strcmp(word, "\"\"") == 0 ? word + 2 : word;
        word += len + !is_last;
    }
    words[count] = NULL;
    return count;
}

static void append_values(struct buf *out, const struct arguments *arguments) {
    for (size_t i = 0; i < arguments->command->option_count; i++) {
        const struct option *option = &arguments->command->options[i];
        const struct word_list *list = &arguments->lists[option->id];
        const char *const *words =
            option->is_repeatable ? list->words : &arguments->values[option->id];
        size_t count = option->is_repeatable ? list->count : 1;
        for (size_t j = 0; j < count && words[j] != NULL; j++) {
            buf_printf(out, " %s=%s",
                       option->name == NULL ? option->value_name : option->name,
                       words[j]);
        }
    }
}

static void describe(struct buf *out, enum parse_outcome outcome,
                     const struct arguments *arguments) {
    switch (outcome) {
    case PARSE_COMMAND:
        buf_printf(out, "%s: %s", arguments->needs_network ? "network" : "run",
                   arguments->command->words);
        append_values(out, arguments);
        break;
    case PARSE_HELP:
        buf_printf(out, "help: %s", arguments->command->words);
        break;
    case PARSE_VERSION:
        buf_append(out, STR("version"));
        break;
    case PARSE_ERROR:
        assert_int_equal(diag_exit_status(arguments->error), 2);
        buf_printf(out, "%s ", diag_code(arguments->error));
        diag_details_json(arguments->error, out);
        break;
    case PARSE_NO_MEMORY:
        fail();
    }
}

/* Parses the claim's words; the copy of them lives in the arena. `R= ` before them is
 * the environment's registry, up to the first space. */
static enum parse_outcome parse(struct arena *arena, struct str text,
                                struct arguments *arguments) {
    char *words[MAX_WORDS];
    const char *registry = NULL;
    if (str_starts_with(text, STR("R="))) {
        struct str value = str_skip(text, 2);
        size_t end = str_find(value, ' ');
        registry = arena_c_string(arena, str_first(value, end));
        text = str_skip(value, end + 1);
    }
    struct str copy = arena_copy(arena, text);
    int count = split((char *)(uintptr_t)copy.ptr, words);
    return arguments_parse(arena, count, words, registry, arguments);
}

static void words_come_to_what_the_contract_says(void **state) {
    (void)state;
    struct claims claims;
    struct str columns[2];
    claims_open(&claims, TEST_DATA "/arguments.txt");
    while (claims_next(&claims, columns, 2)) {
        struct arena arena = {0};
        struct arguments arguments;
        struct buf got;
        buf_init(&got, 4096);
        describe(&got, parse(&arena, columns[0], &arguments), &arguments);
        claims_equal(&claims, buf_str(&got), columns[1]);
        buf_release(&got);
        arena_release(&arena);
    }
}

static void errors_say_what_was_meant(void **state) {
    (void)state;
    struct claims claims;
    struct str columns[2];
    claims_open(&claims, TEST_DATA "/suggestions.txt");
    while (claims_next(&claims, columns, 2)) {
        struct arena arena = {0};
        struct arguments arguments;
        struct buf message;
        buf_init(&message, 4096);
        assert_int_equal(parse(&arena, columns[0], &arguments), PARSE_ERROR);
        diag_message(arguments.error, &message);
        if (!str_ends_with(buf_str(&message), columns[1])) {
            claims_fail(&claims, buf_str(&message));
        }
        buf_release(&message);
        arena_release(&arena);
    }
}

static void the_mode_of_errors_is_that_of_the_first_output_flag(void **state) {
    (void)state;
    char *none[] = {"p", "validate", NULL};
    char *first[] = {"p", "--output", "json", "--output=human", NULL};
    char *joined[] = {"p", "--", "--output=", NULL};
    char *last[] = {"p", "validate", "--output", NULL};
    assert_null(arguments_scan_output(2, none).ptr);
    assert_true(str_equal(arguments_scan_output(4, first), STR("json")));
    assert_non_null(arguments_scan_output(3, joined).ptr);
    assert_int_equal(arguments_scan_output(3, joined).len, 0);
    assert_null(arguments_scan_output(3, last).ptr);
}

/* Every option stands in the help of its command, with what can be given. */
static void help_names_every_option(void **state) {
    (void)state;
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        const struct command *command = &commands[i];
        struct buf help;
        buf_init(&help, SIZE_MAX / 2);
        help_append(&help, command);
        assert_int_equal(command->id, i);
        assert_non_null(strstr(help.ptr, command->summary));
        for (size_t j = 0; j < command->option_count; j++) {
            const struct option *option = &command->options[j];
            assert_non_null(strstr(help.ptr, option->name == NULL ? option->value_name
                                                                  : option->name));
            for (size_t k = 0; option->choices != NULL && option->choices[k] != NULL;
                 k++) {
                assert_non_null(strstr(help.ptr, option->choices[k]));
            }
        }
        buf_release(&help);
    }
}

static void the_table_is_sound(void **state) {
    (void)state;
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        bool seen[OPTION_COUNT] = {false};
        assert_int_equal(commands[i].option_count == 0, command_is_group(&commands[i]));
        for (size_t j = 0; j < commands[i].option_count; j++) {
            const struct option *option = &commands[i].options[j];
            assert_false(seen[option->id]);
            seen[option->id] = true;
            assert_int_equal(option->name == NULL, option->id == OPTION_POSITIONAL);
            assert_int_equal(option->value_name == NULL, option->kind == OPTION_SWITCH);
            assert_int_equal(option->choices != NULL, option->kind == OPTION_CHOICE);
            assert_int_equal(option->max > 0, option->kind == OPTION_NUMBER);
            assert_false(option->required && option->fallback != NULL);
            assert_true(option->help[strlen(option->help) - 1] != '.');
        }
        assert_true(commands[i].summary[strlen(commands[i].summary) - 1] != '.');
    }
}

/* Words are wrapped; only examples and usage lines may be wider. */
static void help_fits_a_terminal(void **state) {
    (void)state;
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        struct buf help;
        buf_init(&help, SIZE_MAX / 2);
        help_append(&help, &commands[i]);
        struct str rest = buf_str(&help);
        while (rest.len > 0) {
            struct str line = str_first(rest, str_find(rest, '\n'));
            rest = str_skip(rest, line.len + 1);
            bool may_be_wide = str_starts_with(line, STR("      " PROGRAM_NAME)) ||
                               str_starts_with(line, STR("Usage:"));
            assert_true(line.len <= 80 || may_be_wide);
            assert_false(str_ends_with(line, STR(" ")));
        }
        buf_release(&help);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_come_to_what_the_contract_says),
        cmocka_unit_test(errors_say_what_was_meant),
        cmocka_unit_test(the_mode_of_errors_is_that_of_the_first_output_flag),
        cmocka_unit_test(help_names_every_option),
        cmocka_unit_test(the_table_is_sound),
        cmocka_unit_test(help_fits_a_terminal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
