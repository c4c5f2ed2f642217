#include "plugin/ustar.h"

#include "base/limits.h"

/* Offsets and sizes of a header's parts (POSIX.1-1988, "Extended tar format"). */
enum {
    NAME = 0,
    NAME_BYTES = 100,
    MODE = 100,
    UID = 108,
    GID = 116,
    SIZE = 124,
    MTIME = 136,
    CHECKSUM = 148,
    TYPE = 156,
    MAGIC = 257,
    PREFIX = 345,
    PREFIX_BYTES = 155,
    SHORT_NUMBER = 8,
    LONG_NUMBER = 12
};

/* The magic with the version behind it. */
static const char ustar_magic[8] = {'u', 's', 't', 'a', 'r', '\0', '0', '0'};
static const char gnu_magic[8] = {'u', 's', 't', 'a', 'r', ' ', ' ', '\0'};
static const char long_name[] = "././@LongLink";

/* Zero-padded octal and a NUL; the value fits. */
static void put_octal(char *at, size_t bytes, uint64_t value) {
    at[--bytes] = '\0';
    while (bytes > 0) {
        at[--bytes] = (char)('0' + (value & 7));
        value >>= 3;
    }
}

static void put_text(char *at, struct str text) {
    if (text.len > 0) {
        memcpy(at, text.ptr, text.len);
    }
}

static void finish(char *header, unsigned mode, uint64_t size, char type,
                   const char magic[8]) {
    put_octal(header + MODE, SHORT_NUMBER, mode);
    put_octal(header + UID, SHORT_NUMBER, 0);
    put_octal(header + GID, SHORT_NUMBER, 0);
    put_octal(header + SIZE, LONG_NUMBER, size);
    put_octal(header + MTIME, LONG_NUMBER, 0);
    header[TYPE] = type;
    memcpy(header + MAGIC, magic, sizeof ustar_magic);
    /* The sum counts its own field as spaces. */
    memset(header + CHECKSUM, ' ', SHORT_NUMBER);
    unsigned sum = 0;
    for (size_t i = 0; i < USTAR_BLOCK; i++) {
        sum += (unsigned char)header[i];
    }
    put_octal(header + CHECKSUM, SHORT_NUMBER, sum);
}

/* The length of the prefix: up to the last `/` that leaves one short enough; 0: none.
 */
static size_t prefix_len(struct str path) {
    if (path.len <= NAME_BYTES) {
        return 0;
    }
    size_t most = path.len < PREFIX_BYTES + 1 ? path.len : PREFIX_BYTES + 1;
    size_t slash = str_find_last(str_first(path, most), '/');
    return slash == most ? 0 : slash;
}

static bool append_long_name(struct buf *out, struct str path) {
    char header[USTAR_BLOCK] = {0};
    put_text(header + NAME, str_of(long_name));
    finish(header, 0644, path.len + 1, 'L', gnu_magic);
    return buf_append(out, (struct str){header, sizeof header}) &&
           buf_append(out, path) && buf_append_byte(out, '\0') &&
           buf_append_fill(out, '\0', ustar_padding(path.len + 1));
}

enum ustar_status ustar_append_header(struct buf *out, struct str path, uint64_t size,
                                      bool executable) {
    if (path.len > USTAR_PATH_MAX) {
        return USTAR_PATH_TOO_LONG;
    }
    if (size > LIMIT_ARCHIVED_FILE_BYTES) {
        return USTAR_TOO_LARGE;
    }
    size_t start = out->len;
    char header[USTAR_BLOCK] = {0};
    size_t prefix = prefix_len(path);
    struct str name = prefix == 0 ? path : str_skip(path, prefix + 1);
    put_text(header + PREFIX, str_first(path, prefix));
    if (name.len > NAME_BYTES) {
        append_long_name(out, path);
        name = str_first(path, NAME_BYTES);
    }
    put_text(header + NAME, name);
    finish(header, executable ? 0755 : 0644, size, '0', ustar_magic);
    if (!buf_append(out, (struct str){header, sizeof header})) {
        out->len = start;
        return USTAR_NO_MEMORY;
    }
    return USTAR_OK;
}

size_t ustar_padding(uint64_t size) {
    return (size_t)((USTAR_BLOCK - size % USTAR_BLOCK) % USTAR_BLOCK);
}

void ustar_append_end(struct buf *out) {
    buf_append_fill(out, '\0', (size_t)2 * USTAR_BLOCK);
}
