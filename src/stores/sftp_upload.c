#include "stores/sftp_errand.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/fs.h"

/* A local file for `put`: its mode, less the server's umask, is the object's. */
static int write_local(const char *path, struct str bytes) {
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0) {
        return errno;
    }
    int error = fchmod(fd, 0666) == 0 ? 0 : errno;
    while (bytes.len > 0 && error == 0) {
        ssize_t count = write(fd, bytes.ptr, bytes.len);
        if (count >= 0) {
            bytes = str_skip(bytes, (size_t)count);
        } else if (errno != EINTR) {
            error = errno;
        }
    }
    if (close(fd) != 0 && error == 0) {
        error = errno;
    }
    return error;
}

static enum store_status send(struct sftp_errand *errand, struct str file,
                              struct str bytes, struct str *temporary) {
    enum sftp_said said = SFTP_SAID_NOTHING;
    enum sftp_outcome outcome = SFTP_DISCONNECTED;
    for (int tries = 0; tries < SFTP_MAX_TRIES && outcome == SFTP_DISCONNECTED;
         tries++) {
        *temporary = sftp_temporary_path(errand);
        if (temporary->ptr == NULL) {
            return sftp_out_of_memory(errand);
        }
        /* `-f`: on the server's disk before it is given its name. */
        struct sftp_command command = {
            .verb = "put -f", .paths = {file, *temporary}, .size_bytes = bytes.len};
        outcome = sftp_tell(errand, &command, &said);
    }
    switch (outcome) {
    case SFTP_DONE:
        return STORE_OK;
    case SFTP_SAID: {
        enum store_status status = sftp_fail(errand, "written", said);
        sftp_discard(errand, *temporary);
        return status;
    }
    case SFTP_DISCONNECTED:
        return sftp_broken(errand, false);
    case SFTP_FAILED:
        break;
    }
    return STORE_FAILED;
}

/* The bytes under a temporary name on the host. */
enum store_status sftp_upload(struct sftp_errand *errand, struct str bytes,
                              struct str *temporary) {
    struct str file =
        sftp_pool_file(errand->sftp->pool, errand->call->arena, &errand->call->failure);
    if (file.ptr == NULL) {
        return STORE_FAILED;
    }
    int error = write_local(file.ptr, bytes);
    enum store_status status = STORE_FAILED;
    if (error == 0) {
        status = send(errand, file, bytes, temporary);
    } else {
        failure_set(&errand->call->failure, ERROR_STORE_IO_FAILED, errand->object,
                    "a file for sending it cannot be written: %s",
                    fs_error_text(error));
    }
    (void)unlink(file.ptr);
    return status;
}
