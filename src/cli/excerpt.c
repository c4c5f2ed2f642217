#include "cli/excerpt.h"

#include <utf8proc.h>

#include "base/utf8.h"
#include "cli/output.h"

enum { TAB_WIDTH = 4, ELLIPSIS_WIDTH = 1, REACH_BYTES = 512 };

/* One character as it is shown. */
struct cell {
    char bytes[64];
    size_t len;
    size_t width;
};

static void render_cell(struct str line, size_t *at, size_t column, struct cell *cell) {
    size_t start = *at;
    uint32_t c = utf8_next(line, at);
    struct str bytes = {line.ptr + start, *at - start};
    if (c == '\t') {
        cell->width = TAB_WIDTH - column % TAB_WIDTH;
        cell->len = cell->width;
        memset(cell->bytes, ' ', cell->len);
        return;
    }
    if (c >= 0x20 && c < 0x7F) {
        cell->bytes[0] = (char)c;
        cell->len = cell->width = 1;
        return;
    }
    struct buf escaped;
    buf_init(&escaped, sizeof cell->bytes);
    output_escaped(&escaped, bytes);
    struct str text = escaped.failed ? STR("?") : buf_str(&escaped);
    memcpy(cell->bytes, text.ptr, text.len);
    cell->len = text.len;
    int width = utf8proc_charwidth((utf8proc_int32_t)c);
    bool is_itself = str_equal(text, bytes);
    cell->width = is_itself ? (size_t)(width > 0 ? width : 0) : text.len;
    buf_release(&escaped);
}

static size_t columns_of(struct str text) {
    size_t columns = 0;
    struct cell cell;
    for (size_t at = 0; at < text.len;) {
        render_cell(text, &at, columns, &cell);
        columns += cell.width;
    }
    return columns;
}

static bool is_continuation(char byte) {
    return ((unsigned char)byte & 0xC0) == 0x80;
}

/* Byte offset of the character before which `count` others stand. */
static size_t offset_of(struct str line, size_t count) {
    size_t at = 0;
    for (; at < line.len; at++) {
        if (!is_continuation(line.ptr[at]) && count-- == 0) {
            break;
        }
    }
    return at;
}

/* The same offset, or the next at which a character begins. */
static size_t boundary(struct str line, size_t at) {
    while (at < line.len && is_continuation(line.ptr[at])) {
        at++;
    }
    return at;
}

/* Appends what lies between two columns. */
static void append_window(struct buf *shown, struct str line, size_t first,
                          size_t last) {
    size_t column = 0;
    struct cell cell;
    for (size_t at = 0; at < line.len && column < last;) {
        render_cell(line, &at, column, &cell);
        if (column >= first && column + cell.width <= last) {
            buf_append(shown, (struct str){cell.bytes, cell.len});
        } else if (column + cell.width > first) {
            /* Half of it lies outside: blanks keep the caret in place. */
            size_t inside =
                column < first ? column + cell.width - first : last - column;
            buf_append_fill(shown, ' ', inside);
        }
        column += cell.width;
    }
}

void excerpt_append(struct buf *shown, struct str line, uint32_t column,
                    size_t *caret) {
    /* A line may have megabytes: only what lies around the caret is measured. */
    size_t offset = offset_of(line, column == 0 ? 0 : column - 1);
    size_t begin = offset > REACH_BYTES ? boundary(line, offset - REACH_BYTES) : 0;
    size_t end = line.len - offset > REACH_BYTES ? boundary(line, offset + REACH_BYTES)
                                                 : line.len;
    struct str part = {line.ptr + begin, end - begin};
    size_t at = columns_of(str_first(part, offset - begin));
    size_t width = columns_of(part);
    size_t first = 0;
    if (width > EXCERPT_WIDTH && at > EXCERPT_WIDTH * 2 / 3) {
        size_t last_first = width - EXCERPT_WIDTH;
        first = at - EXCERPT_WIDTH / 2;
        first = first < last_first ? first : last_first;
    }
    size_t margin = 0;
    if (first > 0 || begin > 0) {
        buf_append(shown, STR("…"));
        margin = ELLIPSIS_WIDTH;
        first += first > 0 ? ELLIPSIS_WIDTH : 0;
    }
    bool is_cut = width > first + EXCERPT_WIDTH;
    append_window(shown, part, first, is_cut ? first + EXCERPT_WIDTH : width);
    if (is_cut || end < line.len) {
        buf_append(shown, STR("…"));
    }
    *caret = at - first + margin;
}
