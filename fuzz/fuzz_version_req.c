/* Versions and requirements: what is accepted and written out is accepted again and
 * means the same; orders are orders. The lines of the input are tried as both, each
 * beside the one before. */
#include "fuzz.h"

#include "grammar/version_req.h"

static void write_version(const struct semver *version, struct buf *out) {
    buf_append_u64(out, version->major);
    buf_append_byte(out, '.');
    buf_append_u64(out, version->minor);
    buf_append_byte(out, '.');
    buf_append_u64(out, version->patch);
    if (version->pre.len > 0) {
        buf_append_byte(out, '-');
        buf_append(out, version->pre);
    }
    if (version->build.len > 0) {
        buf_append_byte(out, '+');
        buf_append(out, version->build);
    }
}

static bool parse_version(struct str text, struct semver *version) {
    struct syntax_error error = {NULL, SIZE_MAX};
    if (semver_parse(text, version, &error) != GRAMMAR_OK) {
        FUZZ_CHECK(error.rule != NULL && error.offset <= text.len);
        return false;
    }
    struct buf out;
    buf_init(&out, SIZE_MAX / 2);
    write_version(version, &out);
    FUZZ_CHECK(str_equal(buf_str(&out), text));
    buf_release(&out);
    return true;
}

static bool parse_req(struct str text, struct version_req *req) {
    struct syntax_error error = {NULL, SIZE_MAX};
    if (version_req_parse(text, req, &error) == GRAMMAR_OK) {
        return true;
    }
    FUZZ_CHECK(error.rule != NULL && error.offset <= text.len);
    return false;
}

static int sign(int order) {
    return (order > 0) - (order < 0);
}

static void check_order(const struct semver *a, const struct semver *b) {
    int precedence = sign(semver_precedence(a, b));
    int order = sign(semver_compare(a, b));
    FUZZ_CHECK(precedence == -sign(semver_precedence(b, a)));
    FUZZ_CHECK(order == -sign(semver_compare(b, a)));
    FUZZ_CHECK(precedence == 0 || order == precedence);
    FUZZ_CHECK(semver_compare(a, a) == 0);
}

/* The display form is a fixed point, and matches what the requirement matches. */
static void check_req(const struct version_req *req, const struct semver *version) {
    struct version_req again;
    struct buf form;
    struct buf second;
    buf_init(&form, SIZE_MAX / 2);
    buf_init(&second, SIZE_MAX / 2);
    version_req_format(req, &form);
    FUZZ_CHECK(!form.failed);
    FUZZ_CHECK(parse_req(buf_str(&form), &again));
    FUZZ_CHECK(again.count == req->count);
    version_req_format(&again, &second);
    FUZZ_CHECK(str_equal(buf_str(&form), buf_str(&second)));
    FUZZ_CHECK(version_req_matches(req, version) ==
               version_req_matches(&again, version));
    struct version_req all = {.count = 0};
    FUZZ_CHECK(version->pre.len > 0 || version_req_matches(&all, version));
    buf_release(&form);
    buf_release(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct str rest = {(const char *)data, size};
    struct semver last = {.pre = STR("a"), .build = STR("")};
    while (rest.len > 0) {
        size_t end = str_find(rest, '\n');
        struct str line = str_first(rest, end);
        rest = str_skip(rest, end < rest.len ? end + 1 : end);
        struct semver version;
        struct version_req req;
        if (parse_version(line, &version)) {
            check_order(&last, &version);
            last = version;
        }
        if (parse_req(line, &req)) {
            check_req(&req, &last);
        }
    }
    return 0;
}
