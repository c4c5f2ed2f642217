#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "registry/change.h"
#include "registry/store_dir_parts.h"

/* 0 or an errno value; calls `visit` for every name, which may give one as well. */
static int each_name(struct store_dir *dir,
                     int (*visit)(void *context, int directory, const char *name),
                     void *context) {
    int fd = -1;
    int error = fs_open_directory(dir->path, &fd);
    if (error != 0) {
        return error;
    }
    DIR *stream = fdopendir(fd);
    if (stream == NULL) {
        error = errno;
        close(fd);
        return error;
    }
    while (error == 0) {
        errno = 0;
        const struct dirent *entry = readdir(stream);
        if (entry == NULL) {
            error = errno;
            break;
        }
        error = visit(context, dirfd(stream), entry->d_name);
    }
    closedir(stream);
    return error;
}

static int visit_newest(void *context, int directory, const char *name) {
    uint64_t *newest = context;
    (void)directory;
    uint64_t serial = change_history_serial(str_of(name));
    *newest = serial > *newest ? serial : *newest;
    return 0;
}

int store_dir_newest(struct store_dir *dir, uint64_t *serial) {
    *serial = 0;
    return each_name(dir, visit_newest, serial);
}

struct str store_dir_stat_revision(struct arena *arena, const struct stat *info) {
    return arena_printf(
        arena, "stat:%llx-%llx-%llx-%llx.%lx", (unsigned long long)info->st_dev,
        (unsigned long long)info->st_ino, (unsigned long long)info->st_size,
        (unsigned long long)info->st_mtim.tv_sec, (unsigned long)info->st_mtim.tv_nsec);
}

struct listing {
    struct arena *arena;
    struct str prefix;
    struct store_object *objects;
    size_t count;
    size_t room;
};

static int add_object(struct listing *listing, const char *name,
                      const struct stat *info) {
    if (listing->count == listing->room) {
        size_t room = listing->room == 0 ? 64 : listing->room * 2;
        void *grown = realloc(listing->objects, room * sizeof *listing->objects);
        if (grown == NULL) {
            return ENOMEM;
        }
        listing->objects = grown;
        listing->room = room;
    }
    struct store_object object = {
        .name = arena_copy(listing->arena, str_of(name)),
        .revision = store_dir_stat_revision(listing->arena, info),
        .size_bytes = (uint64_t)info->st_size,
        .modified_s = (int64_t)info->st_mtim.tv_sec,
        .is_incomplete = str_starts_with(str_of(name), STORE_DIR_TEMPORARY),
    };
    if (object.name.ptr == NULL || object.revision.ptr == NULL) {
        return ENOMEM;
    }
    listing->objects[listing->count++] = object;
    return 0;
}

static int visit_object(void *context, int directory, const char *name) {
    struct listing *listing = context;
    struct stat info;
    if (!str_starts_with(str_of(name), listing->prefix) ||
        str_equal(str_of(name), STORE_DIR_LOCK)) {
        return 0;
    }
    /* Gone meanwhile, or a link that leads nowhere: no object. */
    if (fstatat(directory, name, &info, 0) != 0) {
        return errno == ENOENT || errno == ELOOP ? 0 : errno;
    }
    return S_ISREG(info.st_mode) ? add_object(listing, name, &info) : 0;
}

static int by_name(const void *left, const void *right) {
    const struct store_object *a = left;
    const struct store_object *b = right;
    return str_compare(a->name, b->name);
}

enum store_status store_dir_list(struct store *store, struct store_call *call,
                                 struct str prefix, struct store_list *list) {
    struct store_dir *dir = store_dir_of(store);
    struct listing listing = {.arena = call->arena, .prefix = prefix};
    atomic_fetch_add(&store->requests, 1);
    *list = (struct store_list){0};
    int error = each_name(dir, visit_object, &listing);
    if (error == 0) {
        list->objects =
            arena_array(call->arena, listing.count, sizeof *listing.objects);
        error = list->objects == NULL ? ENOMEM : 0;
    }
    if (error == 0 && listing.count > 0) {
        memcpy(list->objects, listing.objects, listing.count * sizeof *listing.objects);
        qsort(list->objects, listing.count, sizeof *list->objects, by_name);
        list->count = listing.count;
    }
    free(listing.objects);
    return error == 0 ? STORE_OK : store_dir_fail(dir, call, STR_NONE, "listed", error);
}
