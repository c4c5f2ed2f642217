#include <errno.h>

#include "base/fs.h"

/* Kinds are named as the reference's runtime names them. The words are our own, so that
 * they depend on no locale. */
static const struct {
    int error;
    const char *kind;
    const char *text;
} rows[] = {
    {E2BIG, "ArgumentListTooLong", "argument list too long"},
    {EACCES, "PermissionDenied", "permission denied"},
    {EADDRINUSE, "AddrInUse", "address in use"},
    {EADDRNOTAVAIL, "AddrNotAvailable", "address not available"},
    {EAGAIN, "WouldBlock", "resource temporarily unavailable"},
    {EBADF, "Uncategorized", "bad file descriptor"},
    {EBUSY, "ResourceBusy", "resource busy"},
    {ECONNABORTED, "ConnectionAborted", "connection aborted"},
    {ECONNREFUSED, "ConnectionRefused", "connection refused"},
    {ECONNRESET, "ConnectionReset", "connection reset"},
    {EDEADLK, "Deadlock", "deadlock"},
    {EDQUOT, "QuotaExceeded", "disk quota exceeded"},
    {EEXIST, "AlreadyExists", "it exists already"},
    {EFBIG, "FileTooLarge", "file too large"},
    {EHOSTUNREACH, "HostUnreachable", "host unreachable"},
    {EILSEQ, "InvalidData", "it is not UTF-8 text"},
    {EINTR, "Interrupted", "interrupted"},
    {EINVAL, "InvalidInput", "invalid name or argument"},
    {EIO, "Uncategorized", "input/output error"},
    {EISDIR, "IsADirectory", "it is a directory"},
    {ELOOP, "FilesystemLoop", "too many levels of symbolic links"},
    {EMFILE, "Uncategorized", "too many open files"},
    {EMLINK, "TooManyLinks", "too many links"},
    {ENAMETOOLONG, "InvalidFilename", "file name too long"},
    {ENETDOWN, "NetworkDown", "network is down"},
    {ENETUNREACH, "NetworkUnreachable", "network unreachable"},
    {ENFILE, "Uncategorized", "too many open files in the system"},
    {ENODEV, "Uncategorized", "no such device"},
    {ENOENT, "NotFound", "no such file or directory"},
    {ENOMEM, "OutOfMemory", "memory is out"},
    {ENOSPC, "StorageFull", "no space left on device"},
    {ENOSYS, "Unsupported", "not supported"},
    {ENOTCONN, "NotConnected", "not connected"},
    {ENOTDIR, "NotADirectory", "a part of the path is not a directory"},
    {ENOTEMPTY, "DirectoryNotEmpty", "directory not empty"},
    {ENOTSUP, "Unsupported", "not supported"},
    {ENXIO, "Uncategorized", "no such device or address"},
    {EOVERFLOW, "Uncategorized", "value too large"},
    {EPERM, "PermissionDenied", "operation not permitted"},
    {EPIPE, "BrokenPipe", "broken pipe"},
    {EROFS, "ReadOnlyFilesystem", "read-only file system"},
    {ESPIPE, "NotSeekable", "illegal seek"},
    {ESTALE, "StaleNetworkFileHandle", "stale file handle"},
    {ETIMEDOUT, "TimedOut", "timed out"},
    {ETXTBSY, "ExecutableFileBusy", "file is being executed"},
    {EXDEV, "CrossesDevices", "it lies on another file system"},
};

const char *fs_error_kind(int error) {
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].error == error) {
            return rows[i].kind;
        }
    }
    return "Uncategorized";
}

const char *fs_error_text(int error) {
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].error == error) {
            return rows[i].text;
        }
    }
    return "unknown system error";
}
