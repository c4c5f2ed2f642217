#include <errno.h>
#include <unistd.h>

#include "base/fs.h"
#include "cli/run.h"

#define HELPER_NAME PROGRAM_NAME "-registry"

enum { PATH_BYTES = 4096 };

/* The helper in the directory of this executable, links resolved; false: it is not
 * known, or the path is too long. */
static bool name_beside(char *path) {
    ssize_t length = readlink("/proc/self/exe", path, PATH_BYTES);
    size_t slash =
        length <= 0 ? 0 : str_find_last((struct str){path, (size_t)length}, '/');
    if (length <= 0 || slash == (size_t)length ||
        slash + 1 + sizeof HELPER_NAME > PATH_BYTES) {
        return false;
    }
    memcpy(path + slash + 1, HELPER_NAME, sizeof HELPER_NAME);
    return true;
}

int network_start_helper(struct invocation *invocation, char **argv) {
    char beside[PATH_BYTES];
    errno = ENOENT;
    if (name_beside(beside)) {
        (void)execv(beside, argv);
    }
    int error = errno;
    (void)execv(I3P_HELPER_DIR "/" HELPER_NAME, argv);
    struct diag *missing =
        diag_new(invocation->arena, ERROR_REGISTRY_HELPER_MISSING, STR_NONE, NULL, 0);
    struct str note = error == ENOENT
                          ? STR("is not installed beside this command")
                          : arena_printf(invocation->arena, "cannot be started: %s",
                                         fs_error_text(error));
    if (missing == NULL || note.ptr == NULL) {
        invocation->output->is_memory_out = true;
        return 1;
    }
    missing->note = note;
    return report_plain(invocation->output, missing);
}
