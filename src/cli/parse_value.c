#include "cli/parse_value.h"

#include "grammar/name.h"
#include "grammar/semver.h"

static bool is_target(struct str text) {
    size_t at = str_find(text, '@');
    struct semver version;
    struct syntax_error error;
    return at < text.len && name_check(str_first(text, at)) == NAME_VALID &&
           semver_parse(str_skip(text, at + 1), &version, &error) == GRAMMAR_OK;
}

static struct str choices_note(struct arena *arena, const char *const *choices) {
    struct str note = STR("; it is one of");
    for (size_t i = 0; choices[i] != NULL; i++) {
        note = arena_printf(arena, "%.*s%s %s", STR_ARG(note), i == 0 ? "" : ",",
                            choices[i]);
        if (note.ptr == NULL) {
            break;
        }
    }
    return note;
}

static bool is_choice(struct str value, const char *const *choices) {
    for (size_t i = 0; choices[i] != NULL; i++) {
        if (str_equal(value, str_of(choices[i]))) {
            return true;
        }
    }
    return false;
}

/* Stops at `UINT32_MAX` and above. */
static uint64_t digits_value(struct str text) {
    uint64_t number = 0;
    for (size_t i = 0; i < text.len && number <= UINT32_MAX; i++) {
        number = number * 10 + (uint64_t)(text.ptr[i] - '0');
    }
    return number;
}

static bool is_number(struct str text, uint32_t max) {
    for (size_t i = 0; i < text.len; i++) {
        if (!ascii_is_digit(text.ptr[i])) {
            return false;
        }
    }
    uint64_t number = digits_value(text);
    return text.len > 0 && number >= 1 && number <= max;
}

uint32_t value_number(const char *value) {
    return value == NULL ? 0 : (uint32_t)digits_value(str_of(value));
}

bool value_is_good(struct arena *arena, const struct option *option, struct str value,
                   enum error_id *id, struct str *note) {
    *id = ERROR_USAGE_INVALID_VALUE;
    switch (option->kind) {
    case OPTION_CHOICE:
        if (!is_choice(value, option->choices)) {
            *note = choices_note(arena, option->choices);
            return false;
        }
        break;
    case OPTION_FILE:
    case OPTION_FOLDER:
        *note = STR(": a path cannot be empty");
        return value.len > 0;
    case OPTION_LOCATION:
        *note = STR(": a location cannot be empty");
        return value.len > 0;
    case OPTION_TARGET:
        *id = ERROR_USAGE_INVALID_TARGET;
        *note = STR("it is no plugin name and version with `@` between");
        return is_target(value);
    case OPTION_NUMBER:
        if (!is_number(value, option->max)) {
            *note = arena_printf(arena, "; it is a number from 1 to %lu",
                                 (unsigned long)option->max);
            return false;
        }
        break;
    case OPTION_SWITCH:
    case OPTION_TEXT:
        break;
    }
    return true;
}
