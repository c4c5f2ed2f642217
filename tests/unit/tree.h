/* A directory of its own for a test, and files in it. */
#ifndef TREE_H
#define TREE_H

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "unit.h"

struct tree {
    char root[64];
    char path[4096];
};

/* The path of a name in the tree; valid until the next call. */
static inline const char *tree_at(struct tree *tree, const char *name) {
    int len = snprintf(tree->path, sizeof tree->path, "%s%s%s", tree->root,
                       name[0] == '\0' ? "" : "/", name);
    assert_true(len > 0 && (size_t)len < sizeof tree->path);
    return tree->path;
}

static inline void tree_make(struct tree *tree) {
    strcpy(tree->root, "/tmp/i3p-test-XXXXXX");
    assert_non_null(mkdtemp(tree->root));
}

static inline void tree_remove(struct tree *tree) {
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", tree->root);
    assert_int_equal(system(command), 0);
}

static inline void tree_directory(struct tree *tree, const char *name) {
    assert_int_equal(mkdir(tree_at(tree, name), 0755), 0);
}

static inline void tree_write_bytes(struct tree *tree, const char *name,
                                    struct str bytes) {
    FILE *file = fopen(tree_at(tree, name), "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes.ptr, 1, bytes.len, file), bytes.len);
    assert_int_equal(fclose(file), 0);
}

static inline void tree_write(struct tree *tree, const char *name, const char *text) {
    tree_write_bytes(tree, name, (struct str){text, strlen(text)});
}

static inline void tree_link(struct tree *tree, const char *target, const char *name) {
    assert_int_equal(symlink(target, tree_at(tree, name)), 0);
}

static inline bool tree_has(struct tree *tree, const char *name) {
    struct stat info;
    return lstat(tree_at(tree, name), &info) == 0;
}

static inline void tree_expect(struct tree *tree, const char *name, const char *text) {
    char found[4096] = {0};
    FILE *file = fopen(tree_at(tree, name), "rb");
    assert_non_null(file);
    size_t len = fread(found, 1, sizeof found - 1, file);
    fclose(file);
    assert_int_equal(len, strlen(text));
    assert_string_equal(found, text);
}

/* Builds what `spec` says, of the form `PATH = CONTENT ;; PATH = CONTENT`; the content
 * `<dir>` makes a directory, `<fifo>` a pipe, `-> TARGET` a link. Parents are made. */
static inline void tree_build(struct tree *tree, struct str spec) {
    char text[1 << 14];
    assert_true(spec.len < sizeof text);
    memcpy(text, spec.ptr, spec.len);
    text[spec.len] = '\0';
    char *next = text;
    for (char *at = text; next != NULL && *at != '\0'; at = next) {
        char *end = strstr(at, " ;; ");
        next = end == NULL ? NULL : end + 4;
        if (end != NULL) {
            *end = '\0';
        }
        char *content = strstr(at, " = ");
        assert_non_null(content);
        *content = '\0';
        content += 3;
        for (char *slash = strchr(at, '/'); slash; slash = strchr(slash + 1, '/')) {
            *slash = '\0';
            (void)mkdir(tree_at(tree, at), 0755);
            *slash = '/';
        }
        if (strcmp(content, "<dir>") == 0) {
            tree_directory(tree, at);
        } else if (strcmp(content, "<fifo>") == 0) {
            assert_int_equal(mkfifo(tree_at(tree, at), 0644), 0);
        } else if (strncmp(content, "-> ", 3) == 0) {
            tree_link(tree, content + 3, at);
        } else {
            tree_write(tree, at, content);
        }
    }
}

/* How many names a directory of the tree holds. */
static inline size_t tree_count(struct tree *tree, const char *name) {
    DIR *dir = opendir(tree_at(tree, name));
    assert_non_null(dir);
    size_t count = 0;
    const struct dirent *entry;
    while ((entry = readdir(dir)) != NULL) {
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    }
    closedir(dir);
    return count;
}

#endif
