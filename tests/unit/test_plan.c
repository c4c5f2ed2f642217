#include "registry/plan.h"

#include "index_spec.h"
#include "plugin/gunzip.h"
#include "plugin/gzip.h"
#include "plugin/untar.h"
#include "plugin/ustar.h"
#include "registry/transfer.h"

/* ---- Pairing and sorting ---- */

static void items_of(struct str spec, struct plan_item *items, size_t *count) {
    *count = 0;
    while (spec.len > 0) {
        struct str one = spec_take(&spec, " ");
        struct plan_item *item = &items[(*count)++];
        *item = (struct plan_item){.hash = STR(SPEC_HASH)};
        item->name = spec_take(&one, "@");
        item->version = spec_take(&one, "#");
        item->is_left_out = item->name.len == 0;
        if (one.len > 0) {
            item->hash = one;
        }
    }
}

/* `-` no twin, else the place of it. */
static void twins_are(const char *spec, const char *want) {
    struct plan_item items[16];
    size_t count;
    char found[17] = "";
    items_of(str_of(spec), items, &count);
    assert_true(plan_pair(items, count));
    for (size_t i = 0; i < count; i++) {
        found[i] = items[i].twin == PLAN_NONE ? '-' : (char)('0' + items[i].twin);
    }
    assert_string_equal(found, want);
}

static void the_first_of_a_set_stays(void **state) {
    (void)state;
    twins_are("", "");
    twins_are("a@1.0.0 b@1.0.0 c@1.0.0", "---");
    twins_are("a@1.0.0 a@2.0.0 a@1.0.1", "---");
    twins_are("a@1.0.0 b@1.0.0 a@1.0.0 a@1.0.0", "--00");
    twins_are("a-b@1.0.0 a_b@2.0.0 A-B@3.0.0 a-b@4.0.0", "-00-");
    twins_are("x_y@9.0.0 x-y@1.0.0 x-y@2.0.0", "-00");
    twins_are("@1.0.0 a@1.0.0 @1.0.0 a@1.0.0", "---1");
    /* Versions are compared as they are written. */
    twins_are("a@1.0.0+x a@1.0.0+y a@1.0.0", "---");
}

static void verdicts_are(const char *index_spec, const char *spec, const char *want) {
    struct arena arena = {0};
    struct index index;
    struct diag_list defects = {0};
    struct plan_item items[16];
    size_t count;
    char found[17] = "";
    assert_int_equal(spec_read(&index, str_of(index_spec), &arena, &defects), INDEX_OK);
    items_of(str_of(spec), items, &count);
    assert_true(plan_sort(items, count, &index, &arena));
    for (size_t i = 0; i < count; i++) {
        static const char letters[] = {[PLAN_NEW] = 'n',
                                       [PLAN_UNCHANGED] = 'u',
                                       [PLAN_DIFFERS] = 'd',
                                       [PLAN_COLLISION] = 'c'};
        found[i] = letters[items[i].verdict];
    }
    assert_string_equal(found, want);
    index_release(&index);
    arena_release(&arena);
}

static void items_are_sorted_against_an_index(void **state) {
    (void)state;
    verdicts_are("", "a@1.0.0 b@1.0.0", "nn");
    verdicts_are("a|1.0.0 / b|1.0.0|y",
                 "a@1.0.0 a@1.0.1 b@1.0.0 a@1.0.0#sha256:other c@1.0.0 A@2.0.0 "
                 "B@1.0.0",
                 "unudncc");
    verdicts_are("a-b|1.0.0", "a_b@1.0.0 a-b@1.0.0+build", "cn");
}

/* ---- Names of artifacts ---- */

static void splits_to(const char *object, const char *want) {
    struct str name = STR("");
    struct str version = STR("");
    char found[128] = "none";
    if (artifact_name_split(str_of(object), &name, &version)) {
        snprintf(found, sizeof found, "%.*s %.*s", STR_ARG(name), STR_ARG(version));
    }
    assert_string_equal(found, want);
}

static void names_of_artifacts_are_taken_apart(void **state) {
    (void)state;
    splits_to("a-1.0.0.tar.gz", "a 1.0.0");
    splits_to("a-1-2.0.0-rc.1+b-2.tar.gz", "a-1 2.0.0-rc.1+b-2");
    splits_to("a-b_c-10.20.30.tar.gz", "a-b_c 10.20.30");
    splits_to("a-1.0.0.tar", "none");
    splits_to("a-1.0.tar.gz", "none");
    splits_to("a.tar.gz", "none");
    splits_to("-1.0.0.tar.gz", "none");
    splits_to("1a-1.0.0.tar.gz", "none");
    splits_to("con-1.0.0.tar.gz", "none");
    splits_to(".tar.gz", "none");
    splits_to("index.json", "none");
    splits_to("backup-2026.tar.gz", "none");
}

/* ---- Comparing ---- */

static bool collect(void *context, struct str bytes) {
    return buf_append(context, bytes);
}

/* `path:content`, with `*` before the path of an executable, between spaces. */
static void pack(struct buf *out, struct str spec) {
    struct buf tar;
    buf_init(&tar, 1 << 20);
    while (spec.len > 0) {
        struct str content = spec_take(&spec, " ");
        struct str path = spec_take(&content, ":");
        bool is_executable = str_starts_with(path, STR("*"));
        path = is_executable ? str_skip(path, 1) : path;
        assert_int_equal(ustar_append_header(&tar, path, content.len, is_executable),
                         USTAR_OK);
        buf_append(&tar, content);
        buf_append_fill(&tar, '\0', ustar_padding(content.len));
    }
    ustar_append_end(&tar);
    struct gzip *gzip = gzip_new(collect, out);
    assert_non_null(gzip);
    assert_int_equal(gzip_add(gzip, buf_str(&tar)), GZIP_OK);
    assert_int_equal(gzip_end(gzip), GZIP_OK);
    gzip_free(gzip);
    buf_release(&tar);
}

static void compares_to(const char *ours, const char *theirs,
                        enum plan_difference want_result, const char *want) {
    struct arena arena = {0};
    struct plan_files files;
    struct buf one;
    struct buf other;
    struct buf found;
    buf_init(&one, 1 << 20);
    buf_init(&other, 1 << 20);
    buf_init(&found, 1 << 12);
    pack(&one, str_of(ours));
    pack(&other, str_of(theirs));
    assert_int_equal(plan_compare(&arena, buf_str(&one), buf_str(&other), STR("p-1"),
                                  1 << 20, &files),
                     want_result);
    buf_printf(&found, "%zu+ %zu- %zu*", files.added, files.removed, files.changed);
    for (size_t i = 0; i < files.count; i++) {
        buf_append_byte(&found, ' ');
        buf_append(&found, files.paths[i]);
    }
    assert_string_equal(buf_str(&found).ptr, want);
    buf_release(&one);
    buf_release(&other);
    buf_release(&found);
    arena_release(&arena);
}

static void files_that_differ_are_named(void **state) {
    (void)state;
    compares_to("p-1/a:x p-1/b:y", "p-1/a:x p-1/b:y", PLAN_SAME, "0+ 0- 0*");
    compares_to("p-1/a:x p-1/b:y", "p-1/b:y p-1/a:x", PLAN_SAME, "0+ 0- 0*");
    compares_to("p-1/a:x p-1/b:y", "p-1/a:x p-1/b:z", PLAN_DIFFERENT, "0+ 0- 1* b");
    compares_to("p-1/a:x p-1/c:y", "p-1/b:x p-1/c:yy", PLAN_DIFFERENT,
                "1+ 1- 1* a b c");
    compares_to("p-1/a:x", "*p-1/a:x", PLAN_DIFFERENT, "0+ 0- 1* a");
    compares_to("", "p-1/a:x p-1/d/e:", PLAN_DIFFERENT, "0+ 2- 0* a d/e");
    compares_to("p-1/a:x", "p-2/a:x", PLAN_THEIRS_INVALID, "0+ 0- 0*");
    compares_to("p-1/a:x", "p-1:x", PLAN_THEIRS_INVALID, "0+ 0- 0*");
    compares_to("p-1/a:x", "p-1/a:x p-1/a:y", PLAN_THEIRS_INVALID, "0+ 0- 0*");
    compares_to("p-2/a:x", "p-1/a:x", PLAN_OURS_INVALID, "0+ 0- 0*");
}

/* A path of every length that an archive can hold comes back. */
static void long_paths_come_back(void **state) {
    (void)state;
    for (size_t len = 1; len <= USTAR_PATH_MAX; len++) {
        char path[USTAR_PATH_MAX + 1];
        struct buf tar;
        struct untar untar;
        struct untar_member member;
        buf_init(&tar, 1 << 16);
        for (size_t i = 0; i < len; i++) {
            path[i] = i % 60 == 59 && i + 1 < len ? '/' : (char)('a' + i % 26);
        }
        struct str view = {path, len};
        assert_int_equal(ustar_append_header(&tar, view, 3, len % 2 == 0), USTAR_OK);
        buf_append(&tar, STR("abc"));
        buf_append_fill(&tar, '\0', ustar_padding(3));
        ustar_append_end(&tar);
        untar_begin(&untar, buf_str(&tar));
        assert_int_equal(untar_next(&untar, &member), UNTAR_MEMBER);
        assert_true(str_equal(member.path, view));
        assert_true(str_equal(member.content, STR("abc")));
        assert_true(member.is_file);
        assert_int_equal(member.is_executable, len % 2 == 0);
        assert_int_equal(untar_next(&untar, &member), UNTAR_END);
        buf_release(&tar);
    }
}

/* Every beginning of an archive, and every archive with one byte changed, ends. */
static void broken_archives_are_refused(void **state) {
    (void)state;
    struct buf tar;
    buf_init(&tar, 1 << 16);
    assert_int_equal(ustar_append_header(&tar, STR("p-1/a"), 3, false), USTAR_OK);
    buf_append(&tar, STR("abc"));
    buf_append_fill(&tar, '\0', ustar_padding(3));
    ustar_append_end(&tar);
    for (size_t len = 0; len < tar.len; len++) {
        struct untar untar;
        struct untar_member member;
        /* A block of its own, so that a step beyond it is seen. */
        char *copy = malloc(len + 1);
        assert_non_null(copy);
        memcpy(copy, tar.ptr, len);
        untar_begin(&untar, (struct str){copy, len});
        enum untar_status status = untar_next(&untar, &member);
        assert_int_equal(status, len == 0                ? UNTAR_END
                                 : len < USTAR_BLOCK + 3 ? UNTAR_INVALID
                                                         : UNTAR_MEMBER);
        free(copy);
    }
    size_t refused = 0;
    for (size_t i = 0; i < USTAR_BLOCK; i++) {
        struct untar untar;
        struct untar_member member;
        tar.ptr[i] = (char)(tar.ptr[i] ^ 0x11);
        untar_begin(&untar, buf_str(&tar));
        refused += untar_next(&untar, &member) == UNTAR_INVALID;
        tar.ptr[i] = (char)(tar.ptr[i] ^ 0x11);
    }
    /* All but bytes of the check sum's field that are not its digits. */
    assert_true(refused >= USTAR_BLOCK - 2);
    buf_release(&tar);
}

static enum gunzip_status unpack(struct str bytes, size_t max, size_t *len) {
    struct buf out;
    buf_init(&out, max);
    enum gunzip_status status = gunzip(bytes, &out);
    *len = out.len;
    assert_true(out.len <= max);
    buf_release(&out);
    return status;
}

static void what_comes_out_is_bounded(void **state) {
    (void)state;
    struct buf packed;
    size_t len;
    buf_init(&packed, 1 << 24);
    struct gzip *gzip = gzip_new(collect, &packed);
    char *zeros = calloc(1, 1 << 20);
    assert_non_null(gzip);
    assert_non_null(zeros);
    for (int i = 0; i < 40; i++) {
        assert_int_equal(gzip_add(gzip, (struct str){zeros, 1 << 20}), GZIP_OK);
    }
    assert_int_equal(gzip_end(gzip), GZIP_OK);
    gzip_free(gzip);
    free(zeros);
    struct str bomb = buf_str(&packed);
    size_t all = (size_t)40 << 20;
    assert_true(bomb.len < all / 100);
    assert_int_equal(unpack(bomb, all, &len), GUNZIP_OK);
    assert_int_equal(len, all);
    assert_int_equal(unpack(bomb, all - 1, &len), GUNZIP_TOO_LARGE);
    assert_int_equal(unpack(bomb, 1000, &len), GUNZIP_TOO_LARGE);
    assert_int_equal(unpack(bomb, 0, &len), GUNZIP_TOO_LARGE);
    /* A wrong check sum, a piece of it, rubbish behind it, nothing. */
    packed.ptr[packed.len - 6] ^= 1;
    assert_int_equal(unpack(bomb, all * 2, &len), GUNZIP_INVALID);
    packed.ptr[packed.len - 6] ^= 1;
    assert_int_equal(unpack(str_first(bomb, bomb.len - 1), all * 2, &len),
                     GUNZIP_INVALID);
    assert_int_equal(unpack(STR(""), all * 2, &len), GUNZIP_INVALID);
    assert_int_equal(unpack(STR("no gzip at all, this"), all * 2, &len),
                     GUNZIP_INVALID);
    assert_true(buf_append(&packed, STR("rubbish")));
    assert_int_equal(unpack(buf_str(&packed), all * 2, &len), GUNZIP_INVALID);
    buf_release(&packed);
}

/* Members one after another are one file (RFC 1952, section 2.2). */
static void members_are_joined(void **state) {
    (void)state;
    struct buf packed;
    struct buf out;
    buf_init(&packed, 1 << 16);
    buf_init(&out, 1 << 16);
    for (int i = 0; i < 3; i++) {
        struct gzip *gzip = gzip_new(collect, &packed);
        assert_non_null(gzip);
        assert_int_equal(gzip_add(gzip, i == 1 ? STR("") : STR("abc")), GZIP_OK);
        assert_int_equal(gzip_end(gzip), GZIP_OK);
        gzip_free(gzip);
    }
    assert_int_equal(gunzip(buf_str(&packed), &out), GUNZIP_OK);
    assert_true(str_equal(buf_str(&out), STR("abcabc")));
    buf_release(&packed);
    buf_release(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_of_a_set_stays),
        cmocka_unit_test(items_are_sorted_against_an_index),
        cmocka_unit_test(names_of_artifacts_are_taken_apart),
        cmocka_unit_test(files_that_differ_are_named),
        cmocka_unit_test(long_paths_come_back),
        cmocka_unit_test(broken_archives_are_refused),
        cmocka_unit_test(what_comes_out_is_bounded),
        cmocka_unit_test(members_are_joined),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
