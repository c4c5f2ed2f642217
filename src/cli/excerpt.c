#include "cli/excerpt.h"

#include <utf8proc.h>

#include "base/utf8.h"
#include "cli/output.h"

enum { TAB_WIDTH = 4, ELLIPSIS_WIDTH = 1 };

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

/* Columns before the `index`-th character, at most as many as the line has. */
static size_t columns_before(struct str line, size_t index) {
    size_t columns = 0;
    struct cell cell;
    for (size_t at = 0; at < line.len && index > 0; index--) {
        render_cell(line, &at, columns, &cell);
        columns += cell.width;
    }
    return columns;
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
    size_t at = columns_before(line, column == 0 ? 0 : column - 1);
    size_t reach = columns_before(line, column == 0 ? EXCERPT_WIDTH + 1 : column) +
                   EXCERPT_WIDTH; /* what is further right does not matter */
    size_t width = 0;
    struct cell cell;
    for (size_t i = 0; i < line.len && width <= reach;) {
        render_cell(line, &i, width, &cell);
        width += cell.width;
    }
    size_t first = 0;
    if (width > EXCERPT_WIDTH && at > EXCERPT_WIDTH * 2 / 3) {
        size_t last_first = width - EXCERPT_WIDTH;
        first = at - EXCERPT_WIDTH / 2;
        first = first < last_first ? first : last_first;
    }
    if (first > 0) {
        buf_append(shown, STR("…"));
        first += ELLIPSIS_WIDTH;
    }
    bool is_cut = width > first + EXCERPT_WIDTH;
    append_window(shown, line, first, is_cut ? first + EXCERPT_WIDTH : width);
    if (is_cut) {
        buf_append(shown, STR("…"));
    }
    *caret = first > 0 ? at - first + ELLIPSIS_WIDTH : at;
}
