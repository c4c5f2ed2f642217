/* Sends requests from standard input through the HTTP client: a request a line, words
 * between tabs; answers with a line of JSON each.
 * `http_driver [--insecure] [--stall MS] [--connect MS] [--total MS] [--tries N]
 * [--hide TEXT]…`
 *
 *   METHOD URL [WORD=VALUE…]    words: header=NAME: VALUE, body=TEXT, body-file=PATH,
 *     bearer=TOKEN, basic=USER:PASSWORD, auth-header=NAME:TOKEN,
 *     sigv4=KEY:SECRET:TOKEN:REGION:SERVICE, max=BYTES, tries=N, times=N (at once, in
 *     threads of their own); repeatable, follow
 *
 * In values `\n` is a line feed.
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/fs.h"
#include "base/json_write.h"
#include "base/sha256.h"
#include "net/http.h"

enum { MAX_WORDS = 64, MAX_HEADERS = 16, MAX_TIMES = 64 };

struct job {
    struct http *http;
    struct http_request request;
    struct http_header headers[MAX_HEADERS];
    struct buf body;
    size_t times;
};

static void member(struct buf *out, const char *key, struct str text) {
    buf_append(out, STR(","));
    json_append_key(out, str_of(key));
    json_append_string(out, text);
}

static struct str value_of(char *word, const char *key) {
    size_t len = strlen(key);
    if (strncmp(word, key, len) != 0 || word[len] != '=') {
        return STR_NONE;
    }
    char *to = word + len + 1;
    size_t count = 0;
    for (char *from = to; *from != '\0'; from++) {
        bool is_break = from[0] == '\\' && from[1] == 'n';
        to[count++] = (char)(is_break ? '\n' : *from);
        from += is_break ? 1 : 0;
    }
    to[count] = '\0';
    return (struct str){to, count};
}

/* What is before the next `:`. */
static struct str take_part(struct str *text) {
    size_t end = str_find(*text, ':');
    struct str part = str_first(*text, end);
    *text = str_skip(*text, end < text->len ? end + 1 : end);
    return part;
}

static void set_auth(struct http_auth *auth, char *word) {
    struct str value;
    if ((value = value_of(word, "bearer")).ptr != NULL) {
        *auth = (struct http_auth){.kind = HTTP_AUTH_BEARER, .token = value};
    } else if ((value = value_of(word, "basic")).ptr != NULL) {
        auth->kind = HTTP_AUTH_BASIC;
        auth->user = take_part(&value);
        auth->secret = value;
    } else if ((value = value_of(word, "auth-header")).ptr != NULL) {
        auth->kind = HTTP_AUTH_HEADER;
        auth->header = take_part(&value);
        auth->token = value;
    } else if ((value = value_of(word, "sigv4")).ptr != NULL) {
        auth->kind = HTTP_AUTH_SIGV4;
        auth->user = take_part(&value);
        auth->secret = take_part(&value);
        auth->token = take_part(&value);
        auth->region = take_part(&value);
        auth->service = value;
    }
}

static void set_word(struct job *job, char *word) {
    struct http_request *request = &job->request;
    struct str value;
    set_auth(&request->auth, word);
    if ((value = value_of(word, "header")).ptr != NULL) {
        struct str name = take_part(&value);
        job->headers[request->header_count++] =
            (struct http_header){name, str_skip(value, value.len > 0 ? 1 : 0)};
    } else if ((value = value_of(word, "body")).ptr != NULL) {
        request->body = value;
    } else if ((value = value_of(word, "body-file")).ptr != NULL) {
        if (fs_read(value, &job->body) != 0) {
            (void)fprintf(stderr, "http_driver: cannot read the body\n");
            exit(2);
        }
        request->body = buf_str(&job->body);
    } else if ((value = value_of(word, "max")).ptr != NULL) {
        request->max_bytes = strtoull(value.ptr, NULL, 10);
    } else if ((value = value_of(word, "tries")).ptr != NULL) {
        request->max_tries = (unsigned)strtoul(value.ptr, NULL, 10);
    } else if ((value = value_of(word, "times")).ptr != NULL) {
        job->times = strtoul(value.ptr, NULL, 10);
    } else if (strcmp(word, "repeatable") == 0) {
        request->is_repeatable = true;
    } else if (strcmp(word, "follow") == 0) {
        request->follow = HTTP_FOLLOW_READ;
    }
}

static void append_response(struct buf *out, const struct http_response *response) {
    struct sha256 sha;
    char digest[SHA256_TEXT_BYTES + 1];
    struct str body = buf_str(&response->body);
    sha256_begin(&sha);
    sha256_add(&sha, body);
    sha256_end(&sha, digest);
    buf_printf(out, ",\"status\":%ld,\"length\":%zu,\"was_repeated\":%s",
               response->status, body.len, response->was_repeated ? "true" : "false");
    member(out, "digest", str_of(digest));
    member(out, "text", body.len > 200 ? str_first(body, 200) : body);
    buf_append(out, STR(",\"headers\":{\"\":\"\""));
    for (size_t i = 0; i < response->header_count; i++) {
        buf_append(out, STR(","));
        json_append_key(out, response->headers[i].name);
        json_append_string(out, response->headers[i].value);
    }
    buf_append(out, STR("}"));
}

static void send_once(struct job *job, struct buf *out) {
    struct arena arena = {0};
    struct http_response response;
    struct failure failure = {0};
    bool may_have_happened = false;
    bool done = http_send(job->http, &arena, &job->request, &response,
                          &may_have_happened, &failure);
    buf_printf(out, "{\"ok\":%s,\"tries\":%u,\"may_have_happened\":%s",
               done ? "true" : "false", response.tries,
               may_have_happened ? "true" : "false");
    if (done) {
        append_response(out, &response);
    } else {
        struct diag *diag = failure_diag(&failure, &arena, STR("x"));
        member(out, "code",
               str_of(diag == NULL ? "memory::exhausted" : diag_code(diag)));
        member(out, "note", str_of(failure.note));
    }
    buf_append(out, STR("}"));
    http_response_release(&response);
    arena_release(&arena);
}

struct worker {
    struct job *job;
    pthread_t thread;
    struct buf out;
};

static void *work(void *context) {
    struct worker *worker = context;
    send_once(worker->job, &worker->out);
    return NULL;
}

/* All of them at once; a list of answers. */
static void send_many(struct job *job, struct buf *out) {
    struct worker workers[MAX_TIMES];
    size_t count = job->times < MAX_TIMES ? job->times : MAX_TIMES;
    for (size_t i = 0; i < count; i++) {
        workers[i].job = job;
        buf_init(&workers[i].out, SIZE_MAX / 2);
        if (pthread_create(&workers[i].thread, NULL, work, &workers[i]) != 0) {
            exit(2);
        }
    }
    buf_append(out, STR("["));
    for (size_t i = 0; i < count; i++) {
        (void)pthread_join(workers[i].thread, NULL);
        buf_append(out, i == 0 ? STR("") : STR(","));
        buf_append(out, buf_str(&workers[i].out));
        buf_release(&workers[i].out);
    }
    buf_append(out, STR("]"));
}

static void run(struct http *http, char *line) {
    struct job job = {.http = http, .request = {.max_bytes = 1 << 20}};
    struct buf out;
    size_t at = 0;
    buf_init(&job.body, SIZE_MAX / 2);
    buf_init(&out, SIZE_MAX / 2);
    job.request.headers = job.headers;
    line[strcspn(line, "\n")] = '\0';
    for (char *word = line, *next; word != NULL; word = next, at++) {
        next = strchr(word, '\t');
        if (next != NULL) {
            *next++ = '\0';
        }
        if (at == 0) {
            job.request.method = word;
        } else if (at == 1) {
            job.request.url = str_of(word);
        } else {
            set_word(&job, word);
        }
    }
    if (job.times > 0) {
        send_many(&job, &out);
    } else {
        send_once(&job, &out);
    }
    (void)printf("%s\n", out.ptr);
    (void)fflush(stdout);
    buf_release(&out);
    buf_release(&job.body);
}

int main(int argc, char **argv) {
    struct http_options options = {0};
    static atomic_uint_fast64_t requests;
    options.requests = &requests;
    const char *hidden[MAX_WORDS];
    size_t hidden_count = 0;
    for (int at = 1; at < argc; at++) {
        const char *value = at + 1 < argc ? argv[at + 1] : "0";
        uint32_t number = (uint32_t)strtoul(value, NULL, 10);
        if (strcmp(argv[at], "--insecure") == 0) {
            options.allow_insecure = true;
            continue;
        }
        if (strcmp(argv[at], "--stall") == 0) {
            options.stall_timeout_ms = number;
        } else if (strcmp(argv[at], "--connect") == 0) {
            options.connect_timeout_ms = number;
        } else if (strcmp(argv[at], "--total") == 0) {
            options.total_timeout_ms = number;
        } else if (strcmp(argv[at], "--tries") == 0) {
            options.max_tries = number;
        } else if (strcmp(argv[at], "--hide") == 0 && hidden_count < MAX_WORDS) {
            hidden[hidden_count++] = value;
        }
        at++;
    }
    struct http *http = http_new(&options);
    for (size_t i = 0; i < hidden_count; i++) {
        (void)http_hide(http, str_of(hidden[i]));
    }
    static char line[1 << 20];
    while (http != NULL && fgets(line, sizeof line, stdin) != NULL) {
        if (strcmp(line, "requests\n") == 0) {
            (void)printf("%" PRIuFAST64 "\n", atomic_load(&requests));
            (void)fflush(stdout);
        } else {
            run(http, line);
        }
    }
    http_free(http);
    return http == NULL;
}
