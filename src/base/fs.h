/* Reading the file system.
 *
 * Shapes: paths are bytes; one with a NUL in it is EINVAL.
 * Errors: functions return 0 or an errno value; outputs are then as before the call.
 *   ENOMEM is memory, EFBIG a file over its cap, EILSEQ text that is not UTF-8.
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

/* stat(2), lstat(2). */
int fs_stat(struct str path, struct stat *info);
int fs_lstat(struct str path, struct stat *info);
bool fs_exists(struct str path); /* lstat succeeds */

/* The directory and its missing parents, mode 0777 less the umask; exists already: 0,
 * unless something else has the name (EEXIST, ENOTDIR). */
int fs_make_directories(struct str path);

/* The working directory, and realpath(3). */
int fs_working_directory(struct arena *arena, struct str *path);
int fs_real_path(struct arena *arena, struct str path, struct str *real);

/* The kind of an errno value, in the words that `io_kind` has: "NotFound",
 * "PermissionDenied", …; "Uncategorized" if it has none. */
const char *fs_error_kind(int error);

/* What it means, in words; for EILSEQ and EFBIG what they mean here. */
const char *fs_error_text(int error);

#endif
