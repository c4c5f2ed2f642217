/* Plugins to publish and a directory to publish to, each test's own. */
#ifndef REGISTRY_FIXTURE_H
#define REGISTRY_FIXTURE_H

#include "faulty_store.h"
#include "index_spec.h"
#include "registry/publish.h"
#include "registry/store_dir.h"
#include "tree.h"

/* 2026-01-02T03:04:05Z */
#define FIXTURE_NOW 1767323045
#define FIXTURE_NOW_TEXT "2026-01-02T03:04:05Z"

struct fixture {
    struct tree tree;
    struct arena arena;
    struct faulty_store *faulty;
    struct store *store;
    struct registry_host host;
    int64_t now_s;
    uint64_t slept_ms;
    uint64_t chance;
    struct publish_request request;
    struct publish_result result;
    struct diag *failure;
};

static inline int64_t fixture_now(void *context) {
    return ((struct fixture *)context)->now_s;
}

static inline void fixture_sleep(void *context, uint32_t time_ms) {
    ((struct fixture *)context)->slept_ms += time_ms;
}

static inline uint64_t fixture_random(void *context) {
    struct fixture *f = context;
    f->chance = f->chance * 6364136223846793005U + 1442695040888963407U;
    return f->chance >> 11;
}

static inline struct faulty_store *fixture_open(struct fixture *f, const char *name) {
    struct failure failure = {0};
    struct store *inner = store_dir_open(str_of(tree_at(&f->tree, name)), &failure);
    assert_non_null(inner);
    return faulty_open(inner);
}

static inline int fixture_set_up(void **state) {
    struct fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    tree_make(&f->tree);
    tree_directory(&f->tree, "plugins");
    tree_directory(&f->tree, "registry");
    tree_write(&f->tree, "registry/index.json",
               "{\n  \"index_schema_version\": \"2.1\",\n  \"artifacts_url\": "
               "\"https://plugins.example/files\",\n  \"plugins\": []\n}\n");
    f->faulty = fixture_open(f, "registry");
    f->store = &f->faulty->store;
    f->now_s = FIXTURE_NOW;
    f->chance = 1;
    f->host = (struct registry_host){fixture_now, fixture_sleep, fixture_random, f};
    f->request.write.host = &f->host;
    f->request.root = arena_copy(&f->arena, str_of(tree_at(&f->tree, "plugins")));
    *state = f;
    return 0;
}

static inline int fixture_tear_down(void **state) {
    struct fixture *f = *state;
    store_close(f->store);
    arena_release(&f->arena);
    tree_remove(&f->tree);
    free(f);
    return 0;
}

/* A plugin in plugins/DIR whose source is one line. */
static inline void fixture_plugin(struct fixture *f, const char *dir, const char *name,
                                  const char *version, const char *line) {
    char path[256];
    char text[1024];
    snprintf(path, sizeof path, "plugins/%s", dir);
    (void)mkdir(tree_at(&f->tree, path), 0755);
    snprintf(path, sizeof path, "plugins/%s/manifest.toml", dir);
    snprintf(text, sizeof text,
             "manifest_schema_version = \"1.0\"\n[plugin]\nname = \"%s\"\nversion = "
             "\"%s\"\ndescription = \"About %s.\"\ntriggers = [\"process_writes\"]\n"
             "[dependencies]\ndatabase_version = \">=3.0.0\"\n",
             name, version, name);
    tree_write(&f->tree, path, text);
    snprintf(path, sizeof path, "plugins/%s/main.py", dir);
    snprintf(text, sizeof text,
             "def process_writes(influxdb3_local, table_batches, args=None):\n    %s\n",
             line);
    tree_write(&f->tree, path, text);
}

static inline enum registry_status fixture_publish(struct fixture *f) {
    f->failure = NULL;
    return publish_run(&f->arena, f->store, &f->request, &f->result, &f->failure);
}

/* Publishes with no fault around. */
static inline void fixture_published(struct fixture *f) {
    faulty_heal(f->faulty);
    assert_int_equal(fixture_publish(f), REGISTRY_OK);
    assert_null(f->failure);
}

static inline void fixture_failed(struct fixture *f, enum registry_status status,
                                  const char *code) {
    assert_int_equal(status, REGISTRY_FAILED);
    assert_non_null(f->failure);
    assert_string_equal(diag_code(f->failure), code);
}

/* The content of a file of the tree, in the arena. */
static inline struct str fixture_read(struct fixture *f, const char *name) {
    FILE *file = fopen(tree_at(&f->tree, name), "rb");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    long size = ftell(file);
    rewind(file);
    char *bytes = arena_bytes(&f->arena, (size_t)size);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, (size_t)size, file), (size_t)size);
    fclose(file);
    return (struct str){bytes, (size_t)size};
}

static inline void fixture_hash(struct str bytes, char out[SHA256_TEXT_BYTES + 1]) {
    struct sha256 sha;
    sha256_begin(&sha);
    sha256_add(&sha, bytes);
    sha256_end(&sha, out);
}

/* The index of a registry's directory must have these entries, `a@1.0.0 b@2.0.0`, and
 * the artifact of each must be there with its hash. */
static inline void fixture_holds(struct fixture *f, const char *registry,
                                 const char *want) {
    struct index index;
    struct diag_list defects = {0};
    struct buf source;
    struct buf found;
    char path[512];
    buf_init(&source, (size_t)1 << 24);
    buf_init(&found, (size_t)1 << 16);
    snprintf(path, sizeof path, "%s/index.json", registry);
    assert_true(buf_append(&source, fixture_read(f, path)));
    assert_int_equal(
        index_read(&index, &source, STR("index.json"), &f->arena, &defects), INDEX_OK);
    for (size_t i = 0; i < index.count; i++) {
        struct index_record record;
        char hash[SHA256_TEXT_BYTES + 1];
        buf_append(&found, i == 0 ? STR("") : STR(" "));
        spec_append_entry(&found, &index, i);
        assert_true(index_entry_decode(&index, i, &f->arena, &record));
        snprintf(path, sizeof path, "%s/%.*s-%.*s.tar.gz", registry,
                 STR_ARG(record.fields.name), STR_ARG(record.fields.version));
        fixture_hash(fixture_read(f, path), hash);
        assert_true(str_equal(record.hash, str_of(hash)));
    }
    assert_string_equal(buf_str(&found).ptr, want);
    buf_release(&found);
    index_release(&index);
}

#endif
