#include "registry/store_dir.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

#include "base/limits.h"
#include "base/parallel.h"
#include "registry/file_lock.h"
#include "tree.h"

/* System calls of the library go through these: the linker puts them in place. */
int __real_flock(int fd, int operation);
int __real_fsync(int fd);
int __real_link(const char *from, const char *to);
ssize_t __real_write(int fd, const void *bytes, size_t count);
int __wrap_flock(int fd, int operation);
int __wrap_fsync(int fd);
int __wrap_link(const char *from, const char *to);
ssize_t __wrap_write(int fd, const void *bytes, size_t count);

static struct {
    int flock; /* the errno value to fail with, or 0 */
    int fsync;
    int link;
    int write;
} failing;

static int fail_with(int error) {
    errno = error;
    return -1;
}

int __wrap_flock(int fd, int operation) {
    return failing.flock != 0 ? fail_with(failing.flock) : __real_flock(fd, operation);
}

int __wrap_fsync(int fd) {
    return failing.fsync != 0 ? fail_with(failing.fsync) : __real_fsync(fd);
}

int __wrap_link(const char *from, const char *to) {
    return failing.link != 0 ? fail_with(failing.link) : __real_link(from, to);
}

ssize_t __wrap_write(int fd, const void *bytes, size_t count) {
    return failing.write != 0 ? fail_with(failing.write)
                              : __real_write(fd, bytes, count);
}

struct fixture {
    struct tree tree;
    struct store *store;
    struct arena arena;
    struct store_call call;
};

static struct store *open_at(const char *path) {
    struct failure failure = {0};
    struct store *store = store_dir_open(str_of(path), &failure);
    assert_non_null(store);
    return store;
}

static int set_up(void **state) {
    struct fixture *f = calloc(1, sizeof *f);
    tree_make(&f->tree);
    f->store = open_at(f->tree.root);
    f->call.arena = &f->arena;
    *state = f;
    return 0;
}

static int tear_down(void **state) {
    struct fixture *f = *state;
    store_close(f->store);
    arena_release(&f->arena);
    (void)chmod(f->tree.root, 0755);
    tree_remove(&f->tree);
    free(f);
    return 0;
}

static enum store_status put(struct fixture *f, const char *name, const char *text) {
    struct store_put put = {.name = str_of(name), .bytes = str_of(text)};
    return f->store->ops->put_new(f->store, &f->call, &put, NULL);
}

/* Reads an object and compares its content; NULL: any. */
static struct store_object get(struct fixture *f, const char *name, const char *text) {
    struct buf bytes;
    struct store_object object = {0};
    assert_int_equal(
        f->store->ops->get(f->store, &f->call, str_of(name), 1000, &bytes, &object),
        STORE_OK);
    assert_true(text == NULL || str_equal(buf_str(&bytes), str_of(text)));
    assert_int_equal(object.size_bytes, bytes.len);
    buf_release(&bytes);
    return object;
}

static enum store_status get_status(struct fixture *f, const char *name,
                                    uint64_t most) {
    struct buf bytes;
    enum store_status status =
        f->store->ops->get(f->store, &f->call, str_of(name), most, &bytes, NULL);
    buf_release(&bytes);
    return status;
}

static enum store_status replace(struct fixture *f, const char *name, const char *text,
                                 const struct store_object *seen,
                                 struct store_object *now) {
    struct store_put put = {.name = str_of(name), .bytes = str_of(text), .serial = 9};
    return f->store->ops->replace(f->store, &f->call, &put, seen, now);
}

static void expect_failure(struct fixture *f, enum store_status status,
                           enum error_id id) {
    assert_int_equal(status, STORE_FAILED);
    assert_true(f->call.failure.is_set);
    assert_int_equal(f->call.failure.id, id);
    f->call.failure = (struct failure){0};
}

static void an_object_is_made_once_and_read_back(void **state) {
    struct fixture *f = *state;
    assert_int_equal(get_status(f, "a-1.0.0.tar.gz", 10), STORE_ABSENT);
    assert_int_equal(put(f, "a-1.0.0.tar.gz", "bytes"), STORE_OK);
    assert_int_equal(put(f, "a-1.0.0.tar.gz", "others"), STORE_EXISTS);
    struct store_object object = get(f, "a-1.0.0.tar.gz", "bytes");
    /* sha256sum says so of `bytes`. */
    assert_string_equal(
        object.digest,
        "sha256:277089d91c0bdf4f2e6862ba7e4a07605119431f5d13f726dd352b06f1b206a9");
    assert_int_equal(object.serial, 0);
    assert_true(object.modified_s > 1600000000);
    assert_int_equal(tree_count(&f->tree, ""), 1);
    assert_int_equal(f->store->requests, 4);
    assert_false(f->call.failure.is_set);
}

static void what_is_replaced_is_what_was_seen(void **state) {
    struct fixture *f = *state;
    struct store_object now;
    assert_int_equal(put(f, "x", "one"), STORE_OK);
    struct store_object one = get(f, "x", "one");
    assert_int_equal(replace(f, "x", "two", &one, &now), STORE_OK);
    assert_int_equal(now.serial, 9);
    struct store_object two = get(f, "x", "two");
    assert_true(str_equal(two.revision, now.revision));
    assert_int_equal(replace(f, "x", "three", &one, NULL), STORE_CONFLICT);
    (void)get(f, "x", "two");
    assert_int_equal(f->store->ops->remove(f->store, &f->call, &one), STORE_CONFLICT);
    assert_int_equal(f->store->ops->remove(f->store, &f->call, &two), STORE_OK);
    assert_int_equal(f->store->ops->remove(f->store, &f->call, &two), STORE_ABSENT);
    assert_int_equal(replace(f, "x", "three", &two, NULL), STORE_ABSENT);
    /* Of all this only the lock file stays. */
    assert_int_equal(tree_count(&f->tree, ""), 1);
    assert_true(tree_has(&f->tree, ".influxdb3-plugin-lock"));
}

static struct store_list list(struct fixture *f, const char *prefix) {
    struct store_list found;
    assert_int_equal(f->store->ops->list(f->store, &f->call, str_of(prefix), &found),
                     STORE_OK);
    return found;
}

static void objects_are_listed_by_name(void **state) {
    struct fixture *f = *state;
    tree_build(
        &f->tree,
        str_of("index.json = 12345 ;; index-000001.json = 1 ;; b = x ;; a = y ;; "
               ".influxdb3-plugin-0123456789abcdef = half ;; d = <dir> ;; "
               ".influxdb3-plugin-lock = l ;; p = <fifo> ;; to-a = -> a ;; "
               "nowhere = -> no"));
    static const struct {
        const char *name;
        uint64_t size;
        bool is_incomplete;
    } all[] = {{".influxdb3-plugin-0123456789abcdef", 4, true},
               {"a", 1, false},
               {"b", 1, false},
               {"index-000001.json", 1, false},
               {"index.json", 5, false},
               {"to-a", 1, false}};
    struct store_list found = list(f, "");
    assert_int_equal(found.count, sizeof all / sizeof all[0]);
    for (size_t i = 0; i < found.count; i++) {
        assert_true(str_equal(found.objects[i].name, str_of(all[i].name)));
        assert_int_equal(found.objects[i].size_bytes, all[i].size);
        assert_int_equal(found.objects[i].is_incomplete, all[i].is_incomplete);
    }
    assert_int_equal(list(f, "index-").count, 1);
    assert_int_equal(list(f, "zzz").count, 0);
    /* A listed object can be removed, unless it changed meanwhile. */
    tree_write(&f->tree, "b", "longer");
    assert_int_equal(f->store->ops->remove(f->store, &f->call, &found.objects[2]),
                     STORE_CONFLICT);
    assert_int_equal(f->store->ops->remove(f->store, &f->call, &found.objects[1]),
                     STORE_OK);
    assert_false(tree_has(&f->tree, "a"));
}

/* What it is worth: docs/publishing.md, the history of a compare-and-swap host. */
static void the_index_knows_its_number(void **state) {
    struct fixture *f = *state;
    assert_int_equal(put(f, "index.json", "A"), STORE_OK);
    assert_int_equal(get(f, "index.json", "A").serial, 1);
    /* A publisher that has made the copy, but not replaced the index. */
    assert_int_equal(put(f, "index-000001.json", "A"), STORE_OK);
    struct store_object seen = get(f, "index.json", "A");
    assert_int_equal(seen.serial, 1);
    assert_int_equal(replace(f, "index.json", "B", &seen, NULL), STORE_OK);
    assert_int_equal(get(f, "index.json", "B").serial, 2);
    assert_int_equal(put(f, "index-000002.json", "B"), STORE_OK);
    /* Older ones may be gone, numbers may be longer; other names are none. */
    assert_int_equal(put(f, "index-1234567.json", "Y"), STORE_OK);
    assert_int_equal(put(f, "index-99.json", "Y"), STORE_OK);
    assert_int_equal(put(f, "index-x00099.json", "Y"), STORE_OK);
    assert_int_equal(put(f, "index-9999999.jsonx", "Y"), STORE_OK);
    assert_int_equal(get(f, "index.json", "B").serial, 1234568);
}

static void links_are_read_through_and_stay(void **state) {
    struct fixture *f = *state;
    tree_build(&f->tree, str_of("real/index.json = old ;; index.json = -> "
                                "real/index.json ;; nowhere = -> no/such"));
    struct store_object seen = get(f, "index.json", "old");
    assert_int_equal(replace(f, "index.json", "new", &seen, NULL), STORE_OK);
    tree_expect(&f->tree, "real/index.json", "new");
    struct stat info;
    assert_int_equal(lstat(tree_at(&f->tree, "index.json"), &info), 0);
    assert_true(S_ISLNK(info.st_mode));
    assert_int_equal(tree_count(&f->tree, "real"), 1);
    /* The name of a link that leads nowhere is taken, and that is said. */
    assert_int_equal(put(f, "nowhere", "x"), STORE_EXISTS);
    expect_failure(f, get_status(f, "nowhere", 10), ERROR_STORE_IO_FAILED);
    assert_false(tree_has(&f->tree, "no"));
    /* Nor does the lock follow one. */
    assert_int_equal(put(f, "a", "x"), STORE_OK);
    struct store_object a = get(f, "a", "x");
    assert_int_equal(unlink(tree_at(&f->tree, ".influxdb3-plugin-lock")), 0);
    tree_link(&f->tree, "victim", ".influxdb3-plugin-lock");
    expect_failure(f, replace(f, "a", "y", &a, NULL), ERROR_STORE_IO_FAILED);
    assert_false(tree_has(&f->tree, "victim"));
    tree_expect(&f->tree, "a", "x");
}

static void failures_are_named(void **state) {
    struct fixture *f = *state;
    tree_build(&f->tree, str_of("d = <dir> ;; p = <fifo> ;; big = 0123456789"));
    expect_failure(f, get_status(f, "d", 10), ERROR_STORE_IO_FAILED);
    expect_failure(f, get_status(f, "p", 10), ERROR_STORE_IO_FAILED);
    expect_failure(f, get_status(f, "big", 9), ERROR_STORE_TOO_LARGE);
    assert_int_equal(get_status(f, "big", 10), STORE_OK);
    static const char *const bad[] = {"", ".", "..", "a/b", ".influxdb3-plugin-lock"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        expect_failure(f, put(f, bad[i], "x"), ERROR_STORE_NAME_REFUSED);
    }
    expect_failure(f, get_status(f, "../x", 10), ERROR_STORE_NAME_REFUSED);
    char longest[300];
    memset(longest, 'n', sizeof longest);
    struct str names[] = {STR("fine"), {longest, 256}};
    expect_failure(f, f->store->ops->admit(f->store, &f->call, names, 2),
                   ERROR_STORE_NAME_REFUSED);
    names[1].len = 255;
    assert_int_equal(f->store->ops->admit(f->store, &f->call, names, 2), STORE_OK);
    assert_int_equal(chmod(f->tree.root, 0555), 0);
    uid_t user = geteuid();
    assert_int_equal(user == 0 ? seteuid(65534) : 0, 0);
    expect_failure(f, put(f, "new", "x"), ERROR_STORE_ACCESS_DENIED);
    assert_int_equal(user == 0 ? seteuid(user) : 0, 0);
}

/* A full disk, at the writing and at the sync: nothing stays of what was begun. */
static void a_full_disk_changes_nothing(void **state) {
    struct fixture *f = *state;
    assert_int_equal(put(f, "x", "one"), STORE_OK);
    struct store_object seen = get(f, "x", "one");
    for (int i = 0; i < 2; i++) {
        failing.write = i == 0 ? ENOSPC : 0;
        failing.fsync = i == 1 ? EDQUOT : 0;
        expect_failure(f, put(f, "y", "two"), ERROR_STORE_NO_SPACE);
        expect_failure(f, replace(f, "x", "two", &seen, NULL), ERROR_STORE_NO_SPACE);
        failing.write = failing.fsync = 0;
        (void)get(f, "x", "one");
        assert_int_equal(list(f, "").count, 1);
    }
    assert_int_equal(replace(f, "x", "two", &seen, NULL), STORE_OK);
}

static void without_hard_links_the_lock_decides(void **state) {
    struct fixture *f = *state;
    static const int errors[] = {EPERM, ENOTSUP, ENOSYS, EMLINK};
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        char name[8];
        snprintf(name, sizeof name, "n%zu", i);
        failing.link = errors[i];
        assert_int_equal(put(f, name, "one"), STORE_OK);
        assert_int_equal(put(f, name, "two"), STORE_EXISTS);
        failing.link = 0;
        struct store_object seen = get(f, name, "one");
        failing.link = errors[i];
        assert_int_equal(replace(f, name, "three", &seen, NULL), STORE_OK);
        failing.link = 0;
        (void)get(f, name, "three");
        assert_int_equal(list(f, "").count, i + 1);
    }
}

static void without_locks_nothing_is_replaced(void **state) {
    struct fixture *f = *state;
    assert_int_equal(put(f, "x", "one"), STORE_OK);
    struct store_object seen = get(f, "x", "one");
    static const int errors[] = {ENOSYS, ENOTSUP, ENOLCK};
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        failing.flock = errors[i];
        expect_failure(f, replace(f, "x", "two", &seen, NULL), ERROR_STORE_UNSUPPORTED);
        expect_failure(f, f->store->ops->remove(f->store, &f->call, &seen),
                       ERROR_STORE_UNSUPPORTED);
        failing.flock = 0;
    }
    (void)get(f, "x", "one");
    assert_int_equal(list(f, "").count, 1);
}

static void the_directory_is_made_when_asked(void **state) {
    struct fixture *f = *state;
    char path[128];
    snprintf(path, sizeof path, "%s/to be/made", f->tree.root);
    struct store *before = f->store;
    f->store = open_at(path);
    expect_failure(f, get_status(f, "index.json", 10), ERROR_STORE_NOT_FOUND);
    expect_failure(f, put(f, "index.json", "x"), ERROR_STORE_NOT_FOUND);
    struct store_list found;
    expect_failure(f, f->store->ops->list(f->store, &f->call, STR(""), &found),
                   ERROR_STORE_NOT_FOUND);
    assert_int_equal(f->store->ops->prepare(f->store, &f->call), STORE_OK);
    assert_int_equal(f->store->ops->prepare(f->store, &f->call), STORE_OK);
    assert_int_equal(get_status(f, "index.json", 10), STORE_ABSENT);
    assert_int_equal(list(f, "").count, 0);
    char url[160];
    snprintf(url, sizeof url, "file://%s/to%%20be/made", f->tree.root);
    assert_true(str_equal(f->store->artifacts_url, str_of(url)));
    assert_true(str_equal(f->store->location, str_of(path)));
    assert_int_equal(f->store->mode, STORE_CAS);
    store_close(f->store);
    f->store = before;
}

/* ---- Races ---- */

enum { THREADS = 8, NAMES = 40, STEPS = 25 };

struct race {
    struct fixture *f;
    atomic_uint won[NAMES];
    atomic_uint conflicts;
};

static bool create_all(void *context, size_t item, unsigned thread) {
    struct race *race = context;
    struct arena arena = {0};
    struct store_call call = {.arena = &arena};
    (void)thread;
    for (size_t i = 0; i < NAMES; i++) {
        struct store_put put = {.name = arena_printf(&arena, "n%zu", i),
                                .bytes = arena_printf(&arena, "%zu", item)};
        struct store *store = race->f->store;
        enum store_status status = store->ops->put_new(store, &call, &put, NULL);
        if (status == STORE_OK) {
            atomic_fetch_add(&race->won[i], 1);
        } else if (status != STORE_EXISTS) {
            return false;
        }
    }
    arena_release(&arena);
    return true;
}

static void of_many_creators_one_wins(void **state) {
    static struct race race;
    race = (struct race){.f = *state};
    assert_true(parallel_run(THREADS, THREADS, create_all, &race) == PARALLEL_ALL);
    for (size_t i = 0; i < NAMES; i++) {
        assert_int_equal(race.won[i], 1);
    }
    assert_int_equal(tree_count(&race.f->tree, ""), NAMES);
}

/* Counts an object up, with a store of its own. */
static bool count_up(const char *root, unsigned steps) {
    struct failure failure = {0};
    struct store *store = store_dir_open(str_of(root), &failure);
    struct arena arena = {0};
    struct store_call call = {.arena = &arena};
    bool good = store != NULL;
    for (unsigned done = 0; good && done < steps;) {
        struct buf bytes;
        struct store_object seen;
        enum store_status status =
            store->ops->get(store, &call, STR("n"), 100, &bytes, &seen);
        if (status == STORE_OK) {
            long number = strtol(bytes.ptr, NULL, 10);
            struct store_put put = {.name = STR("n"),
                                    .bytes = arena_printf(&arena, "%ld", number + 1)};
            status = store->ops->replace(store, &call, &put, &seen, NULL);
        }
        buf_release(&bytes);
        done += status == STORE_OK;
        good = status == STORE_OK || status == STORE_CONFLICT;
    }
    store_close(store);
    arena_release(&arena);
    return good;
}

static bool count_in_thread(void *context, size_t item, unsigned thread) {
    struct fixture *f = context;
    (void)item;
    (void)thread;
    return count_up(f->tree.root, STEPS);
}

static void no_count_is_lost_among_threads(void **state) {
    struct fixture *f = *state;
    assert_int_equal(put(f, "n", "0"), STORE_OK);
    assert_true(parallel_run(THREADS, THREADS, count_in_thread, f) == PARALLEL_ALL);
    char want[16];
    snprintf(want, sizeof want, "%d", THREADS * STEPS);
    (void)get(f, "n", want);
}

static void no_count_is_lost_among_processes(void **state) {
    struct fixture *f = *state;
    assert_int_equal(put(f, "n", "0"), STORE_OK);
    pid_t children[THREADS];
    for (size_t i = 0; i < THREADS; i++) {
        children[i] = fork();
        assert_true(children[i] >= 0);
        if (children[i] == 0) {
            _exit(count_up(f->tree.root, STEPS) ? 0 : 1);
        }
    }
    for (size_t i = 0; i < THREADS; i++) {
        int status;
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    char want[16];
    snprintf(want, sizeof want, "%d", THREADS * STEPS);
    (void)get(f, "n", want);
}

/* A holder that is killed leaves no lock. */
static void the_lock_ends_with_its_holder(void **state) {
    struct fixture *f = *state;
    int ready[2];
    assert_int_equal(pipe(ready), 0);
    assert_int_equal(put(f, "n", "0"), STORE_OK);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct file_lock lock;
        char byte =
            (char)('0' + file_lock_take(
                             &lock, tree_at(&f->tree, ".influxdb3-plugin-lock"), 1000));
        (void)!write(ready[1], &byte, 1);
        for (;;) {
            pause();
        }
    }
    char byte = 0;
    assert_int_equal(read(ready[0], &byte, 1), 1);
    assert_int_equal(byte, '0');
    struct file_lock lock;
    assert_int_equal(
        file_lock_take(&lock, tree_at(&f->tree, ".influxdb3-plugin-lock"), 20),
        ETIMEDOUT);
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    struct store_object seen = get(f, "n", "0");
    assert_int_equal(replace(f, "n", "1", &seen, NULL), STORE_OK);
    close(ready[0]);
    close(ready[1]);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(an_object_is_made_once_and_read_back),
        TEST(what_is_replaced_is_what_was_seen),
        TEST(objects_are_listed_by_name),
        TEST(the_index_knows_its_number),
        TEST(links_are_read_through_and_stay),
        TEST(failures_are_named),
        TEST(the_directory_is_made_when_asked),
        TEST(a_full_disk_changes_nothing),
        TEST(without_hard_links_the_lock_decides),
        TEST(without_locks_nothing_is_replaced),
        TEST(of_many_creators_one_wins),
        TEST(no_count_is_lost_among_threads),
        TEST(no_count_is_lost_among_processes),
        TEST(the_lock_ends_with_its_holder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
