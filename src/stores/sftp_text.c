#include "stores/sftp_text.h"

#include "stores/child_note.h"
#include "stores/exec_list.h"

enum { NOTE_BYTES = 4096 };

void sftp_append_quoted(struct buf *out, struct str path) {
    buf_append_byte(out, '"');
    for (size_t i = 0; i < path.len; i++) {
        if (path.ptr[i] == '"' || path.ptr[i] == '\\') {
            buf_append_byte(out, '\\');
        }
        buf_append_byte(out, path.ptr[i]);
    }
    buf_append_byte(out, '"');
}

static struct str next_line(struct str *rest) {
    size_t end = str_find(*rest, '\n');
    struct str line = str_trim(str_first(*rest, end));
    *rest = str_skip(*rest, end < rest->len ? end + 1 : end);
    return line;
}

static bool contains(struct str text, const char *part) {
    struct str wanted = str_of(part);
    for (size_t i = 0; i + wanted.len <= text.len; i++) {
        if (memcmp(text.ptr + i, wanted.ptr, wanted.len) == 0) {
            return true;
        }
    }
    return false;
}

static bool contains_any(struct str text, const char *const *parts) {
    for (; *parts != NULL; parts++) {
        if (contains(text, *parts)) {
            return true;
        }
    }
    return false;
}

/* Versions differ in what they tell of success. */
static bool is_progress(struct str line) {
    static const char *const starts[] = {"sftp> ",    "Uploading ", "Fetching ",
                                         "Removing ", "Renaming ",  "Connected to ",
                                         "Changing "};
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        if (str_starts_with(line, str_of(starts[i]))) {
            return true;
        }
    }
    return line.len == 0;
}

enum sftp_said sftp_judge(struct str reply, struct str *why) {
    *why = STR("");
    for (struct str rest = reply; rest.len > 0;) {
        struct str line = next_line(&rest);
        if (is_progress(line)) {
            continue;
        }
        *why = line;
        if (str_ends_with(line, STR("No such file or directory")) ||
            str_ends_with(line, STR(" not found")) ||
            str_ends_with(line, STR(" not found."))) {
            return SFTP_SAID_ABSENT;
        }
        if (str_ends_with(line, STR("Permission denied"))) {
            return SFTP_SAID_DENIED;
        }
        if (str_ends_with(line, STR("Operation unsupported")) ||
            contains(line, "does not support")) {
            return SFTP_SAID_UNSUPPORTED;
        }
        return SFTP_SAID_FAILURE;
    }
    return SFTP_SAID_NOTHING;
}

/* --- listings --- */

static const char month_names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

/* 1 to 12; 0: none. */
static int month_of(struct str word) {
    for (int i = 0; i < 12 && word.len == 3; i++) {
        if (memcmp(month_names + (size_t)i * 3, word.ptr, 3) == 0) {
            return i + 1;
        }
    }
    return 0;
}

static bool number(struct str word, uint64_t *value) {
    *value = 0;
    for (size_t i = 0; i < word.len; i++) {
        if (!ascii_is_digit(word.ptr[i]) || *value > UINT64_MAX / 10 - 1) {
            return false;
        }
        *value = *value * 10 + (uint64_t)(word.ptr[i] - '0');
    }
    return word.len > 0;
}

/* Seconds from 1970 to a day of the Gregorian calendar. */
static int64_t day_s(int64_t year, int month, int64_t day) {
    int64_t shifted = month <= 2 ? year - 1 : year;
    int64_t era = shifted / 400;
    int64_t of_era = shifted - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t days = era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    return (days - 719468) * 86400;
}

static int64_t year_of(int64_t time_s) {
    int64_t year = 1970 + time_s / 31556952;
    return day_s(year, 1, 1) > time_s ? year - 1 : year;
}

/* `Nov 25 17:53`, of the last months, or `Nov 25  2025`. */
static bool moment(int month, struct str day_word, struct str last, int64_t now_s,
                   int64_t *time_s) {
    uint64_t day = 0;
    uint64_t first = 0;
    uint64_t minute = 0;
    size_t colon = str_find(last, ':');
    if (!number(day_word, &day) || day > 31 ||
        !number(str_first(last, colon), &first) || first > 9999) {
        return false;
    }
    if (colon == last.len) {
        *time_s = day_s((int64_t)first, month, (int64_t)day);
        return true;
    }
    if (!number(str_skip(last, colon + 1), &minute) || first > 23 || minute > 59) {
        return false;
    }
    int64_t of_day = (int64_t)(first * 3600 + minute * 60);
    int64_t year = year_of(now_s);
    *time_s = day_s(year, month, (int64_t)day) + of_day;
    /* The host's clock may be ahead of ours by some; what is later is last year's. */
    if (*time_s > now_s + 7 * 86400) {
        *time_s = day_s(year - 1, month, (int64_t)day) + of_day;
    }
    return true;
}

static struct str next_word(struct str *rest) {
    while (rest->len > 0 && rest->ptr[0] == ' ') {
        *rest = str_skip(*rest, 1);
    }
    size_t end = str_find(*rest, ' ');
    struct str word = str_first(*rest, end);
    *rest = str_skip(*rest, end);
    return word;
}

/* `-rw-r--r-- ? OWNER GROUP SIZE MONTH DAY TIME PATH`; owners may have spaces in their
 * names, so the month is looked for, behind a number. */
static bool parse_line(struct str line, int64_t now_s, struct store_object *object) {
    struct str rest = line;
    struct str before = STR("");
    if (line.len == 0 || line.ptr[0] != '-') {
        return false;
    }
    while (rest.len > 0) {
        struct str word = next_word(&rest);
        int month = month_of(word);
        uint64_t size = 0;
        struct str behind = rest;
        struct str day = next_word(&behind);
        struct str last = next_word(&behind);
        if (month > 0 && number(before, &size) && behind.len > 1 &&
            moment(month, day, last, now_s, &object->modified_s)) {
            struct str path = str_skip(behind, 1);
            size_t slash = str_find_last(path, '/');
            object->name = slash < path.len ? str_skip(path, slash + 1) : path;
            object->size_bytes = size;
            return object->name.len > 0;
        }
        before = word;
    }
    return false;
}

bool sftp_list_parse(struct arena *arena, struct str reply, struct str prefix,
                     struct str temporary_prefix, int64_t now_s,
                     struct store_list *list) {
    size_t lines = 1;
    for (size_t i = 0; i < reply.len; i++) {
        lines += reply.ptr[i] == '\n';
    }
    struct str text = arena_copy(arena, reply);
    *list = (struct store_list){.objects =
                                    arena_array(arena, lines, sizeof *list->objects)};
    if (text.ptr == NULL || list->objects == NULL) {
        return false;
    }
    for (struct str rest = text; rest.len > 0;) {
        struct store_object object = {0};
        if (parse_line(next_line(&rest), now_s, &object) &&
            str_starts_with(object.name, prefix)) {
            object.is_incomplete = str_starts_with(object.name, temporary_prefix);
            list->objects[list->count++] = object;
        }
    }
    store_list_sort(list);
    return true;
}

/* --- connections --- */

static const char *const key_words[] = {"Host key verification failed",
                                        "host key is known", "HOST IDENTIFICATION",
                                        "REVOKED HOST KEY", NULL};
static const char *const denied_words[] = {"Permission denied",
                                           "Too many authentication failures", NULL};
static const char *const timeout_words[] = {"timed out", "Timeout", "not responding",
                                            NULL};
static const char *const settled_words[] = {"Could not resolve hostname",
                                            "Connection refused", "No route to host",
                                            "Network is unreachable", NULL};
static const char *const unsupported_words[] = {"subsystem request failed", NULL};

bool sftp_connect_failure(struct str output, struct failure *failure) {
    char note[NOTE_BYTES];
    struct str end = output.len >= NOTE_BYTES
                         ? str_skip(output, output.len - (NOTE_BYTES - 1))
                         : output;
    memcpy(note, end.ptr, end.len);
    note[end.len] = '\0';
    child_note_clean(note);
    const char *said =
        note[0] == '\0' ? "the program `sftp` ended without a word" : note;
    if (contains_any(output, key_words)) {
        failure_set(failure, ERROR_STORE_HOST_KEY, STR_NONE,
                    "the host's key is not the one that is known, or none is known: %s",
                    said);
    } else if (contains_any(output, unsupported_words)) {
        failure_set(failure, ERROR_STORE_UNSUPPORTED, STR_NONE,
                    "the host does not offer SFTP: %s", said);
    } else if (contains_any(output, denied_words)) {
        failure_set(failure, ERROR_AUTH_UNAUTHORIZED, STR_NONE,
                    "the host accepts no key that ssh has to offer; load one into the "
                    "agent, or name its file with `?identity=`: %s",
                    said);
    } else if (contains_any(output, timeout_words)) {
        failure_set(failure, ERROR_STORE_TIMEOUT, STR_NONE, "%s", said);
    } else {
        failure_set(failure, ERROR_STORE_UNREACHABLE, STR_NONE, "%s", said);
        return !contains_any(output, settled_words);
    }
    return false;
}
