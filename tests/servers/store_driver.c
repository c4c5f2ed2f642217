/* Drives one store from standard input: a command a line, words between tabs; answers
 * with a line of JSON each. `store_driver [--insecure] [--read] [--timeout MS]
 * LOCATION`.
 *
 *   about                                   mode, artifacts_url, …
 *   get NAME OUTFILE [MAX]                  the object's bytes into a file
 *   put-new NAME FILE [SERIAL]
 *   replace NAME FILE [REVISION [SERIAL]]   without a revision: whatever is there
 *   list PREFIX
 *   rename NAME REVISION TO
 *   remove NAME REVISION
 *   admit NAME…
 *   prepare
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/fs.h"
#include "base/json_write.h"
#include "stores/stores.h"

enum { MAX_WORDS = 2048 };

static const char *const status_words[] = {
    [STORE_OK] = "ok",
    [STORE_ABSENT] = "absent",
    [STORE_EXISTS] = "exists",
    [STORE_CONFLICT] = "conflict",
    [STORE_UNCERTAIN] = "uncertain",
    [STORE_FAILED] = "failed",
};

static const char *const mode_words[] = {
    [STORE_CAS] = "cas",
    [STORE_JOURNAL] = "journal",
    [STORE_JOURNAL_LOCKED] = "journal-locked",
    [STORE_OVERWRITE] = "overwrite",
};

struct words {
    char *at[MAX_WORDS];
    size_t count;
};

static struct str word(const struct words *words, size_t at) {
    return at < words->count ? str_of(words->at[at]) : STR_NONE;
}

static uint64_t number(const struct words *words, size_t at, uint64_t fallback) {
    return at < words->count ? strtoull(words->at[at], NULL, 10) : fallback;
}

static void member(struct buf *out, const char *key, struct str text) {
    if (text.ptr != NULL) {
        buf_append(out, STR(","));
        json_append_key(out, str_of(key));
        json_append_string(out, text);
    }
}

static void append_object(struct buf *out, const struct store_object *object) {
    buf_printf(out,
               "{\"serial\":%" PRIu64 ",\"size\":%" PRIu64 ",\"modified\":%" PRId64
               ",\"incomplete\":%s",
               object->serial, object->size_bytes, object->modified_s,
               object->is_incomplete ? "true" : "false");
    member(out, "name", object->name);
    member(out, "revision", object->revision);
    member(out, "digest",
           object->digest[0] == '\0' ? STR_NONE : str_of(object->digest));
    buf_append(out, STR("}"));
}

static void append_failure(struct buf *out, const struct failure *failure,
                           struct str location) {
    struct arena arena = {0};
    struct diag *diag = failure_diag(failure, &arena, location);
    if (diag == NULL) {
        member(out, "code", STR("memory::exhausted"));
    } else {
        struct buf message;
        buf_init(&message, 1 << 20);
        diag_message(diag, &message);
        member(out, "code", str_of(diag_code(diag)));
        member(out, "field", diag->field);
        member(out, "message", buf_str(&message));
        buf_release(&message);
    }
    arena_release(&arena);
}

/* The content of a file, to be freed. */
static struct str file_bytes(const char *path) {
    FILE *file = fopen(path, "rb");
    if (file == NULL || fseek(file, 0, SEEK_END) != 0) {
        (void)fprintf(stderr, "store_driver: %s cannot be read\n", path);
        exit(2);
    }
    size_t size = (size_t)ftell(file);
    rewind(file);
    char *bytes = malloc(size + 1);
    if (bytes == NULL || fread(bytes, 1, size, file) != size) {
        exit(2);
    }
    (void)fclose(file);
    return (struct str){bytes, size};
}

static enum store_status get(struct store *store, struct store_call *call,
                             const struct words *words, struct buf *out) {
    struct buf bytes = {0};
    struct store_object object = {0};
    enum store_status status =
        store->ops->get(store, call, word(words, 1),
                        number(words, 3, (uint64_t)1 << 31), &bytes, &object);
    if (status == STORE_OK) {
        FILE *file = fopen(words->at[2], "wb");
        if (file == NULL ||
            (bytes.len > 0 && fwrite(bytes.ptr, 1, bytes.len, file) != bytes.len)) {
            exit(2);
        }
        (void)fclose(file);
        buf_append(out, STR(",\"object\":"));
        append_object(out, &object);
    }
    buf_release(&bytes);
    return status;
}

static enum store_status put(struct store *store, struct store_call *call,
                             const struct words *words, struct buf *out) {
    bool is_new = strcmp(words->at[0], "put-new") == 0;
    struct str bytes = file_bytes(words->at[2]);
    struct store_put order = {.name = word(words, 1),
                              .bytes = bytes,
                              .serial = number(words, is_new ? 3 : 4, 0)};
    struct store_object seen = {
        .name = order.name, .revision = word(words, 3), .size_bytes = UINT64_MAX};
    struct store_object now = {0};
    enum store_status status =
        is_new ? store->ops->put_new(store, call, &order, &now)
               : store->ops->replace(store, call, &order,
                                     seen.revision.len > 0 ? &seen : NULL, &now);
    if (status == STORE_OK) {
        buf_append(out, STR(",\"object\":"));
        append_object(out, &now);
    }
    free((char *)bytes.ptr);
    return status;
}

static enum store_status list(struct store *store, struct store_call *call,
                              const struct words *words, struct buf *out) {
    struct store_list found = {0};
    enum store_status status = store->ops->list(
        store, call, words->count > 1 ? word(words, 1) : STR(""), &found);
    if (status == STORE_OK) {
        buf_append(out, STR(",\"objects\":["));
        for (size_t i = 0; i < found.count; i++) {
            buf_append(out, i == 0 ? STR("") : STR(","));
            append_object(out, &found.objects[i]);
        }
        buf_append(out, STR("]"));
    }
    return status;
}

static enum store_status admit(struct store *store, struct store_call *call,
                               const struct words *words) {
    struct str names[MAX_WORDS];
    for (size_t i = 1; i < words->count; i++) {
        names[i - 1] = word(words, i);
    }
    return store->ops->admit == NULL
               ? STORE_OK
               : store->ops->admit(store, call, names, words->count - 1);
}

static void about(const struct store *store, struct buf *out) {
    member(out, "mode", str_of(mode_words[store->mode]));
    member(out, "location", store->location);
    member(out, "artifacts_url", store->artifacts_url);
    buf_printf(out, ",\"needs_exclusive\":%s,\"waits_for_index\":%s,\"lists\":%s",
               store->needs_exclusive ? "true" : "false",
               store->waits_for_index ? "true" : "false",
               store->ops->list != NULL ? "true" : "false");
}

static enum store_status run(struct store *store, struct store_call *call,
                             const struct words *words, struct buf *out) {
    const char *verb = words->at[0];
    struct store_object seen = {
        .name = word(words, 1), .revision = word(words, 2), .size_bytes = UINT64_MAX};
    if (strcmp(verb, "about") == 0) {
        about(store, out);
        return STORE_OK;
    }
    if (strcmp(verb, "get") == 0) {
        return get(store, call, words, out);
    }
    if (strcmp(verb, "put-new") == 0 || strcmp(verb, "replace") == 0) {
        return put(store, call, words, out);
    }
    if (strcmp(verb, "list") == 0) {
        return list(store, call, words, out);
    }
    if (strcmp(verb, "rename") == 0) {
        return store->ops->rename(store, call, &seen, word(words, 3));
    }
    if (strcmp(verb, "remove") == 0) {
        return store->ops->remove(store, call, &seen);
    }
    if (strcmp(verb, "admit") == 0) {
        return admit(store, call, words);
    }
    if (strcmp(verb, "prepare") == 0) {
        return store->ops->prepare == NULL ? STORE_OK
                                           : store->ops->prepare(store, call);
    }
    (void)fprintf(stderr, "store_driver: no such command: %s\n", verb);
    exit(2);
}

static void answer(struct store *store, const struct words *words) {
    struct arena arena = {0};
    struct store_call call = {.arena = &arena};
    struct buf parts;
    buf_init(&parts, SIZE_MAX / 2);
    enum store_status status = run(store, &call, words, &parts);
    member(&parts, "warning", call.warning);
    if (call.failure.is_set) {
        append_failure(&parts, &call.failure, store->location);
    }
    (void)printf("{\"status\":\"%s\",\"requests\":%" PRIuFAST64 "%.*s}\n",
                 status_words[status], atomic_load(&store->requests),
                 STR_ARG(buf_str(&parts)));
    (void)fflush(stdout);
    buf_release(&parts);
    arena_release(&arena);
}

static void split(char *line, struct words *words) {
    line[strcspn(line, "\n")] = '\0';
    words->count = 0;
    for (char *at = line; at != NULL && words->count < MAX_WORDS;) {
        char *tab = strchr(at, '\t');
        words->at[words->count++] = at;
        if (tab != NULL) {
            *tab++ = '\0';
        }
        at = tab;
    }
}

int main(int argc, char **argv) {
    struct stores_options options = {.writes = true};
    int at = 1;
    for (; at < argc && strncmp(argv[at], "--", 2) == 0; at++) {
        if (strcmp(argv[at], "--insecure") == 0) {
            options.allow_insecure = true;
        } else if (strcmp(argv[at], "--read") == 0) {
            options.writes = false;
        } else if (strcmp(argv[at], "--timeout") == 0 && at + 1 < argc) {
            options.timeout_ms = (uint32_t)strtoul(argv[++at], NULL, 10);
        }
    }
    if (at >= argc) {
        (void)fprintf(stderr, "usage: store_driver [OPTIONS] LOCATION\n");
        return 2;
    }
    struct failure failure = {0};
    struct store *store = stores_open(str_of(argv[at]), &options, &failure);
    if (store == NULL) {
        struct buf out;
        buf_init(&out, 1 << 20);
        append_failure(&out, &failure, str_of(argv[at]));
        (void)printf("{\"status\":\"failed\",\"requests\":0%.*s}\n",
                     STR_ARG(buf_str(&out)));
        buf_release(&out);
        return 1;
    }
    static char line[1 << 20];
    while (fgets(line, sizeof line, stdin) != NULL) {
        struct words words;
        split(line, &words);
        answer(store, &words);
    }
    store_close(store);
    return 0;
}
