#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/fswrite.h"
#include "base/fswrite_parts.h"

enum { NAME_TRIES = 100 };

struct job {
    struct arena *arena;
    const char *directory;
    const struct fswrite_member *members;
    size_t count;
    bool replace;
    struct str *failed_path;
};

static const char *join(struct arena *arena, const char *directory, struct str name) {
    struct str base = str_of(directory);
    bool slash = base.len > 0 && base.ptr[base.len - 1] != '/';
    struct str parts[] = {base, slash ? STR("/") : STR(""), name};
    return arena_concat(arena, parts, 3).ptr;
}

static int fail(const struct job *job, int error, const char *path) {
    *job->failed_path = str_of(path == NULL ? job->directory : path);
    return error;
}

/* ---- Into a directory that exists ---- */

/* Writes and syncs one member under its temporary name. */
static int stage(const struct job *job, const struct fswrite_member *member,
                 const char *path, struct fswrite *write) {
    struct str end;
    struct stat info;
    int error = fs_follow(job->arena, str_of(path), &end);
    if (error == 0 && fs_lstat(end, &info) == 0) {
        error = !job->replace ? EEXIST : S_ISDIR(info.st_mode) ? EISDIR : 0;
    }
    if (error == 0) {
        error = fswrite_open(write, job->arena, end);
    }
    if (error == 0) {
        error = fswrite_append(write, member->content);
    }
    if (error == 0) {
        error = fswrite_sync(write);
    }
    if (error == 0 && job->replace) {
        error = fswrite_keep_old(write);
    }
    return error;
}

/* The last one loses its temporary name and gains the final one at once, so that where
 * it stands nothing is left to do. */
static int put_one(const struct job *job, struct fswrite *write, bool last) {
    struct stat info;
    if (!job->replace && last && lstat(write->final, &info) == 0) {
        return EEXIST;
    }
    return fswrite_put(write, job->replace || last);
}

static int put_all(const struct job *job, struct fswrite *writes, size_t *failed) {
    int error = 0;
    for (size_t i = 0; i < job->count && error == 0; i++) {
        error = put_one(job, &writes[i], i + 1 == job->count);
        *failed = i;
    }
    for (size_t i = 0; i < job->count && error == 0; i++) {
        if (i == 0 || strcmp(writes[i].directory, writes[i - 1].directory) != 0) {
            error = fswrite_sync_directory(writes[i].directory);
            *failed = i;
        }
    }
    return error;
}

static int write_into(const struct job *job) {
    struct fswrite *writes = arena_array(job->arena, job->count, sizeof *writes);
    const char **paths = arena_array(job->arena, job->count, sizeof *paths);
    if (writes == NULL || paths == NULL) {
        return fail(job, ENOMEM, NULL);
    }
    int error = 0;
    size_t failed = 0;
    size_t staged = 0;
    while (staged < job->count && error == 0) {
        failed = staged;
        writes[staged].fd = -1;
        paths[staged] = join(job->arena, job->directory, job->members[staged].name);
        error = paths[staged] == NULL
                    ? ENOMEM
                    : stage(job, &job->members[staged], paths[staged], &writes[staged]);
        staged++;
    }
    if (error == 0) {
        error = put_all(job, writes, &failed);
    }
    for (size_t i = staged; i > 0; i--) {
        if (error != 0) {
            fswrite_take_back(&writes[i - 1]);
        } else {
            fswrite_abort(&writes[i - 1]); /* only the second names are left */
        }
    }
    return error == 0 ? 0 : fail(job, error, paths[failed]);
}

/* ---- A directory that does not exist ---- */

static int make_temporary(const struct job *job, const char *parent,
                          const char **temporary) {
    for (unsigned attempt = 0; attempt < NAME_TRIES; attempt++) {
        *temporary = fswrite_temporary_name(job->arena, parent, attempt);
        if (*temporary == NULL) {
            return ENOMEM;
        }
        if (mkdir(*temporary, 0777) == 0) {
            return 0;
        }
        if (errno != EEXIST) {
            return errno;
        }
    }
    return EEXIST;
}

static int fill_one(const char *path, struct str content) {
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY, 0666);
    if (fd < 0) {
        return errno;
    }
    int error = fswrite_write(fd, content);
    if (error != 0) {
        close(fd);
        return error;
    }
    return fswrite_settle(fd);
}

/* The members' paths in a directory; NULL: memory is out. */
static const char **paths_in(const struct job *job, const char *directory) {
    const char **paths = arena_array(job->arena, job->count, sizeof *paths);
    for (size_t i = 0; paths != NULL && i < job->count; i++) {
        paths[i] = join(job->arena, directory, job->members[i].name);
        if (paths[i] == NULL) {
            return NULL;
        }
    }
    return paths;
}

static int fill(const struct job *job, const char *directory, const char *const *paths,
                size_t *failed) {
    int error = 0;
    for (size_t i = 0; i < job->count && error == 0; i++) {
        error = fill_one(paths[i], job->members[i].content);
        *failed = i;
    }
    return error == 0 ? fswrite_sync_directory(directory) : error;
}

static void empty_and_remove(const struct job *job, const char *directory,
                             const char *const *paths) {
    for (size_t i = 0; i < job->count; i++) {
        (void)unlink(paths[i]);
    }
    (void)rmdir(directory);
}

static int write_fresh(const struct job *job) {
    const char *temporary = NULL;
    const char *parent = fswrite_parent(job->arena, job->directory);
    int error = parent == NULL ? ENOMEM : make_temporary(job, parent, &temporary);
    if (error != 0) {
        return fail(job, error, NULL);
    }
    const char **inside = paths_in(job, temporary);
    const char **finals = paths_in(job, job->directory);
    if (inside == NULL || finals == NULL) {
        (void)rmdir(temporary);
        return fail(job, ENOMEM, NULL);
    }
    size_t failed = 0;
    error = fill(job, temporary, inside, &failed);
    if (error == 0 && rename(temporary, job->directory) != 0) {
        error = errno;
        failed = job->count;
    } else if (error == 0) {
        error = fswrite_sync_directory(parent);
        temporary = job->directory;
        inside = finals;
    }
    if (error != 0) {
        empty_and_remove(job, temporary, inside);
        return fail(job, error, failed < job->count ? finals[failed] : NULL);
    }
    return 0;
}

/* Is it there? Otherwise whether it can be made, as mkdir(2) would say. */
static int look(const char *directory, bool *there) {
    struct stat info;
    *there = stat(directory, &info) == 0 && S_ISDIR(info.st_mode);
    if (*there) {
        return 0;
    }
    if (lstat(directory, &info) == 0) {
        return EEXIST;
    }
    return errno == ENOENT ? 0 : errno;
}

static int write_anywhere(const struct job *job) {
    bool there = false;
    int error = look(job->directory, &there);
    if (error != 0) {
        return fail(job, error, NULL);
    }
    if (there) {
        return write_into(job);
    }
    struct fs_made made;
    const char *parent = fswrite_parent(job->arena, job->directory);
    error = parent == NULL ? ENOMEM : fs_make_directories_noted(str_of(parent), &made);
    if (error != 0) {
        return fail(job, error, NULL);
    }
    /* `a/..` is there as soon as `a` is. */
    error = look(job->directory, &there);
    if (error != 0) {
        error = fail(job, error, NULL);
    } else {
        error = there ? write_into(job) : write_fresh(job);
    }
    if (error != 0) {
        fs_made_undo(&made);
    }
    fs_made_release(&made);
    return error;
}

int fswrite_all(struct arena *scratch, struct str directory,
                const struct fswrite_member *members, size_t count, bool replace,
                struct str *failed_path) {
    *failed_path = directory;
    if (memchr(directory.ptr, '\0', directory.len) != NULL) {
        return EINVAL;
    }
    while (directory.len > 1 && directory.ptr[directory.len - 1] == '/') {
        directory.len--;
    }
    const char *path = arena_c_string(scratch, directory);
    if (path == NULL) {
        return ENOMEM;
    }
    struct str failed = directory;
    struct job job = {scratch, path, members, count, replace, &failed};
    int error = write_anywhere(&job);
    /* The directory is named as it was given. */
    if (error != 0 && !str_equal(failed, directory)) {
        *failed_path = failed;
    }
    return error;
}
