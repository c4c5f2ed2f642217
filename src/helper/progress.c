#include "helper/progress.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/utf8.h"
#include "net/host.h"

enum { BAR_WIDTH = 24, FRAME_MS = 80, WIDTH_DEFAULT = 80, WIDTH_MAX = 200 };

static struct {
    bool is_wanted;
    atomic_bool is_drawn;
    int64_t drawn_ms;
} bar;

void progress_begin(const struct output *output) {
    const char *term = getenv("TERM");
    const char *ci = getenv("CI");
    bool is_dumb = term == NULL || *term == '\0' || strcmp(term, "dumb") == 0;
    bar.is_wanted = !output->is_json && isatty(STDERR_FILENO) && !is_dumb &&
                    (ci == NULL || *ci == '\0');
}

static size_t terminal_width(void) {
    struct winsize size;
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col < 20) {
        return WIDTH_DEFAULT;
    }
    return size.ws_col > WIDTH_MAX ? WIDTH_MAX : size.ws_col;
}

static void write_out(const struct buf *text) {
    if (!text->failed) {
        /* What is lost of a bar is no loss. */
        ssize_t written = write(STDERR_FILENO, text->ptr, text->len);
        (void)written;
    }
}

/* As much of it as has room, safe for the terminal. */
static void append_what(struct buf *out, struct str what, size_t room) {
    struct buf safe;
    buf_init(&safe, 4096);
    output_escaped(&safe, what);
    struct str text = buf_str(&safe);
    size_t at = 0;
    for (size_t shown = 0; at < text.len && shown < room; shown++) {
        (void)utf8_next(text, &at);
    }
    buf_append(out, str_first(text, at));
    buf_release(&safe);
}

void progress_show(const char *verb, size_t done, size_t total, struct str what) {
    int64_t now = host_monotonic_ms();
    if (!bar.is_wanted || total == 0 ||
        (atomic_load(&bar.is_drawn) && now - bar.drawn_ms < FRAME_MS && done < total)) {
        return;
    }
    struct buf out;
    buf_init(&out, 4096);
    size_t filled = done >= total ? BAR_WIDTH : done * BAR_WIDTH / total;
    buf_printf(&out, "\r\x1b[K%-10s [", verb);
    buf_append_fill(&out, '#', filled);
    buf_append_fill(&out, '.', BAR_WIDTH - filled);
    buf_printf(&out, "] %zu/%zu ", done, total);
    size_t used = out.len - strlen("\r\x1b[K");
    size_t width = terminal_width() - 1;
    append_what(&out, what.ptr == NULL ? STR("") : what,
                used < width ? width - used : 0);
    write_out(&out);
    buf_release(&out);
    bar.drawn_ms = now;
    atomic_store(&bar.is_drawn, true);
}

void progress_clear(void) {
    if (atomic_exchange(&bar.is_drawn, false)) {
        ssize_t written = write(STDERR_FILENO, "\r\x1b[K", 4);
        (void)written;
    }
}
