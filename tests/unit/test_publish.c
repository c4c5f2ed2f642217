#include "registry/publish.h"

#include <libdeflate.h>

#include "registry/edit.h"
#include "registry_fixture.h"

/* Every allocation of the library goes through these: the linker puts them in place. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);

static long allocations;
static long first_failing = -1; /* negative: none fails */

static bool fails(void) {
    return first_failing >= 0 && allocations++ == first_failing;
}

void *__wrap_malloc(size_t size) {
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size) {
    return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *block, size_t size) {
    return fails() ? NULL : __real_realloc(block, size);
}

static void three_plugins(struct fixture *f) {
    fixture_plugin(f, "alpha", "alpha", "1.0.0", "pass");
    fixture_plugin(f, "beta", "beta", "0.2.0", "return 2");
    fixture_plugin(f, "gamma", "gamma", "3.0.0-rc.1", "return 3");
}

#define THREE "alpha@1.0.0 beta@0.2.0 gamma@3.0.0-rc.1"

static void expect_outcomes(struct fixture *f, const char *want) {
    char found[256] = "";
    static const char letters[] = {'p', 'u', 'c', 'w'};
    for (size_t i = 0; i < f->result.plugin_count; i++) {
        found[i] = letters[f->result.plugins[i].outcome];
    }
    assert_string_equal(found, want);
}

/* docs/publishing.md: N + 3 requests for N new plugins, and 1 for nothing new. */
static void plugins_are_published_once(void **state) {
    struct fixture *f = *state;
    three_plugins(f);
    fixture_published(f);
    expect_outcomes(f, "ppp");
    fixture_holds(f, "registry", THREE);
    assert_int_equal(f->store->requests, 3 + 3);
    assert_int_equal(f->faulty->gets, 1);
    assert_int_equal(f->result.written.attempts, 1);
    assert_true(f->result.written.changed);
    const struct publish_plugin *gamma = &f->result.plugins[2];
    assert_true(str_ends_with(gamma->dir, STR("plugins/gamma")));
    assert_true(str_equal(gamma->name, STR("gamma")));
    assert_true(str_equal(gamma->version, STR("3.0.0-rc.1")));
    assert_true(
        str_equal(gamma->artifact_url,
                  STR("https://plugins.example/files/gamma-3.0.0-rc.1.tar.gz")));
    assert_true(str_equal(gamma->published_at, STR(FIXTURE_NOW_TEXT)));
    struct str hash = arena_copy(&f->arena, gamma->hash);
    struct str index = fixture_read(f, "registry/index.json");

    f->now_s += 1000;
    fixture_published(f);
    expect_outcomes(f, "uuu");
    assert_int_equal(f->store->requests, 1);
    assert_int_equal(f->faulty->writes, 0);
    assert_false(f->result.written.changed);
    assert_true(str_equal(f->result.plugins[2].hash, hash));
    assert_true(str_equal(f->result.plugins[2].published_at, STR(FIXTURE_NOW_TEXT)));
    assert_true(str_equal(fixture_read(f, "registry/index.json"), index));

    fixture_plugin(f, "beta", "beta", "0.3.0", "return 2");
    fixture_published(f);
    expect_outcomes(f, "upu");
    assert_int_equal(f->store->requests, 1 + 3);
    fixture_holds(f, "registry", "alpha@1.0.0 beta@0.2.0 beta@0.3.0 gamma@3.0.0-rc.1");
    /* The history copies of the two that were replaced. */
    assert_true(tree_has(&f->tree, "registry/index-000001.json"));
    assert_true(tree_has(&f->tree, "registry/index-000002.json"));
}

static void a_dry_run_writes_nothing(void **state) {
    struct fixture *f = *state;
    three_plugins(f);
    fixture_published(f);
    fixture_plugin(f, "delta", "delta", "1.0.0", "pass");
    f->request.dry_run = true;
    fixture_published(f);
    expect_outcomes(f, "uuwu");
    assert_int_equal(f->faulty->writes, 0);
    assert_int_equal(f->store->requests, 1);
    assert_non_null(f->result.plugins[1].published_at.ptr);
    assert_null(f->result.plugins[2].published_at.ptr);
    fixture_holds(f, "registry", THREE);
}

static const struct diag *nested(const struct diag *diag, size_t number) {
    const struct diag *at = diag->first;
    for (size_t i = 0; i < number && at != NULL; i++) {
        at = at->next;
    }
    assert_non_null(at);
    return at;
}

static void expect_message(const struct diag *diag, const char *code,
                           const char *message) {
    struct buf text;
    buf_init(&text, 4096);
    diag_message(diag, &text);
    assert_string_equal(diag_code(diag), code);
    assert_string_equal(buf_str(&text).ptr, message);
    buf_release(&text);
}

static void a_changed_plugin_is_refused(void **state) {
    struct fixture *f = *state;
    three_plugins(f);
    fixture_published(f);
    fixture_plugin(f, "beta", "beta", "0.2.0", "return 4");
    tree_write(&f->tree, "plugins/beta/more.txt", "more");
    fixture_plugin(f, "delta", "delta", "1.0.0", "pass");
    faulty_heal(f->faulty);
    fixture_failed(f, fixture_publish(f), "publish::failed");
    assert_int_equal(f->faulty->writes, 0);
    assert_int_equal(f->failure->nested_count, 1);
    const struct diag *changed = nested(f->failure, 0);
    expect_message(changed, "publish::changed",
                   "beta@0.2.0 is published with other content: `main.py`, `more.txt` "
                   "differ (1 added, 0 removed, 1 changed)");
    assert_int_equal(changed->details[3].count, 2);
    assert_true(str_equal(changed->details[3].texts[1], STR("more.txt")));
    fixture_holds(f, "registry", THREE);

    /* As a warning it keeps nothing else back. */
    f->request.changed = PUBLISH_CHANGED_WARN;
    fixture_published(f);
    expect_outcomes(f, "ucpu");
    const struct publish_plugin *beta = &f->result.plugins[1];
    assert_int_equal(beta->differing_count, 2);
    assert_true(str_equal(beta->differing[0], STR("main.py")));
    assert_int_equal(beta->warnings.count, 1);
    fixture_holds(f, "registry", "alpha@1.0.0 beta@0.2.0 delta@1.0.0 gamma@3.0.0-rc.1");
}

/* What differs in its execute bit differs, and in nothing else does not. */
static void an_execute_bit_is_content(void **state) {
    struct fixture *f = *state;
    three_plugins(f);
    fixture_published(f);
    assert_int_equal(chmod(tree_at(&f->tree, "plugins/alpha/main.py"), 0755), 0);
    fixture_failed(f, fixture_publish(f), "publish::failed");
    expect_message(nested(f->failure, 0), "publish::changed",
                   "alpha@1.0.0 is published with other content: `main.py` differs");
    assert_int_equal(chmod(tree_at(&f->tree, "plugins/alpha/main.py"), 0600), 0);
    fixture_published(f);
    expect_outcomes(f, "uuu");
}

/* All that is wrong, of all plugins, at once; nothing is written. */
static void all_defects_come_together(void **state) {
    struct fixture *f = *state;
    three_plugins(f);
    fixture_published(f);
    fixture_plugin(f, "a-copy", "fresh", "1.0.0", "pass");
    fixture_plugin(f, "b-copy", "Fresh", "2.0.0", "pass");
    fixture_plugin(f, "c-copy", "fresh", "1.0.0", "return 1");
    fixture_plugin(f, "d-old", "ALPHA", "9.0.0", "pass");
    fixture_plugin(f, "e-bad", "no good name", "1.0", "pass");
    fixture_plugin(f, "f-bad", "syntax", "1.0.0", "return (");
    fixture_plugin(f, "gamma", "gamma", "3.0.0-rc.1", "return 33");
    fixture_plugin(f, "h-good", "good", "1.0.0", "pass");
    static const struct str without[] = {{"alpha", 5}};
    f->request.excludes = without;
    f->request.exclude_count = 1;
    faulty_heal(f->faulty);
    fixture_failed(f, fixture_publish(f), "publish::failed");
    static const char *const codes[] = {
        "publish::duplicate",      "publish::duplicate",      "publish::collision",
        "publish::invalid_plugin", "publish::invalid_plugin", "publish::changed"};
    assert_int_equal(f->failure->nested_count, 6);
    for (size_t i = 0; i < 6; i++) {
        assert_string_equal(diag_code(nested(f->failure, i)), codes[i]);
    }
    const struct diag *collision = nested(f->failure, 2);
    assert_true(str_equal(collision->details[2].text, STR("alpha")));
    assert_int_equal(collision->details[3].count, 1);
    assert_true(str_equal(collision->details[3].versions[0].version, STR("1.0.0")));
    /* The name and the version, each a defect; a syntax error. */
    assert_int_equal(nested(f->failure, 3)->nested_count, 2);
    assert_int_equal(nested(f->failure, 4)->nested_count, 1);
    assert_string_equal(diag_code(nested(f->failure, 4)->first),
                        "validate::python_parse");
    assert_int_equal(f->faulty->writes, 0);
    fixture_holds(f, "registry", THREE);

    /* Nor are they hidden by a registry that cannot be reached. */
    f->faulty->dies_at = (unsigned)f->store->requests + 1;
    fixture_failed(f, fixture_publish(f), "publish::failed");
    assert_int_equal(f->failure->nested_count, 4);
}

/* The tar stream of an artifact, compressed in another way. */
static struct str compress_again(struct fixture *f, struct str artifact, int level) {
    char *tar = arena_bytes(&f->arena, 1 << 20);
    char *packed = arena_bytes(&f->arena, 1 << 20);
    size_t len = 0;
    struct libdeflate_decompressor *in = libdeflate_alloc_decompressor();
    struct libdeflate_compressor *out = libdeflate_alloc_compressor(level);
    assert_int_equal(
        libdeflate_gzip_decompress(in, artifact.ptr, artifact.len, tar, 1 << 20, &len),
        LIBDEFLATE_SUCCESS);
    size_t size = libdeflate_gzip_compress(out, tar, len, packed, 1 << 20);
    assert_true(size > 0);
    libdeflate_free_decompressor(in);
    libdeflate_free_compressor(out);
    return (struct str){packed, size};
}

/* Another tool published the same content. */
static void another_compression_is_no_change(void **state) {
    struct fixture *f = *state;
    three_plugins(f);
    fixture_published(f);
    struct str artifact =
        compress_again(f, fixture_read(f, "registry/alpha-1.0.0.tar.gz"), 1);
    char ours[SHA256_TEXT_BYTES + 1];
    char theirs[SHA256_TEXT_BYTES + 1];
    fixture_hash(fixture_read(f, "registry/alpha-1.0.0.tar.gz"), ours);
    fixture_hash(artifact, theirs);
    assert_string_not_equal(ours, theirs);
    tree_write_bytes(&f->tree, "registry/alpha-1.0.0.tar.gz", artifact);
    struct str index = fixture_read(f, "registry/index.json");
    char *text = arena_bytes(&f->arena, index.len + 1);
    memcpy(text, index.ptr, index.len);
    text[index.len] = '\0';
    char *at = strstr(text, ours);
    assert_non_null(at);
    memcpy(at, theirs, SHA256_TEXT_BYTES);
    tree_write(&f->tree, "registry/index.json", text);

    fixture_published(f);
    expect_outcomes(f, "uuu");
    assert_int_equal(f->store->requests, 2); /* the index, the artifact */
    assert_int_equal(f->faulty->writes, 0);
    assert_true(str_equal(f->result.plugins[0].hash, str_of(theirs)));

    /* What lies there is not what the index says, or is gone. */
    tree_write(&f->tree, "registry/alpha-1.0.0.tar.gz", "garbage");
    fixture_failed(f, fixture_publish(f), "publish::failed");
    expect_message(
        nested(f->failure, 0), "publish::changed",
        "alpha@1.0.0 is published with other content: what lies there is not "
        "what was published");
    assert_int_equal(unlink(tree_at(&f->tree, "registry/alpha-1.0.0.tar.gz")), 0);
    fixture_failed(f, fixture_publish(f), "publish::failed");
    expect_message(
        nested(f->failure, 0), "publish::changed",
        "alpha@1.0.0 is published with other content: the published artifact "
        "is missing");
}

static void orphans_are_looked_at(void **state) {
    struct fixture *f = *state;
    three_plugins(f);
    /* One of an earlier run that was cut off, one of other content. */
    fixture_published(f);
    struct str alpha = fixture_read(f, "registry/alpha-1.0.0.tar.gz");
    struct str gamma =
        compress_again(f, fixture_read(f, "registry/gamma-3.0.0-rc.1.tar.gz"), 1);
    tree_write(&f->tree, "registry/index.json",
               "{\"index_schema_version\":\"2.1\",\"artifacts_url\":"
               "\"https://plugins.example/files\",\"plugins\":[]}");
    tree_write(&f->tree, "registry/beta-0.2.0.tar.gz", "other content");
    tree_write_bytes(&f->tree, "registry/gamma-3.0.0-rc.1.tar.gz", gamma);
    faulty_heal(f->faulty);
    fixture_failed(f, fixture_publish(f), "publish::failed");
    assert_int_equal(f->failure->nested_count, 1);
    expect_message(nested(f->failure, 0), "publish::orphan_artifact",
                   "an artifact of beta@0.2.0 with other content lies in the registry, "
                   "and no entry names it");
    fixture_holds(f, "registry", "");
    tree_expect(&f->tree, "registry/beta-0.2.0.tar.gz", "other content");

    f->request.replace_orphans = true;
    fixture_published(f);
    expect_outcomes(f, "ppp");
    fixture_holds(f, "registry", THREE);
    assert_true(str_equal(fixture_read(f, "registry/alpha-1.0.0.tar.gz"), alpha));
    /* The same content is left as it is, and the entry has its hash. */
    assert_true(str_equal(fixture_read(f, "registry/gamma-3.0.0-rc.1.tar.gz"), gamma));
}

/* ---- Others at the same time ---- */

struct other {
    struct fixture *f;
    const char *dir;
};

/* Another publisher, between our looking and our writing. */
static void publish_meanwhile(void *context) {
    struct other *other = context;
    struct fixture *f = other->f;
    struct str dir = arena_copy(&f->arena, str_of(tree_at(&f->tree, other->dir)));
    struct publish_request request = {.dirs = &dir, .dir_count = 1};
    struct publish_result result;
    struct diag *failure = NULL;
    struct registry_host host = f->host;
    request.write.host = &host;
    f->now_s += 60;
    assert_int_equal(
        publish_run(&f->arena, f->faulty->inner, &request, &result, &failure),
        REGISTRY_OK);
    assert_int_equal(result.plugins[0].outcome, PUBLISH_PUBLISHED);
}

static void what_others_publish_meanwhile_stays(void **state) {
    struct fixture *f = *state;
    three_plugins(f);
    fixture_plugin(f, "../other", "other", "1.0.0", "pass");
    struct other other = {f, "other"};
    f->faulty->before_replace = publish_meanwhile;
    f->faulty->context = &other;
    assert_int_equal(fixture_publish(f), REGISTRY_OK);
    expect_outcomes(f, "ppp");
    assert_int_equal(f->result.written.attempts, 2);
    fixture_holds(f, "registry", "alpha@1.0.0 beta@0.2.0 gamma@3.0.0-rc.1 other@1.0.0");
}

static void the_same_content_of_another_counts_as_unchanged(void **state) {
    struct fixture *f = *state;
    three_plugins(f);
    struct other other = {f, "plugins/beta"};
    f->faulty->before_replace = publish_meanwhile;
    f->faulty->context = &other;
    assert_int_equal(fixture_publish(f), REGISTRY_OK);
    expect_outcomes(f, "pup");
    fixture_holds(f, "registry", THREE);
}

static void another_spelling_meanwhile_is_refused(void **state) {
    struct fixture *f = *state;
    three_plugins(f);
    fixture_plugin(f, "../other", "Beta", "7.0.0", "pass");
    struct other other = {f, "other"};
    f->faulty->before_replace = publish_meanwhile;
    f->faulty->context = &other;
    fixture_failed(f, fixture_publish(f), "publish::failed");
    assert_string_equal(diag_code(nested(f->failure, 0)), "publish::collision");
    fixture_holds(f, "registry", "Beta@7.0.0");
}

/* ---- Faults ---- */

/* The publisher or its host dies at each request in turn; whoever runs it again
 * finishes the work. */
static void a_publisher_that_died_is_taken_over(void **state) {
    struct fixture *f = *state;
    f->request.jobs = 1;
    three_plugins(f);
    fixture_plugin(f, "../old", "old", "1.0.0", "pass");
    for (unsigned k = 1; k <= 2 * 6; k++) {
        tree_write(&f->tree, "registry/index.json",
                   "{\"index_schema_version\":\"2.1\",\"artifacts_url\":"
                   "\"https://plugins.example/files\",\"plugins\":[]}");
        faulty_heal(f->faulty);
        f->faulty->dies_at = (k + 1) / 2;
        f->faulty->dies_after = k % 2 == 0;
        bool is_done = k == 2 * 6; /* the last took effect */
        fixture_failed(f, fixture_publish(f), "store::unreachable");
        fixture_holds(f, "registry", is_done ? THREE : "");
        fixture_published(f);
        expect_outcomes(f, is_done ? "uuu" : "ppp");
        fixture_holds(f, "registry", THREE);
        assert_int_equal(
            unlink(tree_at(&f->tree, "registry/alpha-1.0.0.tar.gz")) |
                unlink(tree_at(&f->tree, "registry/beta-0.2.0.tar.gz")) |
                unlink(tree_at(&f->tree, "registry/gamma-3.0.0-rc.1.tar.gz")) |
                unlink(tree_at(&f->tree, "registry/index-000001.json")),
            0);
        (void)unlink(tree_at(&f->tree, "registry/index-000002.json"));
    }
}

/* A write of which it is not known whether it took effect. */
static void a_lost_answer_is_looked_up(void **state) {
    struct fixture *f = *state;
    f->request.jobs = 1;
    three_plugins(f);
    for (unsigned k = 2 * 2; k < 2 * (6 + 1); k++) {
        tree_write(&f->tree, "registry/index.json",
                   "{\"index_schema_version\":\"2.1\",\"artifacts_url\":"
                   "\"https://plugins.example/files\",\"plugins\":[]}");
        faulty_heal(f->faulty);
        f->faulty->loses_at = k / 2;
        f->faulty->loses_after = k % 2 == 1;
        assert_int_equal(fixture_publish(f), REGISTRY_OK);
        expect_outcomes(f, "ppp");
        assert_true(f->result.written.changed);
        fixture_holds(f, "registry", THREE);
        char command[256];
        snprintf(command, sizeof command,
                 "rm -f '%s'/registry/*.tar.gz '%s'/registry/index-*", f->tree.root,
                 f->tree.root);
        assert_int_equal(system(command), 0);
    }
}

static void no_host_is_shared_without_a_word(void **state) {
    struct fixture *f = *state;
    three_plugins(f);
    f->store->needs_exclusive = true;
    fixture_failed(f, fixture_publish(f), "registry::not_exclusive");
    assert_int_equal(f->faulty->writes, 0);
    fixture_holds(f, "registry", "");
    f->request.write.assume_exclusive = true;
    fixture_published(f);
    fixture_holds(f, "registry", THREE);
    /* Nothing new needs no word. */
    f->request.write.assume_exclusive = false;
    fixture_published(f);
    expect_outcomes(f, "uuu");
}

static void memory_may_be_out_at_any_time(void **state) {
    struct fixture *f = *state;
    f->request.jobs = 1;
    three_plugins(f);
    fixture_published(f);
    /* One published, one changed, one new, one invalid or not. */
    fixture_plugin(f, "beta", "beta", "0.2.0", "return 22");
    fixture_plugin(f, "delta", "delta", "1.0.0", "pass");
    f->request.changed = PUBLISH_CHANGED_WARN;
    struct str before = fixture_read(f, "registry/index.json");
    bool done = false;
    long failed = 0;
    for (long i = 0; !done; i++) {
        struct arena arena = {0};
        struct publish_result result;
        struct diag *failure = NULL;
        allocations = 0;
        first_failing = i;
        enum registry_status status =
            publish_run(&arena, f->store, &f->request, &result, &failure);
        done = allocations <= i;
        first_failing = -1;
        if (status == REGISTRY_OK) {
            /* Done, or one that could be done without. */
            assert_int_equal(result.plugin_count, 4);
            fixture_holds(f, "registry",
                          "alpha@1.0.0 beta@0.2.0 delta@1.0.0 gamma@3.0.0-rc.1");
            assert_int_equal(unlink(tree_at(&f->tree, "registry/delta-1.0.0.tar.gz")),
                             0);
        } else {
            assert_int_equal(status, REGISTRY_NO_MEMORY);
            fixture_holds(
                f, "registry",
                tree_has(&f->tree, "registry/index-000002.json") &&
                        !str_equal(before, fixture_read(f, "registry/index.json"))
                    ? "alpha@1.0.0 beta@0.2.0 delta@1.0.0 gamma@3.0.0-rc.1"
                    : THREE);
            failed++;
        }
        arena_release(&arena);
        tree_write_bytes(&f->tree, "registry/index.json", before);
        (void)unlink(tree_at(&f->tree, "registry/index-000002.json"));
        (void)unlink(tree_at(&f->tree, "registry/delta-1.0.0.tar.gz"));
    }
    assert_true(failed > 100);
    assert_int_equal(tree_count(&f->tree, "registry"), 6);
}

/* ---- Finding ---- */

static void expect_found(struct fixture *f, const char *want) {
    struct str *dirs = NULL;
    size_t count = 0;
    struct buf found;
    f->failure = NULL;
    assert_int_equal(publish_find(&f->arena, &f->request, &dirs, &count, &f->failure),
                     REGISTRY_OK);
    buf_init(&found, 4096);
    for (size_t i = 0; i < count; i++) {
        assert_true(str_starts_with(dirs[i], f->request.root));
        buf_append(&found, i == 0 ? STR("") : STR(" "));
        buf_append(&found, str_skip(dirs[i], f->request.root.len + 1));
    }
    assert_string_equal(buf_str(&found).ptr, want);
    buf_release(&found);
}

static void plugins_are_found_below_a_root(void **state) {
    struct fixture *f = *state;
    tree_build(
        &f->tree,
        STR("plugins/b/manifest.toml = x ;; plugins/a/manifest.toml = x ;; "
            "plugins/B/manifest.toml = x ;; plugins/.hidden/manifest.toml = x ;; "
            "plugins/none/file = x ;; plugins/odd/manifest.toml = <dir> ;; "
            "plugins/file = x ;; plugins/deep/c/manifest.toml = x ;; "
            "plugins/deep/d/e/manifest.toml = x ;; "
            "plugins/a/nested/manifest.toml = x ;; "
            "plugins/link = -> a ;; plugins/loop = -> . ;; "
            "plugins/dangling = -> nowhere"));
    expect_found(f, "B a b link");
    f->request.is_recursive = true;
    expect_found(f, "B a b deep/c deep/d/e link");
    static const struct str excludes[] = {{"d", 1}, {"B/", 2}, {"./deep/c", 8}};
    f->request.excludes = excludes;
    f->request.exclude_count = 3;
    expect_found(f, "a b link");
}

static void no_plugin_is_an_error(void **state) {
    struct fixture *f = *state;
    struct str *dirs;
    size_t count;
    enum registry_status status =
        publish_find(&f->arena, &f->request, &dirs, &count, &f->failure);
    fixture_failed(f, status, "publish::no_plugins");
    f->request.root = arena_copy(&f->arena, str_of(tree_at(&f->tree, "missing")));
    status = publish_find(&f->arena, &f->request, &dirs, &count, &f->failure);
    fixture_failed(f, status, "io::read_failed");
}

static void named_directories_are_taken_once(void **state) {
    struct fixture *f = *state;
    three_plugins(f);
    tree_link(&f->tree, "plugins/beta", "same");
    struct str dirs[4];
    static const char *const names[] = {"plugins/beta", "plugins/alpha", "same",
                                        "plugins/alpha/"};
    for (size_t i = 0; i < 4; i++) {
        dirs[i] = arena_copy(&f->arena, str_of(tree_at(&f->tree, names[i])));
    }
    f->request.dirs = dirs;
    f->request.dir_count = 4;
    fixture_published(f);
    expect_outcomes(f, "pp");
    assert_true(str_equal(f->result.plugins[0].dir, dirs[0]));
    fixture_holds(f, "registry", "alpha@1.0.0 beta@0.2.0");
}

/* ---- Progress and warnings ---- */

struct seen {
    size_t calls[3];
    size_t last[3];
    size_t total[3];
    bool is_inside;
};

static void see(void *context, const struct publish_progress *progress) {
    struct seen *seen = context;
    assert_false(seen->is_inside);
    seen->is_inside = true;
    assert_true(seen->calls[progress->phase]++ == progress->done);
    seen->last[progress->phase] = progress->done;
    seen->total[progress->phase] = progress->total;
    seen->is_inside = false;
}

static void progress_is_told_in_order(void **state) {
    struct fixture *f = *state;
    struct seen seen = {0};
    for (int i = 0; i < 30; i++) {
        char name[16];
        snprintf(name, sizeof name, "plugin-%d", i);
        fixture_plugin(f, name, name, "1.0.0", "pass");
    }
    f->request.progress = see;
    f->request.progress_context = &seen;
    fixture_published(f);
    static const size_t totals[] = {30, 30, 1};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(seen.total[i], totals[i]);
        assert_int_equal(seen.last[i], totals[i]);
        assert_int_equal(seen.calls[i], totals[i] + 1);
    }
}

static void warnings_stay_with_their_plugin(void **state) {
    struct fixture *f = *state;
    three_plugins(f);
    tree_write(&f->tree, "plugins/beta/manifest.toml",
               "manifest_schema_version = \"1.0\"\n[plugin]\nname = \"beta\"\n"
               "version = \"0.2.0\"\ndescription = \"B.\"\ncolour = \"red\"\n"
               "triggers = [\"process_writes\"]\n[dependencies]\n"
               "database_version = \">=3.0.0\"\n");
    fixture_published(f);
    assert_int_equal(f->result.plugins[0].warnings.count, 0);
    assert_int_equal(f->result.plugins[1].warnings.count, 1);
    expect_message(f->result.plugins[1].warnings.first, "warning::unknown_key",
                   "unknown key `plugin.colour` is ignored");
}

int main(void) {
#define TEST(name)                                                                     \
    cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(plugins_are_published_once),
        TEST(a_dry_run_writes_nothing),
        TEST(a_changed_plugin_is_refused),
        TEST(an_execute_bit_is_content),
        TEST(all_defects_come_together),
        TEST(another_compression_is_no_change),
        TEST(orphans_are_looked_at),
        TEST(what_others_publish_meanwhile_stays),
        TEST(the_same_content_of_another_counts_as_unchanged),
        TEST(another_spelling_meanwhile_is_refused),
        TEST(a_publisher_that_died_is_taken_over),
        TEST(a_lost_answer_is_looked_up),
        TEST(no_host_is_shared_without_a_word),
        TEST(memory_may_be_out_at_any_time),
        TEST(plugins_are_found_below_a_root),
        TEST(no_plugin_is_an_error),
        TEST(named_directories_are_taken_once),
        TEST(progress_is_told_in_order),
        TEST(warnings_stay_with_their_plugin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
