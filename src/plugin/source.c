#include "plugin/source.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/limits.h"
#include "base/path.h"
#include "base/utf8.h"

struct walk {
    struct arena *arena;
    const struct gitignore *excludes;
    int root;
    struct buf path;     /* of the entry at hand */
    struct str *pending; /* directories still to be read */
    size_t pending_count;
    size_t pending_room;
    struct source_file *files;
    size_t count;
    size_t room;
};

struct source_file source_of_stat(const struct stat *info) {
    return (struct source_file){
        .size = (uint64_t)info->st_size,
        .executable = (info->st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)) != 0,
        .device = (uint64_t)info->st_dev,
        .inode = (uint64_t)info->st_ino,
        .modified_ns =
            (int64_t)info->st_mtim.tv_sec * 1000000000 + info->st_mtim.tv_nsec,
    };
}

bool source_same(const struct source_file *file, const struct stat *info) {
    struct source_file now = source_of_stat(info);
    return S_ISREG(info->st_mode) && now.size == file->size &&
           now.executable == file->executable && now.device == file->device &&
           now.inode == file->inode && now.modified_ns == file->modified_ns;
}

/* Room for one more item. */
static bool grow(void **items, size_t *room, size_t count, size_t size) {
    if (count < *room) {
        return true;
    }
    size_t more = *room == 0 ? 64 : *room * 2;
    void *grown = realloc(*items, more * size);
    if (grown == NULL) {
        return false;
    }
    *items = grown;
    *room = more;
    return true;
}

static int add_directory(struct walk *walk, struct str path) {
    void *items = walk->pending;
    if (!grow(&items, &walk->pending_room, walk->pending_count, sizeof(struct str))) {
        return ENOMEM;
    }
    walk->pending = items;
    struct str copy = arena_copy(walk->arena, path);
    if (copy.ptr == NULL) {
        return ENOMEM;
    }
    walk->pending[walk->pending_count++] = copy;
    return 0;
}

static int add_file(struct walk *walk, struct str path, const struct stat *info) {
    if (walk->count == LIMIT_PLUGIN_FILES) {
        return EFBIG;
    }
    void *items = walk->files;
    if (!grow(&items, &walk->room, walk->count, sizeof(struct source_file))) {
        return ENOMEM;
    }
    walk->files = items;
    struct source_file file = source_of_stat(info);
    file.path = arena_copy(walk->arena, path);
    file.shown = file.path.ptr == NULL ? STR_NONE : utf8_lossy(walk->arena, file.path);
    if (file.shown.ptr == NULL) {
        return ENOMEM;
    }
    walk->files[walk->count++] = file;
    return 0;
}

static bool is_dots(const char *name) {
    return name[0] == '.' && (name[1] == '\0' || (name[1] == '.' && name[2] == '\0'));
}

static int visit(struct walk *walk, int directory, const char *name) {
    struct stat info;
    if (fstatat(directory, name, &info, AT_SYMLINK_NOFOLLOW) != 0) {
        /* Gone since the directory was read: it was never there. */
        return errno == ENOENT ? 0 : errno;
    }
    struct str path = buf_str(&walk->path);
    const struct gitignore *excludes = walk->excludes;
    if (S_ISDIR(info.st_mode)) {
        bool skip = excludes != NULL && gitignore_prunes(excludes, path);
        return skip ? 0 : add_directory(walk, path);
    }
    if (S_ISREG(info.st_mode) &&
        (excludes == NULL || !gitignore_excludes(excludes, path))) {
        return add_file(walk, path, &info);
    }
    return 0;
}

/* The path of an entry of `directory`, into walk->path. */
static bool set_path(struct walk *walk, struct str directory, const char *name) {
    buf_clear(&walk->path);
    if (directory.len > 0) {
        buf_append(&walk->path, directory);
        buf_append_byte(&walk->path, '/');
    }
    return buf_append(&walk->path, str_of(name));
}

static int read_directory(struct walk *walk, struct str directory) {
    set_path(walk, STR(""), directory.ptr);
    int fd = openat(walk->root, directory.len == 0 ? "." : directory.ptr,
                    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (dir == NULL) {
        int error = errno;
        if (fd >= 0) {
            close(fd);
        }
        return error;
    }
    int error = 0;
    while (error == 0) {
        errno = 0;
        const struct dirent *entry = readdir(dir);
        if (entry == NULL) {
            error = errno;
            break;
        }
        if (!is_dots(entry->d_name)) {
            error = set_path(walk, directory, entry->d_name)
                        ? visit(walk, dirfd(dir), entry->d_name)
                        : ENOMEM;
        }
    }
    closedir(dir);
    return error;
}

static int walk_all(struct walk *walk) {
    int error = add_directory(walk, STR(""));
    while (error == 0 && walk->pending_count > 0) {
        error = read_directory(walk, walk->pending[--walk->pending_count]);
    }
    return error;
}

static int in_archive_order(const void *left, const void *right) {
    const struct source_file *a = left;
    const struct source_file *b = right;
    int order = str_compare(a->shown, b->shown);
    return order != 0 ? order : str_compare(a->path, b->path);
}

static int keep_files(struct walk *walk, struct source_list *list) {
    struct source_file *files =
        arena_array(walk->arena, walk->count, sizeof(struct source_file));
    if (files == NULL) {
        return ENOMEM;
    }
    if (walk->count > 0) {
        memcpy(files, walk->files, walk->count * sizeof *files);
        qsort(files, walk->count, sizeof *files, in_archive_order);
    }
    *list = (struct source_list){files, walk->count};
    return 0;
}

int source_select(struct arena *arena, struct str root,
                  const struct gitignore *excludes, struct source_list *list,
                  struct str *failed_path) {
    struct walk walk = {.arena = arena, .excludes = excludes, .root = -1};
    buf_init(&walk.path, (size_t)1 << 20);
    *failed_path = root;
    int error = fs_open_directory(root, &walk.root);
    if (error == 0) {
        error = walk_all(&walk);
        if (error != 0 && error != EFBIG && walk.path.len > 0) {
            struct str failed = path_join(arena, root, buf_str(&walk.path));
            *failed_path = failed.ptr == NULL ? root : failed;
        }
    }
    if (error == 0) {
        error = keep_files(&walk, list);
    }
    if (walk.root >= 0) {
        close(walk.root);
    }
    buf_release(&walk.path);
    free(walk.pending);
    free(walk.files);
    return error;
}

const struct source_file *source_find(const struct source_list *list, struct str path) {
    size_t low = 0;
    size_t high = list->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = str_compare(list->files[middle].shown, path);
        if (order == 0) {
            return &list->files[middle];
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

struct str source_absolute(struct arena *arena, struct str root, struct str path) {
    struct str joined = path.len == 0 ? root : path_join(arena, root, path);
    struct str cwd = STR("/");
    if (joined.ptr == NULL || fs_working_directory(arena, &cwd) == ENOMEM) {
        return STR_NONE;
    }
    return path_absolute(arena, cwd, joined);
}
