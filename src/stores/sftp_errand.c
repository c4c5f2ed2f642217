#include "stores/sftp_errand.h"

#include <inttypes.h>

#include "net/host.h"
#include "stores/child_note.h"

enum { NOTE_BYTES = 4096 };

/* A line end would be a command of its own. */
static bool is_good(struct str name) {
    for (size_t i = 0; i < name.len; i++) {
        if ((unsigned char)name.ptr[i] < ' ' || name.ptr[i] == 0x7F ||
            name.ptr[i] == '/') {
            return false;
        }
    }
    return name.len > 0 && name.len <= SFTP_NAME_BYTES_MOST;
}

struct str sftp_path_of(struct sftp_errand *errand, struct str name) {
    struct str directory = errand->sftp->directory;
    struct str slash = str_ends_with(directory, STR("/")) ? STR("") : STR("/");
    struct str parts[] = {directory, slash, name};
    if (!is_good(name)) {
        failure_set(&errand->call->failure, ERROR_STORE_NAME_REFUSED, errand->object,
                    "it cannot be the name of a file here");
        return STR_NONE;
    }
    struct str path = arena_concat(errand->call->arena, parts, 3);
    if (path.ptr == NULL) {
        failure_memory(&errand->call->failure);
    }
    return path;
}

struct str sftp_temporary_path(struct sftp_errand *errand) {
    struct str name = arena_printf(errand->call->arena, "%s%016" PRIx64,
                                   SFTP_TEMPORARY.ptr, host_random(NULL));
    if (name.ptr == NULL) {
        failure_memory(&errand->call->failure);
    }
    return name.ptr == NULL ? STR_NONE : sftp_path_of(errand, name);
}

enum store_status sftp_out_of_memory(struct sftp_errand *errand) {
    failure_memory(&errand->call->failure);
    return STORE_FAILED;
}

/* --- one command --- */

void sftp_give_back(struct sftp_errand *errand, bool is_usable) {
    if (errand->session != NULL) {
        sftp_pool_give(errand->sftp->pool, errand->session, is_usable);
        errand->session = NULL;
    }
}

/* The reply lies in the session until the next command. */
enum sftp_outcome sftp_converse(struct sftp_errand *errand,
                                const struct sftp_command *command, struct str *reply) {
    struct failure *failure = &errand->call->failure;
    if (errand->session == NULL) {
        errand->session = sftp_pool_take(errand->sftp->pool, failure);
        if (errand->session == NULL) {
            return SFTP_FAILED;
        }
    }
    struct buf line;
    buf_init(&line, SIZE_MAX);
    buf_append(&line, STR("-")); /* an error does not end the program */
    buf_append(&line, str_of(command->verb));
    for (int i = 0; i < 2 && command->paths[i].ptr != NULL; i++) {
        buf_append(&line, STR(" "));
        sftp_append_quoted(&line, command->paths[i]);
    }
    enum sftp_answer answer =
        line.failed
            ? SFTP_NO_MEMORY
            : sftp_pool_tell(errand->sftp->pool, errand->session, buf_str(&line),
                             command->size_bytes, &command->growth, reply);
    buf_release(&line);
    switch (answer) {
    case SFTP_ANSWERED:
        return SFTP_DONE;
    case SFTP_BROKEN:
        sftp_give_back(errand, false);
        return SFTP_DISCONNECTED;
    case SFTP_TIMED_OUT:
        failure_set(failure, ERROR_STORE_TIMEOUT, errand->object,
                    "`%s` over SFTP took too long", command->verb);
        break;
    case SFTP_TOO_LARGE:
        failure_set(failure, ERROR_STORE_TOO_LARGE, errand->object,
                    "it has more than the %" PRIu64 " bytes that are allowed",
                    command->growth.max_bytes);
        break;
    case SFTP_NO_MEMORY:
        failure_memory(failure);
        break;
    }
    sftp_give_back(errand, false);
    return SFTP_FAILED;
}

enum sftp_outcome sftp_tell(struct sftp_errand *errand,
                            const struct sftp_command *command, enum sftp_said *said) {
    struct str reply;
    struct str why;
    enum sftp_outcome outcome = sftp_converse(errand, command, &reply);
    *said = SFTP_SAID_NOTHING;
    if (outcome != SFTP_DONE) {
        return outcome;
    }
    *said = sftp_judge(reply, &why);
    if (*said == SFTP_SAID_NOTHING) {
        return SFTP_DONE;
    }
    errand->why = arena_copy(errand->call->arena, why);
    if (errand->why.ptr == NULL) {
        failure_memory(&errand->call->failure);
        return SFTP_FAILED;
    }
    return SFTP_SAID;
}

enum sftp_outcome sftp_tell_paths(struct sftp_errand *errand, const char *verb,
                                  struct str first, struct str second,
                                  enum sftp_said *said) {
    struct sftp_command command = {.verb = verb, .paths = {first, second}};
    return sftp_tell(errand, &command, said);
}

bool sftp_is_there(struct sftp_errand *errand, struct str path) {
    struct sftp_command command = {.verb = "ls -ln", .paths = {path}};
    struct str reply;
    struct str line = STR("");
    if (sftp_converse(errand, &command, &reply) == SFTP_DONE) {
        (void)sftp_judge(reply, &line);
    }
    return line.len > 0 && line.ptr[0] == '-'; /* of a file's permissions */
}

/* Is there no space left where the registry lies? `df` puts out a headline, and below
 * it sizes: all, used, free, free for root, in KiB, and a percentage. */
static bool is_full(struct sftp_errand *errand) {
    struct sftp_command command = {.verb = "df", .paths = {errand->sftp->directory}};
    struct str reply;
    if (sftp_converse(errand, &command, &reply) != SFTP_DONE) {
        return false;
    }
    struct str percent = str_first(reply, str_find_last(reply, '%'));
    return str_ends_with(percent, STR(" 100"));
}

enum store_status sftp_fail(struct sftp_errand *errand, const char *what,
                            enum sftp_said said) {
    struct failure *failure = &errand->call->failure;
    struct failure plain = {0};
    char note[NOTE_BYTES];
    struct str why = errand->why.len < NOTE_BYTES
                         ? errand->why
                         : str_first(errand->why, NOTE_BYTES - 1);
    memcpy(note, why.ptr == NULL ? "" : why.ptr, why.len);
    note[why.len] = '\0';
    child_note_clean(note);
    enum error_id id = ERROR_STORE_IO_FAILED;
    if (said == SFTP_SAID_DENIED) {
        id = ERROR_STORE_ACCESS_DENIED;
    } else if (said == SFTP_SAID_ABSENT) {
        id = ERROR_STORE_NOT_FOUND;
    } else if (said == SFTP_SAID_UNSUPPORTED) {
        id = ERROR_STORE_UNSUPPORTED;
    } else if (is_full(errand)) {
        id = ERROR_STORE_NO_SPACE;
    }
    failure_set(&plain, id, errand->object, "cannot be %s: %s", what, note);
    if (!failure->is_set) {
        *failure = plain;
    }
    return STORE_FAILED;
}

enum store_status sftp_broken(struct sftp_errand *errand, bool is_uncertain) {
    failure_set(&errand->call->failure, ERROR_STORE_UNREACHABLE, errand->object,
                "the SSH connection broke");
    return is_uncertain ? STORE_UNCERTAIN : STORE_FAILED;
}

struct sftp_errand sftp_errand_of(struct store *store, struct store_call *call,
                                  struct str object) {
    return (struct sftp_errand){
        .sftp = (struct sftp_store *)store, .call = call, .object = object};
}

/* Gives the session back for others. */
enum store_status sftp_finish(struct sftp_errand *errand, enum store_status status) {
    sftp_give_back(errand, true);
    return status;
}

/* Is gone or will be found as an incomplete object. */
void sftp_discard(struct sftp_errand *errand, struct str path) {
    enum sftp_said said;
    struct failure before = errand->call->failure;
    (void)sftp_tell_paths(errand, "rm", path, STR_NONE, &said);
    errand->call->failure = before;
}
