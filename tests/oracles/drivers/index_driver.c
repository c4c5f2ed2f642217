/* For the oracles: one document a line, as hex digits; one answer a line: `bad LINE
 * COLUMN TEXT` (the first defect), or `ok` and what index_write makes of it, in hex. A
 * document that is not UTF-8 is `bad 0 0`, as it is never read. */
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/utf8.h"
#include "schema/index_read.h"
#include "schema/index_write.h"

static int hex_value(int c) {
    return c <= '9' ? c - '0' : c - 'a' + 10;
}

static bool unhex(const char *line, size_t got, struct buf *text) {
    buf_init(text, LIMIT_INDEX_BYTES);
    for (size_t i = 0; i + 1 < got && line[i] != '\n'; i += 2) {
        buf_append_byte(text, (char)(hex_value(line[i]) * 16 + hex_value(line[i + 1])));
    }
    return !text->failed;
}

static bool print_hex(void *context, struct str bytes) {
    (void)context;
    for (size_t i = 0; i < bytes.len; i++) {
        printf("%02x", (unsigned)(unsigned char)bytes.ptr[i]);
    }
    return true;
}

static void show_defect(const struct diag *diag) {
    struct buf message;
    buf_init(&message, LIMIT_INDEX_BYTES);
    diag_message(diag, &message);
    printf("bad %u %u %s\n", diag->place.line, diag->place.column, message.ptr);
    buf_release(&message);
}

static bool answer(struct buf *source) {
    struct index index;
    struct arena arena = {0};
    struct diag_list defects = {0};
    struct diag *defect = NULL;
    enum index_status status =
        index_read(&index, source, STR("index.json"), &arena, &defects);
    bool good = status != INDEX_NO_MEMORY;
    if (status == INDEX_INVALID) {
        show_defect(defects.first);
    } else if (status == INDEX_OK) {
        printf("ok ");
        good = index_write(&index, print_hex, NULL, &arena, &defect) == INDEX_WRITE_OK;
        printf("\n");
    }
    index_release(&index);
    arena_release(&arena);
    return good;
}

int main(void) {
    char *line = NULL;
    size_t room = 0;
    ssize_t got;
    bool good = true;
    while (good && (got = getline(&line, &room, stdin)) > 0) {
        struct buf source;
        good = unhex(line, (size_t)got, &source);
        if (good && !utf8_is_valid(buf_str(&source))) {
            printf("bad 0 0\n");
            buf_release(&source);
        } else if (good) {
            good = answer(&source);
        }
    }
    free(line);
    return good ? 0 : 2;
}
