#include "helper/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

#include "helper/progress.h"
#include "helper/scratch.h"

/* A handler may do next to nothing; it wakes a thread that may do all. */
static int wake[2] = {-1, -1};

static void on_signal(int number) {
    int kept = errno;
    unsigned char byte = (unsigned char)number;
    ssize_t written = write(wake[1], &byte, 1);
    (void)written;
    errno = kept;
}

static void *wait_for_signal(void *context) {
    (void)context;
    unsigned char number;
    while (read(wake[0], &number, 1) != 1) {
        if (errno != EINTR) {
            return NULL;
        }
    }
    progress_clear();
    scratch_abandon();
    /* SA_RESETHAND has put the default back: who waits for this program learns why it
     * ended. */
    (void)kill(getpid(), number);
    return NULL;
}

/* One that was ignored from the start, as in the background, stays so. */
static void take(int number) {
    struct sigaction old;
    struct sigaction action = {.sa_handler = on_signal};
    action.sa_flags = (int)SA_RESETHAND | SA_RESTART;
    sigemptyset(&action.sa_mask);
    if (sigaction(number, NULL, &old) == 0 && old.sa_handler != SIG_IGN) {
        (void)sigaction(number, &action, NULL);
    }
}

bool signals_begin(void) {
    pthread_t thread;
    if (pipe(wake) != 0) {
        return false;
    }
    (void)fcntl(wake[0], F_SETFD, FD_CLOEXEC);
    (void)fcntl(wake[1], F_SETFD, FD_CLOEXEC);
    if (pthread_create(&thread, NULL, wait_for_signal, NULL) != 0) {
        return false;
    }
    (void)pthread_detach(thread);
    take(SIGINT);
    take(SIGTERM);
    return true;
}
