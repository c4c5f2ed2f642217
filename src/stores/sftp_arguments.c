#include "stores/sftp_arguments.h"

#include "net/host.h"
#include "stores/child.h"

extern char **environ;

enum { CONFIGURATION_MAX_BYTES = 1 << 20, CONFIGURATION_TIMEOUT_MS = 10000 };

struct builder {
    struct arena *arena;
    const char **words;
    size_t count;
    bool failed;
};

static void add(struct builder *builder, struct str word) {
    const char *copy = word.ptr == NULL ? NULL : arena_c_string(builder->arena, word);
    if (copy == NULL || builder->count + 1 >= SFTP_MAX_WORDS) {
        builder->failed = true;
        return;
    }
    builder->words[builder->count++] = copy;
    builder->words[builder->count] = NULL;
}

/* `%` begins a token there. */
static struct str without_tokens(struct arena *arena, struct str path) {
    struct buf out;
    buf_init(&out, SIZE_MAX);
    for (size_t i = 0; i < path.len; i++) {
        buf_append(&out,
                   path.ptr[i] == '%' ? STR("%%") : (struct str){path.ptr + i, 1});
    }
    struct str copy = out.failed ? STR_NONE : arena_copy(arena, buf_str(&out));
    buf_release(&out);
    return copy;
}

/* What the location says, as both ssh and sftp take it. */
static void add_parameters(struct builder *builder, const struct location *location) {
    struct str config = location_parameter(location, STR("config"));
    struct str identity = location_parameter(location, STR("identity"));
    struct str known = location_parameter(location, STR("known-hosts"));
    if (config.ptr != NULL) {
        add(builder, STR("-F"));
        add(builder, config);
    }
    if (identity.ptr != NULL) {
        add(builder, STR("-oIdentitiesOnly=yes"));
        add(builder, STR("-i"));
        add(builder, without_tokens(builder->arena, identity));
    }
    if (known.ptr != NULL) {
        struct str path = without_tokens(builder->arena, known);
        struct str parts[] = {STR("-oUserKnownHostsFile=\""), path, STR("\"")};
        add(builder,
            path.ptr == NULL ? STR_NONE : arena_concat(builder->arena, parts, 3));
    }
}

/* `host:port` in its two parts; the port may be absent. */
static void split_host(struct str host, struct str *name, struct str *port) {
    size_t from = 0;
    if (host.len > 0 && host.ptr[0] == '[') {
        from = str_find(host, ']');
    }
    size_t colon = from + str_find(str_skip(host, from), ':');
    *name = str_first(host, colon);
    *port = colon < host.len ? str_skip(host, colon + 1) : STR_NONE;
}

/* `brackets`: sftp wants them around an IPv6 address, ssh does not. */
static void add_target(struct builder *builder, const struct location *location,
                       const char *port_option, bool brackets) {
    struct str name;
    struct str port;
    split_host(location->host, &name, &port);
    if (!brackets && name.len > 2 && name.ptr[0] == '[') {
        name = (struct str){name.ptr + 1, name.len - 2};
    }
    if (port.ptr != NULL) {
        add(builder, str_of(port_option));
        add(builder, port);
    }
    add(builder, STR("--"));
    if (location->user.ptr == NULL) {
        add(builder, name);
    } else {
        struct str parts[] = {location->user, STR("@"), name};
        add(builder, arena_concat(builder->arena, parts, 3));
    }
}

/* Does the user's configuration take new hosts' keys? Where ssh does not tell, no. */
static bool accepts_new(struct arena *arena, const struct location *location) {
    const char *words[SFTP_MAX_WORDS];
    struct builder builder = {.arena = arena, .words = words};
    add(&builder, STR("ssh"));
    add(&builder, STR("-G"));
    add_parameters(&builder, location);
    add_target(&builder, location, "-p", false);
    if (builder.failed) {
        return false;
    }
    struct child_run run = {.arguments = words,
                            .input = STR(""),
                            .max_output = CONFIGURATION_MAX_BYTES,
                            .deadline_ms =
                                host_monotonic_ms() + CONFIGURATION_TIMEOUT_MS};
    struct child_result result;
    child_run(&run, &result);
    bool found = false;
    for (struct str rest = buf_str(&result.output); rest.len > 0 && !found;) {
        size_t end = str_find(rest, '\n');
        found =
            str_equal(str_first(rest, end), STR("stricthostkeychecking accept-new"));
        rest = str_skip(rest, end < rest.len ? end + 1 : end);
    }
    buf_release(&result.output);
    return found && result.outcome == CHILD_EXITED && result.status == 0;
}

/* The environment, with the words and clock that the replies are read in. */
static char **make_environment(struct arena *arena) {
    size_t count = 0;
    while (environ != NULL && environ[count] != NULL) {
        count++;
    }
    char **copy = arena_array(arena, count + 3, sizeof *copy);
    char *words = arena_bytes(arena, sizeof "LC_ALL=C" + sizeof "TZ=UTC");
    if (copy == NULL || words == NULL) {
        return NULL;
    }
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        struct str each = str_of(environ[i]);
        if (!str_starts_with(each, STR("LC_ALL=")) &&
            !str_starts_with(each, STR("TZ="))) {
            copy[used++] = environ[i];
        }
    }
    memcpy(words, "LC_ALL=C\0TZ=UTC", sizeof "LC_ALL=C\0TZ=UTC");
    copy[used++] = words;
    copy[used++] = words + sizeof "LC_ALL=C";
    return copy;
}

bool sftp_arguments_make(struct arena *arena, const struct location *location,
                         uint32_t connect_timeout_ms, struct sftp_arguments *arguments,
                         struct failure *failure) {
    struct builder builder = {.arena = arena, .words = arguments->words};
    add(&builder, STR("sftp"));
    add(&builder, STR("-b"));
    add(&builder, STR("-"));
    add(&builder, STR("-oBatchMode=yes"));
    add(&builder, STR("-oLogLevel=ERROR"));
    add(&builder, accepts_new(arena, location)
                      ? STR("-oStrictHostKeyChecking=accept-new")
                      : STR("-oStrictHostKeyChecking=yes"));
    uint32_t connect_s = (connect_timeout_ms + 999) / 1000;
    add(&builder, arena_printf(arena, "-oConnectTimeout=%u", connect_s));
    add(&builder, STR("-oServerAliveInterval=10"));
    add(&builder, STR("-oServerAliveCountMax=3"));
    add(&builder, STR("-oClearAllForwardings=yes"));
    add_parameters(&builder, location);
    add_target(&builder, location, "-P", true);
    arguments->environment = make_environment(arena);
    if (builder.failed || arguments->environment == NULL) {
        failure_memory(failure);
        return false;
    }
    return true;
}
