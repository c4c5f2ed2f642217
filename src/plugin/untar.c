#include "plugin/untar.h"

#include "plugin/ustar.h"

/* Offsets and sizes of a header's parts (POSIX.1-1988, "Extended tar format"). */
enum {
    NAME_BYTES = 100,
    MODE = 100,
    MODE_BYTES = 8,
    SIZE = 124,
    SIZE_BYTES = 12,
    CHECKSUM = 148,
    CHECKSUM_BYTES = 8,
    TYPE = 156,
    MAGIC = 257,
    PREFIX = 345,
    PREFIX_BYTES = 155,
    ANY_EXECUTE_BIT = 0111
};

static struct str text_at(const char *header, size_t offset, size_t most) {
    struct str text = {header + offset, most};
    text.len = str_find(text, '\0');
    return text;
}

/* Octal digits among spaces and NULs. */
static bool number_at(const char *header, size_t offset, size_t bytes,
                      uint64_t *number) {
    struct str text = str_trim(text_at(header, offset, bytes));
    *number = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '7') {
            return false;
        }
        *number = *number * 8 + (uint64_t)(text.ptr[i] - '0');
    }
    return text.len > 0;
}

static bool checksum_is_right(const char *header) {
    uint64_t want;
    uint64_t sum = 0;
    for (size_t i = 0; i < USTAR_BLOCK; i++) {
        bool is_own = i >= CHECKSUM && i < CHECKSUM + CHECKSUM_BYTES;
        sum += is_own ? ' ' : (unsigned char)header[i];
    }
    return number_at(header, CHECKSUM, CHECKSUM_BYTES, &want) && want == sum;
}

static bool is_zero(const char *block) {
    for (size_t i = 0; i < USTAR_BLOCK; i++) {
        if (block[i] != '\0') {
            return false;
        }
    }
    return true;
}

/* The header and the data behind it; steps over both. */
static bool take_record(struct untar *untar, const char **header, struct str *content) {
    uint64_t size;
    if (untar->rest.len < USTAR_BLOCK || !checksum_is_right(untar->rest.ptr) ||
        !number_at(untar->rest.ptr, SIZE, SIZE_BYTES, &size)) {
        return false;
    }
    *header = untar->rest.ptr;
    untar->rest = str_skip(untar->rest, USTAR_BLOCK);
    if (size > untar->rest.len) {
        return false;
    }
    *content = str_first(untar->rest, (size_t)size);
    size_t step = (size_t)size + ustar_padding(size);
    untar->rest =
        str_skip(untar->rest, step < untar->rest.len ? step : untar->rest.len);
    return true;
}

/* `LENGTH path=VALUE\n` among the records of an extended header. */
static struct str extended_path(struct str records) {
    struct str path = STR_NONE;
    while (records.len > 0) {
        size_t len = 0;
        size_t at = 0;
        while (at < records.len && ascii_is_digit(records.ptr[at]) &&
               len <= records.len) {
            len = len * 10 + (size_t)(records.ptr[at++] - '0');
        }
        if (len <= at + 1 || len > records.len || records.ptr[at] != ' ') {
            break;
        }
        struct str record = {records.ptr + at + 1, len - at - 1};
        if (str_starts_with(record, STR("path=")) && str_ends_with(record, STR("\n"))) {
            path = (struct str){record.ptr + 5, record.len - 6};
        }
        records = str_skip(records, len);
    }
    return path;
}

static struct str header_path(struct untar *untar, const char *header) {
    struct str name = text_at(header, 0, NAME_BYTES);
    struct str prefix = text_at(header, PREFIX, PREFIX_BYTES);
    /* GNU's own headers keep other things there. */
    if (prefix.len == 0 || memcmp(header + MAGIC, "ustar\0", 6) != 0) {
        return name;
    }
    memcpy(untar->room, prefix.ptr, prefix.len);
    untar->room[prefix.len] = '/';
    memcpy(untar->room + prefix.len + 1, name.ptr, name.len);
    return (struct str){untar->room, prefix.len + 1 + name.len};
}

enum untar_status untar_next(struct untar *untar, struct untar_member *member) {
    struct str long_path = STR_NONE;
    const char *header;
    struct str content;
    for (;;) {
        bool is_end = untar->rest.len == 0 ||
                      (untar->rest.len >= USTAR_BLOCK && is_zero(untar->rest.ptr));
        if (is_end) {
            return long_path.ptr == NULL ? UNTAR_END : UNTAR_INVALID;
        }
        if (!take_record(untar, &header, &content)) {
            return UNTAR_INVALID;
        }
        if (header[TYPE] == 'L') {
            long_path = text_at(content.ptr, 0, content.len);
        } else if (header[TYPE] == 'x') {
            struct str path = extended_path(content);
            long_path = path.ptr == NULL ? long_path : path;
        } else if (header[TYPE] != 'g') {
            break;
        }
    }
    uint64_t mode;
    if (!number_at(header, MODE, MODE_BYTES, &mode)) {
        return UNTAR_INVALID;
    }
    *member = (struct untar_member){
        .path = long_path.ptr == NULL ? header_path(untar, header) : long_path,
        .content = content,
        .is_file = header[TYPE] == '0' || header[TYPE] == '\0',
        .is_executable = (mode & ANY_EXECUTE_BIT) != 0,
    };
    return UNTAR_MEMBER;
}
