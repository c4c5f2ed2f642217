#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/path.h"
#include "registry/publish.h"

#define MANIFEST STR("manifest.toml")

struct paths {
    struct str *items;
    size_t count;
    size_t room;
};

struct search {
    struct arena *arena;
    const struct publish_request *request;
    struct str root;
    struct paths found;
    struct paths pending; /* directories still to be read, relative; "" is the root */
    struct diag **failure;
};

static bool paths_add(struct paths *paths, struct str path) {
    if (paths->count == paths->room) {
        size_t room = paths->room == 0 ? 64 : paths->room * 2;
        struct str *grown = realloc(paths->items, room * sizeof *grown);
        if (grown == NULL) {
            return false;
        }
        paths->items = grown;
        paths->room = room;
    }
    paths->items[paths->count++] = path;
    return path.ptr != NULL;
}

static int in_byte_order(const void *left, const void *right) {
    const struct str *a = left;
    const struct str *b = right;
    return str_compare(*a, *b);
}

/* ---- Named directories ---- */

/* Where a name leads, to know two names of one directory; itself if nowhere. */
static bool real_of(struct arena *arena, struct str path, struct str *real) {
    int error = fs_real_path(arena, path, real);
    if (error != 0) {
        *real = path;
    }
    return error != ENOMEM;
}

static enum registry_status take_named(struct arena *arena,
                                       const struct publish_request *request,
                                       struct str **dirs, size_t *count) {
    struct str *reals = arena_array(arena, request->dir_count, sizeof *reals);
    *dirs = arena_array(arena, request->dir_count, sizeof **dirs);
    *count = 0;
    if (reals == NULL || *dirs == NULL) {
        return REGISTRY_NO_MEMORY;
    }
    for (size_t i = 0; i < request->dir_count; i++) {
        struct str real;
        bool is_known = false;
        if (!real_of(arena, request->dirs[i], &real)) {
            return REGISTRY_NO_MEMORY;
        }
        for (size_t j = 0; j < *count && !is_known; j++) {
            is_known = str_equal(real, reals[j]);
        }
        if (!is_known) {
            reals[*count] = real;
            (*dirs)[(*count)++] = request->dirs[i];
        }
    }
    return REGISTRY_OK;
}

/* ---- Below a root ---- */

/* By its name, or by its path below the root. */
static bool is_excluded(const struct search *search, struct str name,
                        struct str relative) {
    for (size_t i = 0; i < search->request->exclude_count; i++) {
        struct str exclude = search->request->excludes[i];
        while (exclude.len > 1 && exclude.ptr[exclude.len - 1] == '/') {
            exclude.len--;
        }
        if (str_starts_with(exclude, STR("./"))) {
            exclude = str_skip(exclude, 2);
        }
        if (str_equal(exclude, name) || str_equal(exclude, relative)) {
            return true;
        }
    }
    return false;
}

/* As found: without the root where that is the working directory. */
static struct str shown_path(const struct search *search, struct str relative) {
    bool is_here = str_equal(search->root, STR("."));
    struct str base = is_here && relative.len > 0 ? STR("") : search->root;
    return relative.len == 0 ? base : path_join(search->arena, base, relative);
}

static bool has_manifest(struct arena *arena, struct str directory, bool *has) {
    struct stat info;
    struct str path = path_join(arena, directory, MANIFEST);
    *has = path.ptr != NULL && fs_stat(path, &info) == 0 && S_ISREG(info.st_mode);
    return path.ptr != NULL;
}

/* A directory, or a link to one: a plugin is taken through a link, but nothing is
 * looked for behind one. */
static bool visit(struct search *search, int directory, struct str parent,
                  const char *name) {
    struct stat info;
    bool is_plugin = false;
    if (name[0] == '.' || fstatat(directory, name, &info, 0) != 0 ||
        !S_ISDIR(info.st_mode)) {
        return true;
    }
    struct arena_mark mark = arena_mark(search->arena);
    struct str relative = parent.len == 0
                              ? arena_copy(search->arena, str_of(name))
                              : path_join(search->arena, parent, str_of(name));
    if (relative.ptr == NULL) {
        return false;
    }
    if (is_excluded(search, str_of(name), relative)) {
        arena_rewind(search->arena, mark);
        return true;
    }
    struct str path = shown_path(search, relative);
    if (path.ptr == NULL || !has_manifest(search->arena, path, &is_plugin)) {
        return false;
    }
    if (is_plugin) {
        return paths_add(&search->found, path);
    }
    bool is_link = fstatat(directory, name, &info, AT_SYMLINK_NOFOLLOW) != 0 ||
                   S_ISLNK(info.st_mode);
    if (search->request->is_recursive && !is_link) {
        return paths_add(&search->pending, relative);
    }
    arena_rewind(search->arena, mark);
    return true;
}

static enum registry_status read_directory(struct search *search, struct str relative) {
    int fd = -1;
    struct str path = shown_path(search, relative);
    if (path.ptr == NULL) {
        return REGISTRY_NO_MEMORY;
    }
    int error = fs_open_directory(path, &fd);
    DIR *stream = error == 0 ? fdopendir(fd) : NULL;
    if (error == 0 && stream == NULL) {
        error = errno;
        close(fd);
    }
    bool good = true;
    while (error == 0 && good) {
        errno = 0;
        const struct dirent *entry = readdir(stream);
        if (entry == NULL) {
            error = errno;
            break;
        }
        good = visit(search, dirfd(stream), relative, entry->d_name);
    }
    if (stream != NULL) {
        closedir(stream);
    }
    if (error != 0) {
        return index_file_io_failure(search->arena, ERROR_READ_FAILED, path, error,
                                     search->failure);
    }
    return good ? REGISTRY_OK : REGISTRY_NO_MEMORY;
}

static enum registry_status fail_none(struct search *search) {
    bool is_plugin = false;
    if (!has_manifest(search->arena, search->root, &is_plugin)) {
        return REGISTRY_NO_MEMORY;
    }
    const char *how = search->request->is_recursive ? "no directory below"
                                                    : "no directory directly below";
    struct str note = arena_printf(
        search->arena, "%s `%.*s` has a manifest.toml%s", how, STR_ARG(search->root),
        is_plugin ? "; the directory itself has one: name it to publish it"
        : search->request->is_recursive ? ""
                                        : "; --recursive looks further down");
    struct diag *diag = diag_new(search->arena, ERROR_PUBLISH_NO_PLUGINS, STR_NONE,
                                 (struct detail[]){DETAIL_TEXT(search->root)}, 1);
    if (note.ptr == NULL || diag == NULL) {
        return REGISTRY_NO_MEMORY;
    }
    diag->note = note;
    *search->failure = diag;
    return REGISTRY_FAILED;
}

static enum registry_status take_found(struct search *search, struct str **dirs,
                                       size_t *count) {
    enum registry_status status =
        paths_add(&search->pending, STR("")) ? REGISTRY_OK : REGISTRY_NO_MEMORY;
    while (status == REGISTRY_OK && search->pending.count > 0) {
        status = read_directory(search, search->pending.items[--search->pending.count]);
    }
    if (status != REGISTRY_OK) {
        return status;
    }
    if (search->found.count == 0) {
        return fail_none(search);
    }
    *dirs = arena_array(search->arena, search->found.count, sizeof **dirs);
    if (*dirs == NULL) {
        return REGISTRY_NO_MEMORY;
    }
    memcpy(*dirs, search->found.items, search->found.count * sizeof **dirs);
    qsort(*dirs, search->found.count, sizeof **dirs, in_byte_order);
    *count = search->found.count;
    return REGISTRY_OK;
}

enum registry_status publish_find(struct arena *arena,
                                  const struct publish_request *request,
                                  struct str **dirs, size_t *count,
                                  struct diag **failure) {
    if (request->dir_count > 0) {
        return take_named(arena, request, dirs, count);
    }
    struct search search = {
        .arena = arena, .request = request, .root = request->root, .failure = failure};
    if (search.root.ptr == NULL || search.root.len == 0) {
        search.root = STR(".");
    }
    enum registry_status status = take_found(&search, dirs, count);
    free(search.found.items);
    free(search.pending.items);
    return status;
}
