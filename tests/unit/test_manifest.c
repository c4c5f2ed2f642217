#include "unit.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/fs.h"
#include "base/limits.h"
#include "schema/manifest.h"

/* Every allocation of the library goes through these: the linker puts them in place. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);

static long allocations;     /* since it was set to 0 */
static long first_failing;   /* or negative: none fails */
static bool all_others_fail; /* after the first one */

static bool fails(void) {
    long number = allocations++;
    return first_failing >= 0 &&
           (number == first_failing || (all_others_fail && number > first_failing));
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

static struct str read_document(struct arena *arena, struct str path) {
    struct buf buf;
    buf_init(&buf, LIMIT_MANIFEST_BYTES);
    assert_int_equal(fs_read_text(path, &buf), 0);
    struct str document = arena_copy(arena, buf_str(&buf));
    buf_release(&buf);
    return document;
}

/* Calls back for every *.toml of a folder of tests/data; how many. */
typedef void (*each_document)(struct arena *arena, const char *name,
                              struct str document);

static size_t for_each(const char *folder, each_document run) {
    size_t count = 0;
    DIR *directory = opendir(folder);
    assert_non_null(directory);
    struct dirent *entry;
    while ((entry = readdir(directory)) != NULL) {
        struct str name = str_of(entry->d_name);
        if (!str_ends_with(name, STR(".toml"))) {
            continue;
        }
        struct arena arena = {0};
        struct str path = arena_printf(&arena, "%s/%s", folder, entry->d_name);
        run(&arena, entry->d_name, read_document(&arena, path));
        arena_release(&arena);
        count++;
    }
    closedir(directory);
    return count;
}

/* The lines of the document's comments that begin with the word, without `# `. */
static void append_claims(struct str document, const char *word, struct buf *out) {
    struct str prefix = str_of(word);
    while (document.len > 0) {
        struct str line = str_first(document, str_find(document, '\n'));
        document = str_skip(document, line.len + (line.len < document.len));
        line = str_trim(line);
        line = str_starts_with(line, STR("\xEF\xBB\xBF")) ? str_skip(line, 3) : line;
        if (str_starts_with(line, STR("# ")) &&
            str_starts_with(str_skip(line, 2), prefix)) {
            buf_append(out, str_skip(line, 2));
            buf_append_byte(out, '\n');
        }
    }
}

static void append_defects(const struct diag_list *defects, struct buf *out) {
    for (const struct diag *diag = defects->first; diag != NULL; diag = diag->next) {
        struct str field = diag->field.ptr == NULL ? STR("-") : diag->field;
        buf_printf(out, "defect %u:%u %s %.*s\n", (unsigned)diag->place.line,
                   (unsigned)diag->place.column, diag_variant_name(diag),
                   STR_ARG(field));
        assert_true(str_equal(diag->place.file, STR("manifest.toml")));
    }
}

static void append_unknown(struct arena *arena, const struct manifest *manifest,
                           struct str document, struct buf *out) {
    for (size_t i = 0; i < manifest->unknown_key_count; i++) {
        const struct unknown_key *key = &manifest->unknown_keys[i];
        struct diag *at = diag_new(arena, ERROR_WARNING_UNKNOWN_KEY, STR_NONE,
                                   (struct detail[]){DETAIL_TEXT(key->path)}, 1);
        at->place.offset = key->offset;
        diag_locate(at, STR("manifest.toml"), document);
        struct str nearest = key->nearest.ptr == NULL ? STR("-") : key->nearest;
        buf_printf(out, "unknown %u:%u %.*s %.*s\n", (unsigned)at->place.line,
                   (unsigned)at->place.column, STR_ARG(key->path), STR_ARG(nearest));
    }
}

static void check_claims(struct arena *arena, const char *name, struct str document) {
    struct manifest manifest;
    struct diag_list defects = {0};
    enum manifest_status status =
        manifest_parse(arena, document, STR("manifest.toml"), &manifest, &defects);
    struct buf want;
    struct buf got;
    buf_init(&want, 1 << 20);
    buf_init(&got, 1 << 20);
    append_claims(document, "defect ", &want);
    assert_int_equal(status, want.len > 0 ? MANIFEST_INVALID : MANIFEST_OK);
    append_claims(document, "unknown ", &want);
    append_defects(&defects, &got);
    append_unknown(arena, &manifest, document, &got);
    if (!str_equal(buf_str(&want), buf_str(&got))) {
        fail_msg("%s: wanted\n%.*sgot\n%.*s", name, STR_ARG(buf_str(&want)),
                 STR_ARG(buf_str(&got)));
    }
    buf_release(&want);
    buf_release(&got);
}

static void manifests_have_the_defects_they_claim(void **state) {
    (void)state;
    first_failing = -1;
    assert_true(for_each(TEST_DATA "/manifest", check_claims) >= 20);
}

static void check_valid(struct arena *arena, const char *name, struct str document) {
    struct manifest manifest;
    struct diag_list defects = {0};
    if (manifest_parse(arena, document, str_of(name), &manifest, &defects) !=
        MANIFEST_OK) {
        fail_msg("%s has a defect", name);
    }
    assert_true(manifest.fields.name.len > 0);
    assert_true(manifest.fields.trigger_count > 0);
    assert_true(manifest.fields.database_version.len > 0);
}

static void published_manifests_are_valid(void **state) {
    (void)state;
    first_failing = -1;
    assert_int_equal(for_each(TEST_DATA "/manifests", check_valid), 33);
}

static void every_value_arrives(void **state) {
    (void)state;
    first_failing = -1;
    struct arena arena = {0};
    struct str document = read_document(&arena, STR(TEST_DATA "/manifest/whole.toml"));
    struct manifest manifest;
    struct diag_list defects = {0};
    assert_int_equal(manifest_parse(&arena, document, STR("m"), &manifest, &defects),
                     MANIFEST_OK);
    const struct fields *fields = &manifest.fields;
    const struct {
        struct str got;
        const char *want;
    } rows[] = {
        {fields->name, "My-Plugin"},
        {fields->version, "1.0.0-rc.1+b1"},
        {fields->description, "A sample."},
        {fields->triggers[0], "process_request"},
        {fields->triggers[2], "process_writes"},
        {fields->homepage, "https://example.com/"},
        {fields->repository, "https://example.com/r"},
        {fields->documentation, "http://example.com/d"},
        {fields->database_version, ">=3.2.0, <4.0.0"},
        {fields->python[0], "requests>=2.31"},
        {fields->python[1], "numpy"},
        {fields->plugins[0].index_url, "https://example.com/index.json"},
        {fields->plugins[0].name, "other"},
        {fields->plugins[0].version, "^1.2"},
        {fields->plugins[1].version, "*"},
        {manifest.excludes[0].text, "tests/**"},
        {manifest.triggers[1].text, "process_writes"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (!str_equal(rows[i].got, str_of(rows[i].want))) {
            fail_msg("%.*s, not %s", STR_ARG(rows[i].got), rows[i].want);
        }
    }
    assert_int_equal(fields->trigger_count, 3);
    assert_int_equal(fields->python_count, 2);
    assert_int_equal(fields->plugin_count, 2);
    assert_int_equal(manifest.exclude_count, 1);
    assert_int_equal(manifest.unknown_key_count, 0);
    assert_int_equal(document.ptr[manifest.python_offset], '[');
    assert_int_equal(document.ptr[manifest.triggers[0].offset], '"');
    arena_release(&arena);
}

/* Fails each allocation in turn: the parse returns that memory is out, or had no need
 * of it. */
static void starve(struct arena *arena, const char *name, struct str document) {
    (void)arena;
    for (int others = 0; others < 2; others++) {
        all_others_fail = others == 1;
        for (long n = 0;; n++) {
            struct arena own = {0};
            struct manifest manifest;
            struct diag_list defects = {0};
            allocations = 0;
            first_failing = n;
            enum manifest_status status =
                manifest_parse(&own, document, STR("m"), &manifest, &defects);
            bool has_failed = allocations > n;
            first_failing = -1;
            arena_release(&own);
            if (!has_failed) {
                break;
            }
            if (status != MANIFEST_NO_MEMORY) {
                fail_msg("%s: allocation %ld, status %d", name, n, (int)status);
            }
        }
    }
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    first_failing = -1;
    assert_true(for_each(TEST_DATA "/manifest", starve) >= 20);
}

static void defects_are_found_quickly(void **state) {
    (void)state;
    first_failing = -1;
    struct arena arena = {0};
    struct buf text;
    buf_init(&text, LIMIT_MANIFEST_BYTES);
    buf_append(&text, STR("manifest_schema_version='1.3'\n[dependencies]\n"
                          "database_version='3'\n[plugin]\nname='a'\n"
                          "version='1.0.0'\ndescription='a'\ntriggers=["));
    size_t count = 0;
    while (text.len < LIMIT_MANIFEST_BYTES - 20) {
        buf_append(&text, STR("'a',"));
        count++;
    }
    buf_append(&text, STR("]\n"));
    struct manifest manifest;
    struct diag_list defects = {0};
    assert_int_equal(
        manifest_parse(&arena, buf_str(&text), STR("m"), &manifest, &defects),
        MANIFEST_INVALID);
    assert_int_equal(defects.count, count);
    assert_int_equal(defects.last->place.line, 8);
    assert_int_equal(defects.last->place.column, 10 + 4 * count - 3);
    buf_release(&text);
    arena_release(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(manifests_have_the_defects_they_claim),
        cmocka_unit_test(published_manifests_are_valid),
        cmocka_unit_test(every_value_arrives),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(defects_are_found_quickly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
