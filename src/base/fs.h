/* Reading the file system.
 *
 * Shapes: paths are bytes; one with a NUL in it is EINVAL.
 * Errors: functions return 0 or an errno value; outputs are then as before the call.
 *   ENOMEM is memory, EFBIG a file over its cap, EILSEQ text that is not UTF-8.
 *   Directories made on the way to one that cannot be made are taken back.
 * Threads: safe; all system calls are restarted after EINTR. */
#ifndef BASE_FS_H
#define BASE_FS_H

#include <stdint.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/buf.h"

/* Appends the whole content; `buf->max` is the cap. Reads files of any kind but
 * directories (EISDIR). */
int fs_read(struct str path, struct buf *content);

/* The same, and the content must be UTF-8 (EILSEQ). */
int fs_read_text(struct str path, struct buf *content);

/* A directory's descriptor, for openat(2); the caller closes it. */
int fs_open_directory(struct str path, int *fd);

/* stat(2), lstat(2). */
int fs_stat(struct str path, struct stat *info);
int fs_lstat(struct str path, struct stat *info);
bool fs_exists(struct str path); /* lstat succeeds */

/* The directory and its missing parents, mode 0777 less the umask; exists already: 0,
 * unless something else has the name (EEXIST, ENOTDIR). */
int fs_make_directories(struct str path);

/* The same, noting which of them were made, for taking them back. On failure nothing
 * that it made is left, and there is nothing to release. */
struct fs_made {
    char *path;
    size_t *lengths; /* prefixes of the path that were made, in order */
    size_t count;
};
int fs_make_directories_noted(struct str path, struct fs_made *made);
void fs_made_undo(struct fs_made *made); /* those that are empty; releases too */
void fs_made_release(struct fs_made *made);

/* The working directory, and realpath(3). */
int fs_working_directory(struct arena *arena, struct str *path);
int fs_real_path(struct arena *arena, struct str path, struct str *real);

/* Where the links at `path` lead, there or not (ELOOP: nowhere); the path itself if it
 * is no link. */
int fs_follow(struct arena *arena, struct str path, struct str *end);

/* The kind of an errno value, in the words that `io_kind` has: "NotFound",
 * "PermissionDenied", …; "Uncategorized" if it has none. */
const char *fs_error_kind(int error);

/* What it means, in words; for EILSEQ and EFBIG what they mean here. */
const char *fs_error_text(int error);

#endif
