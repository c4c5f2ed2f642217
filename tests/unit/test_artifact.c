#include "plugin/artifact.h"

#include <libdeflate.h>
#include <nettle/sha2.h>

#include "claims.h"
#include "tree.h"

struct fixture {
    struct tree tree;
    struct arena arena;
    struct source_list files;
    struct buf packed;
    struct artifact artifact;
    struct diag *failure;
};

static void begin(struct fixture *f) {
    *f = (struct fixture){0};
    tree_make(&f->tree);
    buf_init(&f->packed, 1 << 24);
}

static void walk(struct fixture *f) {
    struct str failed;
    assert_int_equal(
        source_select(&f->arena, str_of(f->tree.root), NULL, &f->files, &failed), 0);
}

static void end(struct fixture *f) {
    buf_release(&f->packed);
    arena_release(&f->arena);
    tree_remove(&f->tree);
}

static bool collect(void *context, struct str bytes) {
    return buf_append(context, bytes);
}

static enum artifact_status build(struct fixture *f, struct str prefix) {
    buf_clear(&f->packed);
    return artifact_build(&f->arena, str_of(f->tree.root), prefix, &f->files, collect,
                          &f->packed, &f->artifact, &f->failure);
}

/* "sha256:" and the digest of the tar stream. */
static void tar_hash(struct fixture *f, char out[SHA256_TEXT_BYTES + 1]) {
    size_t room = (size_t)1 << 24;
    char *tar = malloc(room);
    size_t len = 0;
    struct libdeflate_decompressor *decompressor = libdeflate_alloc_decompressor();
    assert_non_null(tar);
    assert_int_equal(libdeflate_gzip_decompress(decompressor, f->packed.ptr,
                                                f->packed.len, tar, room, &len),
                     LIBDEFLATE_SUCCESS);
    libdeflate_free_decompressor(decompressor);
    struct sha256 sha;
    sha256_begin(&sha);
    sha256_add(&sha, (struct str){tar, len});
    sha256_end(&sha, out);
    free(tar);
}

static void tar_streams_are_the_reference_s(void **state) {
    (void)state;
    struct claims claims;
    claims_open(&claims, TEST_DATA "/artifacts.txt");
    struct str columns[2];
    while (claims_next(&claims, columns, 2)) {
        struct fixture f;
        begin(&f);
        tree_build(&f.tree, columns[0]);
        walk(&f);
        assert_int_equal(build(&f, STR("sample-1.0.0")), ARTIFACT_OK);
        char hash[SHA256_TEXT_BYTES + 1];
        tar_hash(&f, hash);
        claims_equal(&claims, str_skip(str_of(hash), 7), columns[1]);
        /* The artifact's own hash and size. */
        struct sha256 sha;
        sha256_begin(&sha);
        sha256_add(&sha, buf_str(&f.packed));
        sha256_end(&sha, hash);
        assert_string_equal(f.artifact.hash, hash);
        assert_int_equal(f.artifact.size_bytes, f.packed.len);
        end(&f);
    }
}

static void only_paths_bytes_and_execute_bits_matter(void **state) {
    (void)state;
    char first[SHA256_TEXT_BYTES + 1];
    static const mode_t modes[] = {0600, 0644, 0666, 04604};
    static const char *const orders[] = {
        "a = 1 ;; b = 2 ;; c/d = 3", "c/d = 3 ;; b = 2 ;; a = 1",
        "b = 2 ;; c/d = 3 ;; a = 1", "b = 2 ;; a = 1 ;; c/d = 3"};
    for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++) {
        struct fixture f;
        begin(&f);
        tree_build(&f.tree, str_of(orders[i]));
        assert_int_equal(chmod(tree_at(&f.tree, "a"), modes[i]), 0);
        struct timespec times[2] = {{(time_t)(i * 1000000), 0}, {(time_t)(i * 7), 0}};
        assert_int_equal(utimensat(AT_FDCWD, tree_at(&f.tree, "b"), times, 0), 0);
        walk(&f);
        assert_int_equal(build(&f, STR("p-1.0.0")), ARTIFACT_OK);
        if (i == 0) {
            strcpy(first, f.artifact.hash);
        }
        assert_string_equal(f.artifact.hash, first);
        assert_int_equal(chmod(tree_at(&f.tree, "a"), 0654), 0);
        walk(&f);
        assert_int_equal(build(&f, STR("p-1.0.0")), ARTIFACT_OK);
        assert_string_not_equal(f.artifact.hash, first);
        end(&f);
    }
}

static void expect_changed(struct fixture *f, const char *name) {
    assert_int_equal(build(f, STR("p-1.0.0")), ARTIFACT_FAILED);
    assert_string_equal(diag_code(f->failure), "package::io_failed");
    assert_true(str_equal(f->failure->field, str_of(tree_at(&f->tree, name))));
    assert_true(str_equal(f->failure->details[1].text, STR("Other")));
    assert_true(str_starts_with(f->failure->note, STR("it changed")));
}

static void a_file_that_changed_is_refused(void **state) {
    (void)state;
    static const char *const what[] = {"longer", "shorter", "same size", "gone",
                                       "link",   "fifo",    "directory", "mode"};
    for (size_t i = 0; i < sizeof what / sizeof what[0]; i++) {
        struct fixture f;
        begin(&f);
        tree_write(&f.tree, "a", "first");
        tree_write(&f.tree, "d", "second");
        struct timespec times[2] = {{1, 0}, {1, 0}};
        assert_int_equal(utimensat(AT_FDCWD, tree_at(&f.tree, "d"), times, 0), 0);
        walk(&f);
        const char *path = tree_at(&f.tree, "d");
        if (i < 3) {
            tree_write(&f.tree, "d", i == 0 ? "longer now" : i == 1 ? "2" : "SECOND");
        } else if (i == 7) {
            assert_int_equal(chmod(path, 0755), 0);
        } else {
            assert_int_equal(unlink(path), 0);
        }
        if (strcmp(what[i], "link") == 0) {
            tree_link(&f.tree, "a", "d");
        } else if (strcmp(what[i], "fifo") == 0) {
            assert_int_equal(mkfifo(path, 0644), 0);
        } else if (strcmp(what[i], "directory") == 0) {
            tree_directory(&f.tree, "d");
            assert_int_equal(build(&f, STR("p-1.0.0")), ARTIFACT_FAILED);
            end(&f);
            continue;
        }
        expect_changed(&f, "d");
        end(&f);
    }
}

static void a_path_that_is_too_long_stops_it_before_a_byte(void **state) {
    (void)state;
    struct fixture f;
    begin(&f);
    /* 13 bytes of prefix: 242 make 255. */
    static const int lengths[] = {242, 243, 250};
    char name[300];
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        snprintf(name, sizeof name, "%0*d", lengths[i], 0);
        tree_write(&f.tree, name, "x");
        walk(&f);
        enum artifact_status status = build(&f, STR("sample-1.0.0"));
        assert_int_equal(status, lengths[i] == 242 ? ARTIFACT_OK : ARTIFACT_FAILED);
        if (status == ARTIFACT_FAILED) {
            /* The first in order is reported. */
            assert_string_equal(diag_code(f.failure), "package::path_too_long");
            assert_int_equal(f.failure->field.len, 13 + 243);
            assert_int_equal(f.failure->details[1].number, 255);
            assert_int_equal(f.packed.len, 0);
        }
    }
    end(&f);
}

static bool refuse(void *context, struct str bytes) {
    (void)context;
    (void)bytes;
    return false;
}

static void a_sink_that_refuses_stops_it(void **state) {
    (void)state;
    struct fixture f;
    begin(&f);
    tree_write(&f.tree, "a", "x");
    walk(&f);
    assert_int_equal(artifact_build(&f.arena, str_of(f.tree.root), STR("p-1"), &f.files,
                                    refuse, NULL, &f.artifact, &f.failure),
                     ARTIFACT_STOPPED);
    end(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tar_streams_are_the_reference_s),
        cmocka_unit_test(only_paths_bytes_and_execute_bits_matter),
        cmocka_unit_test(a_file_that_changed_is_refused),
        cmocka_unit_test(a_path_that_is_too_long_stops_it_before_a_byte),
        cmocka_unit_test(a_sink_that_refuses_stops_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
